"""A plain tree, and what is built beside it with other objects of the library: nothing in the tree changes."""

import array
import collections
import json
import os
import re
import resource
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import grown

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
LIBRARY, ARCHIVE = "lib/libhomeconnect.so", "lib/libhomeconnect.a"
STARTER, MODULE = "tests/with_mongodb", "lib/homeconnect/homeconnect-driver-mongodb.so"
MODULES = "lib/homeconnect"  # the drivers that are loaded
NOT_RUN = 1 << 63  # choice.c
LOST = re.compile(r"^[^:\n]*grown(?:\.c)?:(\d+):\d+: (?:fatal )?error:", re.MULTILINE)
OWN = ("fault.away", "fault.documents", "fault.outbox", "fault.outbox_answers", "fault.relay", "fault.sql_away")  # a server's end
PAIR = "sqlite+mongodb."  # before a program that is run on a pair of stores
SERVER, SERVER_STARTER = "postgres.", "tests/with_postgres"  # and before one that is run on a server of its own
Said = collections.namedtuple("Said", "status output seconds")  # status None: its time ended


def plain(program):
    """The program of a test without the stores that it is run on."""
    return program.removeprefix(PAIR).removeprefix(SERVER)


class Documents:
    """The server of pairs: one of the environment, or one that lives as long as this."""

    def __init__(self, starter):
        self.base, self.child = os.environ.get("HC_TEST_SHARED_MONGODB", ""), None
        if not self.base:
            self.child = subprocess.Popen([starter, "--for-all", "sh", "-c", 'echo "base $HC_TEST_SHARED_MONGODB"; exec cat'],
                                          stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
            for line in self.child.stdout:
                if line.startswith("base "):
                    self.base = line[5:].strip()
                    break
                print("mutants: documents:", line.strip(), flush=True)

    def close(self):
        if self.child is not None:
            self.child.communicate()


class Tree:
    """The plain tree, with the programs that are asked for."""

    def __init__(self, path, programs):
        self.path = path
        settings = ["-G", "Ninja", "-DCMAKE_C_COMPILER=clang", "-DCMAKE_C_COMPILER_LAUNCHER=" + (shutil.which("ccache") or ""),
                    "-DCMAKE_C_FLAGS_DEBUG=-O0", "-DCMAKE_BUILD_TYPE=Debug", "-DHC_TESTS=ON", "-DHC_EXAMPLES=OFF",
                    "-DHC_DRIVERS=auto", "-DHC_TEST_GROUPS=unit;api;fault;thread"]
        self.quiet(["cmake", "-S", ROOT, "-B", path] + settings)
        known = set(subprocess.run(["ninja", "-C", path, "-t", "targets", "all"], stdout=subprocess.PIPE, text=True,
                                   check=True).stdout.replace(":", "").split())
        self.programs = [name for name in programs if "tests/" + plain(name) in known]
        targets = sorted({"tests/" + plain(name) for name in self.programs})
        with open(os.path.join(path, "compile_commands.json"), encoding="utf-8") as file:
            self.compile = {os.path.relpath(entry["file"], ROOT): entry["command"] for entry in json.load(file)}
        self.modules = sorted(name for name in known if re.fullmatch(MODULES + r"/[\w-]+\.so", name))
        self.linking = self.links([LIBRARY, ARCHIVE] + self.modules + targets)
        pairs = any(map(self.paired, self.programs))
        needed = {LIBRARY, ARCHIVE} | ({STARTER, MODULE} & known if pairs or set(OWN) & set(self.programs) else set())
        if any(name.startswith(SERVER) for name in self.programs):
            needed |= {SERVER_STARTER} & known
        for target in targets:
            words = self.linking[target]
            own = ARCHIVE in words  # linked anew in each build
            needed |= {word for word in words if word.endswith((".o", ".a")) and word in known} if own else {target}
        self.quiet(["cmake", "--build", path, "-j", os.environ.get("HC_MUTANT_JOBS", "2"), "--target"] + sorted(needed))
        self.documents = Documents(os.path.join(path, STARTER)) if pairs and {STARTER, MODULE} <= needed else None
        if self.documents is None or not self.documents.base:
            if pairs:
                print("mutants: no server of documents: tests of pairs are left out", flush=True)
            self.programs = [name for name in self.programs if not self.paired(name)]

    @staticmethod
    def paired(program):
        return program.startswith(PAIR)

    def close(self):
        if self.documents is not None:
            self.documents.close()

    def quiet(self, command):
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            sys.exit(done.stdout[-4000:] + "\nmutants: building " + self.path + " failed")

    def links(self, targets):
        """{target: words of the command that links it}."""
        listed = subprocess.run(["ninja", "-C", self.path, "-t", "commands"] + targets, stdout=subprocess.PIPE, text=True,
                                check=True).stdout.splitlines()
        found = {}
        for piece in (piece for line in listed for piece in line.split(" && ")):
            made = re.search(r" -o (\S+)|ar qc (\S+)", piece)
            made = re.sub(r"\.so[.\d]+$", ".so", made.group(1) or made.group(2)) if made else None
            if made in targets:
                found[made] = shlex.split(re.sub(r"(-Xlinker -z -Xlinker |-Wl,-z,)pack-relative-relocs", "", piece))
        return found

    def compiler(self, path, source, made):
        """The words that compile a source in the place of the file at `path`."""
        words = [word for word in shlex.split(self.compile[path]) if "ccache" not in word]
        words[words.index("-o") + 1] = made
        words[words.index("-c") + 1] = source
        return words + ["-w", "-ferror-limit=0", "-fno-caret-diagnostics", "-iquote", os.path.dirname(os.path.join(ROOT, path))]

    def compiled(self, path, text, source, made, more=()):
        """(whether it compiles, what the compiler says)."""
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
        done = subprocess.run([*self.compiler(path, source, made), *more], cwd=self.path, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        return done.returncode == 0, done.stdout


def end_session(leader):
    """Ends all that a test left: Check gives each of its tests a process group of its own."""
    for name in os.listdir("/proc"):
        try:
            with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as file:
                if int(file.read().rpartition(")")[2].split()[3]) == leader:
                    os.kill(int(name), signal.SIGKILL)
        except (OSError, ValueError, IndexError):
            pass  # it ended meanwhile, or is no process


class Build:
    """The programs of a tree with other objects of the library: {path of the source: object}, and more of them."""

    def __init__(self, tree, folder, objects, more=()):
        self.tree, self.folder, self.objects, self.more, self.made = tree, folder, objects, list(more), set()
        os.makedirs(folder, exist_ok=True)

    def link(self, target, made, change):
        """Links a target under another name, once."""
        made = os.path.join(self.folder, made)
        if made not in self.made:
            words = change(list(self.tree.linking[target]))
            if target == ARCHIVE:
                words[words.index(target)] = made
            else:
                words[words.index("-o") + 1] = made
                words += ["-fuse-ld=gold"] if shutil.which("ld.gold") else []  # quicker
            done = subprocess.run(words, cwd=self.tree.path, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                                  check=False)
            if done.returncode != 0:
                sys.exit(done.stdout[-2000:] + f"\nmutants: {target} does not link with what compiles")
            self.made.add(made)
        return made

    def swapped(self, words):
        """The words of a command with these objects in the place of the library's."""
        out = [self.swap(word) for word in words]
        at = max(i for i, word in enumerate(out) if word.endswith(".o")) + 1
        return out[:at] + self.more + out[at:]

    def swap(self, word):
        """The object in the place of one of the library's, or the word as it is."""
        return next((made for path, made in self.objects.items() if word.endswith("/" + path.removeprefix("lib/") + ".o")), word)

    def swaps(self, words):
        return any(self.swap(word) != word for word in words)

    def own(self, words):
        """The words of a program that has a driver's objects beside the archive."""
        return self.swapped(words) if self.swaps(words) else words

    def program(self, name):
        """(the program, the folder of the library that it needs)."""
        target = "tests/" + plain(name)
        if ARCHIVE in self.tree.linking[target]:
            archive = self.link(ARCHIVE, "libhomeconnect.a", self.swapped)
            return self.link(target, plain(name), lambda words: self.own([archive if word == ARCHIVE else word for word in words])), ""
        self.link(LIBRARY, "libhomeconnect.so.0", self.swapped)
        os.makedirs(os.path.join(self.folder, "homeconnect"), exist_ok=True)  # its drivers are beside it
        for module in self.tree.modules:
            made, built = os.path.join("homeconnect", os.path.basename(module)), os.path.join(self.tree.path, module)
            if self.swaps(self.tree.linking[module]) and os.path.exists(built):
                self.link(module, made, self.swapped)
            elif not os.path.lexists(os.path.join(self.folder, made)):
                os.symlink(built, os.path.join(self.folder, made))
        return os.path.join(self.tree.path, target), self.folder

    def run(self, name, test, limit, **settings):
        """What one test of a program says."""
        program, library = self.program(name)
        folder = tempfile.mkdtemp(dir=self.folder)
        env = dict(os.environ, TMPDIR=folder, LD_LIBRARY_PATH=library, HC_TEST_ONLY=test, **settings)
        env.pop("HC_TEST_DOCUMENTS", None)
        if library:
            env["HC_TEST_LIBRARY"] = os.path.join(library, "libhomeconnect.so.0")
        if self.tree.paired(name):
            env["HC_TEST_DOCUMENTS"] = self.tree.documents.base

        def limits():
            resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
            resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 30, 1 << 30))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

        begun = time.monotonic()
        with open(os.path.join(self.folder, "output"), "w+", encoding="utf-8", errors="replace") as said:
            starter = [os.path.join(self.tree.path, STARTER), "--own"] if name in OWN else \
                [os.path.join(self.tree.path, SERVER_STARTER)] if name.startswith(SERVER) else []
            with subprocess.Popen([*starter, program], stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=env,
                                  cwd=folder, start_new_session=True, preexec_fn=limits) as child:
                try:
                    status = child.wait(timeout=limit)
                except subprocess.TimeoutExpired:
                    status = None
                if status != 0:
                    end_session(child.pid)
                if status is None:
                    child.kill()
            said.seek(0)
            output = said.read(1 << 20)
        shutil.rmtree(folder, ignore_errors=True)
        return Said(status, output, time.monotonic() - begun)


