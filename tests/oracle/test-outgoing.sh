#!/bin/sh
# outgoing: TLS and logins of the real smtp(8), against every kind of server
#
# Profiles (levels, policies, older settings, logins) times kinds of servers (without TLS, with certificates
# of every sort, implicit TLS, with AUTH): see tests/oracle/routes/outgoing.py and servers.py.
set -u
. tests/oracle/lib.sh

heavy
begin_oracle outgoing
port=${ROUTES_PORT:-10045}
passed=0 failed=0
plugins=$roots/sendmail/usr/lib/x86_64-linux-gnu/sasl2
[ -e "$plugins/libplain.so" ] || plugins=
for release in $releases; do
    rm -f "$roots/$release/dev/log"
    # shellcheck disable=SC2086 # none, or one
    python3 tests/oracle/routes/outgoing.py "$roots/$release" "$(platform_of "$release")" "$port" \
        "$POSTMEND" $plugins >"$work/says" 2>&1
    sed '$d' "$work/says" | sed "s/^not ok - /not ok - $release /"
    last=$(tail -n 1 "$work/says")
    case $last in
    *[!0-9\ ]* | '') echo "not ok - $release: $last"; failed=$((failed + 1)); continue ;;
    esac
    echo "outgoing: $release: $last (equal, different)"
    passed=$((passed + ${last% *}))
    failed=$((failed + ${last#* }))
    port=$((port + 1))
done
echo "outgoing: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
