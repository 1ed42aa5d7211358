#!/usr/bin/env python3
"""tests/fuzz/ledger.py TARGET CPU_SECONDS EXECUTIONS OUTCOME: adds a slice of fuzzing to the table of tests/RESULTS.md."""

import datetime
import os
import re
import sys

RESULTS = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "RESULTS.md")
TITLE = "## Fuzzing, by target"
HEAD = f"""{TITLE}

Slices of `tests/fuzz/run --ledger`, which writes this table: CPU time and executions add up.

| target | CPU hours | executions | slices | last | outcome of the last |
|---|---|---|---|---|---|
"""
ROW = re.compile(r"^\| (\w+) \| ([\d.]+) \| ([\d,]+) \| (\d+) \| ", re.MULTILINE)


def table(text):
    """(text without the table, {target: row}); a row is hours, executions, slices, and its line."""
    before, title, rest = text.partition(TITLE)
    end = rest.find("\n## ")
    mine, after = (rest, "") if end < 0 else (rest[:end], rest[end:])
    rows = {}
    for line in mine.splitlines():
        row = ROW.match(line)
        if title and row and row.group(1) != "all":
            rows[row.group(1)] = float(row.group(2)), int(row.group(3).replace(",", "")), int(row.group(4)), line
    return before.rstrip("\n") + "\n\n", after, rows


def main():
    target, seconds, executions, outcome = sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    with open(RESULTS, encoding="utf-8") as file:
        before, after, rows = table(file.read())
    hours, done, slices, _ = rows.get(target, (0.0, 0, 0, ""))
    hours, done, slices = hours + seconds / 3600, done + executions, slices + 1
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    rows[target] = hours, done, slices, f"| {target} | {hours:.4f} | {done:,} | {slices} | {today} | {outcome} |"
    total = [sum(row[i] for row in rows.values()) for i in range(3)]
    lines = [rows[name][3] for name in sorted(rows)]
    lines.append(f"| all | {total[0]:.4f} | {total[1]:,} | {total[2]} | {today} | of 24 CPU hours |")
    with open(RESULTS, "w", encoding="utf-8") as file:
        file.write(before + HEAD + "\n".join(lines) + "\n" + after)


if __name__ == "__main__":
    main()
