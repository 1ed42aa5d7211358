#!/usr/bin/env python3
"""scoreboard.py TREE [--record]: the figures of the last run of TREE, `score WHAT: FIGURE (asked: BAR)` a line, and `score SHORT`
for what stayed below its bar or was not told, by which a whole run fails. --record writes them into tests/RESULTS.md with date
and machine: what a run met replaces what an earlier run of its kind, short or --long, had there; what none met says so."""

import datetime
import fnmatch
import os
import re
import sys
import xml.etree.ElementTree

import coverage
import report

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
RESULTS = os.path.join(TESTS, "RESULTS.md")
MARKS = "<!-- scoreboard -->", "<!-- /scoreboard -->"
HEAD = ["| what | tests | asked | each run | asked of `--long` | `--long` |", "|---|---|---|---|---|---|"]
AS_EACH = "as each run"
ROOMS = "auth", "crypto", "query", "storage", "outbox"

# What; what each run and --long ask for; the tests; their lines, whose numbers are added up; how the sums are told, where
# {n} is how many lines there were. What has no number of its own, such as "0 lost", is what the test asserts: one that
# failed is left out, with its figures.
ROWS = [
    ("kill -9 of the process", "1,000", "10,000", "fault.kill fault.right_after",
     r"kill -9[a-z ]*: (\d+) cycles, (\d+) (?:acknowledged|made|before).*", "{0:,} kills, {1:,} acknowledged, 0 lost"),
    ("power cuts", "200", "1,000", "fault.power", r"power cuts: (\d+) cycles, (\d+) acknowledged",
     "{0:,} cuts, {1:,} acknowledged, 0 lost"),
    ("faults of the disk", "some by seed", "every point", "fault.disk",
     r"disk faults: (\d+) points over \d+ calls, (\d+) refused, (\d+) of them unknown.*",
     "{0:,} points, {1:,} calls refused, {2:,} of them unknown; each whole or not at all"),
] + [
    (f"kill -9 of {name}", "50", "1,000", test,
     r"kill -9 of .*: (\d+) kills, (\d+) with a unit of work open \(\d+ %\), (\d+) units acknowledged.*",
     "{0:,} kills, {1:,} inside of a unit, {2:,} acknowledged, 0 lost")
    for name, test in (("PostgreSQL", "fault.server_kill"), ("MariaDB", "mysql.fault.server_kill"))
] + [
    # Without silences, in which there is nobody to ask until the deadline.
    ("lost answers to COMMIT", "0 unknown", "200 resolved", "*fault.server_kill *fault.network",
     r"(?!silences)[\w ]+: \d+ units: (\d+) written, \d+ not, (\d+) unknown; .*; (\d+) lost answers to COMMIT asked for again",
     "{2:,} resolved, {1:,} unknown, beside {0:,} units acknowledged"),
    ("resets of a connection", "every 16th byte", "every byte", "*fault.network",
     r"in the clear: RST at every \d+\. byte of (\d+) up and (\d+) down.*", "over {0:,} bytes up and {1:,} down, {n} engines"),
    ("relays killed", "200", "1,000", "*fault.relay",
     r"relays on .*: (\d+) killed \(.*\), (\d+) stopped; (\d+) operations.*; (\d+) absorbed",
     "{0:,} kills, {1:,} others stopped, on {n} pairs, {2:,} operations, {3:,} duplicates absorbed, 0 differences"),
] + [
    (f"bookings raced on {name}", "20,000", "100,000", test,
     r"booking: (\d+) attempts, (\d+) won, (\d+) lost, \d+ moved, \d+ cancelled, (\d+) overlaps",
     "{0:,} attempts, {1:,} won, {2:,} lost, {3:,} overlaps")
    for name, test in (("SQLite", "fault.booking"), ("PostgreSQL", "postgres.fault.booking"),
                       ("MariaDB", "mysql.fault.booking"))
] + [
    ("units at once that must be READ COMMITTED", "some", "100,000 a store", "*fault.history",
     r"isolation on \w+: (\d+) units, 0 violations", "{0:,} units on {n} engines, 0 violations"),
    ("calls of 32 threads on one client", "some", "1,000,000 a store", "*thread.mixed",
     r"mixed work of 32 threads on \w+: (\d+) calls, (\d+) writes of one listing, (\d+) conflicts",
     "{0:,} calls on {n} engines, {1:,} writes of one listing, {2:,} conflicts, 0 lost"),
    ("random queries beside the reference, 3 engines", "5,000", "20,000", "*reference.filters",
     r"reference: (\d+) queries, \d+ as query strings, \d+ saved as searches, (\d+) pages.*",
     "{0:,} queries, {1:,} pages, 0 differences"),
    ("random sequences beside the model", "2,000 an engine", "20,000",
     "conformance.sqlite conformance.postgres conformance.mysql", r"conformance: seed \d+, (\d+) sequences",
     "{0:,} sequences on {n} stores, 0 differences"),
    ("the same on MongoDB", "200", "2,000", "conformance.mongodb.*", r"conformance: seed \d+, (\d+) sequences",
     "{0:,} sequences on {n} stores, 0 differences"),
    ("inputs replayed to parsers", "in < 60 s", "the same; 24 CPU hours of fuzzing: below", "fuzz.*",
     r"\S+: (\d+) inputs, (\d+) mutations", "{0:,} inputs and {1:,} mutations in {n} targets, 0 crashes"),
    ("lines of parsers that their corpora run", "90 % of each", "the same", "fuzz.parsers",
     r"parsers by their corpora alone: (\d+) of (\d+) lines.*", "{0:,} of {1:,}"),
    ("mutants", "40 by seed, 90 %", "each, 90 %", "mutants*", r"mutants all +(\d+) killed, (\d+) survived, (\d+) excused.*",
     "{0:,} killed, {1:,} survived, {2:,} excused"),
    ("rules of cases taken away", "12 by seed", "each", "mutants.cases", r"mutants cases +(\d+) fell, (\d+) stood, \d+ not run: "
     r"(\d+) ids of (\d+).*", "{0:,}: a test of the case fell, {1:,} stood; {2:,} ids of {3:,} have one"),
]


