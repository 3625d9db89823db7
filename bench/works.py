"""The works: what is raced, side by side, and the marks that the program has to reach."""

import json
from dataclasses import dataclass, field

from ground import HERE, PEERS, can_drop_caches, join
from pair import Job

SLOW = 2  # rounds of peers that take minutes
TINY = 20  # rounds of works that take milliseconds
BOMBS = {"strings-packed": "xlsx", "strings-shared": "xlsx", "repeats": "ods", "dimension": "xlsx"}
DROP = "sync; echo 3 > /proc/sys/vm/drop_caches"


@dataclass
class Mark:
    """Something measured, and its bound."""

    text: str
    needs: tuple  # the labels of the jobs that it compares
    measure: object  # takes the race
    bound: float
    at_least: bool = False
    unit: str = ""

    def met(self, value):
        return value >= self.bound if self.at_least else value <= self.bound


@dataclass
class Work:
    title: str
    jobs: list
    marks: list = field(default_factory=list)
    setup: list = field(default_factory=list)  # commands before the race
    missing: list = field(default_factory=list)  # peers that are not installed
    check: object = None  # says what is wrong with the program's answer
    warmups: int = 1
    rounds: int = 0  # instead of the number asked for
    cannot: str = ""  # why the work cannot be done here


# ---- marks ----


def at_most(bound, label, of="limit"):
    measure = lambda race: race.ratio(label, of)
    return Mark(f"{label}: at most {bound} x {of}", (label, of), measure, bound, unit=" x")


def faster(times, label, than):
    words = f"at least {times} x faster than" if times > 1 else "faster than"
    measure = lambda race: race.ratio(than, label)
    return Mark(f"{label}: {words} {than}", (label, than), measure, times, True, " x")


def seconds(bound, label):
    text = f"{label}: at most " + (f"{bound} s" if bound >= 0.1 else f"{bound * 1000:.0f} ms")
    return Mark(text, (label,), lambda race: race.median(label), bound, unit=" s")


def peak(bound, label):
    measure = lambda race: race.peaks[label]
    return Mark(f"{label}: peak memory at most {bound} MB", (label,), measure, bound, unit=" MB")


def growth(label, to, times, what):
    text = f"{label}: {'time' if what == 'wall' else 'peak memory'} at most {times} x {to}"
    return Mark(text, (label, to), lambda race: race.ratio(label, to, what), times, unit=" x")


def bytes_a_file(bound, label, store, files):
    measure = lambda race: store.stat().st_size / files
    return Mark(f"{label}: at most {bound} bytes a file", (label,), measure, bound, unit=" bytes")


# ---- jobs ----


class Jobs:
    """Collects the jobs of a work, and the names of the peers that it misses."""

    def __init__(self, ground):
        self.ground, self.jobs, self.missing = ground, [], []

    def add(self, label, command, **more):
        self.jobs.append(Job(label, command, **more))

    def tally(self, label, *args, **more):
        self.add(label, join(self.ground.tally, *args), **more)

    def peer(self, name, label, command, **more):
        """@command  takes the quoted path of the program."""
        if name in self.ground.peers:
            self.add(label, command(join(self.ground.peers[name])), **more)
        else:
            self.missing.append(f"{label} ({PEERS[name].hint})")


def files_in(tree):
    """The beginning of a pipe to a program that takes file names."""
    return f"find {join(tree)} -type f -print0 | xargs -0"


def first_backups(jobs, scratch, tree):
    new = f"rm -rf {join(scratch / 'borg', scratch / 'borg-base')}; borg init -e none; sync"
    create = lambda p: f"{p} create ::one {join(tree)}"
    jobs.peer("borg", "borg, first backup", create, prepare=new, most=SLOW)
    new = f"rm -rf {join(scratch / 'restic', scratch / 'restic-cache')}; restic init; sync"
    backup = lambda p: f"{p} backup -q {join(tree)}"
    jobs.peer("restic", "restic, first backup", backup, prepare=new, most=SLOW)


# ---- snapshots ----


