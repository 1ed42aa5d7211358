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
postgres_server() { compgen -G '/usr/lib/postgresql/*/bin/initdb' || has initdb || [ -n "${HC_TEST_POSTGRES_URI:-}" ]; }
mariadb_server() { has mariadbd || [ -n "${HC_TEST_MARIADB_URI:-}" ]; }
mongodb_or() { has "$1" || has mongod || [ -n "${HC_TEST_MONGODB_URI:-}" ]; } # what stands in for MongoDB is built
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
need openssl has openssl
need libmariadb-dev pkg-config --exists 'libmariadb >= 3.3'
need mariadb-server mariadb_server
need galera-4 test -e /usr/lib/galera/libgalera_smm.so
need rsync has rsync
need lsof has lsof
need iproute2 has ss
need socat has socat
need libpq-dev pkg-config --exists 'libpq >= 14'
need postgresql-15 postgres_server
need pgbouncer has pgbouncer
need libmongoc-dev pkg-config --exists 'libmongoc-1.0 >= 1.23'
need default-jdk-headless mongodb_or javac
need maven mongodb_or mvn
need python3 has python3
need tzdata test -e /usr/share/zoneinfo/America/Chicago
need binutils has nm
need clang-tidy has clang-tidy
need cppcheck has cppcheck
need ccache has ccache
need valgrind has valgrind
need faketime has faketime
need llvm has llvm-cov
need abigail-tools has abidiff
need doxygen has doxygen
need dpkg-dev has dpkg-shlibdeps
need debootstrap has debootstrap
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
# A server's package starts, enables and fills nothing: the tests start servers of their own. Both marks are taken back.
policy=/usr/sbin/policy-rc.d
cluster=/etc/postgresql-common/createcluster.d/homeconnect-tests.conf
marks=()
restore() { [ ${#marks[@]} = 0 ] || "${as_root[@]}" rm -f "${marks[@]}"; }
trap restore EXIT
if [[ " ${want[*]} " == *" postgresql-15 "* || " ${want[*]} " == *" mariadb-server "* ||
    " ${want[*]} " == *" pgbouncer "* ]]; then
    if [ ! -e $policy ]; then
        marks+=($policy)
        printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
        "${as_root[@]}" chmod 755 $policy
    fi
    if [ ! -e $cluster ]; then
        marks+=($cluster)
        "${as_root[@]}" mkdir -p "${cluster%/*}"
        echo 'create_main_cluster = false' | "${as_root[@]}" tee $cluster >/dev/null
    fi
fi
"${apt[@]}" update
"${apt[@]}" install -y --no-install-recommends "${want[@]}" >/dev/null
