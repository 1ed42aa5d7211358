"""Which files of lib a slow checker has passed: by the hash of what they say after the preprocessor, of the tool and of
what it was asked. Kept beside the servers, outside of the tree, so that a new clone need not read them all again."""

import json
import os

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def commands(tree):
    """The compile commands of a build tree for lib's files."""
    with open(os.path.join(tree, "compile_commands.json"), encoding="utf-8") as file:
        return [c for c in json.load(file) if os.path.relpath(c["file"], ROOT).startswith("lib/")]


def stamp(tool, key):
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    return os.path.join(base, "homeconnect", "checked", tool, key)


def passed(tool, key):
    return os.path.exists(stamp(tool, key))


def keep(tool, key):
    os.makedirs(os.path.dirname(stamp(tool, key)), exist_ok=True)
    with open(stamp(tool, key), "w", encoding="ascii"):
        pass
