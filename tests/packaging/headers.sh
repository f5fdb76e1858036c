#!/bin/sh
# Each public header stands alone, as C99 and as C++; the library exports what the headers declare and the list says, nothing else;
# the core links without libxml2; the README shows the minimal host that the tests build.
set -u
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
number=0

try() { # NAME COMMAND...
    name=$1
    shift
    number=$((number + 1))
    if "$@"; then echo "ok $number - $name"; else echo "not ok $number - $name"; fi
}

declared_in() { # HEADER...
    cat "$@" | tr '\n' ' ' | grep -oE 'XMPPBIND_EXPORT [^;(]*\(' | grep -oE 'xmppbind_[a-z0-9_]+\($' | tr -d '(' | LC_ALL=C sort
}

declared() {
    # shellcheck disable=SC2046
    declared_in $(echo include/xmppbind/*.h | tr ' ' '\n' | grep -v /redis)
}

declared_redis() {
    declared_in include/xmppbind/redis.h
}

declared_redis_uv() {
    declared_in include/xmppbind/redis_uv.h
}

exported_by() { # LIBRARY
    nm -D --defined-only "build/$1" | awk '$2 != "A" { sub("@.*", "", $3); print $3 }' | LC_ALL=C sort
}

exported() {
    exported_by "${SONAME:-libxmppbind.so.0}"
}

exported_redis() {
    exported_by "libxmppbind-redis.so.${MAJOR:-0}"
}

exported_redis_uv() {
    exported_by "libxmppbind-redis-uv.so.${MAJOR:-0}"
}

# What is not hidden has the prefix, in the static library too.
foreign() {
    nm -g --defined-only build/libxmppbind.a build/libxmppbind-redis.a build/libxmppbind-redis-uv.a | awk 'NF == 3 && $3 !~ /^xmppbind_/ { print $3 }'
}

same() { # FILE COMMAND
    "$2" >"$folder/$2" && diff "$1" "$folder/$2"
}

core() {
    # shellcheck disable=SC2046
    gcc -std=c11 -Wall -Wextra -Werror -Iinclude tests/packaging/core.c build/libxmppbind-core.a $(pkg-config --libs libidn2 libidn) -lunistring -pthread -o "$folder/core" && "$folder/core"
}

shown_in_readme() {
    awk '/^```c$/ { code = 1; next } /^```/ { if (code) exit } code' README.md
}

for header in include/xmppbind.h include/xmppbind/*.h; do
    # An empty program that includes it, twice: a warning about `#pragma once` in a main file is no matter then.
    printf '#include "%s"\n#include "%s"\nint main(void);\n' "${header#include/}" "${header#include/}" >"$folder/header.c"
    try "$header as C99" gcc -std=c99 -pedantic -Wall -Wextra -Werror -Iinclude -fsyntax-only "$folder/header.c"
    try "$header as C++" g++ -std=c++11 -pedantic -Wall -Wextra -Werror -Iinclude -fsyntax-only -x c++ "$folder/header.c"
done
try 'the headers declare what tests/exports.txt lists' same tests/exports.txt declared
try 'the shared library exports what tests/exports.txt lists' same tests/exports.txt exported
for extra in redis redis-uv; do
    function=$(echo "$extra" | tr - _)
    try "the header of $extra declares what tests/exports-$extra.txt lists" same "tests/exports-$extra.txt" "declared_$function"
    try "its shared library exports what tests/exports-$extra.txt lists" same "tests/exports-$extra.txt" "exported_$function"
done
try 'each symbol of the static libraries begins with xmppbind_' test -z "$(foreign)"
try 'the core links and runs without libxml2' core
# Whoever does not ask for sessions links none of them.
without_sessions() {
    ! nm build/examples/minimal | grep -E ' xmppbind_(sessions?|jobs?|turn|contacts?|presence|roster_(query|push)|privacy_query)_'
}
try 'a host without sessions links none of their code' without_sessions
try 'the minimal host of README.md is examples/minimal.c' same examples/minimal.c shown_in_readme