def snap(ground, name):
    tree, store = ground.tree(name), ground.scratch / "first.tally"
    jobs = Jobs(ground)
    jobs.add("limit", ground.limit("walk", "hash", 2, tree), prepare="sync")
    new = f"rm -f {join(store)}; sync"
    jobs.tally("tally snap", "snap", tree, "-o", store, "--keep", "none", prepare=new)
    jobs.peer("xxhsum", "xxhsum", lambda p: f"{files_in(tree)} {p} -q -H2")
    first_backups(jobs, ground.scratch, tree)
    marks = [
        at_most(1.3, "tally snap"),
        faster(1, "tally snap", "xxhsum"),
        faster(20, "tally snap", "borg, first backup"),
    ]
    if name == "many":
        marks.append(bytes_a_file(75, "tally snap", store, int(300000 * ground.scale)))
        marks.append(peak(80, "tally snap"))
    title = f"First snapshot, warm, '{name}'. Limit: walk hash, 2 threads"
    return Work(title, jobs.jobs, marks, missing=jobs.missing)


def cold(ground, name):
    tree, store = ground.tree(name), ground.scratch / "first.tally"
    jobs = Jobs(ground)
    jobs.add("limit", ground.limit("walk", "hash", 32, tree), prepare=DROP)
    new = f"rm -f {join(store)}; {DROP}"
    jobs.tally("tally snap", "snap", tree, "-o", store, "--keep", "none", prepare=new)
    sha = lambda p: f"{p} -r -l -c sha256 {join(tree)}"
    jobs.peer("hashdeep", "hashdeep", sha, prepare=DROP, most=SLOW)
    marks = [at_most(1.2, "tally snap"), faster(4, "tally snap", "hashdeep")]
    title = f"First snapshot, cold, '{name}'. Limit: walk hash, 32 threads"
    cannot = "" if can_drop_caches() else "only root can empty the page cache"
    return Work(title, jobs.jobs, marks, missing=jobs.missing, warmups=0, cannot=cannot)


def keep(ground, name):
    tree, store = ground.tree(name), ground.scratch / "kept.tally"
    jobs = Jobs(ground)
    new = f"rm -f {join(store)}; sync"
    jobs.tally("tally snap --keep auto", "snap", tree, "-o", store, "--keep", "auto", prepare=new)
    first_backups(jobs, ground.scratch, tree)
    marks = [
        faster(2, "tally snap --keep auto", "restic, first backup"),
        faster(2, "tally snap --keep auto", "borg, first backup"),
    ]
    title = f"Snapshot that keeps contents, '{name}'"
    return Work(title, jobs.jobs, marks, missing=jobs.missing, rounds=3)


def rescan(ground, name):
    tree, scratch = ground.tree(name), ground.scratch
    first, again = scratch / "first.tally", scratch / "again.tally"
    setup = [join(ground.tally, "snap", tree, "-o", first, "--keep", "none", "-q")]
    jobs = Jobs(ground)
    jobs.add("limit", ground.limit("walk", "stat", 2, tree))
    jobs.tally(
        "tally snap --quick",
        *("snap", tree, "-o", again, "--like", first, "--quick", "--keep", "none"),
        prepare=f"rm -f {join(again)}",
    )
    jobs.peer("find", "find -printf", lambda p: f"{p} {join(tree)} -printf '%p %s %T@\\n'")
    git = f"--git-dir={join(scratch / 'git')} --work-tree={join(tree)} -c core.autocrlf=false"
    jobs.peer("git", "git status", lambda p: f"{p} {git} status --porcelain")
    if "git" in ground.peers:
        setup.append(f"git init -q --bare {join(scratch / 'git')}")
        setup.append(f"git {git} -c gc.auto=0 add -A; sync")
    marks = [at_most(1.8, "tally snap --quick"), faster(2, "tally snap --quick", "git status")]
    title = f"Quick rescan, nothing changed, '{name}'. Limit: walk stat, 2 threads"
    return Work(title, jobs.jobs, marks, setup, jobs.missing)


# ---- comparing folders ----


def stored(ground):
    folder = ground.stored()
    before, after = folder / "before.tally", folder / "after.tally"
    jobs = Jobs(ground)
    jobs.add("limit", ground.limit("sqlsnap", "diff", folder / "before.db", folder / "after.db"))
    jobs.tally("tally diff", "diff", before, after, statuses=(1,))
    title = "Two stored snapshots, 1,000,000 files, 1 % each changed, moved, deleted, added"
    check = lambda: ground.wrong("stored", folder, before, after)
    return Work(title, jobs.jobs, [seconds(0.4, "tally diff")], check=check)


