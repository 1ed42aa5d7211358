#!/usr/bin/env python3
"""What the public interface promises to a linker and a compiler.

check.py headers          each installed header compiles alone as C11 and C++11, and keeps the rules of its style
check.py symbols LIBRARY  exported = declared = symbols.abi, with the version that each arrived in
check.py layouts          sizes and offsets of public structs, and values of macros, equal the golden files
check.py baseline         writes baseline.xml, which diff.py compares with
--update writes symbols.abi or the golden files from what is there.
"""

import concurrent.futures
import os
import re
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
INCLUDE = os.path.join(os.path.dirname(os.path.dirname(HERE)), "include")
FLAGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror", "-fsyntax-only", "-I" + INCLUDE]
BANNED = [
    (r"^\s*#\s*define\s+\w+\(", "a function-like macro"),
    (r"\benum\b", "an enum"),
    (r"\.\.\.", "a variadic function"),
    (r"\binline\b", "inline code"),
    (r"\b(?:bool|_Bool|long|double|float|wchar_t)\b", "a type without a fixed width"),
]


def headers():
    found = []
    for folder, _, names in os.walk(os.path.join(INCLUDE, "homeconnect")):
        found += [os.path.relpath(os.path.join(folder, n), INCLUDE) for n in names if n.endswith(".h")]
    return sorted(found)


def text_of(header):
    with open(os.path.join(INCLUDE, header), encoding="utf-8") as file:
        return file.read()


