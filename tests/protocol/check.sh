#!/bin/sh
# Searches the model of the claim protocol (claim.pml) with spin: all that two sessions and one fault can do, for errors and
# for what never comes to rest; of more sessions or faults a part that is drawn by lot; and each variant without one protection,
# in which an error has to be found, so that the model is known to be able to fail. Prints TAP.
# DEPTH=full: two sessions with two faults, and three with one, as far as a hash table of 512 MB goes (half an hour).
set -u
model=$(cd "$(dirname "$0")" && pwd)/claim.pml
folder=build/protocol
parallel=$(getconf _NPROCESSORS_ONLN)

without_safety='NO_MARK RELEASE_ANY LATE_HOLD HOLD_WINS NO_CLOCK READ_BEFORE RENEW_ENDED END_EARLY'
without_liveness='NO_CHECK RELEASE_ONCE SAME_INCARNATION'

# By name: what expects the search to find, 0 or 1 errors; the model's settings; the compiler's; the verifier's.
define() { # NAME
    found=0
    case $1 in
    settles)
        settings='-DSESSIONS=2 -DFAULTS=1 -DLIVENESS'
        options=-O1
        arguments='-a -m100000'
        ;;
    two_faults)
        settings='-DSESSIONS=2 -DFAULTS=2'
        options='-O1 -DSAFETY -DBITSTATE -DT_RAND -DP_RAND'
        arguments="-w${bits:-20} -k2 -m100000"
        ;;
    three_sessions)
        settings='-DSESSIONS=3 -DFAULTS=1'
        options='-O1 -DSAFETY -DBITSTATE -DT_RAND -DP_RAND'
        arguments="-w${bits:-20} -k2 -m100000"
        ;;
    *)
        found=1
        faults=1
        if [ "$1" = NO_CHECK ]; then faults=0; fi # a message that is lost is none
        settings="-DSESSIONS=2 -DFAULTS=$faults -D$1"
        options='-O0 -DSAFETY'
        arguments='-m100000'
        case " $without_liveness " in
        *" $1 "*)
            settings="$settings -DLIVENESS"
            options='-O0'
            arguments='-a -m100000'
            ;;
        esac
        ;;
    esac
}

# All that ends badly is said in `result`; the trail of an error stays there for `spin -p -k claim.pml.trail`.
search() { # NAME
    define "$1"
    mkdir -p "$folder/$1"
    cd "$folder/$1" || exit 1
    rm -f -- *
    # shellcheck disable=SC2086  # lists of words
    if spin -a $settings "$model" >spin.log 2>&1 &&
        cc -w $options -DNOREDUCE -DNOFAIR -DMEMLIM=900 -o pan pan.c >cc.log 2>&1; then
        ./pan -E $arguments >pan.log 2>&1
    fi
    if grep -q "errors: $found\$" pan.log && ! grep -qE 'max search depth|out of memory|aborting' pan.log; then
        echo ok >result
    else
        echo 'not ok' >result
        cat spin.log cc.log pan.log 2>/dev/null | head -n 40 | sed 's/^/# /' >why
    fi
    rm -f pan pan.[a-z]
}

number=0
report() { # NAME SENTENCE
    number=$((number + 1))
    states=$(sed -n 's/ *\([0-9.e+]*\) states, stored.*/\1/p' "$folder/$1/pan.log" 2>/dev/null | head -n 1)
    echo "$(cat "$folder/$1/result" 2>/dev/null || echo 'not ok') $number - $2 (${states:-no} states)"
    if [ -f "$folder/$1/why" ]; then cat "$folder/$1/why"; fi
}

if [ $# -gt 0 ]; then
    search "$1"
    exit 0
fi
if [ "${DEPTH:-}" = full ]; then
    bits=32
    export bits
fi
# shellcheck disable=SC2086  # lists of words
printf '%s\n' settles two_faults three_sessions $without_liveness $without_safety | xargs -P "$parallel" -n 1 sh "$0"
report settles 'all that two sessions and one fault can do is right, and settles when the fault is over'
report two_faults 'no error was met in what two sessions and two faults can do'
report three_sessions 'no error was met in what three sessions and one fault can do'
for name in $without_safety $without_liveness; do
    report "$name" "an error is found in the protocol by $name"
done
echo "1..$number"
