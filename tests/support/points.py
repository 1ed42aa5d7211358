#!/usr/bin/env python3
"""Each public function and memory (S13): points.py LIBRARY POINTS, the library of a tree with tests and the file that
HC_TEST_POINTS named.

Prints for each function of tests/abi/symbols.abi how many of its allocations failed, or why none can, from
tests/fault/memory.tsv, and fails where neither is so. What is said there is held against the machine code: a function
without points calls nothing, however far down, that allocates, and one that is like another calls the same."""

import collections
import fnmatch
import os
import re
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
REASONS = os.path.join(ROOT, "tests/fault/memory.tsv")
ALLOCATE = {"hc__alloc", "hc__alloc_zero", "hc__realloc", "hc__arena_alloc"}
NOISE = re.compile(r"^(__asan|__ubsan|__llvm|__sanitizer|hc__record_set_|memcpy|strlen$|__stack_chk)")


def call_graph(library):
    """{function: those that it calls directly}, by disassembly."""
    calls, name = collections.defaultdict(set), None
    with subprocess.Popen(["objdump", "-d", "--no-show-raw-insn", library], stdout=subprocess.PIPE, text=True) as dump:
        for line in dump.stdout:
            head = re.match(r"^[0-9a-f]+ <(.+)>:", line)
            if head:
                name = head.group(1)
                continue
            to = re.search(r"\b(?:call|jmp)\s+\S+\s+<([^>+]+)(?:\+0x[0-9a-f]+)?>", line)
            if to and name and to.group(1).replace("@plt", "") != name:
                calls[name].add(to.group(1).replace("@plt", ""))
    return calls


def allocates(calls, name):
    seen, left = {name}, [name]
    while left:
        for callee in calls.get(left.pop(), ()):
            if callee in ALLOCATE:
                return True
            if callee not in seen:
                seen.add(callee)
                left.append(callee)
    return False


def own(calls, name):
    """What sets it apart: its callees, but for those of the sanitizers, and of the type of a field."""
    return {callee for callee in calls.get(name, ()) if not NOISE.match(callee)}


def read_points(path, symbols):
    """{function: [points, refused, failed calls]} and the sum of all that was refused. A name that goes on after a
    function's, property_list_near, is that function's."""
    found, total = collections.defaultdict(lambda: [0, 0, 0]), 0
    with open(path, encoding="utf-8") as file:
        for line in file:
            name, *numbers = line.split()
            name = name if name.startswith("hc_") else "hc_" + name
            while name not in symbols and "_" in name[3:]:
                name = name.rsplit("_", 1)[0]
            total += int(numbers[1])
            if name in symbols:
                found[name] = [a + int(b) for a, b in zip(found[name], numbers)]
    return found, total


def read_reasons():
    with open(REASONS, encoding="utf-8") as file:
        return [line.rstrip("\n").split("\t") for line in file if line.strip() and not line.startswith("#")]


def judge(name, points, reasons, calls):
    """What there is to say of it, and what is wrong, or None."""
    if name in points:
        return "{} points, {} refused, {} calls failed".format(*points[name]), None
    for pattern, like, reason in reasons:
        if not fnmatch.fnmatchcase(name, pattern):
            continue
        if like == "+":
            return reason, None if allocates(calls, name) else "it cannot allocate: say so"
        if like == "-":
            return reason, "it can allocate" if allocates(calls, name) else None
        if like not in points:
            return reason, f"like {like}, which has no points"
        same = own(calls, name) == own(calls, like)
        return f"like {like}: {reason}", None if same else f"not like {like}: {sorted(own(calls, name) ^ own(calls, like))}"
    return "", "no points and no reason"


def main():
    library, path = sys.argv[1:3]
    with open(os.path.join(ROOT, "tests/abi/symbols.abi"), encoding="utf-8") as file:
        symbols = [line.split()[0] for line in file if line.strip()]
    if not os.path.exists(path):
        print("skipped: nobody counted points")
        return 77
    points, total = read_points(path, set(symbols))
    calls, reasons, faults = call_graph(library), read_reasons(), 0
    if not allocates(calls, "hc_property_new"):
        sys.exit("points: hc_property_new() does not allocate? The code was not read")
    for name in symbols:
        said, wrong = judge(name, points, reasons, calls)
        faults += wrong is not None
        print(f"memory {name}: {said}" if wrong is None else f"memory {name}: FAULT: {wrong}")
    used = {pattern for name in symbols for pattern, *_ in reasons if name not in points and fnmatch.fnmatchcase(name, pattern)}
    for pattern, *_ in reasons:
        if pattern not in used:
            print(f"memory: nobody needs the reason of {pattern}")
    print(f"memory: {len(points)} functions of {len(symbols)} had points, {total} allocations failed, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    sys.exit(main())
