#!/usr/bin/env python3
"""How much of the parsers the corpora run, by themselves: parsers.py TREE [--show], a tree built with HC_COVERAGE.

Replays each corpus of tests/fuzz, without mutations, and fails when less than 90 % of the lines of a file of parsers.tsv ran, but
for the functions that are named there. --show tells the lines that did not."""

import glob
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.path.insert(0, os.path.join(ROOT, "tests", "support"))
import coverage  # pylint: disable=wrong-import-position

BAR = 90.0


def wanted():
    """{file: functions that read nothing}."""
    with open(os.path.join(HERE, "parsers.tsv"), encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file if line.strip() and not line.startswith("#")]
    return {path: set(names.split()) for path, names in rows}


def replay(tree, folder):
    """What the corpora of all targets of the tree run, in one file, and their programs."""
    programs = []
    for corpus in sorted(glob.glob(os.path.join(HERE, "corpus", "*"))):
        name = os.path.basename(corpus)
        program = os.path.join(tree, "tests", "fuzz", "replay_" + name)
        if name in ("calls", "public") or not os.path.exists(program):
            continue
        subprocess.run([program, corpus, "0"], check=True, stdout=subprocess.DEVNULL,
                       env=dict(os.environ, LLVM_PROFILE_FILE=os.path.join(folder, name + ".profraw")))
        programs.append(program)
    profile = os.path.join(folder, "all.profdata")
    raw = glob.glob(os.path.join(folder, "*.profraw"))
    if not raw:
        print("skipped: the tree does not count what runs (HC_COVERAGE), or has no replays")
        sys.exit(77)
    subprocess.run([coverage.tool("llvm-profdata"), "merge", "-sparse", "-o", profile, *raw], check=True)
    return profile, programs


def by_file(profile, programs):
    """{path: ([(line, function)] in order, {line: whether it ran})}."""
    command = [coverage.tool("llvm-cov"), "export", "-format=lcov", programs[0], *[f"-object={p}" for p in programs[1:]],
               f"-instr-profile={profile}"]
    found, functions, lines = {}, [], {}
    for row in subprocess.run(command, check=True, text=True, capture_output=True).stdout.splitlines():
        kind, _, rest = row.partition(":")
        if kind == "SF":
            functions, lines = [], {}
            found[os.path.relpath(os.path.realpath(rest), ROOT)] = functions, lines
        elif kind == "FN":
            line, name = rest.split(",", 1)
            functions.append((int(line), re.sub(r"^.*:", "", name)))
        elif kind == "DA":
            line, count = rest.split(",")[:2]
            lines[int(line)] = lines.get(int(line), False) or int(count) > 0
    return found


def read_by(functions, line, names):
    """Whether a line belongs to a function that is not named."""
    before = [name for first, name in sorted(functions) if first <= line]
    return bool(before) and before[-1] not in names


def main():
    tree, bad, all_lines, all_run = os.path.realpath(sys.argv[1]), 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        files = by_file(*replay(tree, folder))
    for path, names in wanted().items():
        functions, lines = files.get(path, ([], {}))
        if not lines and path.startswith("lib/driver/"):
            print(f"skipped: {path}: its driver was not built")
            continue
        unknown = names - {name for _, name in functions}
        mine = {line: run for line, run in lines.items() if read_by(functions, line, names)}
        share = 100 * sum(mine.values()) / max(len(mine), 1)
        all_lines, all_run = all_lines + len(mine), all_run + sum(mine.values())
        wrong = share < BAR or unknown
        bad += bool(wrong)
        print(f"parser {path}: {share:.1f} % of {len(mine)} lines{' FAULT' if wrong else ''}"
              f"{': there is no ' + ', '.join(sorted(unknown)) if unknown else ''}")
        if "--show" in sys.argv and share < 100:
            with open(os.path.join(ROOT, path), encoding="utf-8") as file:
                source = file.read().split("\n")
            for line in sorted(line for line, run in mine.items() if not run):
                print(f"  {line}: {source[line - 1]}")
    print(f"parsers by their corpora alone: {all_run} of {all_lines} lines, {100 * all_run / max(all_lines, 1):.2f} %")
    return 1 if bad else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main())
