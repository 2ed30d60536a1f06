#!/bin/sh
# scripts.sh ROOM - runs the tests of a room, which are scripts: live, those with sockets, or oracle,
# those against the real programs.  All tests/ROOM/*.sh but lib.sh and roots.sh are tests.
#
# A test prints its findings and ends with 0, 77 (skipped: it says why) or anything else (failed);
# its closing line "NAME: N passed, N failed" counts, else it counts as one.  With ORACLE_STRICT=1
# a skip is a failure.  ORACLE_PART=light leaves out those that say they are heavy, and
# ORACLE_PART=heavy all others.
set -u

room=$1
output=$(mktemp) || exit 2
trap 'rm -f "$output"' EXIT
passed=0
failed=0
skipped=0

# closing FIELD - a number of the test's closing line "NAME: N passed, N failed", else nothing
closing() {
    grep -E '^[^ ]*: [0-9]+ passed, [0-9]+ failed' "$output" | tail -n 1 | cut -d' ' -f"$1"
}

# add STATUS NAME - counts what a test said
add() {
    case $1 in
    0)
        now=$(closing 2)
        passed=$((passed + ${now:-1}))
        ;;
    77)
        if [ "${ORACLE_STRICT:-0}" = 1 ]; then
            echo "$room: $2 was skipped, and nothing may be skipped here"
            failed=$((failed + 1))
        else
            skipped=$((skipped + 1))
        fi
        ;;
    *)
        now=$(closing 2)
        passed=$((passed + ${now:-0}))
        now=$(closing 4)
        [ "${now:-0}" -gt 0 ] || now=1
        failed=$((failed + now))
        echo "$room: $2 failed (status $1)"
        ;;
    esac
}

for test in tests/"$room"/[a-z]*.sh; do
    case ${test##*/} in
    roots.sh | lib.sh) continue ;;
    '[a-z]*.sh') continue ;;
    esac
    case ${ORACLE_PART:-all} in
    light) grep -q '^heavy$' "$test" && continue ;;
    heavy) grep -q '^heavy$' "$test" || continue ;;
    esac
    echo "${test##*/}"
    { sh "$test" 2>&1; echo "$?" >"$output.status"; } | tee "$output" | grep -v '^ok - '
    add "$(cat "$output.status")" "${test##*/}"
    rm -f "$output.status"
done

if [ "$skipped" -gt 0 ]; then
    echo "$room: $passed passed, $failed failed, $skipped skipped"
else
    echo "$room: $passed passed, $failed failed"
fi
[ "$failed" -eq 0 ]
