#!/bin/sh
# all golden tests: the stories in fixtures/, the command line, and show against postconf's output
#
#     run.sh [--update]      --update rewrites what the stories and help texts are expected to give
set -u
update=
[ "${1-}" = --update ] && update=--update
total_passed=0
total_failed=0
log=$(mktemp) || exit 2
trap 'rm -f "$log"' EXIT

# run SCRIPT [ARGUMENT] - its closing line counts; without one it failed
run() {
    sh "$@" >"$log" 2>&1
    status=$?
    if [ "$status" -eq 77 ]; then
        cat "$log"
        [ "${ORACLE_STRICT:-0}" = 1 ] && total_failed=$((total_failed + 1))
        return
    fi
    grep -v '^ok - ' "$log"
    numbers=$(tail -n 1 "$log" | sed -n 's/^.*: \([0-9]*\) passed, \([0-9]*\) failed$/\1 \2/p')
    if [ -z "$numbers" ]; then
        echo "not ok - $1 ended with status $status before its last line"
        numbers="0 1"
    fi
    total_passed=$((total_passed + ${numbers% *}))
    total_failed=$((total_failed + ${numbers#* }))
}

run tests/golden/fixtures.sh $update
for script in tests/golden/cli/*.sh; do
    run "$script" $update
done
run tests/golden/convert.sh $update
run tests/golden/show.sh
echo "golden: $total_passed passed, $total_failed failed"
[ "$total_failed" -eq 0 ]
