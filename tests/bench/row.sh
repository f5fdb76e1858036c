# shellcheck shell=sh disable=SC2034
# Prints a figure beside its limit; sets `over` to 1 when it is above it.
over=0
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
