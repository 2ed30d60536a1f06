#!/bin/sh
# check.sh UNIT-TEST-PROGRAM... - all tests, and one closing line with the counts of all; with
# WITHOUT_ORACLE those against the real Postfix are left out
set -u

output=$(mktemp) || exit 2
trap 'rm -f "$output"' EXIT
status=0
counts=

# run NAME COMMAND... - shows its output and keeps its closing line, "NAME: N passed, N failed"
run() {
    name=$1
    shift
    { "$@" || echo failed >"$output.failed"; } 2>&1 | tee "$output"
    closing=$(grep -E "^$name: [0-9]+ passed, [0-9]+ failed" "$output" | tail -n 1)
    if [ -e "$output.failed" ]; then
        rm -f "$output.failed"
        status=1
        case $closing in
        '' | *' 0 failed'*)
            echo "not ok - $name ended before its time"
            closing="$closing
$name: 0 passed, 1 failed"
            ;;
        esac
    fi
    counts="$counts
$closing"
}

run unit sh tests/run-unit.sh "$@"
run found sh tests/fuzz/found.sh "${B:-build}"
run golden sh tests/golden/run.sh
run live sh tests/scripts.sh live
# those that take minutes are left to "make oracle"
[ -n "${WITHOUT_ORACLE:-}" ] || run oracle env ORACLE_PART=light sh tests/scripts.sh oracle

# the closing lines, added up
echo "$counts" | awk '
    { passed += $2; failed += $4; skipped += $6 }
    END {
        printf "check: %d passed, %d failed", passed, failed
        if (skipped > 0)
            printf ", %d skipped", skipped
        print ""
    }'
exit "$status"
