#!/bin/sh
# Runs the programs named as arguments and the transcripts, then prints the coverage of lib/: the files where something is missing,
# and a table by layer. Fails below the limits COVERAGE_LINES and COVERAGE_BRANCHES, in percent.
set -eu
folder=build/coverage
console=$folder/examples/console
find "$folder" -name '*.gcda' -delete
# What was compiled from a source that is gone since would confuse gcovr.
find "$folder/obj" -name '*.gcno' | while read -r notes; do
    source=${notes#"$folder/obj/"}
    [ -f "${source%.gcno}.c" ] || rm -f "$notes"
done

run() { # COMMAND...
    if ! "$@" >"$folder/run.log" 2>&1; then
        tail -n 40 "$folder/run.log"
        echo "failed: $*"
        exit 1
    fi
}

for program in "$@"; do
    run "$program"
done
if [ -f tests/transcripts/run.sh ]; then
    run sh tests/transcripts/run.sh "$console"
fi

mkdir -p "$folder/html"
gcovr --root . --filter lib/ --exclude-throw-branches --csv "$folder/coverage.csv" \
    --html-details "$folder/html/index.html" "$folder/obj" # with tests: they compile what is inline

awk -F, -v least_lines="$COVERAGE_LINES" -v least_branches="$COVERAGE_BRANCHES" '
function percent(covered, total) {
    return total == 0 ? 100 : 100 * covered / total
}
function row(name, lines, lines_covered, branches, branches_covered) {
    printf "%-36s %6d of %6d %7.2f %%   %6d of %6d %7.2f %%\n", name, lines_covered, lines, percent(lines_covered, lines),
        branches_covered, branches, percent(branches_covered, branches)
}
function title(name) {
    printf "%-36s %16s %9s   %16s %9s\n", name, "lines", "", "branches", ""
}
NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
{
    file = $column["filename"]
    split(file, part, "/")
    layer = part[2]
    total = $column["line_total"]; covered = $column["line_covered"]
    branch_total = $column["branch_total"]; branch_covered = $column["branch_covered"]
    lines[layer] += total; lines_covered[layer] += covered
    branches[layer] += branch_total; branches_covered[layer] += branch_covered
    if (covered < total || branch_covered < branch_total) {
        if (!titled++) title("not reached in full")
        row(file, total, covered, branch_total, branch_covered)
    }
}
END {
    if (titled) print ""
    title("layer")
    count = split("base address storage binding stanza session", order, " ")
    for (i = 1; i <= count; i++) {
        layer = order[i]
        row("lib/" layer, lines[layer], lines_covered[layer], branches[layer], branches_covered[layer])
        all += lines[layer]; all_covered += lines_covered[layer]
        all_branches += branches[layer]; all_branches_covered += branches_covered[layer]
    }
    row("lib", all, all_covered, all_branches, all_branches_covered)
    if (all == 0 || percent(all_covered, all) < least_lines || percent(all_branches_covered, all_branches) < least_branches) {
        printf "too little: at least %s %% of the lines and %s %% of the branches are asked for\n", least_lines, least_branches
        exit 1
    }
}' "$folder/coverage.csv"
echo "line by line: $folder/html/index.html"
cat tests/uncovered.txt
