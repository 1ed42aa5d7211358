#!/usr/bin/env python3
"""tests/fuzz/ledger.py TARGET CPU_SECONDS EXECUTIONS OPERATIONS OUTCOME: adds a slice of fuzzing to the table of tests/RESULTS.md."""

import datetime
import os
import re
import sys

RESULTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "RESULTS.md")
TITLE = "## Fuzzing, by target"
HEAD = f"""{TITLE}

Slices of `tests/fuzz/run --ledger`, which writes this table: CPU time, executions and the operations of those
that have a model beside them (asked of `calls`: 100,000,000) add up.

| target | CPU hours | executions | operations | slices | last | outcome of the last |
|---|---|---|---|---|---|---|
"""
ROW = re.compile(r"^\| (\w+) \| ([\d.]+) \| ([\d,]+) \| ([\d,]*) \| (\d+) \| ", re.MULTILINE)


def number(text):
    return int(text.replace(",", "") or 0)


def told(count):
    return f"{count:,}" if count else ""


def table(text):
    """(text without the table, {target: row}); a row is hours, executions, operations, slices, and its line."""
    before, title, rest = text.partition(TITLE)
    end = rest.find("\n## ")
    mine, after = (rest, "") if end < 0 else (rest[:end], rest[end:])
    rows = {}
    for line in mine.splitlines():
        row = ROW.match(line)
        if title and row and row.group(1) != "all":
            rows[row.group(1)] = [float(row.group(2))] + [number(row.group(i)) for i in (3, 4, 5)] + [line]
    return before.rstrip("\n") + "\n\n", after, rows


def main():
    target, seconds, outcome = sys.argv[1], float(sys.argv[2]), sys.argv[5]
    with open(RESULTS, encoding="utf-8") as file:
        before, after, rows = table(file.read())
    hours, done, calls, slices, _ = rows.get(target, (0.0, 0, 0, 0, ""))
    hours, done, calls, slices = hours + seconds / 3600, done + int(sys.argv[3]), calls + int(sys.argv[4]), slices + 1
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    line = f"| {target} | {hours:.4f} | {done:,} | {told(calls)} | {slices} | {today} | {outcome} |"
    rows[target] = hours, done, calls, slices, line
    total = [sum(row[i] for row in rows.values()) for i in range(4)]
    lines = [rows[name][4] for name in sorted(rows)]
    lines.append(f"| all | {total[0]:.4f} | {total[1]:,} | {told(total[2])} | {total[3]} | {today} | of 24 CPU hours |")
    with open(RESULTS, "w", encoding="utf-8") as file:
        file.write(before + HEAD + "\n".join(lines) + "\n" + after)


if __name__ == "__main__":
    main()
