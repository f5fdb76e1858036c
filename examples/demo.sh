#!/bin/sh
# Plays demo.txt through the console and shows what came out as a dialogue.
# usage: demo.sh CONSOLE [STEPS]
#
# Nothing here knows what the library answers. The console reads the steps, and after each of them the features of a
# second stream: that line marks where the output of the step ends.
set -eu

if [ $# -lt 1 ] || [ $# -gt 2 ]; then
    echo "usage: demo.sh CONSOLE [STEPS]" >&2
    exit 2
fi
console=$1
steps=${2:-$(dirname "$0")/demo.txt}
marker=end-of-step

colours=0
if [ -t 1 ]; then
    colours=1
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 1' HUP INT TERM

{
    grep -x "im on" "$steps" || true # before the first stream
    echo "open $marker demo@capulet.com"
    awk -v marker="$marker" '/^[#>]/ || /^[ \t]*$/ || /^im on$/ { next } { print; print "features " marker }' "$steps"
} >"$folder/input"

status=0
"$console" "$folder/input" >"$folder/output" || status=$?

awk -v marker="$marker" -v colours="$colours" -v output="$folder/output" -v steps="$steps" '
function paint(colour, text) {
    return colours ? "\033[" colour "m" text "\033[0m" : text
}

# The "from" of the root element, or nothing.
function from_of(xml,    tag) {
    tag = substr(xml, 1, index(xml, ">"))
    if (!match(tag, / from="[^"]*"/))
        return ""
    return substr(tag, RSTART + 7, RLENGTH - 8)
}

# Which stream a line is about; nothing where there is only one.
function label(line,    name) {
    name = line
    sub(/[ :].*/, "", name)
    return several && name ~ /^[A-Z]$/ ? " " name : ""
}

function show(line,    word, rest, name) {
    name = label(line)
    rest = substr(line, index(line, " ") + 1)
    if (line ~ /^host /) {
        print paint("34", "   for the host: ") rest
        return
    }
    if (line ~ /^session /) {
        print paint("2", "      session ") rest
        return
    }
    word = rest
    sub(/ .*/, "", word)
    rest = substr(rest, length(word) + 2)
    if (word == "features" || word == "send")
        print paint("32", "   S" name ": ") rest
    else if (word == "route")
        print paint("34", "   =>" name " ") rest "\n      stamped " paint("1", from_of(rest))
    else if (word == "close" && rest == "")
        print paint("32", "   S" name ": ") "</stream:stream>"
    else if (word == "opened" || word == "closed")
        print paint("2", "      session " word ": " rest)
    else
        print paint("31", "   !! ") word " " rest
}

function next_line(    line) {
    if ((getline line <output) <= 0) {
        print "demo: the console stopped in the middle" >"/dev/stderr"
        exit failed = 1
    }
    return line
}

BEGIN {
    while ((getline step_line <steps) > 0)
        several = several || step_line == "im on"
    next_line() # the features of the marker, when it was opened
    print "C: from the client   S: to the client   =>: accepted, stamped, and for the server to route\n"
}
/^#/ || /^[ \t]*$/ || /^im on$/ { next }
/^>/ { print paint("1", ++step "." substr($0, 2)); next }
{
    if (match($0, /^[A-Za-z0-9_-]+: */))
        print paint("33", "   C" label($0) ": ") substr($0, RLENGTH + 1)
    while (index(line = next_line(), marker " ") != 1)
        show(line)
    print ""
}
END { exit failed }
' "$steps" || status=1

if [ "$status" -ne 0 ]; then
    echo "demo: the console failed" >&2
fi
exit "$status"
