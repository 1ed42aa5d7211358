#!/usr/bin/env python3
"""The reference of the public headers, by Doxygen: a site and manual pages. Any warning is a failure.

docs.py OUTPUT           writes OUTPUT/html, OUTPUT/xml and OUTPUT/man
docs.py --filter HEADER  a header as Doxygen reads it: what the headers say once, for a group of macros or for a member
                         that all structs have, is repeated at each of them"""

import os
import re
import shlex
import shutil
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(HERE)
DEFINE = re.compile(r"^#define (HC_\w+)\b")
ALIKE = [
    (re.compile(r"^    size_t struct_size;$"), "sizeof of the struct, which tells the library its version."),
    (re.compile(r"^    u?int(?:16|32)_t reserved(?:_\d)?;$"), "0."),
]
INITIAL = "Where to begin: the size is set, all else is 0 or NULL, which means its default."


def said_for_group(lines, at):
    """The plain comment that stands right above the line, which speaks for all macros below it."""
    end = at - 1
    if end < 0 or not lines[end].endswith("*/"):
        return ""
    start = end
    while start > 0 and "/*" not in lines[start]:
        start -= 1
    if not re.match(r"^/\*(?!\*)", lines[start]):
        return ""
    text = re.sub(r"^/\*|\*/$", "", " ".join(line.strip().lstrip("*") for line in lines[start:end + 1]))
    return " ".join(text.replace("----", "").split()).strip("- ")


def started(lines, at):
    """The line in which the comment that ends in this one began."""
    while at > 0 and "/*" not in lines[at]:
        at -= 1
    return lines[at]


def filtered(text):
    lines, out, group = text.split("\n"), [], ""
    for at, line in enumerate(lines):
        define = DEFINE.match(line)
        if define is None:
            group = group if line.startswith(" ") or line.endswith("*/") else ""
            line = next((f"{line} /**< {words} */" for pattern, words in ALIKE if pattern.match(line)), line)
        else:
            group = said_for_group(lines, at) or group
            above = lines[at - 1] if at > 0 else ""
            documented = "/**<" in line or (above.endswith("*/") and above.startswith(("/**", " *", "   ")) and
                                            not said_for_group(lines, at) and "/**<" not in started(lines, at - 1))
            if not documented and define.group(1).endswith("_INIT"):
                line = f"/** {INITIAL} */ {line}"
            elif not documented and group:
                line = f"/** {group} */ {line}"
        out.append(line)
    return "\n".join(out)


def page(text, path):
    """Markdown in which no address is taken for a command of Doxygen, and whose page is called by its file and not by where that is."""
    name = os.path.splitext(os.path.basename(path))[0].lower()
    if name != "readme":
        text = re.sub(r"\A(# .*)$", rf"\1 {{#{name}}}", text, count=1, flags=re.MULTILINE)
    parts = re.split(r"(^```.*?^```$)", text, flags=re.DOTALL | re.MULTILINE)
    return "".join(part if part.startswith("```") else part.replace("@localhost", "\\@localhost") for part in parts)


def doxygen(output):
    with open(os.path.join(HERE, "Doxyfile"), encoding="utf-8") as file:
        settings = file.read()
    shutil.rmtree(output, ignore_errors=True)
    os.makedirs(output)
    filtering = shlex.join([sys.executable, os.path.abspath(__file__), "--filter"])
    settings += f'OUTPUT_DIRECTORY = "{output}"\nFILTER_PATTERNS = "*={filtering}"\n'
    run = subprocess.run(["doxygen", "-"], cwd=TOP, input=settings, text=True, capture_output=True)
    if run.returncode != 0:
        sys.exit(run.stdout + run.stderr)


def manual(output):
    """Keeps pages of names that begin with hc_ or HC_, and gives those of headers a name of ours: log.h.3 may be another's."""
    folder = os.path.join(output, "man", "man3")
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        if name.endswith(".h.3"):
            os.rename(path, os.path.join(folder, "homeconnect_" + name))
        elif not re.match(r"(hc|HC)_\w+\.3$", name):
            os.remove(path)
        else:
            with open(path, encoding="utf-8") as file:
                text = file.read()
            with open(path, "w", encoding="utf-8") as file:
                file.write(re.sub(r"\A\.so man3/(\w+\.h\.3)$", r".so man3/homeconnect_\1", text, flags=re.MULTILINE))


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--filter":
        with open(sys.argv[2], encoding="utf-8") as file:
            text = file.read()
        sys.stdout.write(filtered(text) if sys.argv[2].endswith(".h") else page(text, sys.argv[2]))
    elif len(sys.argv) == 2:
        output = os.path.abspath(sys.argv[1])
        doxygen(output)
        manual(output)
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main()