def folders(ground):
    before, after = ground.tree("docs"), ground.edited_tree("docs")
    a, b = join(before), join(after)
    jobs = Jobs(ground)
    both = ground.limit("walk", "hash", 2, before) + "; " + ground.limit("walk", "hash", 2, after)
    jobs.add("limit", both)
    jobs.tally("tally diff", "diff", before, after, statuses=(1,))
    jobs.peer("rsync", "rsync -nc", lambda p: f"{p} -n -aci --delete {a}/ {b}/")
    jobs.peer("diff", "diff -rq", lambda p: f"{p} -rq {a} {b}", statuses=(1,))
    names = lambda p: f"{p} diff --no-index --name-status {a} {b}"
    jobs.peer("git", "git diff --no-index", names, statuses=(1,))
    title = "Two folders, 'docs' and an edited copy, contents compared. Limit: walk hash of both"
    return Work(title, jobs.jobs, missing=jobs.missing)


def tiny(ground):
    tree, edited, state = ground.tree("tiny"), ground.edited_tree("tiny"), ground.scratch / "state"
    store, live = ground.scratch / "tiny.tally", ground.scratch / "live"
    forget = f"rm -rf {join(state)}"
    jobs = Jobs(ground)
    jobs.add("true", "true")
    jobs.add("limit", ground.limit("walk", "hash", 2, tree))
    jobs.tally("tally snap", "snap", tree, "-o", store, prepare=f"rm -f {join(store)}")
    jobs.tally("tally diff", "diff", tree, edited, statuses=(1,))
    jobs.tally("tally before", "before", live, prepare=forget)
    change = f"{forget}; {join(ground.tally, 'before', live)}; date +%N > {join(live / 'new.txt')}"
    jobs.tally("tally after", "after", prepare=change)
    labels = "tally snap", "tally diff", "tally before", "tally after"
    return Work(
        "100 tiny files, whole process",
        jobs.jobs,
        [seconds(0.015, label) for label in labels],
        setup=[join("cp", "-a", tree, live)],
        rounds=TINY,
    )


# ---- comparing tables ----


def table_limit(jobs, files, label="limit"):
    jobs.add(label, jobs.ground.limit("table", 2, *files))


def table_diff(jobs, files, label, *args):
    jobs.tally(label, "diff", *files, *args, statuses=(1,))


def table_wrong(ground, files, *args):
    return ground.wrong("table", files[0].parent, *files, *args)


def table_peers(jobs, files):
    a, b = map(join, files)
    jobs.peer("diff", "GNU diff", lambda p: f"{p} {a} {b}", statuses=(1,), most=SLOW + 1)
    jobs.peer("csvdiff", "csvdiff", lambda p: f"{p} {a} {b} -p 0 -o json")
    jobs.peer("qsv", "qsv diff", lambda p: f"{p} diff --key 0 {a} {b}")
    duckdb = join(HERE / "peers" / "duckdb_diff.js", *files, "id", 2)
    jobs.peer("duckdb", "DuckDB join", lambda p: f"{p} {duckdb}")


def csv(ground):
    files = ground.table("t1m", 1e6)
    jobs = Jobs(ground)
    given, inferred = "tally diff --key id", "tally diff, key inferred"
    table_limit(jobs, files)
    table_diff(jobs, files, given, "--key", "id")
    table_diff(jobs, files, inferred)
    table_peers(jobs, files)
    marks = [at_most(1.7, given), faster(1, given, "GNU diff")]
    marks += [faster(3, given, peer) for peer in ("DuckDB join", "csvdiff", "qsv diff")]
    marks.append(at_most(2.2, inferred))
    title = "CSV pair, 1,000,000 rows x 12. Limit: table, 2 threads"
    check = lambda: table_wrong(ground, files, "--key", "id") + table_wrong(ground, files)
    return Work(title, jobs.jobs, marks, missing=jobs.missing, check=check)


