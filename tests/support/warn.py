#!/usr/bin/env python3
"""What two compilers say about lib when they are asked for everything: gcc -fanalyzer, and clang -Weverything without the
warnings below. warn.py TREE, a build tree whose compile commands are clang's. A file whose preprocessed text passed before
is not read again, but with HC_LONG=1. Both tools first have to find a fault that was put there for them."""

import concurrent.futures
import hashlib
import os
import re
import shlex
import subprocess
import sys

import checked

LEFT_OUT = {
    "padded": "the order of members follows what belongs together; public layouts are golden files",
    "switch-enum": "a default that covers all other values is meant",
    "conditional-uninitialized": "an out parameter is filled when the status is not below 0; valgrind and gcc look closer",
    "disabled-macro-expansion": "the C library's own macros",
}
# (warning, file, what the line contains, why it is right)
ACCEPTED = [
    ("analyzer-null-dereference", "base/json_tree.c", "parent = parent->parent", "the reader ends only what it began"),
    ("analyzer-null-dereference", "client/policy.c", "noun->buyer : noun->owner", "every entity with such a rule has its row"),
    ("analyzer-null-dereference", "driver/sqlite/words.c", "tokens_of(op, i)->name", "asked two lines above"),
    ("analyzer-null-dereference", "transfer/csv.c", "csv->mapping->separator", "load_mapping() fills it or fails"),
    ("analyzer-null-dereference", "transfer/csv.c", "csv.mapping->source_system", "load_mapping() fills it or fails"),
    ("analyzer-use-of-uninitialized-value", "query/value_geo.c", "at[0] == at[2 * count - 2]", "count corners are filled"),
    ("float-equal", "base/json_tree.c", "(double)(int64_t)value == value", "asks whether it is a whole number"),
    ("float-equal", "driver/mongodb/value.c", "real != (double)(int64_t)real", "asks whether it is a whole number"),
    ("float-equal", "driver/mongodb/json.c", "bson_iter_double(at) == 0", "asks whether it is infinite"),
    ("cast-align", "model/accessors.inc", "hc__handle *", "the field table's offset, of a member of that type"),
    ("cast-align", "client/record_handle.c", "hc__handle *", "the field table's offset, of a member of that type"),
    ("cast-qual", "driver/mongodb/", "HC__MONGO_DOCUMENTS(", "libmongoc asks for an array of pointers to const"),
]
SEEDED = """#include <stdlib.h>
int hc_seeded(int how);
int hc_seeded(int how) { char *p = malloc(8); unsigned u = how; free(p); free(p); return (int)u; }
"""


def words(command, compiler):
    """The command without what it writes, counts, sanitizes or forbids."""
    given = [w for w in shlex.split(command["command"]) if not w.endswith("ccache")]
    out = [compiler]
    skip = False
    for word in given[1:]:
        if skip or word in ("-o", "-MT", "-MF", "-Xclang"):
            skip = not skip
        elif word not in ("-c", "-MD", "-Werror") and not re.search("sanitize|coverage|profile", word):
            out.append(word)
    return out


def tools():
    every = ["-Weverything"] + ["-Wno-" + name for name in LEFT_OUT]
    return {"gcc": ["-fanalyzer", "-c", "-o", "/dev/null"], "clang": every + ["-fsyntax-only"]}


def accepted(line, source):
    """Whether a line `FILE:LINE:COLUMN: warning: TEXT [-WNAME]` is one of those above."""
    for name, file, text, _ in ACCEPTED:
        if line.endswith(f"-W{name}]") and file in line.split(":")[0]:
            path, number = line.split(":")[:2]
            path = path if os.path.isabs(path) else os.path.join(source, path)
            with open(path, encoding="utf-8") as read:
                if text in read.read().split("\n")[int(number) - 1]:
                    return True
    return False


def warnings(command, compiler):
    run = subprocess.run(words(command, compiler) + tools()[compiler], cwd=command["directory"], text=True,
                         capture_output=True, env={**os.environ, "LC_ALL": "C"})
    lines = [line for line in run.stderr.splitlines() if ": warning: " in line or ": error: " in line]
    return sorted({line for line in lines if not accepted(line, command["directory"])})


def check(job):
    command, tree, salt = job
    files = checked.files_key(command, tree, salt)
    if checked.passed("warn", files) and os.environ.get("HC_LONG") != "1":
        return None
    text = subprocess.run(words(command, "clang") + ["-E", "-P"], cwd=command["directory"], capture_output=True).stdout
    key = hashlib.sha256(salt + text).hexdigest()
    if checked.passed("warn", key) and os.environ.get("HC_LONG") != "1":
        checked.keep("warn", files)
        return None
    found = [line for compiler in tools() for line in warnings(command, compiler)]
    if not found:
        checked.keep("warn", key)
        checked.keep("warn", files)
    return found


def seeded(folder):
    path = os.path.join(folder, "seeded.c")
    with open(path, "w", encoding="utf-8") as file:
        file.write(SEEDED)
    command = {"command": "cc -std=c11 -c " + shlex.quote(path), "directory": folder}
    looked_for = {"gcc": "-Wanalyzer-double-free]", "clang": "-Wsign-conversion]"}
    return [f"{compiler} did not find the seeded fault" for compiler, name in looked_for.items()
            if not any(name in line for line in warnings(command, compiler))]


def main():
    folder = os.path.join(os.path.abspath(sys.argv[1]), "warn")
    os.makedirs(folder, exist_ok=True)
    commands = checked.commands(sys.argv[1])
    with open(__file__, "rb") as file:
        salt = file.read()
    for compiler in tools():
        salt += subprocess.run([compiler, "--version"], check=True, capture_output=True).stdout
    faults = seeded(folder)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = list(pool.map(check, [(c, sys.argv[1], salt) for c in commands]))
    faults += sorted({line for result in results for line in result or []})
    print(f"gcc -fanalyzer, clang -Weverything: {len(results)} files, {results.count(None)} unchanged")
    print("\n".join(faults))
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
