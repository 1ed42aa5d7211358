#!/usr/bin/env python3
"""Holds lib/client/ASVS.md against the standard and the tree: each requirement of levels 1 and 2 stands there once, in order and
with its level; each verdict is one; what is named as proof exists, and what is met names some. Before that, each rule has to
find a page that breaks it."""

import os
import re
import sys

import report

TOP = os.path.dirname(report.TESTS)
PAGE = os.path.join(TOP, "lib", "client", "ASVS.md")
# ASVS 5.0.0: {section: (requirements of level 1, those up to level 2)}; in each section those of a level come together.
SECTIONS = {
    "1.1": (0, 2), "1.2": (5, 9), "1.3": (2, 11), "1.4": (0, 3), "1.5": (1, 2),
    "2.1": (1, 3), "2.2": (2, 3), "2.3": (1, 4), "2.4": (0, 1),
    "3.2": (2, 2), "3.3": (1, 4), "3.4": (2, 6), "3.5": (3, 5), "3.7": (0, 2),
    "4.1": (1, 3), "4.2": (0, 1), "4.3": (0, 2), "4.4": (1, 4),
    "5.1": (0, 1), "5.2": (2, 3), "5.3": (2, 2), "5.4": (0, 3),
    "6.1": (1, 3), "6.2": (8, 12), "6.3": (2, 4), "6.4": (2, 4), "6.5": (0, 5), "6.6": (0, 3), "6.8": (0, 4),
    "7.1": (0, 3), "7.2": (4, 4), "7.3": (0, 2), "7.4": (2, 5), "7.5": (0, 2), "7.6": (0, 2),
    "8.1": (1, 2), "8.2": (2, 3), "8.3": (1, 1), "8.4": (0, 1),
    "9.1": (3, 3), "9.2": (1, 4),
    "10.1": (0, 2), "10.2": (0, 2), "10.3": (0, 4), "10.4": (5, 11), "10.5": (0, 5), "10.6": (0, 2), "10.7": (0, 3),
    "11.1": (0, 2), "11.2": (0, 3), "11.3": (2, 3), "11.4": (1, 4), "11.5": (0, 1), "11.6": (0, 1),
    "12.1": (1, 3), "12.2": (2, 2), "12.3": (0, 4),
    "13.1": (0, 1), "13.2": (0, 5), "13.3": (0, 2), "13.4": (1, 5),
    "14.1": (0, 2), "14.2": (1, 4), "14.3": (1, 3),
    "15.1": (1, 3), "15.2": (1, 3), "15.3": (1, 7),
    "16.1": (0, 1), "16.2": (0, 5), "16.3": (0, 4), "16.4": (0, 3), "16.5": (0, 3),
    "17.1": (0, 1), "17.2": (0, 4), "17.3": (0, 2),
}
LEVELS = {f"{section}.{n}": 1 if n <= first else 2 for section, (first, both) in SECTIONS.items() for n in range(1, both + 1)}
VERDICTS = ("met", "not met", "host", "n.a.")


def proved():
    """(ids that tests carry, ids that cases.tsv says nothing proves yet)."""
    carried = set()
    for folder, _, names in os.walk(report.TESTS):
        for name in names:
            if re.fullmatch(r"test_\w+\.c", name):
                for ids in report.cases_of(os.path.join(folder, name)).values():
                    carried.update(ids)
    with open(os.path.join(report.TESTS, "cases.tsv"), encoding="utf-8") as file:
        return carried, {line.split("\t")[0] for line in file if not line.startswith("#")}


def exists(name, scripts):
    """A file of the tree, or a test: a program with a source, or a name that tests/CMakeLists.txt has."""
    return os.path.isfile(os.path.join(TOP, name)) or report.own_source(name) is not None or f" {name} " in scripts


def spread(word, order):
    """The requirements of "9.1.2" or "10.1.1-10.7.3"."""
    first, _, last = word.partition("-")
    at, end = (order.index(each) if each in order else -1 for each in (first, last or first))
    return order[at:end + 1] if 0 <= at <= end else []


def faults(text, carried, open_cases, scripts):
    order, seen = list(LEVELS), []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not re.match(r"\| \d", line):
            continue
        if len(cells) != 5:
            yield f"not five cells: {line}"
            continue
        those, named = spread(cells[0], order), re.findall(r"`([\w./]+)`", cells[4])
        seen += those or [cells[0]]
        if sorted({LEVELS[each] for each in those}) != [int(word) for word in cells[1].split("-")]:
            yield f"not its level: {cells[0]}"
        if cells[2] not in VERDICTS:
            yield f"no verdict: {cells[0]}"
        ids = report.ID.findall(cells[4])
        for case in ids:
            if case not in carried and (cells[2] == "met" or case not in open_cases):
                yield f"no test carries it: {cells[0]} {case}"
        for name in named:
            if not exists(name, scripts):
                yield f"neither a test nor a file: {cells[0]} {name}"
        if cells[2] == "met" and not ids + named:
            yield f"nothing shows that it is met: {cells[0]}"
    if seen != order:
        yield "not each requirement once, in order: " + " ".join(sorted(set(seen) ^ set(order)) or seen)


BREACHES = {  # rule: a change of the page that breaks it
    "not its level": (r"\| 9\.1\.1 \| 1 \|", "| 9.1.1 | 2 |"),
    "no verdict": (r"(\| 9\.1\.1 \| 1 \|) met", r"\1 done"),
    "no test carries it": (r"(\| 9\.1\.1 \|.*) T13", r"\1 T21"),
    "neither a test nor a file": (r"`api\.policy\.cells`", "`api.policy.cell`"),
    "nothing shows that it is met": (r"(\| 9\.1\.1 \|.*) T13", r"\1 "),
    "not each requirement once": (r"\| 9\.1\.1 \|.*\n", ""),
    "not five cells": (r"(\| 9\.1\.1 \|)", r"\1 |"),
}


def main():
    with open(PAGE, encoding="utf-8") as file:
        text = file.read()
    with open(os.path.join(report.TESTS, "CMakeLists.txt"), encoding="utf-8") as file:
        scripts = re.sub(r"hc_script_test\(([\w.]+)", r" \1 ", file.read())
    known = *proved(), scripts
    for rule, (place, instead) in BREACHES.items():
        broken = re.sub(place, instead, text, count=1)
        if broken == text or not any(fault.startswith(rule) for fault in faults(broken, *known)):
            sys.exit(f"asvs: a seeded breach was not found: {rule}")
    found = list(faults(text, *known))
    if found:
        sys.exit("\n".join(found))
    print(f"asvs: {len(LEVELS)} requirements; rows: " + ", ".join(
        f"{len(re.findall(rf'^[|] [0-9][^|]*[|][^|]*[|] {re.escape(word)} [|]', text, re.MULTILINE))} {word}" for word in VERDICTS))


if __name__ == "__main__":
    main()
