#!/usr/bin/env python3
"""Runs ctest on a build tree and tells what passed: `case ID ok TEST` for each case of the shared documents whose test
passed, `store NAME VERSION: N tests, N operations`, what was skipped and why. ctest's closing lines come last."""

import collections
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ID = re.compile(r"\b(?:(?:T|A|Z|P|L|D|F|M|AI|H|S)[0-9]{2})\b")
START = re.compile(r"/\*((?:(?!\*/).)*)\*/\s*START_TEST\(\s*(\w+)\s*\)", re.DOTALL)
SHARED = re.compile(r'^#include "(\w+\.h)"', re.MULTILINE)
RESULT = re.compile(r"^(\S*?([^/\s]+\.[ch])):\d+:([PFE]):[^:]*:(\w+):-?\d+: ")
STORE = re.compile(r"^store (\S+) (\S+): (\d+) tests, (\d+) operations$")
SKIP = re.compile(r"^skip(?:ped)?: (.*)$")


def cases_of(path, cache={}):
    """Ids by test of one source file: those in the comment right above START_TEST, also where tests of both servers stand
    in a header of tests/support."""
    if path not in cache:
        with open(path, encoding="utf-8") as file:
            text = file.read()
        cache[path] = {}
        for header in SHARED.findall(text):
            if os.path.isfile(os.path.join(TESTS, "support", header)):
                cache[path].update(cases_of(os.path.join(TESTS, "support", header)))
        cache[path].update({name: ID.findall(above) for above, name in START.findall(text)})
    return cache[path]


def source_of(path):
    """The source in this tree of a path that Check printed, which depends on how the compiler was called."""
    if os.path.isfile(path):
        return path
    parts = path.split("/")
    for i, part in enumerate(parts):
        if part == "tests" and os.path.isfile(os.path.join(TESTS, *parts[i + 1:])):
            return os.path.join(TESTS, *parts[i + 1:])
    return None


def own_source(name):
    """The source of a ctest test by its name, api.auth.token: Check prints where the last assertion stood, which may be
    in a helper's file."""
    *folders, topic = name.split(".")
    path = os.path.join(TESTS, *folders, "test_" + topic + ".c")
    return path if os.path.isfile(path) else None


def read(junit):
    """From ctest's results: {(id, test)}, {store: [tests, operations]}, [(test, reason)], and the names of those that were left
    out, as a test without its server is, which libcheck calls passed all the same. "skip:" is a part of one."""
    passed, failed, stores, skipped, absent = {}, set(), collections.defaultdict(lambda: [0, 0]), [], set()
    for case in xml.etree.ElementTree.parse(junit).getroot().iter("testcase"):
        name, output = case.get("name"), case.findtext("system-out") or ""
        reasons = []
        if case.find("skipped") is not None or any(line.startswith("skipped: ") for line in output.splitlines()):
            absent.add(name)
        for line in output.splitlines():
            result, store, skip = RESULT.match(line), STORE.match(line), SKIP.match(line)
            if result and result.group(3) == "P" and name in absent:
                continue
            if result and result.group(3) == "P":
                sources = {source_of(result.group(1)), own_source(name)} - {None}
                passed[name + "." + result.group(4)] = sources, result.group(4)
            elif result:
                failed.add(name + "." + result.group(4))
            elif store:
                both = stores[store.group(1), store.group(2)]
                both[0] += int(store.group(3))
                both[1] += int(store.group(4))
            elif skip:
                reasons.append(skip.group(1))
        if case.find("skipped") is not None and not reasons:
            reasons.append("no reason given")
        skipped += [(name, reason) for reason in reasons]
    proved = set()
    for test, (sources, function) in passed.items():
        if test not in failed:
            proved |= {(case, test) for source in sources for case in cases_of(source).get(function, [])}
    return proved, stores, skipped, absent


def without_ground():
    """{id: why} of the cases that are about what does not exist yet."""
    with open(os.path.join(TESTS, "cases.tsv"), encoding="utf-8") as file:
        return dict(line.rstrip("\n").split("\t") for line in file if line.strip() and not line.startswith("#"))


def with_a_rule():
    """The ids whose rule mutants/cases takes away: the cases of the shared documents that are about what exists."""
    with open(os.path.join(TESTS, "mutants", "cases.tsv"), encoding="utf-8") as file:
        return {line.split("\t")[0] for line in file if line.strip() and not line.startswith("#")}


def could_tell(names):
    """The ids that tests carry, by their names: postgres.fault.booking, or fault.booking."""
    sources = [own_source(name) or own_source(name.partition(".")[2]) for name in names]
    return {case for source in sources if source for cases in cases_of(source).values() for case in cases}


def parts(junit):
    """Seconds of each group of tests, such as unit or postgres.api, the longest first. Two run at a time, beside two that wait."""
    seconds = collections.Counter()
    for case in xml.etree.ElementTree.parse(junit).getroot().iter("testcase"):
        first, *rest = case.get("name").split(".")
        on_store = rest and any(server in first for server in SERVERS)
        seconds[first + "." + rest[0] if on_store else first] += float(case.get("time") or 0)
    return seconds.most_common()


SERVERS = ["postgres", "mysql", "mongodb"]
PLACES = "8"  # two tests that compute take three each, two that wait the others (tests/CMakeLists.txt)


def on_servers(tree, command):
    """The command, inside of what starts each server that its tests need: once for all of them."""
    listed = subprocess.run(command + ["-N"], stdout=subprocess.PIPE, text=True, errors="replace", check=False).stdout
    for server in SERVERS:
        starter = os.path.join(tree, "tests", "with_" + server)
        if os.path.exists(starter) and re.search(r": (\w+\+)?" + server + r"(\+\w+)?\.(api|fault|upgrade)\.", listed):
            command = [starter, "--for-all"] + command
    return command


