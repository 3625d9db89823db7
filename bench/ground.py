"""What the races stand on: limit programs, seeded data, peers, the machine."""

import os
import platform
import re
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOM = 17e9  # bytes that the full data and the peers' stores take
LIBRARIES = {
    "walk": ["-lpthread"],
    "table": ["-lpthread"],
    "sqlsnap": ["-lpthread", "-lsqlite3"],
    "xlsx": ["-ldeflate"],
}
TRUTH_KINDS = "modified,moved,deleted,added"  # of the stored snapshots


@dataclass
class Peer:
    """Another program: where it may be, how it says its version, how to get it."""

    names: tuple
    hint: str
    version: str = "--version"
    variable: str = ""  # environment variable with its path
    module: str = ""  # a package of node: needs no program


# fmt: off
PEERS = {
    "find": Peer(("find",), "Debian package findutils"),
    "xxhsum": Peer(("xxhsum",), "Debian package xxhash"),
    "hashdeep": Peer(("hashdeep",), "Debian package hashdeep", "-V"),
    "git": Peer(("git",), "Debian package git"),
    "borg": Peer(("borg",), "Debian package borgbackup"),
    "restic": Peer(("restic",), "Debian package restic", "version"),
    "rsync": Peer(("rsync",), "Debian package rsync"),
    "diff": Peer(("diff",), "Debian package diffutils"),
    "csvdiff": Peer(("csvdiff",), "aswinkarthik/csvdiff; set CSVDIFF", variable="CSVDIFF"),
    "qsv": Peer(("qsv", "qsvlite"), "dathere/qsv; set QSV", variable="QSV"),
    "daff": Peer(("daff",), "npm daff; set NODE_PATH", "version"),
    "duckdb": Peer(("node",), "npm @duckdb/node-api; set NODE_PATH", module="@duckdb/node-api"),
    "calamine": Peer(("calamine_read",), "build peers/calamine; set CALAMINE", variable="CALAMINE"),
    "sheetjs": Peer(("node",), "npm xlsx and daff; set NODE_PATH", module="xlsx"),
    "soffice": Peer(("soffice",), "Debian package libreoffice-calc"),
    "pandoc": Peer(("pandoc",), "Debian package pandoc"),
    "diffoscope": Peer(("diffoscope",), "Debian package diffoscope-minimal, and docx2txt"),
    "pdftotext": Peer(("pdftotext",), "Debian package poppler-utils", "-v"),
}
# fmt: on