def csv_variant(ground, name, edit, what):
    files = ground.table(name, 1e6, edit)
    jobs = Jobs(ground)
    table_limit(jobs, files)
    table_diff(jobs, files, "tally diff --key id", "--key", "id")
    table_peers(jobs, files)
    title = f"CSV pair, 1,000,000 rows x 12, {what}. Limit: table, 2 threads"
    check = lambda: table_wrong(ground, files, "--key", "id")
    marks = [at_most(1.5, "tally diff --key id")]
    return Work(title, jobs.jobs, marks, missing=jobs.missing, check=check)


def csv_nokey(ground):
    files = ground.table("t100k-nokey", 1e5, "--nokey")
    a, b = map(join, files)
    jobs = Jobs(ground)
    table_diff(jobs, files, "tally diff")
    jobs.peer("daff", "daff", lambda p: f"{p} diff {a} {b}", most=SLOW)
    check = lambda: table_wrong(ground, files)
    title = "CSV pair, 100,000 rows, no key"
    return Work(title, jobs.jobs, [seconds(0.3, "tally diff")], missing=jobs.missing, check=check)


def growing(ground, small, large, millions):
    """The jobs of two pairs of CSV files of a million rows and of more, and the latter's answer."""
    jobs, more = Jobs(ground), f"{millions}M rows"
    table_limit(jobs, small, "limit, 1M rows")
    table_limit(jobs, large, f"limit, {more}")
    table_diff(jobs, small, "tally diff, 1M rows", "--key", "id")
    table_diff(jobs, large, f"tally diff, {more}", "--key", "id")
    return jobs.jobs, lambda: table_wrong(ground, large, "--key", "id")


def csv_growth(ground):
    small, large = ground.table("t1m", 1e6), ground.table("t5m", 5e6)
    jobs, check = growing(ground, small, large, 5)
    of = "tally diff, 5M rows", "tally diff, 1M rows", 5
    marks = [growth(*of, "wall"), growth(*of, "peak")]
    return Work("CSV pair, 5,000,000 rows against 1,000,000", jobs, marks, check=check)


def csv_huge(ground):
    nine = "--columns", 9
    small, large = ground.table("t1m-9", 1e6, *nine), ground.table("t10m-9", 1e7, *nine)
    jobs, check = growing(ground, small, large, 10)
    label = "tally diff, 10M rows"
    marks = [peak(1000, label), growth(label, "tally diff, 1M rows", 12, "wall")]
    title = "CSV pair, 10,000,000 rows x 9 against 1,000,000"
    return Work(title, jobs, marks, check=check, rounds=3)


# ---- comparing workbooks ----


def xlsx(ground):
    files = ground.book("x100k", "xlsx", 1e5)
    jobs = Jobs(ground)
    jobs.add("limit", ground.limit("xlsx", *files))
    table_diff(jobs, files, "tally diff")
    jobs.peer("calamine", "calamine reads both", lambda p: f"{p} {join(*files)}")
    driver = join(HERE / "peers" / "xlsx_diff.js", *files, "id")
    jobs.peer("sheetjs", "SheetJS + daff", lambda p: f"{p} {driver}", most=SLOW)
    marks = [
        at_most(2, "tally diff"),
        faster(5, "tally diff", "calamine reads both"),
        faster(20, "tally diff", "SheetJS + daff"),
    ]
    title = "XLSX pair, 100,000 rows x 12, 1 % edits. Limit: xlsx scans both, 1 thread"
    check = lambda: table_wrong(ground, files)
    return Work(title, jobs.jobs, marks, missing=jobs.missing, check=check)


def xlsx_growth(ground):
    small, large = ground.book("x100k", "xlsx", 1e5), ground.book("x1m", "xlsx", 1e6)
    jobs = Jobs(ground)
    jobs.add("limit, 100k rows", ground.limit("xlsx", *small))
    jobs.add("limit, 1M rows", ground.limit("xlsx", *large))
    table_diff(jobs, small, "tally diff, 100k rows")
    table_diff(jobs, large, "tally diff, 1M rows")
    of = "tally diff, 1M rows", "tally diff, 100k rows"
    marks = [peak(150, "tally diff, 1M rows"), growth(*of, 10, "wall")]
    check = lambda: table_wrong(ground, large)
    title = "XLSX pair, 1,000,000 rows x 12 against 100,000"
    return Work(title, jobs.jobs, marks, check=check, rounds=3)


