#!/bin/sh
# Installs what is missing to build, test and check the project, where it knows how: Debian and its kin.
set -eu

packages='gcc g++ libc6-dev make pkg-config libxml2-dev libunistring-dev libidn2-dev libidn-dev libsqlite3-dev libcmocka-dev libedit-dev libhiredis-dev libuv1-dev libgsasl-dev libssl-dev
redis-server redis-tools spin clang clang-format clang-tidy cppcheck shellcheck gcovr doxygen valgrind uthash-dev libglib2.0-dev python3
openssl python3-slixmpp libstrophe-dev libgloox-dev profanity tmux socat'
# What clang's sanitizers and fuzzer need, in a package of its own or not, by the release of the distribution.
where_known='libclang-rt-dev'

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    echo 'This is neither Debian nor Ubuntu. What has to be here, by the names that their packages have:'
    echo "$packages"
    exit 0
fi

is_missing() {
    ! dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep -q 'ok installed'
}

missing=
for package in $packages; do
    if is_missing "$package"; then missing="$missing $package"; fi
done
if [ -z "$missing" ]; then
    exit 0
fi

as_root=
if [ "$(id -u)" != 0 ]; then as_root='sudo DEBIAN_FRONTEND=noninteractive'; fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -qq
if apt-cache show "$where_known" >/dev/null 2>&1; then missing="$missing $where_known"; fi
echo "installing$missing"
# shellcheck disable=SC2086  # a list of names
$as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
