"""Where a C source can be broken, by simple rules on its text: relations, logic, conditions, constants, outcomes, and
statements that go away. Comments and strings are left alone, and so is what only tests have (seeded bugs)."""

import collections
import re

# What the text between two offsets becomes. `text` and `changed` are the first line before and after, without indentation.
Mutant = collections.namedtuple("Mutant", "path line rule start end new text changed")

SKIPPED = re.compile(r"""//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|^[ \t]*\#(?:[^\n\\]|\\.|\\\n)*""",
                     re.DOTALL | re.MULTILINE)
RELATION = {"<": "<=", "<=": "<", ">": ">=", ">=": ">", "==": "!=", "!=": "=="}
RELATIONS = re.compile(r"(?<=[\w)\]] )(<=|>=|==|!=|<|>)(?= [\w(&*!'\"-])")
LOGIC = re.compile(r"(?<= |\n)(&&|\|\|)(?=[ \n])")
NUMBER = re.compile(r"(?<![\w.\[])(\d+)(?![\w.\]])")
ROOM = re.compile(r"\b(?:hc__arena_(?:alloc|zero|text)|hc__alloc\w*|hc__buf_reserve)\([^;]*\+ $"
                  r"|\b(?:hc__arena|hc__alloc)_zero\([^,]*, $")  # room one larger is told by nobody
# In front of what is reserved, or of a size that numbers and nulls do not have.
UNREAD = re.compile(r"\bHC_SET_(?:TO|ADD), $|\{HC_TYPE_(?:NULL|BOOL|ENUM|INT\w+|DECIMAL|DATE|TIME|NOW), $")
UNTOLD = re.compile(r"\bhc_error \w+ = \{$")  # who fails writes it, and nobody else's is read
DEFINED = re.compile(r"^#define \w+ +\(?(?:\([\w ]+\))?(\d+)\b", re.MULTILINE)
OUTCOME = re.compile(r"\breturn (true|false|HC_OK|status)(?=;)")
IF = re.compile(r"\bif \(")
LEAVES = re.compile(r"\s*(?:return\b|break;|continue;|goto )")
STATEMENT = re.compile(r"^[ \t]+((?:break|continue);|(?:\(void\))?\*?(?!return\b|else\b|if\b|for\b|while\b|do\b|switch\b|sizeof\b)"
                       r"[A-Za-z_]\w*(?:\(|->|\.|\[| [-+|&^*/]?= |\+\+|--))", re.MULTILINE)
# What only gives back memory: the sanitizers' tree tells a leak, this one does not. Of libsodium's memory neither does.
GIVES_BACK = re.compile(r"^(\(void\))?(?!sodium_)\w*free\(")


def blank(source):
    """The source with comments, strings and preprocessor lines as blanks of the same size."""
    return SKIPPED.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), source)


def closing(code, at):
    """The offset of the parenthesis that closes the one at `at`."""
    depth = 0
    for i in range(at, len(code)):
        depth += {"(": 1, ")": -1}.get(code[i], 0)
        if depth == 0:
            return i
    return None


def chooses(code, at):
    """Whether the relation at an offset takes one of the two that it compares: of equal ones it is the same."""
    m = re.match(r"[<>]=? (.+?) \? (.+?) : (.+?)(?=[,;)])", code[at:])
    return m is not None and re.search(rf"(?<![\w.>\])]){re.escape(m.group(2))} $", code[:at]) is not None and m.group(1) == m.group(3)


def ends_switch(code, at):
    """Whether the `break;` at an offset is the last statement of a switch, which ends there anyway."""
    after = re.compile(r"break;\s*\}").match(code, at)
    depth, i = 0, after.end() - 1 if after else 0
    while i > 0:
        depth += {"}": 1, "{": -1}.get(code[i], 0)
        if depth == 0:
            return re.search(r"\bswitch \([^{};]*\) $", code[:i]) is not None
        i -= 1
    return False


def changes(source):
    """(rule, start, end, new) of each place."""
    code = blank(source)
    for m in RELATIONS.finditer(code):
        if RELATION[m.group(1)].strip("=") == m.group(1).strip("=") and chooses(code, m.start(1)):
            continue
        yield "relation", m.start(1), m.end(1), RELATION[m.group(1)]
    for m in LOGIC.finditer(code):
        yield "logic", m.start(1), m.end(1), "||" if m.group(1) == "&&" else "&&"
    for m in IF.finditer(code):
        start, end = m.end() - 1, closing(code, m.end() - 1)
        if end is None:
            continue
        yield "condition", start, end + 1, "(!" + source[start:end + 1] + ")"
        if LEAVES.match(code, end + 1):
            yield "guard", start, end + 1, "(0)"
    for m in list(NUMBER.finditer(code)) + list(DEFINED.finditer(source)):
        if UNREAD.search(code, max(0, m.start(1) - 40), m.start(1)) or UNTOLD.search(code, max(0, m.start(1) - 40), m.start(1)) or \
                ROOM.search(code[code.rfind("\n", 0, m.start(1)) + 1:m.start(1)]):
            continue
        yield "constant", m.start(1), m.end(1), str(int(m.group(1)) + 1)
    for m in OUTCOME.finditer(code):
        yield "outcome", m.start(1), m.end(1), {"true": "false", "false": "true", "status": "HC_OK"}.get(m.group(1), "HC_ERR_INVALID")
    for m in STATEMENT.finditer(code):
        end = code.find(";", m.start(1))
        text = code[m.start(1):end + 1]
        before = code[:m.start(1)].rstrip()
        if text == "break;" and ends_switch(code, m.start(1)):
            continue
        if end > 0 and text.count("(") == text.count(")") and not set("{}") & set(text) and before[-1:] in ";{}:)" and \
                not GIVES_BACK.match(text):
            yield "statement", m.start(1), end + 1, ";"


def seeded(source):
    """Spans that only seeded bugs run: their blocks, and functions that nothing else calls."""
    code, spans = blank(source), []
    for m in re.finditer(r"^( *)if \(.*hc__bug\(.*\) \{$", source, re.MULTILINE):
        spans.append((m.start(), source.find("\n" + m.group(1) + "}", m.end())))
    for m in re.finditer(r"^static [^;{}()]*?\b(\w+)\([^;{}]*\)\n\{\n.*?^\}", code, re.MULTILINE | re.DOTALL):
        calls = [call.start() for call in re.finditer(rf"\b{m.group(1)}\b", code) if not m.start() <= call.start() < m.end()]
        if calls and all(any(start <= call < end for start, end in spans) for call in calls):
            spans.append(m.span())
    return spans


def mutants(path, source):
    """All mutants of one file, in the order of the text."""
    found, spans = [], seeded(source)
    for rule, start, end, new in changes(source):
        if any(first <= start < last for first, last in spans):
            continue
        first = source.rfind("\n", 0, start) + 1
        last = source.find("\n", start)
        text = source[first:last]
        if rule == "constant" and "hc__arena_init(" in text and "NULL, 0)" in text:
            continue  # the size of no block
        if "hc__bug(" in text or "hc__failpoint(" in text or "_Static_assert" in text:
            continue
        after = source[:start] + new + source[end:]
        changed = after[first:after.find("\n", start)]
        found.append(Mutant(path, source.count("\n", 0, start) + 1, rule, start, end, new, text.strip(), changed.strip()))
    return sorted(found, key=lambda mutant: (mutant.start, mutant.rule))
