#!/bin/sh
# Writes the scripts named as arguments as C strings: each is `script_NAME`, with the prelude before it unless it is the registry's.
set -eu

quote() { # FILE: without comments and indentation, which Redis need not read
    sed -e 's/^ *//' -e '/^--/d' -e '/^$/d' -e 's/\\/\\\\/g' -e 's/"/\\"/g' -e 's/.*/    "&\\n"/' "$1"
}

echo '/* Made by embed.sh from the scripts in lib/storage/redis. */'
for script in "$@"; do
    name=$(basename "$script" .lua)
    echo "static const char script_${name}[] ="
    if [ "$name" != registry ]; then quote "$(dirname "$script")/prelude.lua"; fi
    quote "$script"
    echo '    "";'
done
