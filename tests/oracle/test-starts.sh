#!/bin/sh
# what a whole Postfix of each release makes of several hundred configurations: which daemon does not
# start, what its users are answered, where their mail stays; starts/rows.py tells of the table
#
# ORACLE_SLICE=K/N: the K-th of N parts of the rows.  STARTS_JOBS: how many hosts at a time.
set -u
. tests/oracle/lib.sh
# shellcheck disable=SC2034 # heavy reads it
own_slices=yes # of rows
heavy
begin_oracle starts
command -v ip >/dev/null || skip 'starts: ip (iproute2) is missing'
unshare --net --mount --pid --fork true 2>/dev/null || skip 'starts: namespaces are not allowed here'

python3 tests/oracle/starts/ask.py --roots "$roots" --trees "$releases" \
    --slice "${ORACLE_SLICE:-1/1}" ${STARTS_JOBS:+--jobs "$STARTS_JOBS"}
