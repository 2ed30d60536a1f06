#!/bin/sh
# system calls of the commands that write fail once, and are killed once: the old set or the new one.
# FAULTS_SECONDS: an even sample of them for so long (24); "all": each of them
set -u
. tests/lib.sh

command -v python3 >/dev/null || skip "the faults: needs python3"
inject=${B:-build}/faults/inject
"$inject" 0 0 /bin/true 9>/dev/null || skip "the faults: a process cannot be traced here"
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
seconds=${FAULTS_SECONDS:-24}
[ "$seconds" != all ] || seconds=
# shellcheck disable=SC2086 # no argument where it is empty
FAULTS_SENDMAIL=fixtures/sendmail-access/in \
    python3 tests/faults/campaign.py "$POSTMEND" "$inject" "$work" $seconds
