#!/usr/bin/env python3
"""Makes a seeded folder to take snapshots of.

    gen_tree.py docs DIR   20,000 office-like files, 1,500 folders; lognormal sizes, 1.2 GB in all
    gen_tree.py many DIR   300,000 tiny files (0 to 400 bytes) in 20,000 folders

--scale F multiplies the number of files. The same arguments give the same bytes, names and times.
"""

import argparse
import os
import random
import sys

WORDS = (
    "invoice report budget meeting minutes contract draft final client project summary "
    "plan review notes tax receipt photo scan letter policy schedule team data export "
    "backup old new copy quarter annual travel hotel flight resume offer order supplier "
    "Übersicht naïve résumé São_Paulo 東京 отчёт"
).split()

# suffix, share in percent, is it text
KINDS = [
    ("pdf", 22, False), ("docx", 16, False), ("xlsx", 10, False), ("jpg", 18, False),
    ("png", 6, False), ("txt", 8, True), ("md", 4, True), ("csv", 6, True), ("eml", 5, True),
    ("html", 3, True), ("pptx", 2, False),
]  # fmt: skip
NEWEST = 1_700_000_000  # times of modification count back from here


def make_text(rng, size):
    out, n = [], 0
    while n < size:
        word = rng.choice(WORDS) + (" " if rng.random() < 0.88 else ".\n")
        out.append(word)
        n += len(word)
    return "".join(out).encode()


def make_folders(root, rng, count, deepest):
    folders = [root]
    os.makedirs(root, exist_ok=True)
    while len(folders) < count:
        parent = folders[int(len(folders) * rng.random() ** 1.5)]
        if parent.count("/") - root.count("/") >= deepest:
            continue
        folder = f"{parent}/{rng.choice(WORDS)} {len(folders)}"
        os.mkdir(folder)
        folders.append(folder)
    return folders


def write(path, data, mtime):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    if data:
        os.write(fd, data)
    os.utime(fd, (mtime, mtime))
    os.close(fd)


def docs(root, rng, scale):
    count = int(20000 * scale)
    folders = make_folders(root, rng, max(2, int(1500 * scale)), 7)
    text = make_text(rng, 4 << 20)
    noise = rng.randbytes(16 << 20)
    kinds = [kind for kind in KINDS for _ in range(kind[1])]
    last, total = b"", 0
    for i in range(count):
        suffix, _, is_text = rng.choice(kinds)
        size = min(8 << 20, max(0, int(rng.lognormvariate(9.877, 1.5))))
        if i % 33 == 0 and last:
            data = last  # 3 % exact duplicates
        else:
            pool = text if is_text else noise
            size = min(size, len(pool) // 2)
            at = rng.randrange(len(pool) // 2)
            data = b"%08x" % i + pool[at : at + max(0, size - 8)] if size > 8 else b""
        last = data
        name = f"{rng.choice(folders)}/{rng.choice(WORDS)} {rng.choice(WORDS)} {i}.{suffix}"
        write(name, data, NEWEST - rng.randrange(10**8))
        total += len(data)
    return count, len(folders), total


def many(root, rng, scale):
    count = int(300000 * scale)
    folders = make_folders(root, rng, max(2, int(20000 * scale)), 10)
    text = make_text(rng, 1 << 16)
    total = 0
    for i in range(count):
        size = rng.randrange(400)
        at = rng.randrange(len(text) - 400)
        data = b"%07d" % i + text[at : at + size] if size > 3 else b""
        name = f"{rng.choice(folders)}/{rng.choice(WORDS)}{i}.txt"
        write(name, data, NEWEST - rng.randrange(10**8))
        total += len(data)
    return count, len(folders), total


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("kind", choices=["docs", "many"])
    parser.add_argument("dir")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if os.path.exists(args.dir) and os.listdir(args.dir):
        sys.exit(f"gen_tree: {args.dir} is not empty")
    make = {"docs": docs, "many": many}[args.kind]
    made = make(args.dir.rstrip("/"), random.Random(args.seed), args.scale)
    print(f"{args.kind}: %d files, %d folders, %d bytes" % made)


main()