def ods(ground):
    files, profile = ground.book("o100k", "ods", 1e5), ground.scratch / "office"
    office = f"-env:UserInstallation=file://{profile} --headless"
    convert = f"{office} --convert-to csv --outdir {join(ground.scratch, files[0])}"
    jobs = Jobs(ground)
    table_diff(jobs, files, "tally diff")
    jobs.peer("soffice", "LibreOffice converts one", lambda p: f"{p} {convert}", most=SLOW)
    setup = [f"{join(ground.peers['soffice'])} {office} --terminate_after_init"]
    return Work(
        "ODS pair, 100,000 rows x 12, 1 % edits",
        jobs.jobs,
        [faster(5, "tally diff", "LibreOffice converts one")],
        setup=setup if "soffice" in ground.peers else [],
        missing=jobs.missing,
        check=lambda: table_wrong(ground, files),
    )


def bombs(ground):
    """The seeded pairs of small files that ask for much."""
    folder, jobs, marks = ground.bombs(), Jobs(ground), []
    pairs = {}
    for name, suffix in BOMBS.items():
        pairs[name] = folder / name / f"before.{suffix}", folder / name / f"after.{suffix}"
        table_diff(jobs, pairs[name], name)
        marks += [seconds(1, name), peak(64, name)]

    def check():
        for name, pair in pairs.items():
            for wrong in ground.wrong("bomb", pair[0].parent, *pair):
                yield f"{name}: {wrong}"

    title = "Bombs: small files that ask for much memory or time"
    return Work(title, jobs.jobs, marks, check=lambda: list(check()))


# ---- comparing documents ----


def documents_wrong(ground, folders):
    return ground.wrong("documents", folders[0].parent, *folders)


def one_document(folders, suffix):
    return [folder / f"doc0001.{suffix}" for folder in folders]


def texts_differ(jobs, name, label, files, how):
    """A peer makes texts of both files, one after the other, and GNU diff compares them."""
    texts = [jobs.ground.scratch / f"{side}.txt" for side in ("before", "after")]
    steps = lambda p: [f"{p} {how(*map(join, pair))}" for pair in zip(files, texts)]
    line = lambda p: "; ".join([*steps(p), f"diff -u {join(*texts)}"])
    jobs.peer(name, label, line, statuses=(1,))


def docx(ground):
    plain = ground.documents("docx", "--paragraphs", 200)
    contract = "--paragraphs", 200, "--words", 115, "--word"
    contract = ground.documents("docx-contract", *contract)
    jobs, marks = Jobs(ground), []
    for folders, what, most in (plain, "plain", 0.015), (contract, "contract", 0.05):
        files, label = one_document(folders, "docx"), f"tally diff, {what}"
        jobs.tally(label, "diff", *files, statuses=(1,))
        peers = f"diffoscope, {what}", f"pandoc twice and diff, {what}"
        view = lambda p, files=files: f"{p} --text - {join(*files)}"
        jobs.peer("diffoscope", peers[0], view, statuses=(1,))
        texts_differ(jobs, "pandoc", peers[1], files, lambda a, b: f"-t plain -o {b} {a}")
        marks += [seconds(most, label)] + [faster(10, label, peer) for peer in peers]
    check = lambda: documents_wrong(ground, plain) + documents_wrong(ground, contract)
    title = "DOCX pairs: 200 paragraphs of 55 KB, and of 140 KB as Word leaves them (1 MB of XML)"
    return Work(title, jobs.jobs, marks, missing=jobs.missing, check=check)


def docx_many(ground):
    count = int(1000 * ground.scale)
    folders = ground.documents("docx-many", "--docs", count, "--paragraphs", 100)
    jobs = Jobs(ground)
    jobs.tally("tally diff", "diff", *folders, statuses=(1,))
    view = lambda p: f"{p} --text - {join(*folders)}"
    jobs.peer("diffoscope", "diffoscope", view, statuses=(1,), most=SLOW)
    marks = [seconds(0.8, "tally diff"), faster(10, "tally diff", "diffoscope")]
    title = "1,000 DOCX pairs of 100 paragraphs in a folder, all changed"
    check = lambda: documents_wrong(ground, folders)
    return Work(title, jobs.jobs, marks, missing=jobs.missing, check=check)


