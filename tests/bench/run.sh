#!/bin/sh
# Counts instructions with callgrind and prints each figure beside its limit; exits 1 when one is over.
set -eu
bench=$1

count() { # SCENARIO RESOURCES TIMES: instructions per time
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --collect-atstart=no "--toggle-collect=measured_*" \
        --toggle-collect=xmppbind_stream_stamp \
        "$bench" "$1" "$2" "$3" 2>build/bench.log || { cat build/bench.log >&2; exit 1; }
    sed -n 's/.*Collected *: *//p' build/bench.log | awk -v times="$3" '{printf "%d\n", $1 / times + 0.5}'
}

# Instructions of each name when a table is filled, asked and emptied: sets find, claim and release. Of the directory in memory its
# own functions are counted.
table() { # TABLE RESOURCES TIMES
    find=0 claim=0 release=0
    valgrind --tool=callgrind --callgrind-out-file=build/bench.callgrind --collect-atstart=no "--toggle-collect=measured_*" \
        --toggle-collect=xmppbind_memory_directory_find --toggle-collect=xmppbind_memory_claim \
        --toggle-collect=xmppbind_memory_release "$bench" "directory-$1" "$2" "$3" >build/bench.log 2>&1 ||
        { cat build/bench.log >&2; exit 1; }
    # The file says after each `calls=` what the calls of the function that `cfn=` names cost in all.
    awk -v times="$3" '
        /^c?fn=/ { id = $1; sub(/^c?fn=/, "", id); if (NF > 1) names[id] = $2; if (/^c/) callee = id }
        /^calls=/ { getline; costs[callee] += $NF }
        END {
            for (id in costs)
                if (names[id] ~ /^(measured|xmppbind_memory|xmppbind_memory_directory)_(find|claim|release)$/) {
                    sub(/.*_/, "", names[id])
                    printf "%s=%d\n", names[id], costs[id] / times + 0.5
                }
        }' build/bench.callgrind >build/bench.table
    # shellcheck source=/dev/null
    . build/bench.table
}

# shellcheck source=tests/bench/row.sh
. tests/bench/row.sh

printf '%-66s %9s %9s\n' 'instructions' 'measured' 'limit'
row 'stamp by strings, same sender' "$(count stamp-same 2 10000)" 80
for resources in 2 10 1000 65000; do
    row "stamp by strings, rotating over $resources" "$(count stamp-rotate $resources 65000)" 350
done
row 'receive a message, same sender' "$(count receive-same 2 10000)" 250
for resources in 2 10 1000; do
    row "receive a message, rotating over $resources" "$(count receive-rotate $resources 10000)" 600
done
row 'receive, refused (an answer from a resource that is not bound)' "$(count receive-refused 2 10000)" 600
row 'receive, refused and returned with an error' "$(count receive-returned 2 10000)" -
row "receive, 'from' missing, one resource" "$(count receive-missing 1 10000)" 1300
row 'libxml2: adding and removing an attribute' "$(count xml-attribute 1 10000)" -
row 'libxml2: push parser, a message of 206 octets' "$(count xml-parse 1 1000)" -
strings=$(count pair-strings 1 10000)
nodes=$(count pair-nodes 1 5000)
row 'bind and unbind by strings' "$strings" 3000
row 'bind and unbind from parsed IQs to reply trees, freed again' "$nodes" 14000
for resources in 1000 65000; do
    row "bind and unbind by strings, $resources bound" "$(count pair-strings $resources 2000)" $((strings * 11 / 10))
    row "bind and unbind from IQs, $resources bound" "$(count pair-nodes $resources 2000)" $((nodes * 11 / 10))
done
row 'prepare a resource of 7 octets' "$(count prepare-resource 1 10000)" 150
row 'prepare a full JID of 30 octets' "$(count prepare-jid 1 10000)" 300
row 'prepare a resource of 9 octets, one letter not ASCII' "$(count prepare-nine 1 1000)" 10400
row 'prepare a resource of 1,023 octets, nothing ASCII' "$(count prepare-longest 1 100)" 500000
row 'prepare a resource of 1,020 octets, decomposed' "$(count prepare-decomposed 1 100)" 500000
row 'prepare a bare JID with a Greek localpart' "$(count prepare-username 1 1000)" -

printf '\n%-66s %9s %9s\n' '1,000,000 names of 41 octets, SipHash: instructions' 'measured' 'limit'
locks=$(count directory-locks 1 10000)
directory() { # NAME SCENARIO RESOURCES TIMES
    table "$2" "$3" "$4"
    row "$1: look-up" $((find - locks)) 350
    row "$1: claim" $((claim - locks)) 700
    row "$1: release" $((release - locks)) 550
}
row 'the lock that each of them takes once, not counted below' "$locks" -
directory 'directory in memory' memory 1 1000000
directory 'with 65,000 names of one account' memory 65000 65000
directory 'with 32,768 names crafted to share an unkeyed hash' crafted 1 32768
for kind in minimal uthash glib; do
    table $kind 1 1000000
    row "$kind: look-up" "$find" -
    row "$kind: claim" "$claim" -
    row "$kind: release" "$release" -
done

printf '\n%-66s %9s %9s\n' 'bytes asked of the allocator for each of those names, text included' 'measured' 'limit'
# shellcheck disable=SC2046  # four numbers
set -- $("$bench" directory-bytes 1 1000000)
row 'directory in memory' "$1" 128
row 'minimal' "$2" -
row 'uthash' "$3" -
row 'glib' "$4" -

printf '\n%-66s %9s %9s\n' 'sessions: instructions' 'measured' 'limit'
copy=$(count session-copy 1 1000)
row "libxml2: its own copy of a presence stanza" "$copy" -
for contacts in 1000 10000; do
    row "initial presence to $contacts contacts, for each, drained" "$(count session-broadcast $contacts $contacts)" $((copy + 1500))
done
row 'a message to a full JID, delivered and drained' "$(count session-deliver 0 1000)" -
row 'the same through an active list of 10 rules' "$(count session-deliver 10 1000)" 3000
# shellcheck disable=SC2046  # two numbers
set -- $("$bench" session-bytes 1 10000)
row 'bytes: a session, beside its resource' "$1" 512
row 'bytes: an account with a stream and a session, beside those' "$2" -

memory=$("$bench" memory 1 1000000)
printf '\n%-66s %9s %9s\n' 'bytes asked of the allocator, text of JIDs not counted' 'measured' 'limit'
row 'a stream with one resource, of 1,000,000' "${memory%% *}" 320
rest=${memory#* }
row 'a further resource' "${rest%% *}" 160
row 'blocks asked for by 1,000 stamps' "${rest##* }" 0
exit $over
