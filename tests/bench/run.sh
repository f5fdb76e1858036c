#!/bin/sh
# Counts instructions with callgrind and prints each figure beside its limit; exits 1 when one is over.
set -eu
bench=$1
over=0

count() { # SCENARIO RESOURCES TIMES: instructions per time
    valgrind --tool=callgrind --callgrind-out-file=/dev/null --collect-atstart=no "--toggle-collect=measured_*" \
        --toggle-collect=xmppbind_stream_stamp \
        "$bench" "$1" "$2" "$3" 2>build/bench.log || { cat build/bench.log >&2; exit 1; }
    sed -n 's/.*Collected *: *//p' build/bench.log | awk -v times="$3" '{printf "%d\n", $1 / times + 0.5}'
}

row() { # NAME MEASURED LIMIT(or -)
    verdict=
    if [ "$3" != - ]; then
        verdict=ok
        if [ "$2" -gt "$3" ]; then
            verdict=OVER
            over=1
        fi
    fi
    printf '%-66s %9s %9s  %s\n' "$1" "$2" "$3" "$verdict"
}

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

memory=$("$bench" memory 1 1000000)
printf '\n%-66s %9s %9s\n' 'bytes asked of the allocator, text of JIDs not counted' 'measured' 'limit'
row 'a stream with one resource, of 1,000,000' "${memory%% *}" 320
rest=${memory#* }
row 'a further resource' "${rest%% *}" 160
row 'blocks asked for by 1,000 stamps' "${rest##* }" 0
exit $over
