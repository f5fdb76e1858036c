#!/bin/sh
# Writes the scripts named as arguments as C strings: each is `script_NAME`, with the prelude before it unless it is the registry's.
# Octet by octet, as some are longer than what every compiler takes between quotes.
set -eu

strip() { # FILE: without comments and indentation, which Redis need not read
    sed -e 's/^ *//' -e '/^--/d' -e '/^$/d' "$1"
}

echo '/* Made by embed.sh from the scripts in lib/storage/redis. */'
for script in "$@"; do
    name=$(basename "$script" .lua)
    echo "static const char script_${name}[] = {"
    {
        if [ "$name" != registry ]; then strip "$(dirname "$script")/prelude.lua"; fi
        strip "$script"
    } | od -A n -v -t u1 | sed 's/[0-9][0-9]*/&,/g'
    echo '0};'
done
