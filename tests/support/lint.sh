#!/usr/bin/env bash
# Rules of the tree that a text search can check. Prints each breach and fails when there is one.
set -u
cd "$(dirname "$0")/../.."
bad=0
say() { # say RULE BREACHES
    [ -z "$2" ] && return
    printf '%s:\n%s\n' "$1" "$2"
    bad=1
}
not_comment() { grep -vE '^[^:]+:[0-9]+:[[:space:]]*(/?\*|//)'; }
tracked() { # files of the tree by pattern, also before they are added to git
    git ls-files --cached --others --exclude-standard -- "$@" | sort -u | while read -r f; do [ -f "$f" ] && echo "$f"; done
}
search() { # search PATTERN FILES...: like git grep, over the working tree
    local pattern=$1
    shift
    tracked "$@" | xargs -r grep -nIHE -- "$pattern"
}
start='(^|[^A-Za-z0-9_>.])'

say 'Top-level entries outside the fixed layout' "$(tracked | sed 's,/.*,,' | sort -u |
    grep -Ev '^(CMakeLists\.txt|CMakePresets\.json|include|lib|examples|bindings|tests|pkgconfig|README\.md|LICENSE|CHANGELOG\.md|\..*)$')"
say 'Marks of unfinished work' "$(search '\b(TO''DO|FIX''ME|X''XX|HA''CK|unimplemented|not implemented|for'' now|dum''my)\b' lib include bindings examples |
    grep -vE '^[^:]+\.md:')"
say 'Files over 800 lines' "$(tracked 'lib/*.c' 'lib/*.h' 'include/*.h' 'bindings/*.py' 'examples/*.c' 'tests/*.c' 'tests/*.py' |
    xargs -r wc -l | awk '$2 != "total" && $1 > 800')"
say 'Rooms without README.md' "$(tracked 'lib/*.c' | sed 's,/[^/]*$,,' | sort -u |
    while read -r room; do [ -f "$room/README.md" ] || echo "$room"; done)"
say 'Room READMEs over 20 lines' "$(tracked 'lib/*README.md' | xargs -r wc -l | awk '$2 != "total" && $1 > 20')"
say 'Headings that stand twice' "$(tracked '*.md' | while read -r f; do grep '^## ' "$f" | sort | uniq -d | sed "s|^|$f: |"; done)"
say 'Banned calls in lib' "$(search "$start"'(v?f?printf|f?puts|putchar|perror|v?sprintf|strcpy|strcat|gets|atoi|atof|strtok|system|abort|exit|signal|sigaction|setlocale|setenv|localtime|gmtime|rand|cJSON_InitHooks|PQescape[A-Za-z]*)\(' 'lib/*.c' 'lib/*.h' | grep -vE '^lib/driver/mysql/connect.c:[0-9]+:.*sigaction\(SIGPIPE' | not_comment)"
say 'Memory taken outside lib/base' "$(search "$start"'(malloc|calloc|realloc|reallocarray|strdup|strndup|asprintf|free)\(' 'lib/*.c' 'lib/*.h' |
    grep -v '^lib/base/' | not_comment)"
say 'Operating-system calls outside lib/base/os_*.c and the drivers' "$(search "$start"'(fork|getpid|pthread_[a-z_]+|nanosleep|usleep|clock_gettime|gettimeofday|time|getrandom|dlopen|mmap|open|fopen|opendir|unlink)\(' 'lib/*.c' |
    grep -vE '^lib/(base/os_|driver/)' | not_comment)"
say 'Counters that log.h does not name' "$(tracked 'lib/*.c' | xargs -r grep -hoE 'hc__core_count\(.*' | grep -oE '"[a-z_.]+"' | sort -u |
    while read -r name; do grep -qF -- "$name" include/homeconnect/log.h || echo "$name"; done)"
say 'Seeded bugs that no test looks for' "$(tracked 'lib/*.c' | xargs -r grep -hoE 'hc__bug\("[a-z-]+"\)' | cut -d'"' -f2 | sort -u |
    while read -r name; do tracked 'tests/*.[ch]' 'tests/*CMakeLists.txt' | xargs grep -qE "(\"|[= ])$name[\") ]" || echo "$name"; done)"
say 'Corpora over 2 MiB' "$(tracked 'tests/fuzz/corpus/*' | tr '\n' '\0' | xargs -0 cat | wc -c | awk '$1 > 2097152')"
say 'Includes that climb' "$(search '#[[:space:]]*include[[:space:]]*"[^"]*\.\./' 'lib/*' 'include/*' 'tests/*.[ch]' 'examples/*.[ch]')"
say 'Machine paths' "$(search '(^|[^A-Za-z0-9_.])/(work|root|farm)/' . | grep -v '^tests/support/lint.sh:')"
say 'Swallowed failures in scripts' "$(search '\|\| *(true|:)( |$)' .ci tests/run examples/run tests/bench/run)"
say 'Tabs or spaces at line ends' "$(search '[[:space:]]+$' '*.c' '*.h' '*.def' '*.sh' '*.py' '*CMakeLists.txt' tests/run examples/run .ci/run | head -20)"
[ $bad = 0 ] && echo "lint: $(tracked | wc -l) files"
exit $bad