ROOM = 8 << 30 # of memory that is free, so that tests may write to it instead of a disk


def free_memory():
    """What a folder in memory could hold, 0 where none could have programs and devices in it, as installed packages have."""
    try:
        with open("/proc/meminfo", encoding="ascii") as file:
            available = re.search(r"^MemAvailable: +(\d+) kB", file.read(), re.MULTILINE)
        room = os.statvfs("/dev/shm")
        barred = room.f_flag & (os.ST_NOEXEC | os.ST_NODEV)
        return min(int(available.group(1)) << 10, room.f_bavail * room.f_frsize) if available and not barred else 0
    except OSError:
        return 0


def make_scratch(tree):
    """An empty folder for what tests write, in memory where there is plenty: what a kill leaves is there all the same, and
    what power cuts take is told by a file system of the tests' own. Returns where it is, None: in the tree."""
    path = os.path.join(tree, "tests", "tmp")
    if os.path.islink(path):
        shutil.rmtree(os.path.realpath(path), ignore_errors=True)
        os.remove(path)
    shutil.rmtree(path, ignore_errors=True)
    if free_memory() < ROOM:
        os.makedirs(path)
        return None
    folder = tempfile.mkdtemp(prefix="homeconnect-", dir="/dev/shm")
    os.chmod(folder, 0o711)  # servers run as users of their own
    os.environ["HC_TEST_SERVERS"] = folder
    os.symlink(folder, path)
    return folder


def keep_scratch(tree, folder):
    """What tests left goes to the tree, to be looked at."""
    if folder is not None:
        os.remove(os.path.join(tree, "tests", "tmp"))
        subprocess.run(["mv", folder, os.path.join(tree, "tests", "tmp")], check=False)


def points(tree):
    """Whether each public function ran out of memory or has a reason not to; support/scoreboard.py reads what was said."""
    run = subprocess.run([os.path.join(TESTS, "support", "points.py"), os.path.join(tree, "lib", "libhomeconnect.so"),
                          os.path.join(tree, "tests", "tmp", "points")], stdout=subprocess.PIPE, text=True, check=False)
    with open(os.path.join(tree, "points.txt"), "w", encoding="utf-8") as file:
        file.write(run.stdout)
    faults = [line for line in run.stdout.splitlines() if "FAULT" in line]
    print("\n".join(faults + run.stdout.splitlines()[-1:]), flush=True)
    return run.returncode in (0, 77)


def covered(tree):
    """Whether the floors of a whole run's coverage hold; a tree that does not count has none."""
    if not os.path.isdir(os.path.join(tree, "coverage")):
        print("skipped coverage: built without HC_COVERAGE")
        return True
    return subprocess.run([os.path.join(TESTS, "support", "coverage.py"), tree], check=False).returncode == 0


def told(junit, whole):
    """Prints what the tests proved. Whether cases.tsv says so, too, and a whole run left no case out."""
    for part, seconds in parts(junit):
        print(f"part {part:<24} {seconds:4.0f} s of tests")
    proved, stores, skipped, absent = read(junit)
    for test, reason in skipped:
        print(f"skipped {test}: {reason}")
    for (store, version), (tests, operations) in sorted(stores.items()):
        print(f"store {store} {version}: {tests} tests, {operations} operations")
    for case, test in sorted(proved):
        print(f"case {case} ok {test}")
    missing, ids = without_ground(), {case for case, _ in proved}
    for case, why in missing.items():
        print(f"case {case} has no ground: {why}")
    stale, left = sorted(ids & set(missing)), sorted(with_a_rule() - ids) if whole else []
    excused = could_tell(absent)
    for case in left:
        print(f"case {case} not proved: {'who could tell was skipped' if case in excused else 'no test that carries it passed'}")
    print(f"cases {len(ids)}, {len(missing)} without ground" + (f"; proved all the same: {stale}" if stale else ""), flush=True)
    return not stale and set(left) <= excused


def run(tree, command):
    """Runs ctest and prints what it says, but for its closing lines, which it returns with its status."""
    closing, start, folder = [], time.monotonic(), make_scratch(tree)
    try:
        with subprocess.Popen(on_servers(tree, command), stdout=subprocess.PIPE, text=True, errors="replace") as ctest:
            for line in ctest.stdout:
                if closing or re.match(r"^\d+% tests passed", line):
                    closing.append(line)
                else:
                    print(line, end="", flush=True)
    finally:
        keep_scratch(tree, folder)
    print(f"part {'tests':<16} {time.monotonic() - start:4.0f} s")
    return closing, ctest.returncode


def main():
    tree, pattern = os.path.abspath(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else ""
    junit = os.path.join(tree, "results.xml")
    command = ["ctest", "--test-dir", tree, "-j" + PLACES, "--output-on-failure", "--no-tests=error", "--output-junit", junit,
               "--test-output-size-passed", "16777216", "--test-output-size-failed", "16777216"]
    if pattern:
        command += ["-R", pattern]
    for path in junit, os.path.join(tree, "points.txt"):
        if os.path.exists(path):
            os.remove(path)
    closing, status = run(tree, command)
    kept = told(junit, not pattern) if os.path.exists(junit) else True
    if not pattern:
        kept = points(tree) and kept
        kept = covered(tree) and kept
    score = subprocess.run([os.path.join(TESTS, "support", "scoreboard.py"), tree], check=False).returncode
    kept = kept and (bool(pattern) or score == 0)
    sys.stdout.flush()
    print()
    sys.stdout.write("".join(closing))
    sys.exit(status or (0 if kept else 1))


if __name__ == "__main__":
    main()
