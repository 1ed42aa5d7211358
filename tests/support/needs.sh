#!/usr/bin/env bash
# Installs, on Debian and only when it is missing, what building and testing needs. Without root and sudo it prints the
# one line to run and exits with 2.
set -eu
want=()
need() { # need PACKAGE command...: wanted unless the command succeeds
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || want+=("$package")
}
has() { command -v "$1"; }
links() { # compiles and links with the sanitizers of a compiler
    local out
    out=$(mktemp)
    echo 'int main(void) { return 0; }' | "$@" -x c -o "$out" -
    local status=$?
    rm -f "$out"
    return $status
}
need gcc has gcc
need g++ has g++
need libc6-dev links gcc
need clang has clang
need libclang-rt-dev links clang -fsanitize=address,undefined
need cmake has cmake
need ninja-build has ninja
need pkg-config has pkg-config
need check pkg-config --exists check
need libsodium-dev pkg-config --exists libsodium
need libcjson-dev pkg-config --exists libcjson
need libsqlite3-dev pkg-config --exists 'sqlite3 >= 3.37'
need python3 has python3
need tzdata test -e /usr/share/zoneinfo/America/Chicago
need binutils has nm
need clang-tidy has clang-tidy
need cppcheck has cppcheck
need ccache has ccache
[ ${#want[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null; then
        echo "Missing packages. Run this once: sudo apt-get install --no-install-recommends ${want[*]}" >&2
        exit 2
    fi
    as_root=(sudo -n)
fi
if ! command -v apt-get >/dev/null; then
    echo "Missing, and this is no Debian: ${want[*]}" >&2
    exit 2
fi
echo "installing: ${want[*]}"
apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
"${apt[@]}" update
"${apt[@]}" install -y --no-install-recommends "${want[@]}" >/dev/null
