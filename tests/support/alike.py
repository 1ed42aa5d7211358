#!/usr/bin/env python3
"""alike.py TREE PROGRAM: runs a test program that writes what it was told to the file of HC_TEST_TOLD on each store and
each pair of stores that this build has, and compares the files line by line."""

import difflib
import os
import subprocess
import sys
import tempfile

PLACES = ["sqlite", "postgres", "postgres+mongodb", "mysql+mongodb", "sqlite+mongodb"]
SKIPPED = 77


def run(tree, program, place):
    """The lines, or None when there is no such store here."""
    servers = [name for name in reversed(place.split("+")) if name != "sqlite"]
    starters = [os.path.join(tree, "with_" + server) for server in servers]
    for starter in starters:
        if not os.path.exists(starter):
            print(f"skip: built without {os.path.basename(starter)}")
            return None
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "told")
        done = subprocess.run(starters + [program], env=os.environ | {"HC_TEST_TOLD": path}, check=False)
        if done.returncode == SKIPPED:
            return None
        if done.returncode != 0:
            sys.exit(f"{program} failed on {place}")
        with open(path, encoding="utf-8") as file:
            return file.read().splitlines()


def main():
    tree, program = sys.argv[1:]
    told = {place: run(tree, program, place) for place in PLACES}
    told = {place: lines for place, lines in told.items() if lines is not None}
    first = told["sqlite"]
    same = True
    for place, lines in told.items():
        differences = list(difflib.unified_diff(first, lines, "sqlite", place, lineterm="", n=1))
        print("\n".join(differences[:60]) if differences else f"{place}: {len(lines)} lines, the same")
        same = same and not differences
    sys.exit(0 if same and len(told) > 1 else 1)


if __name__ == "__main__":
    main()
