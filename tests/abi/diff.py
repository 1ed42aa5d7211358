#!/usr/bin/env python3
"""The binary interface beside the one that was written down, by libabigail.

diff.py LIBRARY  what baseline.xml promises is still there, and LIBRARY is what the headers say
diff.py --update writes baseline.xml from the headers, once a release; or: check.py baseline

Compared is not the library, whose debug information tells its private types too, but a stand-in: one empty function for
each declaration of the headers, and a pointer to each of their structs. That the stand-in is the library is compared
next. What is added is fine: functions, structs, and members at the end of structs that begin with their size. Before it
answers, the check has to find each of the breaches below in a copy of the headers."""

import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree

import check

BASELINE = os.path.join(check.HERE, "baseline.xml")
CHANGE = 4  # abidiff's bit for any change of the interface that is not suppressed

# (what, header, text, instead): abidiff must object to each.
BREACHES = [
    ("a function is gone", "property.h", "HC_API int64_t hc_property_price(const hc_property *property);", ""),
    ("a parameter grew", "property.h", "hc_property_set_beds(hc_property *property, int32_t",
     "hc_property_set_beds(hc_property *property, int64_t"),
    ("a result shrank", "property.h", "HC_API int64_t hc_property_price(", "HC_API int32_t hc_property_price("),
    ("a parameter was added", "client.h", "hc_client_close(hc_client *client", "hc_client_close(hc_client *client, int32_t how"),
    ("a member stands between", "client.h", "    const char *storage_uri;", "    const char *more;\n    const char *storage_uri;"),
    ("members changed places", "driver/storage.h", "    uint64_t stamp;", "    int32_t fault_2;\n    uint64_t stamp;"),
    ("a member's type changed", "driver/host.h", "int64_t (*now)(void *data);", "int32_t (*now)(void *data);"),
    ("a member of options changed", "client.h", "    const char *storage_uri;", "    int32_t storage_uri;"),
    ("options lost a member", "client.h", "    const char *storage_uri;", ""),
    ("a struct without a size grew", "types.h", "} hc_id;", "    uint8_t more;\n} hc_id;"),
    ("a frozen struct grew", "error.h", "    char message[", "    int32_t more;\n    char message["),
]
ADDITIONS = [
    ("a function came", "version.h", "HC_API const char *hc_version(void);",
     "HC_API const char *hc_version(void);\nHC_API int32_t hc_version_more(int32_t how);"),
    ("options grew at the end", "client.h", "} hc_client_options;", "    const char *more;\n} hc_client_options;"),
    ("a driver got a slot", "driver/storage.h", "} hc_storage_driver;", "    void (*more)(void *conn);\n} hc_storage_driver;"),
]


def stand_in(folder, include):
    """A library that has what the headers in `include` declare, and its abidw."""
    source = "".join(f'#include "{header}"\n' for header in check.headers())
    for header in check.headers():
        with open(os.path.join(include, header), encoding="utf-8") as file:
            code = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.DOTALL)
        for declaration in re.findall(r"^HC_API\b([^;{]*);", code, re.MULTILINE):
            source += "HC_API" + re.sub(r"\s+", " ", declaration) + " { __builtin_trap(); }\n"
    for _, name, _ in check.structs():
        source += f"HC_API {name} *{name.replace('struct ', 'hc_struct_')};\n"
    library = os.path.join(folder, "libhomeconnect.so")
    with open(os.path.join(folder, "interface.c"), "w", encoding="utf-8") as file:
        file.write(source)
    subprocess.run(["gcc", "-std=c11", "-g", "-fPIC", "-shared", "-I" + include, "-Wl,-soname,libhomeconnect.so.0",
                    "-Wl,--version-script=" + os.path.join(os.path.dirname(check.INCLUDE), "pkgconfig", "homeconnect.map"),
                    "-o", library, "interface.c"], cwd=folder, check=True)
    return library


def told(library, out):
    subprocess.run(["abidw", "--no-corpus-path", "--no-comp-dir-path", "--no-show-locs", "--no-elf-needed",
                    "--no-parameter-names", "--type-id-style", "hash", "--out-file", out, library], check=True)
    with open(out, encoding="utf-8") as file:
        lines = [line.lstrip() for line in file]
    with open(out, "w", encoding="utf-8") as file:
        file.writelines(lines)


