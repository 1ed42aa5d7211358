#!/usr/bin/env python3
"""Writes unicode_tables.h, unicode_fold.c and unicode_class.c beside itself from Python's unicodedata.

The tables decide what is stored (norm keys, search words), so they may only change together with a migration: the
version is pinned, and another Python is refused.
"""
import os
import sys
import unicodedata

VERSION = "14.0.0"
BLOCK = 64   # code points of one block of the mappings
WORDS = 256  # code points of one block of the classes
LAST = 0x10FFFF


def fold(point):
    """CaseFolding.txt, statuses C and S: the full folding where it is one code point, else the lower case if it is one."""
    char = chr(point)
    full = char.casefold()
    if len(full) == 1:
        return ord(full)
    lower = char.lower()
    return ord(lower) if len(lower) == 1 else point


def is_mark(point):
    return unicodedata.category(chr(point)).startswith("M")


def is_word(point):
    return unicodedata.category(chr(point))[0] in "LN"


def plain(point):
    """0 for a mark. A decomposition with two or more letters (Hangul) is not letter plus marks: it stays whole."""
    if is_mark(point):
        return 0
    while True:
        folded = fold(point)
        letters = [c for c in unicodedata.normalize("NFD", chr(folded)) if not is_mark(ord(c))]
        base = ord(letters[0]) if len(letters) == 1 else folded
        if base == point:
            return point
        point = base


def blocks(values, size):
    """Splits into blocks, keeps each distinct one once: (index by block, distinct blocks)."""
    index, distinct = [], {}
    for start in range(0, len(values), size):
        index.append(distinct.setdefault(tuple(values[start:start + size]), len(distinct)))
    return index, list(distinct)


def array(out, kind, name, values, form):
    out.append("const %s %s[%d] = {" % (kind, name, len(values)))
    line = "   "
    for value in values:
        text = " " + form % value + ","
        if len(line) + len(text) > 118:
            out.append(line)
            line = "   "
        line += text
    out.append(line)
    out.append("};")
    out.append("")


def mapping(out, head, name, to):
    """Deltas to the target, by block; each block holds indexes into the distinct deltas."""
    last = max(p for p in range(LAST + 1) if to(p) != p)
    limit = (last // BLOCK + 1) * BLOCK
    deltas = [to(p) - p for p in range(limit)]
    distinct = sorted(set(deltas), key=lambda d: (d != 0, d))
    number = {d: i for i, d in enumerate(distinct)}
    index, parts = blocks([number[d] for d in deltas], BLOCK)
    assert len(parts) < 256 and len(distinct) < 65536
    head.append("#define HC__%s_LIMIT 0x%xU" % (name.upper(), limit))
    head.append("extern const uint8_t hc__%s_block[%d];" % (name, len(index)))
    head.append("extern const uint16_t hc__%s_delta[%d];" % (name, len(parts) * BLOCK))
    head.append("extern const int32_t hc__%s_deltas[%d];" % (name, len(distinct)))
    head.append("")
    array(out, "uint8_t", "hc__%s_block" % name, index, "%d")
    array(out, "uint16_t", "hc__%s_delta" % name, [v for part in parts for v in part], "%d")
    array(out, "int32_t", "hc__%s_deltas" % name, distinct, "%d")


def members(out, head, name, test):
    last = max(p for p in range(LAST + 1) if test(p))
    limit = (last // WORDS + 1) * WORDS
    index, parts = blocks([test(p) for p in range(limit)], WORDS)
    assert len(parts) < 256
    bits = []
    for part in parts:
        for start in range(0, WORDS, 32):
            bits.append(sum(1 << i for i in range(32) if part[start + i]))
    head.append("#define HC__%s_LIMIT 0x%xU" % (name.upper(), limit))
    head.append("extern const uint8_t hc__%s_block[%d];" % (name, len(index)))
    head.append("extern const uint32_t hc__%s_bits[%d];" % (name, len(bits)))
    head.append("")
    array(out, "uint8_t", "hc__%s_block" % name, index, "%d")
    array(out, "uint32_t", "hc__%s_bits" % name, bits, "0x%x")


def main():
    if unicodedata.unidata_version != VERSION:
        sys.exit("this Python has Unicode %s, the tables are %s" % (unicodedata.unidata_version, VERSION))
    note = "/* Made by unicode_tables.py from Unicode %s. Do not edit. */" % VERSION
    head = [note, "#ifndef HC__BASE_UNICODE_TABLES_H", "#define HC__BASE_UNICODE_TABLES_H", "", "#include <stdint.h>", "",
            "/* Mappings: to = point + deltas[delta[block[point / 64] * 64 + point % 64]]; points from the limit on map to",
            " * themselves. Classes: bit point % 256 of block[point / 256]; points from the limit on are not members. */"]
    top = [note, "/* clang-format off */", '#include "base/unicode_tables.h"', ""]
    folds, classes = list(top), list(top)
    mapping(folds, head, "fold", fold)
    mapping(folds, head, "plain", lambda p: plain(p) or p)
    members(classes, head, "word", is_word)
    members(classes, head, "mark", is_mark)
    head.append("#endif")
    folder = os.path.dirname(os.path.abspath(__file__))
    for name, lines in (("unicode_tables.h", head), ("unicode_fold.c", folds), ("unicode_class.c", classes)):
        with open(os.path.join(folder, name), "w", encoding="ascii", newline="\n") as file:
            file.write("\n".join(lines).rstrip("\n") + "\n")


if __name__ == "__main__":
    main()
