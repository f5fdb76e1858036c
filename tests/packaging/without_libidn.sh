#!/bin/sh
# Builds without GNU libidn (make WITHOUT_LIBIDN=1): the library is linked without it, and the tests of what depends on it say that
# the profile of RFC 3920 is not there.
set -u
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
number=0
tar -cf - Makefile include lib examples tests pkgconfig | (cd "$folder" && tar -xf -) || exit 1

report() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}

try() { # NAME COMMAND...
    name=$1
    shift
    (cd "$folder" && "$@") >"$folder/output" 2>&1
    status=$?
    [ "$status" -eq 0 ] || sed 's/^/# /' "$folder/output"
    report "$status" "$name"
}

own_make() {
    MAKEFLAGS='' make --no-print-directory -s WITHOUT_LIBIDN=1 "$@"
}

not_linked() {
    ! ldd build/libxmppbind.so.* | grep -q 'libidn\.'
}

try 'it builds' own_make all build/release/tests/unit/address_stringprep_test build/release/tests/unit/base_error_codes_test
try 'libidn is not linked' not_linked
try 'the profile is refused' build/release/tests/unit/address_stringprep_test
try 'its error is provoked' build/release/tests/unit/base_error_codes_test