@dataclass
class Ground:
    tally: Path
    work: Path
    scale: float = 1.0  # of all data; 0.1 with --quick
    peers: dict = field(default_factory=dict)  # name: path of the program, for those that are there

    def __post_init__(self):
        self.data = self.work if self.scale == 1 else self.work / "quick"
        self.bin, self.scratch = self.work / "bin", self.work / "scratch"
        self.peers = {name: path for name in PEERS if (path := find_peer(name))}

    # ---- limits ----

    def built(self, name):
        """The path of a limit program, built where it is not there yet."""
        source, program = HERE / "limits" / f"{name}.c", self.bin / name
        if not program.exists() or program.stat().st_mtime < source.stat().st_mtime:
            self.bin.mkdir(parents=True, exist_ok=True)
            cc = [os.environ.get("CC", "cc"), "-O3", "-march=native"]
            subprocess.run([*cc, source, "-o", program, *LIBRARIES[name]], check=True)
        return program

    def limit(self, name, *args):
        return join(self.built(name), *args)

    # ---- data: a folder that exists under its name is complete ----

    def tree(self, name):
        """The folder NAME as generated: docs, many, or tiny (100 files)."""
        scale = {"docs": self.scale, "many": self.scale, "tiny": 100 / 300000}[name]
        kind = "docs" if name == "docs" else "many"
        return self.make(name, lambda to: script("gen_tree.py", kind, to, "--scale", scale))

    def edited_tree(self, name):
        """A copy of it with 1 % of each kind of edit."""

        def make(to):
            subprocess.run(["cp", "-a", self.tree(name), to], check=True)
            script("edit_tree.py", to, self.data / f"{name}-edited.json")

        return self.make(f"{name}-edited", make)

    def table(self, name, rows, *edits):
        """The pair of CSV files in the folder NAME."""
        count = int(rows * self.scale)
        folder = self.make(name, lambda to: script("gen_table.py", to, "--rows", count, *edits))
        return folder / "before.csv", folder / "after.csv"

    def book(self, name, suffix, rows):
        """The pair of workbooks in the folder NAME, with 1 % of the rows edited."""
        count = int(rows * self.scale)
        args = "--rows", count, "--cells", count // 100, "--format", suffix
        folder = self.make(name, lambda to: script("gen_book.py", to, *args))
        return folder / f"before.{suffix}", folder / f"after.{suffix}"

    def documents(self, name, *args):
        """The folders of documents before and after an edit, in the folder NAME."""
        folder = self.make(name, lambda to: script("gen_docs.py", to, *args))
        return folder / "before", folder / "after"

    def hostile(self, docs):
        folder = self.make("hostile", lambda to: script("gen_hostile.py", to, "--docs", docs))
        return folder / "before", folder / "after"

    def bombs(self):
        return self.make("bombs", lambda to: script("gen_bombs.py", to))

    def stored(self):
        """Two stored snapshots of a million files, made anew for each new build of the program."""
        folder = self.data / "stored"
        if folder.exists() and folder.stat().st_mtime < self.tally.stat().st_mtime:
            shutil.rmtree(folder)
        return self.make("stored", self.make_stored)

    def make_stored(self, to):
        tree, before, after = to / "tree", to / "before.tally", to / "after.tally"
        to.mkdir()
        script("gen_tree.py", "many", tree, "--scale", self.scale * 10 / 3)
        snap = [self.tally, "snap", tree, "-q", "--keep", "none", "-o"]
        subprocess.run([*snap, before], check=True)
        script("edit_tree.py", tree, to / "truth.json", "--kinds", TRUTH_KINDS)
        subprocess.run([*snap, after, "--like", before], check=True)
        shutil.rmtree(tree)  # 4 GB of blocks on most file systems
        files = int(1e6 * self.scale)
        subprocess.run([self.built("sqlsnap"), "make", to, str(files)], check=True)

    def make(self, name, how):
        folder = self.data / name
        if not folder.exists():
            self.check_room()
            part = self.data / f"{name}.part"
            shutil.rmtree(part, ignore_errors=True)
            self.data.mkdir(parents=True, exist_ok=True)
            say(f"making {folder} ...")
            begin = time.monotonic()
            how(part)
            part.rename(folder)
            os.utime(folder)
            say(f"made {folder} in {time.monotonic() - begin:.0f} s")
        return folder

    def check_room(self):
        room = shutil.disk_usage(self.work).free
        if room < ROOM * self.scale:
            need = ROOM * self.scale
            sys.exit(f"bench: '{self.work}' has {room / 1e9:.0f} of {need / 1e9:.0f} GB")

    def wrong(self, kind, folder, *args):
        """What is wrong with the comparison of two tables or stored snapshots: a list of texts."""
        receipt = self.scratch / "receipt.json"
        command = [self.tally, "diff", *args, "--format", "json", "-q", "-o", receipt]
        status = subprocess.run(command, check=False).returncode
        if status != 1:
            return [f"the comparison ended with status {status}"]
        # in a process of its own, because large receipts would raise the peaks seen from here on
        check = [sys.executable, HERE / "truth.py", kind, folder / "truth.json", receipt]
        return subprocess.run(check, capture_output=True, text=True, check=True).stdout.splitlines()

    def clear_scratch(self):
        shutil.rmtree(self.scratch, ignore_errors=True)
        self.scratch.mkdir(parents=True)

    def environment(self):
        """Everybody's settings and stores go into the scratch folder."""
        at = self.scratch
        return {
            "LC_ALL": "C.UTF-8",
            "HOME": str(at),
            "XDG_STATE_HOME": str(at / "state"),
            "GIT_CONFIG_NOSYSTEM": "1",
            "BORG_REPO": str(at / "borg"),
            "BORG_BASE_DIR": str(at / "borg-base"),
            "BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes",
            "BORG_RELOCATED_REPO_ACCESS_IS_OK": "yes",
            "RESTIC_REPOSITORY": str(at / "restic"),
            "RESTIC_PASSWORD": "bench",
            "RESTIC_CACHE_DIR": str(at / "restic-cache"),
        }


def say(text):
    print(text, file=sys.stderr, flush=True)


def join(*words):
    return " ".join(shlex.quote(str(word)) for word in words)


def script(name, *args):
    subprocess.run([sys.executable, HERE / name, *map(str, args)], check=True, stdout=sys.stderr)


def node_folder():
    return os.environ.get("NODE_PATH", "").split(":")[0]


def find_peer(name):
    peer = PEERS[name]
    if os.environ.get(peer.variable):
        return shutil.which(os.environ[peer.variable])
    path = next(filter(None, map(shutil.which, peer.names)), None)
    if peer.module:
        found = path and run_text(path, "-e", f"require.resolve('{peer.module}')") is not None
        return path if found else None
    return path or shutil.which(os.path.join(node_folder(), ".bin", name))


def run_text(*command):
    """What a command prints, or None when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    return done.stdout + done.stderr if done.returncode == 0 else None


def peer_version(name, path):
    peer = PEERS[name]
    if peer.module:
        version = f"require('{peer.module}').version"
        text = run_text(path, "-p", f"{version}.call ? {version}() : {version}")
    else:
        text = run_text(path, peer.version)
    number = re.search(r"\d+(\.\d+)+", text or "")
    return f"{name} {number[0]}" if number else name


def can_drop_caches():
    return os.access("/proc/sys/vm/drop_caches", os.W_OK)


def read_line(path, pattern):
    try:
        with open(path, encoding="utf-8") as f:
            found = re.search(pattern, f.read(), re.MULTILINE)
    except OSError:
        found = None
    return found[1].strip() if found else "?"


def machine(work):
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return "%s, %d cores, %.0f GiB, %s, %s, Linux %s" % (
        read_line("/proc/cpuinfo", r"^model name\s*:(.*)"),
        os.cpu_count(),
        memory,
        (run_text("df", "--output=fstype", str(work)) or "?").split()[-1],
        read_line("/etc/os-release", r'^PRETTY_NAME="?([^"\n]*)'),
        platform.release(),
    )
