#!/bin/sh
# The two demonstrations play to their end, and show nothing that they have no words for.
set -u
number=0
play() { # NAME STEPS
    number=$((number + 1))
    if text=$(sh examples/demo.sh build/asan/examples/console "$2") && [ -n "$text" ] && ! echo "$text" | grep -q '!!'; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
    fi
}
play 'make demo' examples/demo.txt
play 'make demo im=1' examples/demo_im.txt
echo "1..$number"