def docx_shift(ground):
    shift = "--paragraphs", 3000, "--shift", "--formats", "docx,txt"
    folders = ground.documents("docx-shift", *shift)
    jobs = Jobs(ground)
    for suffix in "docx", "txt":
        jobs.tally(suffix, "diff", *one_document(folders, suffix), statuses=(1,))
    marks = [seconds(0.15, suffix) for suffix in ("docx", "txt")]
    check = lambda: documents_wrong(ground, folders)
    return Work("3,000 paragraphs, shifted by one", jobs.jobs, marks, check=check)


def text(ground):
    lines = int(125000 * ground.scale)
    edits = "--words", 13, "--edits", lines // 100, "--formats", "txt"
    folders = ground.documents("text", "--paragraphs", lines, *edits)
    files, jobs = one_document(folders, "txt"), Jobs(ground)
    jobs.tally("tally diff", "diff", *files, statuses=(1,))
    diff = lambda p: f"{p} diff --no-index --patience {join(*files)}"
    jobs.peer("git", "git diff --patience", diff, statuses=(1,))
    marks = [at_most(2, "tally diff", "git diff --patience")]
    check = lambda: documents_wrong(ground, folders)
    title = "Two texts of 10 MB, 1 % of the lines edited"
    return Work(title, jobs.jobs, marks, missing=jobs.missing, check=check)


def pdf(ground):
    folders = ground.documents("pdf", "--paragraphs", 145, "--formats", "pdf")
    files, jobs = one_document(folders, "pdf"), Jobs(ground)
    jobs.tally("tally diff", "diff", *files, statuses=(1,))
    texts_differ(jobs, "pdftotext", "pdftotext twice and diff", files, lambda a, b: f"{a} {b}")
    view = lambda p: f"{p} --text - {join(*files)}"
    jobs.peer("diffoscope", "diffoscope", view, statuses=(1,))
    marks = [at_most(1.2, "tally diff", "pdftotext twice and diff")]
    return Work("PDF pair, 13 pages", jobs.jobs, marks, missing=jobs.missing)


def hostile(ground):
    """Each hostile pair by itself, and all of them among good ones."""
    folders = ground.hostile(int(1000 * ground.scale))
    with open(folders[0].parent / "truth.json", encoding="utf-8") as f:
        names = json.load(f)["hostile"]
    jobs, marks = Jobs(ground), []
    jobs.tally("all", "diff", *folders, statuses=(1,))
    for name in names:
        jobs.tally(name, "diff", *(folder / name for folder in folders), statuses=(1,))
        marks += [seconds(6, name), peak(256, name)]
    marks.append(peak(512, "all"))  # on two processors two of them at a time
    check = lambda: documents_wrong(ground, folders)
    title = "Hostile documents among 1,000 good pairs"
    return Work(title, jobs.jobs, marks, check=check, rounds=3)


WORKS = {
    "snap-docs": lambda ground: snap(ground, "docs"),
    "snap-many": lambda ground: snap(ground, "many"),
    "cold-docs": lambda ground: cold(ground, "docs"),
    "cold-many": lambda ground: cold(ground, "many"),
    "keep-docs": lambda ground: keep(ground, "docs"),
    "keep-many": lambda ground: keep(ground, "many"),
    "rescan-docs": lambda ground: rescan(ground, "docs"),
    "rescan-many": lambda ground: rescan(ground, "many"),
    "stored": stored,
    "folders": folders,
    "tiny": tiny,
    "csv": csv,
    "csv-shuffle": lambda ground: csv_variant(ground, "t1m-shuffle", "--shuffle", "rows shuffled"),
    "csv-quote": lambda ground: csv_variant(ground, "t1m-quote", "--quote", "all fields re-quoted"),
    "csv-nokey": csv_nokey,
    "csv-growth": csv_growth,
    "csv-huge": csv_huge,
    "xlsx": xlsx,
    "xlsx-growth": xlsx_growth,
    "ods": ods,
    "bombs": bombs,
    "docx": docx,
    "docx-many": docx_many,
    "docx-shift": docx_shift,
    "text": text,
    "pdf": pdf,
    "hostile": hostile,
}
