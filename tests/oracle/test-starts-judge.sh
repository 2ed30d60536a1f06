#!/bin/sh
# what lint, trace, livetest and the reference server say of the several hundred configurations of
# starts/ is what the real Postfix made of them; starts/disagreements has the rows where it is not
#
# The answers of Postfix are recorded (test-starts.sh compares them with the real one), so that no
# Postfix is needed.  STARTS_JOBS: how many rows at a time.
set -u
. tests/oracle/lib.sh
# shellcheck disable=SC2034 # heavy reads it
own_slices=yes # no release is asked
heavy
command -v python3 >/dev/null || skip 'starts-judge: python3 is missing'

python3 tests/oracle/starts/judge.py --postmend "$POSTMEND" --known tests/oracle/starts/disagreements \
    ${STARTS_JOBS:+--jobs "$STARTS_JOBS"}
