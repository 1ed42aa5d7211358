#!/usr/bin/env bash
# cppcheck over lib; what it finds fails. Its results are kept in the build tree, so that only changed files are read again.
# Left out is what it guesses wrong: out parameters that a callee fills, pointers that are NULL only with a count of 0,
# waiters on the stack, and compound literals.
set -eu
cache=$1/cppcheck
mkdir -p "$cache"
cppcheck --quiet --cppcheck-build-dir="$cache" --std=c11 --language=c --enable=warning,performance,portability \
    --inline-suppr --suppress=autoVariables --suppress=uninitvar --suppress=ctuuninitvar \
    --suppress=nullPointer --suppress=nullPointerRedundantCheck --suppress=internalAstError \
    --suppress=missingInclude --suppress=missingIncludeSystem --error-exitcode=1 \
    -DHC_TEST_BUILD -D_GNU_SOURCE -I include -I lib -j2 lib
