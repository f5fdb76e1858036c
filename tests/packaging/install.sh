#!/bin/sh
# Installs into a temporary prefix and builds the minimal host against that with pkg-config: as C11, as C++17, and through the static
# library. Then uninstalls.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
prefix=$folder/prefix
program=$folder/minimal
own_make() {
    MAKEFLAGS='' make --no-print-directory -s "$@"
}
own_make install PREFIX="$prefix"
export PKG_CONFIG_PATH="$prefix/lib/pkgconfig"
flags=$(pkg-config --cflags --libs xmppbind)
# Ours alone is static. `pkg-config --static` would ask for the static parts of libxml2 too, which few machines have.
static="$(pkg-config --cflags --libs-only-L xmppbind) -l:libxmppbind.a $(pkg-config --libs libxml-2.0 libidn2 libidn) -lunistring"
number=0

report() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}

build_and_run() { # NAME COMPILER...
    name=$1
    shift
    status=0
    { "$@" -o "$program" && LD_LIBRARY_PATH="$prefix/lib" "$program" >"$program.out"; } || status=1
    report "$status" "$name"
}

uses_shared_library() {
    LD_LIBRARY_PATH="$prefix/lib" ldd "$program" | grep -q libxmppbind
}

# shellcheck disable=SC2086  # lists of flags
build_and_run 'the minimal host as C11' gcc -std=c11 -Wall -Wextra -Werror examples/minimal.c $flags
status=0
uses_shared_library || status=1
report "$status" 'it runs with the shared library of the prefix'
# shellcheck disable=SC2086
build_and_run 'the minimal host as C++17' g++ -std=c++17 -Wall -Wextra -Werror -x c++ examples/minimal.c -x none $flags
# shellcheck disable=SC2086
build_and_run 'the minimal host through the static library' gcc -std=c11 -Wall -Wextra -Werror examples/minimal.c $static
status=0
! uses_shared_library || status=1
report "$status" 'it runs without the shared library'
status=0
[ "$(pkg-config --modversion xmppbind)" = "$(sed -n 's/^#define XMPPBIND_VERSION "\(.*\)"/\1/p' include/xmppbind/base.h)" ] || status=1
report "$status" 'pkg-config and the headers name one version'

own_make uninstall PREFIX="$prefix"
status=0
[ -z "$(find "$prefix" ! -type d)" ] || status=1
report "$status" 'nothing is left after uninstall'

own_make install PREFIX=/usr DESTDIR="$prefix"
status=0
grep -q '^libdir=/usr/lib$' "$prefix/usr/lib/pkgconfig/xmppbind.pc" || status=1
report "$status" 'DESTDIR moves the files, not what they say'
