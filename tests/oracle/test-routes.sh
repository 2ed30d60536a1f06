#!/bin/sh
# routes: transport, next hop, recipient and end of mail, against the real Postfix
#
# The configurations of the corpus, the fixtures, and ROUTES_COUNT (200) made at random from ROUTES_SEED
# are started in each tree, and get mail for the addresses that their files name; ask.py says how the
# two are compared.  ORACLE_SLICE=K/N: the K-th of N parts of them, in the K-th of N releases.
# ROUTES_ONLY: only configurations whose name has it.
set -u
. tests/oracle/lib.sh

heavy
begin_oracle routes
directory=tests/oracle/routes
mkdir "$work/jobs"
set --
for path in "$directory"/cases/* ${POSTMEND_SHARED:+"$POSTMEND_SHARED"/corpus/hosts/*} fixtures/*/in; do
    [ ! -f "$path/main.cf" ] || set -- "$@" "$path"
done
python3 $directory/jobs.py "$work/jobs" "$@" >"$work/list" || exit 2
python3 $directory/random_routes.py "$work/jobs" "${ROUTES_COUNT:-200}" "${ROUTES_SEED:-1}" \
    >>"$work/list" || exit 2
[ -z "${ROUTES_ONLY:-}" ] || grep -e "$ROUTES_ONLY" "$work/list" >"$work/some"
[ -z "${ROUTES_ONLY:-}" ] || mv "$work/some" "$work/list"
port=${ROUTES_PORT:-10025}
if [ -n "${ORACLE_SLICE:-}" ]; then
    slice <"$work/list" >"$work/some" 2>/dev/null
    echo "left out, for slice $ORACLE_SLICE: $(($(wc -l <"$work/list") - $(wc -l <"$work/some"))) configurations"
    mv "$work/some" "$work/list"
fi
asking=
for release in $releases; do
    rm -f "$roots/$release/dev/log"
    python3 $directory/ask.py "$roots/$release" "$(platform_of "$release")" "$port" "$POSTMEND" \
        <"$work/list" >"$work/$release.says" 2>&1 &
    asking="$asking $!"
    port=$((port + 1))
done
# shellcheck disable=SC2086 # a list
wait $asking
passed=0 failed=0
for release in $releases; do
    sed '$d' "$work/$release.says" | sed "s/^not ok - /not ok - $release /"
    last=$(tail -n 1 "$work/$release.says")
    case $last in
    *[!0-9\ ]* | '') echo "not ok - $release: $last"; failed=$((failed + 1)); continue ;;
    esac
    echo "routes: $release: $last (equal, different, undetermined)"
    passed=$((passed + $(echo "$last" | cut -d' ' -f1) + $(echo "$last" | cut -d' ' -f3)))
    failed=$((failed + $(echo "$last" | cut -d' ' -f2)))
done
echo "routes: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