def choice(folder):
    made = os.path.join(folder, "choice.o")
    subprocess.run(["clang", "-O0", "-fPIC", "-fvisibility=hidden", "-c", os.path.join(HERE, "choice.c"), "-o", made], check=True)
    return made


class Grown:
    """All mutants of some sources in one build. Who does not compile is left out: stillborn."""

    def __init__(self, tree, folder, sources, mutants):
        """sources: {path: text}; mutants: [Mutant], which are known by their place in the list, from 1."""
        self.numbers, self.stillborn = {}, set()
        os.makedirs(folder, exist_ok=True)
        objects = {}
        chosen = collections.defaultdict(list)
        for number, mutant in enumerate(mutants, 1):
            chosen[mutant.path].append((number, mutant))
            self.numbers[mutant] = number
        for path, source in sources.items():
            objects[path] = os.path.join(folder, path.replace("/", "_") + ".o")
            self.grow(tree, folder, path, source, chosen[path], objects[path])
        self.build = Build(tree, folder, objects, [choice(folder)])

    def grow(self, tree, folder, path, source, chosen, made):
        found = grown.functions(source)
        while True:
            text, lines = grown.write(source, found, chosen)
            fine, said = tree.compiled(path, text, os.path.join(folder, "grown.c"), made)
            if fine:
                return
            lost = {lines[int(line)] for line in LOST.findall(said) if int(line) in lines}
            if not lost:
                sys.exit(said[-3000:] + f"\nmutants: {path} does not compile with its mutants")
            self.stillborn |= {mutant for number, mutant in chosen if number in lost}
            chosen = [(number, mutant) for number, mutant in chosen if number not in lost]

    def run(self, mutant, name, test, limit):
        return self.build.run(name, test, limit, HC_MUTANT=str(self.numbers[mutant] if mutant else 0))


