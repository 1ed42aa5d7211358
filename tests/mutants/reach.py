"""Which tests run which block of which function of the rooms: reach.tsv, which `run --map` writes. A block is known by the line
that it begins at, from its function's. Tests that killed most in the function come first, then those of its room, the quickest
first."""

import collections
import hashlib
import itertools
import json
import os
import re

import tree

TABLE = os.path.join(tree.HERE, "reach.tsv")
ADDED = re.compile(r"tcase_add_(?:loop_)?test\(\s*\w+,\s*(\w+)")
UNTIMED = ("unit.driver_", "unit.client.numbering.", "unit.base.", "api.client.server.", "api.auth.timing.")  # need servers, or peace
NOUNS = ("auth", "user", "audit", "query", "search", "property", "agent", "outbox", "client", "session", "transact", "document",
         "repair")  # of the public interface: others enter the rooms through the same calls
PAIRED = ("outbox", "document", "chat", "activity")  # whose tests are run on a pair of stores, too
ALIKE = 3  # tests of one program, one after another
SLOW = 2.0  # seconds: who takes so long comes behind the others, which would find no time any more
FEW, ALL = (24, 4), (80, 6)  # tests of a block beside those that killed: about its room, and others
QUICK, WHOLE, NEW = 0.6, 20.0, 2.6  # seconds of a program that is run as a whole, at once or in the end; of one that nobody knows
ONE_START = 3  # so much quicker are all tests of a program when it starts once
OUTBOX = "outbox client.letters client.relay client.relay_batch client.relay_own client.relay_pass client.reconcile client.mend"
ROOMS = {"lib/client/relay": OUTBOX, "lib/outbox/": OUTBOX, "lib/query/": "query search property.list property.examined", "lib/storage/": "storage client.life "
         "client.files client.options client.trips", "lib/crypto/": "crypto auth.token client.keys audit.verify query.cursor",
         "lib/auth/": "auth user client.random client.sign_in"}  # whose tests are about it, not only through it

Test = collections.namedtuple("Test", "program name seconds")


def tests():
    """{program: names of its tests} of all programs that need no server, but of documents."""
    found = {}
    for group in ("unit", "api"):
        for folder in sorted(os.listdir(os.path.join(tree.ROOT, "tests", group))):
            for file in sorted(os.listdir(os.path.join(tree.ROOT, "tests", group, folder))):
                program = f"{group}.{folder}.{file[5:-2]}"
                if file.startswith("test_") and file.endswith(".c") and not (program + ".").startswith(UNTIMED) and \
                        (group == "unit" or folder in NOUNS + PAIRED):
                    with open(os.path.join(tree.ROOT, "tests", group, folder, file), encoding="utf-8") as read:
                        found[program] = list(dict.fromkeys(ADDED.findall(read.read())))
                    if folder in PAIRED:
                        found[tree.PAIR + program] = found[program]
    return found


def mark(names):
    """Of the names of a program's tests: another one when a test came or went."""
    return hashlib.sha256(" ".join(sorted(names)).encode()).hexdigest()[:8]


def about(path, program):
    """Whether a program's tests are about a file."""
    words = next(words for start, words in ROOMS.items() if path.startswith(start))
    name = tree.plain(program).split(".", 1)[1]
    return any(name == word or name.startswith(word + ".") for word in words.split())


def unseen(path):
    """All programs about a file that --map never saw, each as a whole."""
    return [Test(program, "", NEW) for program in tests() if about(path, program)]


