#!/bin/sh
# postmend convert: setups that nobody wrote by hand, asked of the real Sendmail and the real Postfix
#
#     test-sendmail-random.sh [SEED...]
#
# tests/oracle/sendmail_random.py makes a sendmail.mc, its tables and a plan of each seed, and
# test-sendmail.sh asks both servers.  At least 98 of 100 answers must be the same, and each other
# one of a kind in sendmail_random.explained whose words the CONVERSION.md of that setup has.
# SENDMAIL_SIZE: the most subjects of a setup; SENDMAIL_KEEP: a directory that gets setups and answers.
. tests/oracle/lib.sh
heavy
seeds='1 2 3 4 5 6 7 8 9 10'
[ -z "${ORACLE_QUICK:-}" ] || seeds='1 2 3 4'
# shellcheck disable=SC2046,SC2086 # these are lists
[ $# -gt 0 ] || set -- $(printf '%s\n' $seeds | slice)

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM HUP
export PYTHONDONTWRITEBYTECODE=1
kept=${SENDMAIL_KEEP:-$work}
for seed; do
    setup=$kept/setups/random-$seed
    rm -rf "$setup"
    python3 tests/oracle/sendmail_random.py "$seed" "${SENDMAIL_SIZE:-6}" "$setup" || exit 2
    cp tests/oracle/sendmail_random.explained "$setup/explained"
done
# shellcheck disable=SC2046 # the names are words
SENDMAIL_FIXTURES=$kept/setups SENDMAIL_KEEP=$kept/answers SENDMAIL_JOBS=${SENDMAIL_JOBS:-2} \
    sh tests/oracle/test-sendmail.sh $(printf 'random-%s ' "$@") >"$work/said"
status=$?
cat "$work/said"
awk '$1 == "all" { printf "sendmail-random: %d of %d answers the same\n", $3, $2 }' "$work/said"
exit $status
