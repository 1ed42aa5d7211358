#!/usr/bin/env bash
# build.sh [java|ferretdb]...: builds the servers that stand in for MongoDB, outside the checkout and once a version, and
# prints the folder of each. Without arguments both; what the machine cannot build is left out, with a reason on stderr.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/homeconnect/servers
mkdir -p "$cache"

version() { # of what makes a server: its sources here
    cat "$@" | sha256sum | cut -c 1-16
}

# place NAME SOURCES...: the folder, locked against another builder; true when it is there already.
place() {
    local name=$1
    shift
    folder=$cache/$name-$(version "$@")
    exec 9>"$cache/$name.lock"
    flock 9
    [ -e "$folder/done" ]
}

finish() { # what is half built is never taken for whole
    touch "$folder.new/done"
    rm -rf "$folder"
    mv "$folder.new" "$folder"
}

java_server() {
    local from=$here/mongo-java-server
    if ! command -v javac >/dev/null || ! command -v mvn >/dev/null; then
        echo "mongo-java-server: no javac and mvn (Debian: default-jdk-headless maven)" >&2
        return 1
    fi
    if ! place mongo-java-server "$from/pom.xml" "$from/Server.java"; then
        rm -rf "$folder.new"
        mkdir -p "$folder.new"
        mvn -q -B -f "$from/pom.xml" org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies \
            -DoutputDirectory="$folder.new/jars" >"$folder.log" 2>&1 || { echo "mongo-java-server: $folder.log" >&2; return 1; }
        javac -cp "$folder.new/jars/*" -d "$folder.new" "$from/Server.java" >>"$folder.log" 2>&1 ||
            { echo "mongo-java-server: $folder.log" >&2; return 1; }
        finish
    fi
    echo "$folder"
}

new_go() { # 1.24 or newer
    local found
    found=$(GOTOOLCHAIN=local go env GOVERSION 2>/dev/null) || return 1
    found=${found#go1.}
    found=${found%%[!0-9]*}
    [ "${found:-0}" -ge 24 ]
}

ferretdb() {
    local from=$here/ferretdb
    if ! new_go; then
        echo "FerretDB: no Go 1.24 or newer" >&2
        return 1
    fi
    if ! place ferretdb "$from/main.go" "$from/go.mod" "$from/go.sum"; then
        rm -rf "$folder.new"
        mkdir -p "$folder.new"
        cp "$from"/main.go "$from"/go.mod "$from"/go.sum "$folder.new" # a checkout may move under a long build
        (cd "$folder.new" && GOTOOLCHAIN=local GOFLAGS=-mod=readonly go build -trimpath -o ferretdb .) \
            >"$folder.log" 2>&1 || { echo "FerretDB: $folder.log" >&2; return 1; }
        finish
    fi
    echo "$folder"
}

status=0
[ $# -gt 0 ] || set -- java ferretdb
for server; do
    case $server in
    java) java_server || status=1 ;;
    ferretdb) ferretdb || status=1 ;;
    *) sed -n 2,3p "$0" >&2; exit 2 ;;
    esac
done
exit $status
