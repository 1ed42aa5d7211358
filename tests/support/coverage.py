#!/usr/bin/env python3
"""How much of lib the tests run, by llvm-cov: coverage.py TREE [--update | --show ROOM], a tree built with HC_COVERAGE.

Prints lines and branches of lib, its rooms and the files with a floor of their own in tests/coverage.floors, and fails when
one fell below its floor. --update raises floors to what was measured, never lowers one. --show tells the lines and branches of
a room that nothing ran."""

import fnmatch
import glob
import json
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
FLOORS = os.path.join(ROOT, "tests", "coverage.floors")
SLACK = 0.2 # of a per cent: what kills and races leave out differs from run to run


def tool(name):
    """llvm-cov beside the clang that built the tree, which alone reads its counts."""
    version = subprocess.run(["clang", "--version"], check=True, text=True, capture_output=True).stdout
    with_version = f"{name}-{re.search(r'version ([0-9]+)', version).group(1)}"
    found = subprocess.run(["which", with_version, name], text=True, capture_output=True).stdout.split()
    if not found:
        sys.exit(f"coverage: no {name} (Debian: llvm)")
    return found[0]


def objects(tree):
    return [os.path.join(tree, "lib/libhomeconnect.so")] + sorted(glob.glob(os.path.join(tree, "lib/homeconnect/*.so")))


def merged(tree):
    """All counts of the tree in one file. What was killed left none, and a file that it was writing is passed over."""
    raw = sorted(glob.glob(os.path.join(tree, "coverage/*.profraw")))
    if not raw:
        sys.exit(f"coverage: nothing was counted in {tree}")
    profile = os.path.join(tree, "coverage/all.profdata")
    subprocess.run([tool("llvm-profdata"), "merge", "-sparse", "--failure-mode=all", "-o", profile, *raw], check=True,
                   stderr=subprocess.DEVNULL)
    return profile


def export(tree, profile, *more):
    first, *rest = objects(tree)
    command = [tool("llvm-cov"), "export", first, *[f"-object={path}" for path in rest], f"-instr-profile={profile}",
               "-skip-functions", *more]
    return json.loads(subprocess.run(command, check=True, text=True, capture_output=True).stdout)["data"][0]["files"]


def room_of(path):
    """lib/driver/sqlite/read.c belongs to driver/sqlite; None outside of lib."""
    path = os.path.relpath(os.path.realpath(path), os.path.join(ROOT, "lib"))
    return None if path.startswith("..") else os.path.dirname(path)


def files_of(name):
    """Whether a floor is one of files: base/utf8.c, or base/json_*.c."""
    return name.endswith(".c")


def measure(files):
    """{room: (% of lines, % of branches)}, "lib" for all of them, and those of the files that have a floor."""
    rooms, patterns = {}, [name for name in floors() if files_of(name)]
    for file in files:
        room = room_of(file["filename"])
        if room is None:
            continue
        lines, branches = file["summary"]["lines"], file["summary"]["branches"]
        path = os.path.join(room, os.path.basename(file["filename"]))
        for name in ["lib", room] + [pattern for pattern in patterns if fnmatch.fnmatchcase(path, pattern)]:
            sums = rooms.setdefault(name, [0, 0, 0, 0])
            for i, value in enumerate((lines["count"], lines["covered"], branches["count"], branches["covered"])):
                sums[i] += value
    return {name: (100 * s[1] / max(s[0], 1), 100 * s[3] / max(s[2], 1)) for name, s in rooms.items()}


def floors():
    """{room: (lines, branches)} of lines `room lines branches`."""
    found = {}
    if os.path.exists(FLOORS):
        with open(FLOORS, encoding="utf-8") as file:
            for line in file:
                words = line.split("#")[0].split()
                if words:
                    found[words[0]] = float(words[1]), float(words[2])
    return found


def below(measured, wanted):
    return [f"{room}: {what} {got:.2f} %, floor {floor:.2f} %"
            for room, pair in wanted.items()
            for what, got, floor in zip(("lines", "branches"), measured.get(room, (0, 0)), pair) if got < floor - SLACK]


def update(measured, wanted):
    with open(FLOORS, encoding="utf-8") as file:
        lines = file.read().split("\n")
    for i, line in enumerate(lines):
        room = (line.split("#")[0].split() or [None])[0]
        if room in wanted:
            pair = [max(new, old) for new, old in zip(measured.get(room, (0, 0)), wanted[room])]
            lines[i] = f"{room:<14} {pair[0]:6.2f} {pair[1]:6.2f}"
    with open(FLOORS, "w", encoding="utf-8") as file:
        file.write("\n".join(lines))


def show(tree, profile, room):
    for file in export(tree, profile):
        if room_of(file["filename"]) != room:
            continue
        name = os.path.relpath(os.path.realpath(file["filename"]), ROOT)
        with open(file["filename"], encoding="utf-8") as read:
            source = read.read().split("\n")
        for line, column, _, _, taken, not_taken, *_ in file["branches"]:
            if taken == 0 or not_taken == 0:
                which = "never" if taken + not_taken == 0 else "only true" if not_taken == 0 else "only false"
                print(f"{name}:{line}:{column}: {which}: {source[line - 1].strip()}")


def main():
    tree = sys.argv[1]
    profile = merged(tree)
    if "--show" in sys.argv:
        return show(tree, profile, sys.argv[sys.argv.index("--show") + 1])
    measured, wanted = measure(export(tree, profile, "-summary-only")), floors()
    for room in ["lib"] + sorted(set(measured) - {"lib"}):
        floor = "  floor {:6.2f} {:6.2f}".format(*wanted[room]) if room in wanted else ""
        print("coverage {:<16} lines {:6.2f} %  branches {:6.2f} %{}".format(room, *measured[room], floor))
    if not below(measured, {room: (pair[0] + 101, pair[1]) for room, pair in wanted.items()}):
        sys.exit("coverage: a floor that nobody can reach was reached")
    if "--update" in sys.argv:
        update(measured, wanted)
    faults = below(measured, wanted)
    print("".join(f"coverage: {fault}\n" for fault in faults), end="")
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main())