# Which of the sums has a bar that no test holds it to by itself: in each run, and in a --long one.
LEAST = {
    "kill -9 of the process": (0, 1000, 10000), "power cuts": (0, 200, 1000), "kill -9 of PostgreSQL": (0, 50, 1000),
    "kill -9 of MariaDB": (0, 50, 1000), "lost answers to COMMIT": (2, 0, 200), "relays killed": (0, 200, 1000),
    "bookings raced on SQLite": (0, 20000, 100000), "bookings raced on PostgreSQL": (0, 20000, 100000),
    "bookings raced on MariaDB": (0, 20000, 100000), "random queries beside the reference, 3 engines": (0, 5000, 20000),
    "random sequences beside the model": (0, 6000, 60000), "the same on MongoDB": (0, 200, 2000),
}
ALLOCATIONS = 200000
INPUTS, REPLAYS = "inputs replayed to parsers", 60 # seconds


def figures(cases, is_long):
    """{what: figure} of what the tests of a run printed, [(test, output)], and what is wrong with them: one below its bar, and
    tests that passed and told nothing that is read here."""
    found, faults = {}, []
    for what, _, _, tests, pattern, told in ROWS:
        mine = [output for name, output in cases if any(fnmatch.fnmatchcase(name, test) for test in tests.split())]
        lines = [match.groups() for output in mine
                 for match in (re.fullmatch(pattern, line) for line in output.splitlines()) if match]
        sums = [sum(map(int, column)) for column in zip(*lines)]
        if lines:
            found[what] = told.format(*sums, n=len(lines))
        elif mine and not any(report.SKIP.match(line) for output in mine for line in output.splitlines()):
            faults.append(f"{what}: nothing is read of what {tests} printed")
        index, *bars = LEAST.get(what, (0, 0, 0))
        if lines and sums[index] < bars[is_long]:
            faults.append(f"{what}: {sums[index]:,} of {bars[is_long]:,}")
    return found, faults


def covered(tree):
    """What a whole run covered; a part of one stays below the floors and tells nothing."""
    measured = coverage.measure(coverage.export(tree, coverage.merged(tree), "-summary-only"))
    if coverage.below(measured, coverage.floors()):
        return None, None
    lib = "lines {:.2f} %, branches {:.2f} %".format(*measured["lib"])
    return lib, ", ".join(f"{room} {measured[room][1]:.2f} %" for room in ROOMS)


