#!/bin/sh
# check.sh [--source DIR] TREE... - prints what the facts say otherwise than Postfix in these trees
#
# Silent if all agree; see parameters.py for what is compared.
set -u

cd "$(dirname "$0")/../.." || exit 2
source=
if [ "${1-}" = --source ]; then
    source=$2
    shift 2
fi
[ "$#" -gt 0 ] || {
    echo "usage: facts/measure/check.sh [--source DIR] TREE..." >&2
    exit 2
}
status=0
for tree; do
    python3 facts/measure/parameters.py ${source:+--source "$source"} "$tree" || status=1
done
exit $status
