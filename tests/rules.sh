#!/bin/sh
# For each area of tests/RULES.md: how many of its rules have a test that names them. Fails on a rule without one where the
# library implements all: the areas and the single rules below.
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

# A line for people, and a test of its own when the area has to be complete.
area() { # AREA IDS-THAT-MUST-BE-TESTED
    total=0
    tested=0
    without=
    for id in $(ids_of "$1"); do
        total=$((total + 1))
        if is_tested "$id"; then
            tested=$((tested + 1))
        else
            case " $2 " in *" $id "*) without="$without $id" ;; esac
        fi
    done
    line="$1: $tested of $total rules have a test"
    if [ -z "$2" ]; then
        echo "# $line (not implemented yet)"
        return
    fi
    number=$((number + 1))
    if [ -n "$without" ] || [ "$total" -eq 0 ]; then
        echo "not ok $number - $line; without:$without"
    else
        echo "ok $number - $line"
    fi
}

for name in FEAT BIND UNBIND FROM CONF SESS PRES ROST SUB PRIV DLV CLI; do
    area "$name" "$(ids_of "$name" | tr '\n' ' ')"
done
area JID 'JID-1 JID-2 JID-3 JID-4 JID-5 JID-6 JID-7'
