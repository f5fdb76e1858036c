#!/bin/sh
# shellcheck disable=SC2317  # functions are called by check
# The example of several nodes: what it shows, that it leaves no process behind, and what a wrong use of it says. Prints TAP.
set -u
node=build/asan/examples/node
output=$(mktemp)
trap 'rm -f "$output"' EXIT
number=0
failed=0

check() { # SENTENCE COMMAND...
    number=$((number + 1))
    sentence=$1
    shift
    if "$@"; then
        echo "ok $number - $sentence"
    else
        echo "not ok $number - $sentence"
        sed 's/^/# /' "$output"
        failed=1
    fi
}

# Whether lines match in this order, others between them.
has_in_order() {
    expected=$output.expected
    printf '%s\n' "$@" >"$expected"
    awk -v expected="$expected" 'BEGIN { while ((getline line < expected) > 0) lines[n++] = line }
        at < n && $0 ~ lines[at] { at++ }
        END { exit at < n }' "$output"
    result=$?
    rm -f "$expected"
    return "$result"
}

sh examples/nodes.sh "$node" >"$output" 2>&1
status=$?
check 'the example ends well' [ "$status" -eq 0 ]
check 'an account is shared, a conflict evicts on another node' has_in_order \
    'verona: phone opened .*/balcony' 'mantua: laptop opened .*/chamber' 'padua: session .*/balcony' 'padua: session .*/chamber' \
    'mantua: laptop opened .*/balcony' 'verona: phone closed .*/balcony evicted'
check 'what a dead node held is refused while its lease lives, and bound again elsewhere when it has ended' has_in_order \
    'Mantua dies' 'padua: tablet refused conflict' 'padua: tablet opened .*/balcony' 'verona: phone opened .*/chamber'
check 'in the end nothing is claimed' has_in_order 'padua: gone' 'verona: phone closed' 'verona: end of sessions' 'verona: gone'

listed_after_the_close() {
    awk '/verona: phone closed .*disconnected/ { closed = 1 } closed && /: session / { exit 1 }' "$output"
}
check 'and nothing is listed' listed_after_the_close

ends_with() { # STATUS COMMAND...
    wanted=$1
    shift
    "$@" </dev/null >"$output" 2>&1
    [ $? -eq "$wanted" ]
}
check 'it explains itself' ends_with 0 "$node" --help
check 'a wrong use is one' ends_with 2 "$node" --name verona
check 'a server that is none is an error' ends_with 1 "$node" --name verona --redis nowhere
check 'so is a lease that is none' ends_with 1 "$node" --name verona --redis 127.0.0.1:1 --lease soon
echo "1..$number"
exit $failed
