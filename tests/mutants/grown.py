"""A source with all its mutants in it: a copy of a function for each, and a function asks at its beginning which is on
(choice.c). So a file is compiled once, and a mutant costs no more than the tests that are run on it."""

import re

import rules

FUNCTION = re.compile(r"^(?!typedef|enum|union|struct \w+ \{)([A-Za-z_][^;{}=#()]*?)\b(\w+)\(([^;{}]*)\)\s*\{\n.*?^\}",
                      re.MULTILINE | re.DOTALL)
NAME = re.compile(r"(\w+)(?:\[[^\]]*\])*$")
POINTED = re.compile(r"\(\*(\w+)\)\(")
HEAD = "extern int hc__mutant;\n"


class Function:
    """Where one stands in its file, and how its copy is called."""

    def __init__(self, match):
        self.start, self.end, self.name = match.start(), match.end(), match.group(2)
        self.line = match.string.count("\n", 0, self.start) + 1
        self.last = self.line + match.group(0).count("\n")
        self.named = match.span(2)  # the name
        self.body = match.group(0).index("{", match.end(3) - match.start()) + 1  # behind the brace, from the start
        self.plain = not re.search(r"\.\.\.", match.group(3))
        self.gives = re.sub(r"\b(static|inline)\b", "", match.group(1)).split() != ["void"]
        self.given = [self.parameter(word) for word in self.split(match.group(3)) if word.strip() not in ("void", "...")]

    @staticmethod
    def split(text):
        """At commas, but not those of a parameter that is a function."""
        depth, word, words = 0, "", []
        for char in text:
            depth += {"(": 1, ")": -1}.get(char, 0)
            if char == "," and depth == 0:
                words, word = words + [word], ""
            else:
                word += char
        return words + [word]

    @staticmethod
    def parameter(word):
        pointed = POINTED.search(word)
        return pointed.group(1) if pointed else NAME.search(word.strip()).group(1)


def functions(source):
    """Those of a file, in order."""
    return [Function(match) for match in FUNCTION.finditer(rules.blank(source))]


def around(found, mutant):
    """The function that a mutant stands in; None outside of all, and where it cannot be copied."""
    for function in found:
        if function.start <= mutant.start and mutant.end <= function.end and function.plain and \
                mutant.start >= function.start + function.body:
            return function
    return None


def copy(source, function, mutant, name):
    """(declaration, definition) of the function as the mutant has it."""
    text = source[function.start:mutant.start] + mutant.new + source[mutant.end:function.end]
    at = function.named[0] - function.start
    text = "static " + re.sub(r"\b(static|inline) ", "", text[:at]) + name + text[function.named[1] - function.start:]
    return text[:text.index("{")].rstrip() + ";\n", text + "\n"


def write(source, found, chosen):
    """The source with `chosen`, [(number, mutant)], in it. Also {line: number} of the lines that only one mutant has, to
    tell which of them do not compile."""
    out, lines, at, line = [], {}, 0, 1

    def put(text, number=None):
        nonlocal line
        out.append(text)
        if number is not None:
            lines.update({line + i: number for i in range(text.count("\n") + 1)})
        line += text.count("\n")

    put(HEAD + '#line 1 "grown"\n')
    line = 1
    for function in found:
        mine = [(number, mutant) for number, mutant in chosen if around([function], mutant)]
        copies = [(number, *copy(source, function, mutant, f"hc__mutant_{number}")) for number, mutant in mine]
        put(source[at:function.start])
        for number, declared, _ in copies:
            put(declared, number)
        put(source[function.start:function.start + function.body])
        if mine:
            call = "return " if function.gives else ""
            leave = "" if function.gives else " return;"
            put(" switch (hc__mutant) {" + " ".join(
                f"case {number}: {call}hc__mutant_{number}({', '.join(function.given)});{leave}" for number, _ in mine) + "}")
        put(source[function.start + function.body:function.end] + "\n")
        for number, _, defined in copies:
            put(defined, number)
        at = function.end
    put(source[at:])
    return "".join(out), lines
