#!/bin/sh
# Three servers share their accounts by one Redis; one of them is killed, and what it held is bound again elsewhere.
# usage: nodes.sh NODE
#
# Nothing here knows what the nodes answer: each step sends lines to some of them, and goes on when what it waits for was
# said. A redis-server of its own is started on a free port of 127.0.0.1, with nothing on disk, and ended with the rest.
set -eu

if [ $# -ne 1 ]; then
    echo "usage: nodes.sh NODE" >&2
    exit 2
fi
node=$1
if ! command -v redis-server >/dev/null; then
    echo 'nodes.sh: there is no redis-server here: "make setup" installs it' >&2
    exit 1
fi
folder=$(mktemp -d)
processes=
tidy() {
    for process in $processes; do kill -9 "$process" 2>/dev/null || true; done
    wait 2>/dev/null || true
    rm -rf "$folder"
}
trap tidy EXIT
trap 'exit 1' HUP INT TERM

# Waits until a line of a file matches, for a minute at most; the lines before it were looked at.
await() { # FILE PATTERN
    tries=0
    until tail -n "+$(($(cat "$1.seen" 2>/dev/null || echo 0) + 1))" "$1" 2>/dev/null | grep -qE "$2"; do
        tries=$((tries + 1))
        if [ "$tries" -gt 1200 ]; then
            echo "nodes.sh: waited in vain for '$2'" >&2
            cat "$folder"/*.out "$folder"/*.err >&2
            exit 1
        fi
        sleep 0.05
    done
}

# What a node has said since, as far as it is worth showing.
show() { # NAME
    file=$folder/$1.out
    seen=$(cat "$file.seen" 2>/dev/null || echo 0)
    tail -n "+$((seen + 1))" "$file" | sed 's/^/    /'
    wc -l <"$file" >"$file.seen"
}

start_redis() {
    port=$((20000 + $$ % 20000))
    for try in 1 2 3 4 5 6 7 8 9 10; do
        port=$((port + try))
        redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no --dir "$folder" >"$folder/redis.out" 2>&1 &
        redis=$!
        until grep -qE 'Ready to accept connections' "$folder/redis.out" || ! kill -0 "$redis" 2>/dev/null; do sleep 0.05; done
        if kill -0 "$redis" 2>/dev/null; then
            processes="$processes $redis"
            return
        fi
    done
    echo 'nodes.sh: redis-server does not start' >&2
    exit 1
}

start_node() { # NAME
    mkfifo "$folder/$1.in"
    "$node" --name "$1" --redis "127.0.0.1:$port" --lease 3000 --set conflict="$2" --set max-bind-failures=0 \
        <"$folder/$1.in" >"$folder/$1.out" 2>"$folder/$1.err" &
    eval "process_$1=$!"
    processes="$processes $!"
}

tell() { # NAME LINE
    echo "  > $1: $2"
    echo "$2" >&"$(eval "echo \$input_$1")"
}

# One line to a node, and what it says then.
ask() { # NAME LINE PATTERN
    tell "$1" "$2"
    await "$folder/$1.out" "$3"
    show "$1"
}

step() { printf '\n%s\n' "$1"; }

start_redis
start_node verona replace
start_node mantua replace
start_node padua reject
exec 7>"$folder/verona.in" 8>"$folder/mantua.in" 9>"$folder/padua.in"
# shellcheck disable=SC2034  # used by name
input_verona=7 input_mantua=8 input_padua=9
step 'Three servers, one directory in Redis. Each holds a lease of three seconds, which it renews.'
for name in verona mantua padua; do
    await "$folder/$name.out" 'ready$'
    show "$name"
done

step 'Juliet is connected to two of them: each resource is claimed for the whole cluster, under a number that only grows.'
ask verona 'bind phone juliet@capulet.example balcony' 'opened'
ask mantua 'bind laptop juliet@capulet.example chamber' 'opened'
step 'Any of them knows all of her resources.'
ask padua 'sessions juliet@capulet.example' 'end of sessions'

step 'The same name from another server: it is taken there, and the one that had it is told at once.'
ask mantua 'bind laptop juliet@capulet.example balcony' 'opened'
await "$folder/verona.out" 'closed .*evicted'
show verona

step 'Mantua dies, as power fails. Its lease still lives: who may not replace others is refused.'
eval "kill -9 \$process_mantua"
ask padua 'bind tablet juliet@capulet.example balcony' 'opened|refused'

step 'When its lease has ended, what Mantua held is free: bound again elsewhere.'
bound=0
while [ "$bound" -eq 0 ]; do
    tell padua 'bind tablet juliet@capulet.example balcony' >/dev/null
    await "$folder/padua.out" 'opened|refused'
    if tail -n 1 "$folder/padua.out" | grep -q opened; then
        bound=1
        echo '  > padua: bind tablet juliet@capulet.example balcony   (again, until it is granted)'
        tail -n 1 "$folder/padua.out" | sed 's/^/    /'
    fi
    wc -l <"$folder/padua.out" >"$folder/padua.out.seen"
    sleep 0.1
done
ask verona 'bind phone juliet@capulet.example chamber' 'opened'
ask verona 'sessions juliet@capulet.example' 'end of sessions'

step 'The others leave in good order: nothing stays claimed.'
ask padua 'leave' 'gone$'
ask verona 'close phone' 'closed'
ask verona 'sessions juliet@capulet.example' 'end of sessions'
ask verona 'leave' 'gone$'
