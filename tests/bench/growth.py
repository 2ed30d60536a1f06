#!/usr/bin/env python3
"""growth.py [KIND...] - how time and memory grow as the input does

Each kind of input (tests/bench/growth_kinds.py) is given to each command that reads it, with a
megabyte and with half of that; the exponent is that of the growth between the two, 1 where time and
memory double with the input.  Where a megabyte takes too long, smaller inputs are measured.  Then
the command gets the largest input, 10 MB.  Times are those of the processor.

Fails where an exponent is above 1.2, or where 10 MB take more than 2 s or 256 MiB.

  -c WORD     only the commands with WORD in their names
  -l          list the kinds
  POSTMEND    the program
"""
import argparse
import math
import os
import resource
import shutil
import subprocess
import sys
import tempfile

import growth_kinds

MEGABYTE = 1_000_000
LARGEST = 10 * MEGABYTE
EXPONENT_MAX = 1.2
SECONDS_MAX = 2.0
MEMORY_MAX = 256 * 1024  # KiB
CUT_OFF = 6
# below these, what is measured is noise: 1 MB then is far from every bound
SECONDS_MEASURED = 0.1
MEMORY_MEASURED = 64 * 1024  # a quarter of the bound; smaller ones grow in steps

POSTMEND = os.path.abspath(os.environ.get("POSTMEND", "./postmend"))


class Run:
    """what one run of the program took"""

    def __init__(self, seconds, memory, stopped, status):
        self.seconds, self.memory = seconds, memory
        self.stopped, self.status = stopped, status


def limit():
    resource.setrlimit(resource.RLIMIT_CPU, (CUT_OFF, CUT_OFF + 1))
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))


def measure(command, directory):
    """one run of the command, an argument list, in the directory"""
    output = os.path.join(directory, "output")
    shutil.rmtree(output, ignore_errors=True)
    child = subprocess.Popen(
        [POSTMEND, *command], cwd=directory, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, preexec_fn=limit)
    errors = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    child.returncode = status
    child.stderr.close()
    signalled = os.WIFSIGNALED(status)
    if not signalled and (os.WEXITSTATUS(status) > 2 or b"no platform" in errors):
        sys.exit(f"growth: {' '.join(command)}: status {status}: {errors[:300]}")
    return Run(usage.ru_utime + usage.ru_stime, usage.ru_maxrss, signalled,
               None if signalled else os.WEXITSTATUS(status)), errors


def prepare(kind, size):
    """the files of a kind in a new directory"""
    directory = tempfile.mkdtemp(prefix="growth.")
    for name, text in kind.files(size).items():
        with open(os.path.join(directory, name), "wb") as file:
            file.write(text.encode("latin-1"))
    return directory


def measure_size(kind, command, size, rounds=1):
    """the best of some runs with that many bytes"""
    directory = prepare(kind, size)
    best = None
    try:
        for _ in range(rounds):
            run, errors = measure(command, directory)
            if best is None or run.seconds < best.seconds:
                best = run
            if run.stopped:
                break
    finally:
        shutil.rmtree(directory)
    best.errors = errors
    return best


def exponent(small, large, base, measured):
    """of the growth from one number to the other, without what an empty input takes"""
    small, large = small - base, large - base
    if large < measured:
        return 0.0
    return math.log2(large / max(small, large / 64))


def grow(kind, command, base):
    """(size, its run, exponent of time, exponent of memory)"""
    size = MEGABYTE
    large = measure_size(kind, command, size)
    # what is refused, or takes too long, says nothing about growth
    while (large.stopped or large.status == 2) and size > 4000:
        size //= 2
        large = measure_size(kind, command, size)
    for rounds in (1, 3):
        small = measure_size(kind, command, size // 2, rounds)
        time = exponent(small.seconds, large.seconds, base.seconds, SECONDS_MEASURED)
        memory = exponent(small.memory, large.memory, base.memory, MEMORY_MEASURED)
        if max(time, memory) <= EXPONENT_MAX:
            break
        if rounds == 1:
            large = measure_size(kind, command, size, 3)
    return size, large, time, memory


def show(run):
    time = f">{CUT_OFF} s" if run.stopped else f"{run.seconds:.2f} s"
    return f"{time:>7} {run.memory / 1024:5.0f} MiB"


def bench(kind, name, command):
    """measures one command with one kind; whether it is within the bounds"""
    base = measure_size(kind, command, 100)
    size, run, time, memory = grow(kind, command, base)
    largest = measure_size(kind, command, LARGEST)
    good = (not run.stopped and max(time, memory) <= EXPONENT_MAX and not largest.stopped
            and largest.seconds <= SECONDS_MAX and largest.memory <= MEMORY_MAX)
    refused = " refused" if largest.status == 2 else ""
    print(f"{kind.name:28} {name:9} {time:5.2f} {memory:5.2f}  {size / MEGABYTE:5.3f} MB {show(run)}"
          f"  10 MB {show(largest)}{refused}{'' if good else '  FAILED'}", flush=True)
    if refused and not largest.errors.strip():
        print(f"{kind.name} {name}: refused without a word")
        good = False
    return good


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("-c", default="")
    parser.add_argument("-l", action="store_true")
    parser.add_argument("kinds", nargs="*")
    options = parser.parse_args()
    kinds = [kind for kind in growth_kinds.KINDS
             if not options.kinds or any(word in kind.name for word in options.kinds)]
    if options.l:
        print("\n".join(kind.name for kind in kinds))
        return 0
    print("the exponents of time and memory, what the largest measured input took, and 10 MB")
    passed = failed = 0
    for kind in kinds:
        for name, command in kind.commands:
            if options.c not in name:
                continue
            if bench(kind, name, command):
                passed += 1
            else:
                failed += 1
    print(f"growth: {len(kinds)} kinds of input: {passed} passed, {failed} failed")
    return failed > 0 or passed == 0


sys.exit(main())
