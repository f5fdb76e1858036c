#!/bin/sh
# What the server of the examples costs: instructions of a message from a client to itself, 1,000 of them in flight,
# above those of libxml2's own parser and serialiser for the same messages; octets of a further resource.
# usage: run.sh SERVER LIBXML
set -eu
server=$1
libxml=$2
mkdir -p build

collected() { # COMMAND...: the instructions that callgrind counts; its words are among those of the command
    "$@" 2>&1 | tee build/bench.log | sed -n 's/.*Collected *: *//p'
}
valgrind='valgrind --tool=callgrind --callgrind-out-file=/dev/null'

# Two runs of different length: what both have in common, the beginning and the end, cancels out.
message() { # RESOURCES: instructions of a message
    # shellcheck disable=SC2086  # words
    few=$(collected python3 tests/bench/server/messages.py "$server" "$1" 1000 $valgrind)
    # shellcheck disable=SC2086
    many=$(collected python3 tests/bench/server/messages.py "$server" "$1" 11000 $valgrind)
    echo $(((many - few) / 10000))
}

# shellcheck source=tests/bench/row.sh
. tests/bench/row.sh

printf '\n%-66s %9s %9s\n' 'the server: instructions of a message to oneself' 'measured' 'limit'
# shellcheck disable=SC2086
few=$(collected $valgrind "$libxml" 1000)
# shellcheck disable=SC2086
many=$(collected $valgrind "$libxml" 11000)
parsed=$(((many - few) / 10000))
row 'libxml2 alone: push parser, serialiser' "$parsed" -
one=$(message 1)
row 'the server, one resource bound' "$one" $((parsed + 8000))
row 'the server, 1,000 resources bound' "$(message 1000)" $((one * 105 / 100))
printf '\n%-66s %9s %9s\n' 'the server: octets of resident memory' 'measured' 'limit'
row 'a further resource on a stream' "$(python3 tests/bench/server/resources.py "$server" 8000)" 256
exit $over