class Traced:
    """Sources as they are, in a build that tells which of their blocks a test runs."""

    def __init__(self, tree, folder, sources):
        os.makedirs(folder, exist_ok=True)
        self.tree, objects = tree, {}
        self.names = {path.replace("/", "_"): path for path in sources}
        for name, path in self.names.items():
            objects[path] = os.path.join(folder, name + ".o")
            fine, said = tree.compiled(path, sources[path], os.path.join(folder, name), objects[path],
                                       ["-gline-tables-only", "-fsanitize-coverage=inline-8bit-counters,pc-table,no-prune"])
            if not fine:
                sys.exit(said[-3000:] + f"\nmutants: {path} does not compile")
        self.build = Build(tree, folder, objects, [choice(folder)])
        self.places = {}  # {module: {address: (path, line)}}

    def run(self, name, test, limit, every):
        """(what a test says, {(path, line)} where a block begins that it runs, the same of those that it does not)."""
        with tempfile.NamedTemporaryFile(dir=self.build.folder) as trace:
            said = self.build.run(name, test, limit, HC_MUTANT_TRACE=trace.name, **({"HC_MUTANT_BLOCKS": "1"} if every else {}))
            seen = array.array("Q")
            seen.frombytes(trace.read())
        program, library = self.build.program(name)
        module = os.path.join(library, "libhomeconnect.so.0") if library else program
        seen = set(seen)
        run = self.lines(module, {address for address in seen if not address & NOT_RUN})
        return said, run, self.lines(module, {address & ~NOT_RUN for address in seen if address & NOT_RUN}) - run

    def lines(self, module, addresses):
        known = self.places.setdefault(module, {})
        new = sorted(addresses - known.keys())
        if new:
            told = subprocess.run(["llvm-symbolizer", "--obj=" + module, "--functions=none", "--no-inlines"], check=True, text=True,
                                  input="".join(f"0x{address:x}\n" for address in new), stdout=subprocess.PIPE).stdout
            for address, line in zip(new, told.split("\n\n")):
                file, number, _ = line.strip().rsplit(":", 2)
                known[address] = self.names.get(os.path.basename(file)), int(number)
        return {known[address] for address in addresses if known[address][0]}