def starved(tree):
    """(figure, how many): what support/report.py was told of memory that ran out, by all tests together; a part of a run has faults there and
    tells nothing."""
    path = os.path.join(tree, "points.txt")
    if not os.path.exists(path):
        return None, None
    with open(path, encoding="utf-8") as file:
        sums = re.search(r"^memory: (\d+) functions of (\d+) had points, (\d+) allocations failed, 0 faults$", file.read(),
                         re.MULTILINE)
    if not sums:
        return None, None
    return "{2:,} in calls of {0:,} functions of {1:,}; the others have reasons".format(*map(int, sums.groups())), int(sums.group(3))


def proved(tree):
    """How many cases of the shared documents a test that passed is about."""
    ids = {case for case, _ in report.read(os.path.join(tree, "results.xml"))[0]}
    return f"{len(ids)} by a test; {len(report.without_ground())} others are about what does not exist yet"


def replays(tree):
    """Seconds of all replays of corpora together."""
    return sum(float(case.get("time") or 0) for case in xml.etree.ElementTree.parse(os.path.join(tree, "results.xml")).getroot()
               .iter("testcase") if re.fullmatch(r"fuzz\.(?!parsers$|slices$)\w+", case.get("name")))


def read(tree, counted, is_long):
    """The rows of a run, [(what, tests, asked, asked of --long, figure or None)], and what is wrong with them."""
    cases = [(case.get("name"), case.findtext("system-out") or "")
             for case in xml.etree.ElementTree.parse(os.path.join(tree, "results.xml")).getroot().iter("testcase")
             if case.find("failure") is None and case.find("skipped") is None]
    found, faults = figures(cases, is_long)
    took = replays(tree)
    if INPUTS in found:
        found[INPUTS] += f", in {took:.0f} s"
    if took >= REPLAYS:
        faults.append(f"{INPUTS}: {took:.0f} s of {REPLAYS}")
    memory, failed = starved(tree)
    if failed is not None and failed < ALLOCATIONS:
        faults.append(f"allocations failed: {failed:,} of {ALLOCATIONS:,}")
    rows = [(what, tests, asked, long, found.get(what)) for what, asked, long, tests, _, _ in ROWS]
    lib, rooms = covered(tree) if counted else (None, None)
    ids = proved(tree) if lib else None
    return [("allocations failed", "all", "200,000", "the same", memory)] + rows + [
        ("coverage of lib", "all", "95 %, 90 %", "the same", lib),
        ("branches of the rooms that must not fail", "all", "98 %", "the same", rooms),
        ("cases of security and reliability", "all", "each", "the same", ids)], faults


def kept(text):
    """{what: (figure of each run, figure of --long)} of the table as it stands."""
    rows = (line.strip("|").split("|") for line in text.split("\n") if line.startswith("| ") and line != HEAD[0])
    return {cells[0].strip(): (cells[3].strip(), cells[5].strip()) for cells in rows}


def record(rows, is_long):
    with open(RESULTS, encoding="utf-8") as file:
        before, rest = file.read().split(MARKS[0])
    table, after = rest.split(MARKS[1])
    earlier, lines = kept(table), []
    for what, tests, asked, long, figure in rows:
        cells = list(earlier.get(what, ("not run", "not run")))
        if cells[1] in ("not run", AS_EACH): # what --long does no more of is measured by each run
            cells[1] = AS_EACH if long.startswith("the same") else "not run"
        if figure:
            cells[is_long] = f"{figure} ({datetime.date.today()})"
        lines.append(f"| {what} | `{tests}` | {asked} | {cells[0]} | {long} | {cells[1]} |")
    with open(RESULTS, "w", encoding="utf-8") as file:
        file.write("\n".join([before + MARKS[0], *HEAD, *lines, MARKS[1] + after]))


def main():
    tree, recording = sys.argv[1], "--record" in sys.argv
    is_long = os.environ.get("HC_LONG") == "1"
    rows, faults = read(tree, recording and os.path.isdir(os.path.join(tree, "coverage")), is_long)
    for what, _, asked, long, figure in rows:
        if figure:
            print(f"score {what}: {figure} (asked: {long if is_long else asked})")
    for fault in faults:
        print(f"score SHORT {fault}")
    if recording:
        record(rows, is_long)
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    sys.exit(main())
