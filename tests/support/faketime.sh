#!/usr/bin/env bash
# faketime.sh PROGRAM [ARGUMENT...]: runs a program in whose house the clock is the system's, which libfaketime lets say what
# the house wants and jump as it wants (house_set_time()). Clients have no clock of their own then; CLOCK_MONOTONIC is left as it is.
set -eu
for library in /usr/lib/*/faketime/libfaketimeMT.so.1 /usr/lib/faketime/libfaketimeMT.so.1; do
    [ -e "$library" ] && break
done
if [ ! -e "$library" ]; then
    echo "skip: no libfaketime (Debian: faketime), so the system's clock did not jump"
    exit 77
fi
FAKETIME_TIMESTAMP_FILE=$(mktemp)
trap 'rm -f "$FAKETIME_TIMESTAMP_FILE" "$FAKETIME_TIMESTAMP_FILE.next"' EXIT
echo 1763892000.0000005 >"$FAKETIME_TIMESTAMP_FILE"
export FAKETIME_TIMESTAMP_FILE FAKETIME_FMT=%s FAKETIME_NO_CACHE=1 FAKETIME_DONT_FAKE_MONOTONIC=1 NO_FAKE_STAT=1 TZ=UTC
LD_PRELOAD=$library "$@"
