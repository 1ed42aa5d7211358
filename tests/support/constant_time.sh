#!/usr/bin/env bash
# tests/support/constant_time.sh TREE: nothing in the release library branches on a secret, or looks something up by it,
# where passwords, cursors and seals are compared and tokens are signed. A comparison like memcmp's must first be found.
set -eu
tree=$1
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
wrap=()
for name in hc__same crypto_pwhash crypto_generichash_blake2b_salt_personal crypto_sign_detached \
    crypto_aead_xchacha20poly1305_ietf_encrypt; do wrap+=("-Wl,--wrap=$name"); done
read -ra libraries <<<"$(pkg-config --cflags --libs libsodium libcjson sqlite3)"
gcc -std=c11 -O1 -g -Wall -Wextra -Werror -I"$here/../../include" "$here/constant_time.c" "$tree/lib/libhomeconnect.a" \
    -o "$work/constant_time" "${wrap[@]}" "${libraries[@]}" -pthread -ldl -lm
# The last seal of the log is told to who verified it.
cat >"$work/told" <<'SUPPRESSED'
{
   report.end, a branch
   Memcheck:Cond
   ...
   fun:snprintf
   fun:hc_audit_verify
}
{
   report.end, a table
   Memcheck:Value8
   ...
   fun:snprintf
   fun:hc_audit_verify
}
SUPPRESSED
look() { # look FIRST-ERROR-ONLY [plain]
    valgrind --quiet --suppressions="$work/told" --error-exitcode=9 --exit-on-first-error="$1" "$work/constant_time" "${@:2}" >"$work/log" 2>&1
}

code=0
look yes plain || code=$?
if [ $code != 9 ] || ! grep -q 'same_as_memcmp' "$work/log"; then
    cat "$work/log"
    echo "constant_time: a comparison that ends early was not found" >&2
    exit 1
fi
echo "a comparison that ends early is found"
code=0
look no || code=$?
cat "$work/log"
exit $code
