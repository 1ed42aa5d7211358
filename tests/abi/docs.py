#!/usr/bin/env python3
"""Whether every public symbol is documented as a caller needs it.

The comment of each function is counted against the rules below, Doxygen has to build the site and the manual without a
warning, and each function must have its page in both. Before that, each rule has to find a comment that breaks it."""

import os
import re
import shutil
import subprocess
import sys
import tempfile

import check

TOP = os.path.dirname(check.INCLUDE)
THREAD = r"(Thread-safe\b|One [a-z ]+, one thread\b|Any thread\b)"


class Function:
    def __init__(self, name, result, parameters, comment):
        self.name, self.result, self.parameters = name, result, " ".join(parameters.split())
        words = re.sub(r"\s*\n\s*\*\s?", " ", comment[3:-2])
        self.words = re.sub(r"\bThread- safe\b", "Thread-safe", " ".join(words.split()))
        note = re.search(r"@note (.*)$", self.words)
        self.note = note.group(1) if note else ""
        returns = re.search(r"@return (.*?)(?= @note| @param|$)", self.words)
        self.returns = returns.group(1) if returns else ""


def functions():
    found = []
    for header in check.headers():
        text = check.text_of(header)
        for match in re.finditer(r"^HC_API\b([^;(]*?)\b(hc_\w+)\s*\(([^;]*)\);", text, re.MULTILINE):
            above = text[:match.start()].rstrip()
            comment = above[above.rfind("/**"):] if above.endswith("*/") and "/**" in above else "/** */"
            found.append(Function(match.group(2), match.group(1).strip(), match.group(3), comment))
    return found


def says_outcomes(function, known):
    """HC_OK and a failure, or which other call's they are."""
    if function.result != "hc_status" or "hc_error *err" not in function.parameters:
        return True
    as_another = re.search(r"\b[Aa]s (?:in |for )?(hc_\w+)\(\)", function.returns)
    return bool(re.search(r"HC_OK.*HC_ERR_", function.returns) or as_another and as_another.group(1) in known)


def says_whose(function, known):
    """Who frees what comes out: a handle by **out, or a result that is not const. Const ones are borrowed, always."""
    handle = "**out" in function.parameters or (function.result.endswith("*") and not function.result.startswith("const"))
    frees = re.search(r"\b(?:[Ff]ree|[Cc]lose) (?:it )?with (hc_\w+)\(\)", function.words)
    return not handle or bool(frees and frees.group(1) in known)


def says_unit(function, _):
    """What an int64_t counts: money, time, rows, bytes, ..."""
    words = (r"cents|microseconds|micro|thousandth|hundredth|scale|units?\b|rows|bytes|days?\b|[Hh]ow many|[Nn]umber|"
             r"µs|degrees|[Mm]atches|[Hh]ow often|metres?|version|per cent|[Ll]istings|square feet|What to give")
    return function.result != "int64_t" or bool(re.search(words, function.words))


def known_statuses():
    return set(re.findall(r"#define (HC_\w+)", check.text_of("homeconnect/error.h")))


def names_what_is(function, known):
    return (all(name in known for name in re.findall(r"\b(hc_\w+)\(\)", function.words)) and
            all(name in known_statuses() for name in re.findall(r"\bHC_(?:ERR|NOTE)_[A-Z_]+[A-Z]\b(?!\")", function.words)))


# rule: (test, a comment that breaks it)
OPEN = ("hc_thing_get", "hc_status", "hc_user **out, hc_session *as, hc_error *err")
RULES = {
    "one sentence of purpose": (lambda f, _: bool(re.match(r"[A-Z0-9][^@]{2,}?[.;:]", f.words)), (*OPEN, "/** @note x */")),
    "the thread rule": (lambda f, _: bool(re.match(THREAD, f.note)), (*OPEN, "/** Do it. @note Blocks. Since 0.1. */")),
    "whether it blocks": (lambda f, _: bool(re.search(r"\b(Blocks|Does not block|May block)\b", f.note)),
                          (*OPEN, "/** Do it. @note Thread-safe. Since 0.1. */")),
    "since when": (lambda f, _: bool(re.search(r"Since \d+\.\d+\.$", f.note)), (*OPEN, "/** Do it. @note Thread-safe. Blocks. */")),
    "what it answers": (says_outcomes, (*OPEN, "/** Do it. @return HC_OK. @note Thread-safe. Blocks. Since 0.1. */")),
    "who frees what comes out": (says_whose, (*OPEN, "/** Do it. @note Thread-safe. Blocks. Since 0.1. */")),
    "the unit of a number": (says_unit, ("hc_thing_size", "int64_t", "const hc_user *user", "/** Size of it. */")),
    "only names that exist": (names_what_is, (*OPEN, "/** Do as hc_nobody_did(). */")),
}


def seeded_warning(folder):
    """Whether the site is refused when a function has no comment, in a folder whose name has a space, too."""
    folder = os.path.join(folder, "a copy")
    for name in ("include", "pkgconfig"):
        shutil.copytree(os.path.join(TOP, name), os.path.join(folder, name))
    for name in ("README.md", "lib/client/ASVS.md"):
        os.makedirs(os.path.dirname(os.path.join(folder, name)), exist_ok=True)
        shutil.copy(os.path.join(TOP, name), os.path.join(folder, name))
    with open(os.path.join(folder, "include/homeconnect/version.h"), "a", encoding="utf-8") as file:
        file.write("HC_API int hc_nothing_said(int how);\n")
    run = subprocess.run([os.path.join(folder, "pkgconfig/docs.py"), os.path.join(folder, "docs")], capture_output=True, text=True)
    return run.returncode != 0 and "hc_nothing_said" in run.stderr


def site(folder, names):
    """Builds the site and the manual; what they lack."""
    run = subprocess.run([os.path.join(TOP, "pkgconfig/docs.py"), folder], capture_output=True, text=True)
    if run.returncode != 0:
        return ["doxygen: " + line for line in (run.stdout + run.stderr).splitlines()]
    faults = [f"no manual page: {name}" for name in names if not os.path.exists(os.path.join(folder, f"man/man3/{name}.3"))]
    with open(os.path.join(folder, "xml/index.xml"), encoding="utf-8") as file:
        members = set(re.findall(r'kind="function"><name>(\w+)<', file.read()))
    return faults + [f"not in the site: {name}" for name in names if name not in members]


def main():
    found, faults = functions(), []
    known = {function.name for function in found}
    for rule, (test, breach) in RULES.items():
        if test(Function(*breach), known):
            faults.append(f"a seeded breach was not found: {rule}")
        kept = [function for function in found if test(function, known)]
        print(f"{rule}: {len(kept)} of {len(found)}")
        faults += [f"{function.name} does not say {rule}" for function in found if function not in kept]
    with tempfile.TemporaryDirectory() as folder:
        if not seeded_warning(folder):
            faults.append("a function without a comment got into the site")
    with tempfile.TemporaryDirectory() as folder:
        faults += site(folder, sorted(known))
        print(f"{len(known)} functions in the site and the manual" if not faults else "")
    for fault in faults:
        print(fault)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