def without_growth(old, new, out):
    """The abidw `new`, written to `out`, without the members that structs which begin with their size got at their end."""
    growing = {name.split()[1] for _, name, members in check.structs() if members[0] == "struct_size"}
    sizes = {struct.get("name"): (struct.get("size-in-bits"), len(struct.findall("data-member")))
             for struct in xml.etree.ElementTree.parse(old).iter("class-decl")}
    tree = xml.etree.ElementTree.parse(new)
    for struct in tree.iter("class-decl"):
        if struct.get("name") in growing & set(sizes):
            size, count = sizes[struct.get("name")]
            if int(struct.get("size-in-bits")) > int(size):
                struct.set("size-in-bits", size)
                for member in struct.findall("data-member")[count:]:
                    struct.remove(member)
    tree.write(out)


def abidiff(old, new, *more):
    """What changed, as text; empty when nothing did that matters."""
    run = subprocess.run(["abidiff", "--no-added-syms", *more, old, new], text=True, capture_output=True)
    if run.returncode & 3:
        sys.exit(run.stderr + run.stdout)
    return run.stdout if run.returncode & CHANGE else ""


def promised(old, folder):
    """What `old` promises and new.xml in the folder does not keep."""
    without_growth(old, os.path.join(folder, "new.xml"), os.path.join(folder, "cut.xml"))
    return abidiff(old, os.path.join(folder, "cut.xml"))


def changed(job):
    """abidiff's answer to one change of a copy of the headers."""
    (what, header, text, instead), folder = job
    home = os.path.join(folder, re.sub(r"\W", "_", what))
    include = os.path.join(home, "include")
    shutil.copytree(check.INCLUDE, include)
    path = os.path.join(include, "homeconnect", header)
    with open(path, encoding="utf-8") as file:
        old = file.read()
    if old.count(text) != 1:
        sys.exit(f"diff.py: {header} has {old.count(text)} times: {text}")
    with open(path, "w", encoding="utf-8") as file:
        file.write(old.replace(text, instead))
    told(stand_in(home, include), os.path.join(home, "new.xml"))
    return promised(os.path.join(folder, "now.xml"), home)


def other_than_headers(stand, library, folder):
    """What the headers say that the library is not; empty when it is all there."""
    rule = os.path.join(folder, "pointers")
    with open(rule, "w", encoding="utf-8") as file:
        file.write("[suppress_variable]\n  symbol_name_regexp = ^hc_struct_\n")
    return abidiff(stand, library, "--suppressions", rule, "--drop-private-types", "--headers-dir1", check.INCLUDE,
                   "--headers-dir2", check.INCLUDE)


def main():
    faults = []
    with tempfile.TemporaryDirectory() as folder:
        now = stand_in(folder, check.INCLUDE)
        if "--update" in sys.argv:
            told(now, BASELINE)
            print(f"{os.path.getsize(BASELINE)} bytes of baseline.xml")
            return
        told(now, os.path.join(folder, "now.xml"))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            answers = list(pool.map(changed, [(change, folder) for change in BREACHES + ADDITIONS]))
        for (what, *_), answer in zip(BREACHES, answers):
            faults += [] if answer else [f"a seeded breach was not found: {what}"]
        for (what, *_), answer in zip(ADDITIONS, answers[len(BREACHES):]):
            faults += [f"an addition was taken for a breach: {what}\n{answer}"] if answer else []
        if not other_than_headers(os.path.join(folder, "a_parameter_grew", "libhomeconnect.so"), sys.argv[1], folder):
            faults.append("a header that the library does not keep was not found")
        print(f"{len(BREACHES) + 1 - len(faults)} seeded breaches found, {len(ADDITIONS)} additions let through")
        shutil.copy(os.path.join(folder, "now.xml"), os.path.join(folder, "new.xml"))
        answer = promised(BASELINE, folder)
        faults += [f"gone or changed since baseline.xml:\n{answer}"] if answer else []
        answer = other_than_headers(now, sys.argv[1], folder)
        faults += [f"the library is not what its headers say:\n{answer}"] if answer else []
    for fault in faults:
        print(fault)
    if faults:
        print("When the change is meant: tests/abi/check.py baseline")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main()