def in_order(path, entering, spent, kills, most):
    """Tests of one function: killers, those about its room, others; of one program only a few in a row. Programs about its
    room that have more of them come behind those as a whole."""
    place, ranked, counts = collections.Counter(), [], [0, 0, 0]
    for test in sorted(entering, key=lambda test: (-kills[test.program, test.name], test.seconds)):
        if kills[test.program, test.name]:
            ranked.append((0, 0, test))
            continue
        stem = os.path.basename(path)[:-2].split("_")[0]
        near = 0 if stem in test.program.rsplit(".", 1)[1] or test.program.startswith("unit.") else 1  # api.auth.login of login.c
        late = 100 if test.seconds > SLOW else 0
        ranked.append((1 if about(path, test.program) else 2, late + 10 * near + place[test.program] // ALIKE, test))
        place[test.program] += 1
    out = []
    for rank, _, test in sorted(ranked, key=lambda row: row[:2]):
        counts[rank] += 1
        if rank == 0 or counts[rank] <= most[rank - 1]:
            out.append(test)
    left = {test.program for test in set(entering).difference(out) if about(path, test.program) and spent[test.program] <= WHOLE}
    return out + [Test(program, "", round(spent[program] / ONE_START, 2)) for program in sorted(left, key=lambda name: (spent[name], name))]


def at_their_quickest(found, before):
    """Of a test that was timed before, in any of these lists, the least stands: a busy machine only makes them take longer."""
    least = {}
    for test in itertools.chain.from_iterable(itertools.chain(found.values(), before)):
        least[test[:2]] = min(test.seconds, least.get(test[:2], test.seconds))
    return {place: [test._replace(seconds=least[test[:2]]) for test in tests] for place, tests in found.items()}


def save(raw, found, marks):
    numbers = {}
    places = [[*place, [numbers.setdefault(test, len(numbers)) for test in tests]] for place, tests in found.items()]
    with open(raw, "w", encoding="utf-8") as file:
        json.dump([marks, list(numbers), places], file)


def seen(raw):
    """What --map saw in this tree: {(path, function, block): [Test]}, {program: mark of the tests that it had}."""
    with open(raw, encoding="utf-8") as file:
        marks, known, found = json.load(file)
    known = [Test(*test) for test in known]
    return {(path, function, block): [known[i] for i in tests] for path, function, block, tests in found}, marks


def saved(raw):
    """The same, and seconds of the programs; the tests of a quick program are one, without a name."""
    found, marks = seen(raw)
    spent = collections.Counter()
    for test in set(itertools.chain.from_iterable(found.values())):
        spent[test.program] += test.seconds
    quick = {program: Test(program, "", round(seconds, 2)) for program, seconds in spent.items() if seconds <= QUICK}
    found = {place: list(dict.fromkeys(quick.get(test.program, test) for test in tests)) for place, tests in found.items()}
    return found, marks, spent


def with_new(reach, marks):
    """{(path, function): {block: [Test]}} with programs whose tests --map did not see as they are now: nobody knows what those
    run, so they are run on all that they are about, behind the others."""
    new = [Test(program, "", NEW) for program, names in tests().items() if marks.get(program) != mark(names)]
    found = collections.defaultdict(dict)
    for (path, function, block), entering in reach.items():
        found[path, function][block] = entering + [test for test in new if about(path, test.program)]
    return found


def whole(raw, kills):
    """The same with more of them than the table has."""
    found, marks, spent = saved(raw)
    return with_new({place: in_order(place[0], entering, spent, kills[place[:2]], ALL) for place, entering in found.items()}, marks)


def write(reach, marks, spent, kills):
    """reach: {(path, function, block): [Test]}; marks: {program: mark}; spent: {program: seconds}; kills: {(path, function): Counter of (program, name)}."""
    rows, numbers = {}, {}
    for (path, function, block), entering in sorted(reach.items()):
        kept = in_order(path, entering, spent, kills[path, function], FEW)
        for test in kept:
            numbers.setdefault(test, len(numbers))
        rows.setdefault((path, function, " ".join(str(numbers[test]) for test in kept)), []).append(str(block))
    with open(TABLE, "w", encoding="utf-8") as file:
        file.write("# Written by tests/mutants/run --map: programs and what tells that their tests are the same, tests with a number "
                   "and their seconds, and those of blocks.\n")
        file.writelines(f"{program}\t{marks[program]}\n" for program in sorted(marks))
        file.writelines(f"{number}\t{test.program}\t{test.name}\t{test.seconds:.2f}\n" for test, number in numbers.items())
        file.writelines(f"{path}\t{function}\t{' '.join(blocks)}\t{kept}\n" for (path, function, kept), blocks in rows.items())


def read():
    """{(path, function): {block: [Test]}}, without tests that are gone."""
    there, known, reach, marks = tests(), {}, {}, {}
    if not os.path.exists(TABLE):
        return reach
    with open(TABLE, encoding="utf-8") as file:
        for row in (line.rstrip("\n").split("\t") for line in file if not line.startswith("#")):
            if len(row) == 2:
                marks[row[0]] = row[1]
            elif row[0].isdigit():
                known[row[0]] = Test(row[1], row[2], float(row[3]))
            else:
                mine = [known[number] for number in row[3].split()]
                mine = [test for test in mine if test.program in there and test.name in there[test.program] + [""]]
                reach.update({(row[0], row[1], int(block)): mine for block in row[2].split()})
    return with_new(reach, marks)
