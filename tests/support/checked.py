"""Which files of lib a slow checker has passed: by the hash of what they say after the preprocessor, of the tool and of
what it was asked. Kept beside the servers, outside of the tree, so that a new clone need not read them all again. Before
that by the hash of the files that the compiler read, as ninja noted them: then nothing is preprocessed."""

import functools
import hashlib
import json
import os
import shlex
import subprocess

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def commands(tree):
    """The compile commands of a build tree for lib's files."""
    with open(os.path.join(tree, "compile_commands.json"), encoding="utf-8") as file:
        return [c for c in json.load(file) if os.path.relpath(c["file"], ROOT).startswith("lib/")]


@functools.lru_cache(None)
def read_by(tree):
    """{object: files that the compiler read for it}, of those that are as they were when it was built."""
    found, name = {}, None
    listed = subprocess.run(["ninja", "-C", tree, "-t", "deps"], capture_output=True, text=True, check=False).stdout
    for line in listed.splitlines():
        if line.endswith("(VALID)"):
            name = line.split(":")[0]
            found[name] = []
        elif not line.startswith(" "):
            name = None
        elif name is not None:
            found[name].append(line.strip())
    return found


@functools.lru_cache(None)
def content(path):
    with open(path, "rb") as file:
        return hashlib.sha256(file.read()).digest()


def files_key(command, tree, salt):
    """The hash of a file and all that it includes, of its command and of the salt; None: it is not known what it includes."""
    words = shlex.split(command["command"])
    files = read_by(tree).get(words[words.index("-o") + 1])
    if not files:
        return None
    try:
        parts = [content(os.path.join(command["directory"], path)) for path in sorted(files)]
    except OSError:
        return None
    return hashlib.sha256(salt + command["command"].encode() + "\n".join(sorted(files)).encode() + b"".join(parts)).hexdigest()


def stamp(tool, key):
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "homeconnect", "checked", tool, key)


def passed(tool, key):
    return key is not None and os.path.exists(stamp(tool, key))


def keep(tool, key):
    if key is None:
        return
    os.makedirs(os.path.dirname(stamp(tool, key)), exist_ok=True)
    with open(stamp(tool, key), "w", encoding="ascii"):
        pass
