#!/bin/sh
# another process swaps links and files while postmend reads and writes; RACE_SECONDS: how long (6)
set -u
. tests/lib.sh

command -v python3 >/dev/null || skip "the race: needs python3"
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
python3 tests/faults/race.py "$POSTMEND" "$work" "${RACE_SECONDS:-6}"
