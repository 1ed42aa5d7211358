#!/usr/bin/env bash
# cppcheck over lib; what it finds fails. Its results are kept in the build tree, so that only changed files are read again,
# and those of a run that found nothing beside the servers, so that a new clone need not read them all.
# Left out is what it guesses wrong: out parameters that a callee fills, pointers that are NULL only with a count of 0,
# waiters on the stack, and compound literals.
set -eu
cache=$1/cppcheck
kept=${XDG_CACHE_HOME:-$HOME/.cache}/homeconnect/checked/cppcheck
mkdir -p "$kept"
exec 9>"$kept.lock"
flock 9
[ -d "$cache" ] || cp -r "$kept" "$cache"
flock -u 9
cppcheck --quiet --cppcheck-build-dir="$cache" --std=c11 --language=c --enable=warning,performance,portability \
    --inline-suppr --suppress=autoVariables --suppress=uninitvar --suppress=ctuuninitvar \
    --suppress=nullPointer --suppress=nullPointerRedundantCheck --suppress=internalAstError \
    --suppress=missingInclude --suppress=missingIncludeSystem --error-exitcode=1 \
    -DHC_TEST_BUILD -D_GNU_SOURCE -I include -I lib -j2 lib
flock 9
rm -rf "$kept"
cp -r "$cache" "$kept"
