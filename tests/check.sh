#!/bin/sh
# Runs all tests: the programs named as arguments, the transcripts, the packaging scripts and the table of rules, all of which print
# TAP. Shows what failed, and at the end `N passed, N failed`. All output is in build/check.log.
set -u
output=$(mktemp)
log=$(mktemp)
trap 'mv "$log" build/check.log; rm -f "$output"' EXIT
trap 'exit 1' HUP INT TERM
passed=0
failed=0

# One failure when a program ends badly without an `not ok`, or has fewer results than its plan says, or none.
count() { # NAME STATUS
    good=$(grep -c '^ok ' "$output")
    bad=$(grep -c '^not ok ' "$output")
    planned=$(sed -n 's/^1\.\.\([0-9]*\)$/\1/p' "$output" | tail -n 1)
    if [ "$bad" -eq 0 ]; then
        if [ "$2" -ne 0 ]; then
            bad=1
            echo "# ended with status $2" >>"$output"
        elif [ "$good" -eq 0 ] || [ "$good" -lt "${planned:-0}" ]; then
            bad=1
            echo "# $good results, planned: ${planned:-more than none}" >>"$output"
        fi
    fi
    passed=$((passed + good))
    failed=$((failed + bad))
}

show() { # NAME
    printf '%-52s %4d passed, %d failed\n' "$1" "$good" "$bad"
    if [ "$bad" -gt 0 ]; then tail -n 100 "$output"; fi
    { echo "--- $1"; cat "$output"; } >>"$log"
}

run() { # NAME COMMAND...
    name=$1
    shift
    "$@" >"$output" 2>&1
    count "$name" $?
    show "$name"
}

export CMOCKA_MESSAGE_OUTPUT=TAP
export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:detect_stack_use_after_return=1
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1
for program in "$@"; do
    run "${program#build/}" "$program"
done
if [ -f tests/transcripts/run.sh ]; then
    run transcripts sh tests/transcripts/run.sh build/asan/examples/console
fi
for script in tests/packaging/*.sh; do
    run "${script#tests/}" sh "$script"
done
# The server, spoken to by programs in Python; that of the distribution knows slixmpp.
python=/usr/bin/python3
if [ ! -x "$python" ]; then python=python3; fi
server() { # NAME PROGRAM...
    name=$1
    shift
    run "server/$name" "$python" "tests/server/${name}_test.py" "$@"
}
checked=build/asan/examples/xmppbind-server
for name in parser cases sentences conversations slixmpp profanity; do
    server "$name" "$checked"
done
for name in strophe gloox; do
    server "$name" "$checked" "build/asan/tests/server/$name"
done
server multiplexer "$checked" build/asan/examples/multiplexer
server pipelining "$checked"
server hostile "$checked"
# What is about memory and time is not distorted by sanitizers; valgrind looks in their place.
released=build/release/examples/xmppbind-server
server valgrind "$released"
for name in load names; do
    server "$name" "$released" "build/release/tests/server/$name"
done
run protocol sh tests/protocol/check.sh
if [ -f tests/RULES.md ]; then
    run rules sh tests/rules.sh
    sed 's/^/    /' "$output"
fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
