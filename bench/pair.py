#!/usr/bin/env python3
"""Times commands side by side: every round runs each command once, so that ratios survive drift.

    pair.py [-n ROUNDS] [-w WARMUPS] [-t SECONDS] [-i WAIT] < jobs

A job is a line:   label | command that prepares, or nothing | command
Both run under 'sh -c'; only the second is timed. Its output is thrown away. Printed for each job:
median, least and most wall time, median user + system time, peak memory of all its processes that
live at the same time, the median over the rounds of the ratio to the FIRST job, and the exit
statuses. Put the limit first.
"""

import argparse
import os
import re
import resource
import signal
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass

IDLE = 0.08  # share of the processors' time below which a machine counts as idle
LOOK = 0.25  # seconds that a look at the load takes
SAMPLE = 0.005  # seconds between two looks at the memory


@dataclass
class Job:
    label: str
    command: str
    prepare: str = ""
    statuses: tuple = (0,)  # the exit statuses that mean success
    most: int = 0  # rounds at most, without a warm-up, for jobs that take minutes; 0: all


@dataclass
class Run:
    wall: float  # seconds
    cpu: float  # seconds, user and system, all processes
    peak: float  # MB, of the largest process, or of all together where that was sampled
    status: int


def load():
    """Share of the processors' time that somebody used during the last moment."""

    def read():
        with open("/proc/stat", encoding="ascii") as f:
            ticks = [int(word) for word in f.readline().split()[1:9]]
        return sum(ticks), ticks[3] + ticks[4]

    all_before, idle_before = read()
    time.sleep(LOOK)
    all_after, idle_after = read()
    return 1 - (idle_after - idle_before) / max(1, all_after - all_before)


def wait_for_idle(seconds):
    """Returns whether the machine was idle within that time."""
    end = time.monotonic() + seconds
    while seconds and load() >= IDLE:
        if time.monotonic() > end:
            return False
    return True


def read_proc(path):
    try:
        with open(path, encoding="ascii", errors="replace") as f:
            return f.read()
    except OSError:  # it has ended
        return ""


def tree_of(pid):
    """The process and its descendants, whichever of their threads started them."""
    pids = [pid]
    for p in pids:
        try:
            threads = os.listdir(f"/proc/{p}/task")
        except OSError:
            continue
        for thread in threads:
            pids += map(int, read_proc(f"/proc/{p}/task/{thread}/children").split())
    return pids


def peak_of(pid):
    """The most memory that a process has had, in MB. What it shares with others counts in each."""
    found = re.search(r"^VmHWM:\s*(\d+)", read_proc(f"/proc/{pid}/status"), re.MULTILINE)
    return int(found[1]) / 1024 if found else 0.0


class Sampler(threading.Thread):
    """Looks again and again at what a process and its descendants take together."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.ended = pid, 0.0, threading.Event()

    def run(self):
        while not self.ended.wait(SAMPLE):
            self.peak = max(self.peak, sum(map(peak_of, tree_of(self.pid))))

    def finish(self):
        self.ended.set()
        self.join()
        return self.peak


def run_once(command, sample=False):
    """@sample  the peak is that of all processes together, which takes a bit of time from them"""
    if not set(command) & set("|;&"):
        command = "exec " + command  # without a shell around it
    begin = time.monotonic()
    process = subprocess.Popen(
        ["sh", "-c", command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        process_group=0,
    )
    sampler = Sampler(process.pid) if sample else None
    try:
        if sampler:
            sampler.start()
        _, status, usage = os.wait4(process.pid, 0)
    except KeyboardInterrupt:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    wall = time.monotonic() - begin
    peak = max(usage.ru_maxrss / 1024, sampler.finish() if sampler else 0.0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(wall, usage.ru_utime + usage.ru_stime, peak, process.returncode)


def prepare(job):
    if job.prepare:
        subprocess.run(
            ["sh", "-c", job.prepare],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
        )


class Race:
    """The runs of some jobs, round by round."""

    def __init__(self, jobs, rounds, warmups=1, seconds=500.0, wait=2.0):
        self.jobs = jobs
        self.runs = {job.label: [] for job in jobs}
        self.peaks = {job.label: 0.0 for job in jobs}
        self.noisy = 0  # counted runs that began on a machine that was not idle
        begin = time.monotonic()
        for i in range(-warmups, rounds):
            if i > 0 and time.monotonic() - begin > seconds:
                break
            for job in jobs:
                if not job.most or 0 <= i < job.most:
                    self.run(job, wait, i >= 0)

    def run(self, job, wait, counts):
        """Memory is sampled where time does not count: in warm-ups, and in jobs that have none."""
        prepare(job)
        idle = wait_for_idle(wait)
        run = run_once(job.command, sample=not counts or bool(job.most))
        self.peaks[job.label] = max(self.peaks[job.label], run.peak)
        if counts:
            self.runs[job.label].append(run)
            self.noisy += not idle

    def has(self, label):
        return bool(self.runs.get(label))

    def median(self, label, what="wall"):
        return statistics.median(getattr(run, what) for run in self.runs[label])

    def ratio(self, label, to, what="wall"):
        """Median over the rounds that both ran in; of peaks the ratio of the largest."""
        if what == "peak":
            return self.peaks[label] / max(self.peaks[to], 1e-6)
        pairs = zip(self.runs[label], self.runs[to])
        return statistics.median(
            getattr(run, what) / max(getattr(other, what), 1e-6) for run, other in pairs
        )

    def failed(self, label):
        """The statuses of the runs that did not succeed, as text; empty: all did."""
        job = next(job for job in self.jobs if job.label == label)
        wrong = {run.status for run in self.runs[label]} - set(job.statuses)
        return ",".join(str(status) for status in sorted(wrong))

    def lines(self):
        head = "job", "n", "wall s", "least..most", "cpu s", "peak MB", "x wall", "x cpu"
        yield "%-36s %2s %8s %15s %8s %8s %7s %7s" % head
        for job in self.jobs:
            label, walls = job.label, [run.wall for run in self.runs[job.label]]
            line = "%-36s %2d %8.3f %15s %8.3f %8.1f %7.2f %7.2f" % (
                label,
                len(walls),
                self.median(label),
                "%.3f..%.3f" % (min(walls), max(walls)),
                self.median(label, "cpu"),
                self.peaks[label],
                self.ratio(label, self.jobs[0].label),
                self.ratio(label, self.jobs[0].label, "cpu"),
            )
            failed = self.failed(label)
            yield line + (f"  FAILED: status {failed}" if failed else "")
        if self.noisy:
            yield f"({self.noisy} runs began on a machine that was not idle)"


def own_peak():
    """What a peak seen here is at least, in MB: a new process begins as a copy of this one."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("-n", type=int, default=5, help="rounds (default 5)")
    parser.add_argument("-w", type=int, default=1, help="uncounted rounds before (default 1)")
    parser.add_argument("-t", type=float, default=500, help="begin no round after these seconds")
    parser.add_argument(
        "-i", type=float, default=2, help="seconds to wait for an idle machine before a run (2)"
    )
    args = parser.parse_args()
    jobs = []
    for line in sys.stdin:
        if line.strip() and not line.startswith("#"):
            label, before, command = (part.strip() for part in line.split("|", 2))
            jobs.append(Job(label, command, before, statuses=tuple(range(256))))
    for line in Race(jobs, args.n, args.w, args.t, args.i).lines():
        print(line)
    print("a peak near %.0f MB is this script's own" % own_peak())


if __name__ == "__main__":
    main()
