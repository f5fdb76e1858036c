#!/bin/sh
# Plays the transcripts through the console and compares what it prints, once from a file and once from standard input.
#
#   AREA/NAME.in      input; its first lines say which rules it is for and what it shows
#   AREA/NAME.in.sh   or a script that prints the input, where that is large
#   AREA/NAME.out     the output, or NAME.out.sh; 32 hexadecimal digits (a generated resource) stand there as GENERATED;
#                     where the input has `im on`, the id of a push as id="PUSH" and a version of a roster as ver="VERSION"
#   AREA/NAME.args    arguments of the console, if any
#   AREA/NAME.status  its exit status, if it is not 0
set -u
console=$1
folder=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
number=0
failed=0

text() { # FILE: prints FILE, or what FILE.sh prints
    if [ -f "$1" ]; then cat "$1"; else sh "$1.sh"; fi
}

say() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $number - $2"
        return
    fi
    echo "not ok $number - $2"
    diff "$work/expected" "$work/output" | cut -c 1-400 | sed 's/^/# /'
    failed=1
}

compare() { # NAME STATUS EXPECTED_STATUS
    if grep -qx 'im on' "$work/input"; then
        sed -e 's/id="push-[0-9a-f]\{1,\}"/id="PUSH"/g' -e 's/ver="[0-9]\{1,\}"/ver="VERSION"/g' \
            -e 's/[0-9a-f]\{32\}/GENERATED/g' "$work/raw" >"$work/output"
    else
        sed 's/[0-9a-f]\{32\}/GENERATED/g' "$work/raw" >"$work/output"
    fi
    if [ "$2" -eq "$3" ] && cmp -s "$work/expected" "$work/output"; then
        say 0 "$1"
    else
        [ "$2" -eq "$3" ] || echo "exit status $2, expected $3" >>"$work/output"
        say 1 "$1"
    fi
}

for input in "$folder"/*/*.in "$folder"/*/*.in.sh; do
    base=${input%.sh}
    base=${base%.in}
    name=${base#"$folder"/}
    args=
    expected=0
    if [ -f "$base.args" ]; then args=$(cat "$base.args"); fi
    if [ -f "$base.status" ]; then expected=$(cat "$base.status"); fi
    text "$base.in" >"$work/input"
    text "$base.out" >"$work/expected"
    # shellcheck disable=SC2086  # a list of arguments
    "$console" $args "$work/input" >"$work/raw" 2>&1
    compare "$name" $? "$expected"
    # shellcheck disable=SC2086
    "$console" $args <"$work/input" >"$work/raw" 2>&1
    compare "$name, from standard input" $? "$expected"
done
echo "1..$number"
exit "$failed"
