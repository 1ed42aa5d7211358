#!/usr/bin/env python3
"""tests/fuzz/afl.py BUILD NAME SECONDS CORPUS...: a slice of AFL++ on a fuzzer that afl-clang-fast built under BUILD.

It starts from all CORPUS folders; what runs something new is put into the first, where libFuzzer goes on from it, and
what stops the fuzzer into BUILD/found. Says how many executions as libFuzzer does; ends with 1 where one stopped.
"""

import ctypes
import hashlib
import os
import shutil
import subprocess
import sys

PR_SET_CHILD_SUBREAPER = 36
SETTINGS = {
    "AFL_NO_UI": "1",
    "AFL_NO_AFFINITY": "1",  # others use this machine
    "AFL_SKIP_CPUFREQ": "1",
    "AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES": "1",  # where the system gives cores to a program
}


def files(folder):
    return sorted(entry.path for entry in os.scandir(folder) if entry.is_file()) if os.path.isdir(folder) else []


def keep(path, folder, prefix=""):
    with open(path, "rb") as file:
        content = file.read()
    os.makedirs(folder, exist_ok=True)
    name = prefix + hashlib.sha1(content, usedforsecurity=False).hexdigest()
    with open(os.path.join(folder, name), "wb") as file:
        file.write(content)
    return name


def main():
    build, name, seconds, corpora = sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]
    seeds, out = os.path.join(build, "seeds", name), os.path.join(build, "out", name)
    for folder in (seeds, out):
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
    for corpus in corpora:
        for path in files(corpus):
            keep(path, seeds)
    # The server of forks outlives afl-fuzz: it becomes our child, so that its time is counted.
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    limit = os.environ.get("HC_FUZZ_TIMEOUT", "10") + "000+"  # slow seeds are passed over
    command = ["afl-fuzz", "-i", seeds, "-o", out, "-V", seconds, "-G", "4096", "-m", "none", "-t", limit, "--",
               os.path.join(build, "tests/fuzz/fuzz_" + name)]
    ended = subprocess.run(command, env={**SETTINGS, **os.environ}, check=False).returncode
    try:
        while True:
            os.wait()
    except ChildProcessError:
        pass
    work = os.path.join(out, "default")
    stopped = [path for kind in ("crashes", "hangs") for path in files(os.path.join(work, kind))
               if not path.endswith("README.txt")]
    for path in stopped:
        print("kept: " + keep(path, os.path.join(build, "found"), name + "-"))
    for path in files(os.path.join(work, "queue")):
        keep(path, corpora[0])
    with open(os.path.join(work, "fuzzer_stats"), encoding="utf-8") as file:
        stats = dict(map(str.strip, line.split(":", 1)) for line in file)
    print("stat::number_of_executed_units: " + stats["execs_done"])
    return 1 if ended != 0 or stopped else 0


if __name__ == "__main__":
    sys.exit(main())