def blank(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def code_of(header):
    """The header without comments; lines keep their numbers."""
    return re.sub(r"/\*.*?\*/", blank, text_of(header), flags=re.DOTALL)


def functions():
    """{name: (header, version or None)} of every HC_API declaration; the version is in the comment above it."""
    found = {}
    for header in headers():
        text = text_of(header)
        for match in re.finditer(r"^HC_API\b[^;(]*?\b(hc_\w+)\s*\(", text, re.MULTILINE):
            above = text[:match.start()].rstrip()
            comment = above[above.rfind("/*"):] if above.endswith("*/") else ""
            since = None
            if comment.startswith("/**"):
                words = re.sub(r"\s*\n\s*\*\s?", " ", comment[:-2])
                note = re.search(r"@note (?:(?!@note).)*\bSince (\d+\.\d+)\.\s*$", words)
                since = note.group(1) if note else None
            found[match.group(1)] = header, since
    return found


def compile_alone(job):
    header, compiler, standard, language = job
    source = f'#include "{header}"\n#include "{header}"\n'
    if language == "c":
        source += "typedef int hc_only_an_include_is_no_unit;\n"
    run = subprocess.run([compiler, "-x", language, "-std=" + standard, *FLAGS, "-"], input=source, text=True,
                         capture_output=True)
    return "" if run.returncode == 0 else f"{header} alone as {standard} with {compiler}:\n{run.stderr}"


def check_headers(_):
    faults = []
    for header in headers():
        code = code_of(header)
        for number, line in enumerate(code.splitlines(), 1):
            if header.endswith("export.h") and "HC_API" in line:
                continue
            for pattern, what in BANNED:
                if re.search(pattern, line):
                    faults.append(f"{header}:{number}: {what}: {line.strip()}")
            include = re.match(r'\s*#\s*include\s*["<]([^">]+)[">]', line)
            if include and not re.match(r"(homeconnect/|std(def|int|arg)\.h$)", include.group(1)):
                faults.append(f"{header}:{number}: includes {include.group(1)}; only homeconnect/, stddef.h and stdint.h")
            macro = re.match(r"\s*#\s*define\s+(\w+)", line)
            if macro and not macro.group(1).startswith(("HC_", "HOMECONNECT_")):
                faults.append(f"{header}:{number}: macro {macro.group(1)} outside HC_")
    for name, (header, since) in functions().items():
        if since is None:
            faults.append(f"{header}: {name}: no comment that ends with '@note ... Since X.Y.'")
    jobs = [(h, *how) for h in headers() for how in (("gcc", "c11", "c"), ("clang", "c11", "c"),
                                                     ("g++", "c++11", "c++"), ("clang++", "c++11", "c++"))]
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        faults += [fault for fault in pool.map(compile_alone, jobs) if fault]
    print(f"{len(headers())} headers, {len(functions())} functions, {len(jobs)} compilations")
    return faults


def compare(name, lines, update):
    path = os.path.join(HERE, name)
    if update:
        with open(path, "w", encoding="utf-8") as file:
            file.write("".join(line + "\n" for line in lines))
        return []
    with open(path, encoding="utf-8") as file:
        kept = file.read().splitlines()
    return ([f"{name}: gone or changed: {line}" for line in kept if line not in set(lines)] +
            [f"{name}: not written down: {line}" for line in lines if line not in set(kept)])


def check_symbols(args):
    declared = functions()
    output = subprocess.run(["nm", "-D", "--defined-only", args[0]], check=True, text=True, capture_output=True).stdout
    exported = {line.split()[-1].split("@")[0] for line in output.splitlines() if " A " not in line}
    faults = [f"declared in {declared[n][0]}, not exported: {n}" for n in sorted(set(declared) - exported)]
    faults += [f"exported, declared nowhere: {name}" for name in sorted(exported - set(declared))]
    lines = sorted(f"{name} {since}" for name, (_, since) in declared.items())
    print(f"{len(exported)} symbols")
    return faults + compare("symbols.abi", lines, "--update" in args)


def structs():
    """(type as C says it, [members]) of every struct with a body."""
    found = []
    for header in headers():
        code = code_of(header)
        for match in re.finditer(r"^(typedef )?struct (hc_\w+) \{(.*?)^\}( \w+)?;", code, re.MULTILINE | re.DOTALL):
            body = re.sub(r"union \{.*?\}\s*(\w+);", r"int \1;", match.group(3), flags=re.DOTALL)
            members = []
            for declaration in body.split(";"):
                pointer = re.search(r"\(\*(\w+)\)", declaration)
                names = [pointer.group(1)] if pointer else [
                    re.search(r"(\w+)\s*(?:\[[^\]]*\])?\s*$", part).group(1)
                    for part in declaration.split(",") if part.strip()]
                members += names
            found.append((header, "struct " + match.group(2), members))
    return found


def check_layouts(args):
    update = "--update" in args
    source = "#include <stdio.h>\n" + "".join(f'#include "{h}"\n' for h in headers()) + "int main(void)\n{\n"
    for _, name, members in structs():
        source += f'    printf("{name} %zu\\n", sizeof({name}));\n'
        for member in members:
            source += f'    printf("{name}.{member} %zu %zu\\n", offsetof({name}, {member}), sizeof((({name} *)0)->{member}));\n'
    source += "    return sizeof(void *) == 8 ? 0 : 77;\n}\n"
    with tempfile.TemporaryDirectory() as folder:
        program = os.path.join(folder, "layouts")
        subprocess.run(["gcc", "-std=c11", "-I" + INCLUDE, "-x", "c", "-o", program, "-"], input=source, text=True, check=True)
        run = subprocess.run([program], text=True, capture_output=True)
    if run.returncode == 77:
        print("skip: layouts are kept for 64-bit machines")
        sys.exit(77)
    layouts = run.stdout.splitlines()
    macros = []
    for header in headers():
        code = code_of(header).replace("\\\n", " ")
        for match in re.finditer(r"^[ \t]*#[ \t]*define[ \t]+(HC_\w+)[ \t]+(.+?)[ \t]*$", code, re.MULTILINE):
            if match.group(1) != "HC_API":
                macros.append(f"{match.group(1)} {' '.join(match.group(2).split())}")
    print(f"{len(structs())} structs, {len(macros)} macros")
    return compare("layouts.golden", layouts, update) + compare("macros.golden", sorted(macros), update)


def write_baseline(_):
    subprocess.run([os.path.join(HERE, "diff.py"), "--update"], check=True)
    return []


def main():
    checks = {"baseline": write_baseline, "headers": check_headers, "symbols": check_symbols, "layouts": check_layouts}
    if len(sys.argv) < 2 or sys.argv[1] not in checks:
        sys.exit(__doc__)
    faults = checks[sys.argv[1]](sys.argv[2:])
    for fault in faults:
        print(fault)
    if faults:
        print("When the change is meant: tests/abi/check.py, with --update.")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
