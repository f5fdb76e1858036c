#!/bin/sh
# For each area of tests/RULES.md: how many of its rules have a test that names them. Fails on a rule without one.
set -u
rules=tests/RULES.md
number=0

# The IDs of an area, each once, in order.
ids_of() { # AREA
    grep -oE "(^|[^A-Za-z])$1-[0-9]+" "$rules" | grep -oE "$1-[0-9]+" | sort -t - -k 2 -nu
}

is_tested() { # ID
    grep -rqE --exclude="${rules##*/}" --exclude='*.sh' "(^|[^A-Za-z])$1([^0-9]|\$)" tests
}

# Each area is complete.
area() { # AREA
    total=0
    tested=0
    without=
    for id in $(ids_of "$1"); do
        total=$((total + 1))
        if is_tested "$id"; then tested=$((tested + 1)); else without="$without $id"; fi
    done
    line="$1: $tested of $total rules have a test"
    number=$((number + 1))
    if [ -n "$without" ] || [ "$total" -eq 0 ]; then
        echo "not ok $number - $line; without:$without"
    else
        echo "ok $number - $line"
    fi
}

for name in FEAT BIND UNBIND FROM CONF SESS PRES ROST SUB PRIV DLV CLI JID; do
    area "$name"
done
