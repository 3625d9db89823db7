#!/usr/bin/env python3
"""Edits a folder as somebody at work would, seeded, and writes down the truth.

    edit_tree.py DIR TRUTH.json [--share 0.01] [--seed 7] [--kinds modified,moved,…]

About SHARE of the regular files each are, by kind:

    modified   grown            silent    one byte changed, size and time as before
    renamed    in their folder  moved     to another folder
    deleted                     touched   time only
    copied                      mode      read-only
    added                       folder    (one) folder renamed with all it holds

TRUTH.json has a list of paths, or of [from, to], for every kind; paths are relative to DIR.
"""

import argparse
import json
import os
import random
import shutil

KINDS = "modified silent renamed moved deleted touched copied mode added folder".split()
TOUCHED = 1_710_000_000
SMALLEST = 16  # bytes of a file whose content is worth following


class Editor:
    def __init__(self, root, share, seed):
        self.root, self.rng = root, random.Random(seed)
        files, self.folders, held = [], [], {}
        for folder, below, names in os.walk(root):
            below.sort()
            self.folders.append(folder)
            held[folder] = [os.path.join(folder, name) for name in sorted(names)]
            files += held[folder]
        self.leaf = self.find_leaf(held)
        self.outside = [folder for folder in self.folders if folder != self.leaf]
        self.count = max(1, int(len(files) * share))
        self.pool = [f for f in files if not self.leaf or not f.startswith(self.leaf + "/")]
        self.rng.shuffle(self.pool)

    def find_leaf(self, held):
        """The folder to rename: the first leaf with five files. Other edits stay out of it."""
        parents = {os.path.dirname(folder) for folder in self.folders}
        leaves = (f for f in sorted(self.folders) if f not in parents and len(held[f]) >= 5)
        return next(leaves, None)

    def take(self):
        return [self.pool.pop() for _ in range(min(self.count, len(self.pool)))]

    def take_filled(self):
        return [path for path in self.take() if os.path.getsize(path) > SMALLEST]

    def relative(self, path):
        return os.path.relpath(path, self.root)

    def modified(self):
        for path in self.take_filled():
            with open(path, "ab") as f:
                f.write(b"appended %d\n" % self.rng.randrange(10**9))
            yield self.relative(path)

    def silent(self):
        for path in self.take_filled():
            times = os.stat(path)
            with open(path, "r+b") as f:
                f.seek(times.st_size // 2)
                byte = f.read(1)[0]
                f.seek(times.st_size // 2)
                f.write(bytes([byte ^ 1]))
            os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
            yield self.relative(path)

    def rename(self, path, to):
        os.rename(path, to)
        return [self.relative(path), self.relative(to)]

    def renamed(self):
        for i, path in enumerate(self.take_filled()):
            folder, name = os.path.split(path)
            yield self.rename(path, os.path.join(folder, f"renamed {i} {name}"))

    def moved(self):
        for path in self.take_filled():
            folder, name = os.path.split(path)
            to = os.path.join(self.rng.choice(self.outside), name)
            if not os.path.exists(to):  # by chance its own folder
                yield self.rename(path, to)

    def deleted(self):
        for path in self.take():
            os.unlink(path)
            yield self.relative(path)

    def touched(self):
        for path in self.take():
            os.utime(path, (TOUCHED, TOUCHED))
            yield self.relative(path)

    def copied(self):
        for i, path in enumerate(self.take_filled()):
            name = f"copy {i} {os.path.basename(path)}"
            to = os.path.join(self.rng.choice(self.outside), name)
            shutil.copy2(path, to)
            yield [self.relative(path), self.relative(to)]

    def mode(self):
        for path in self.take():
            os.chmod(path, 0o444)
            yield self.relative(path)

    def added(self):
        for i in range(self.count):
            path = os.path.join(self.rng.choice(self.outside), f"added {i}.txt")
            with open(path, "w", encoding="ascii") as f:
                f.write("new file %d %d\n" % (i, self.rng.randrange(10**9)))
            yield self.relative(path)

    def folder(self):
        if self.leaf:
            yield self.rename(self.leaf, self.leaf + " renamed")


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("dir")
    parser.add_argument("truth")
    parser.add_argument("--share", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--kinds", default=",".join(KINDS))
    args = parser.parse_args()
    editor = Editor(args.dir.rstrip("/"), args.share, args.seed)
    wanted = args.kinds.split(",")
    truth = {kind: list(getattr(editor, kind)()) for kind in KINDS if kind in wanted}
    with open(args.truth, "w", encoding="utf-8") as f:
        json.dump(truth, f, indent=1)
    print({kind: len(paths) for kind, paths in truth.items()})


main()
