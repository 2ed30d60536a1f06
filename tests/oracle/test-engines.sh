#!/bin/sh
# postmend livetest: the reference server and the real Postfix answer the same plan
#
# Over every fixture and every configuration of the corpus, in three releases.  What policy calls
# determined must be answered alike, code and enhanced code, in 99 of 100 replies; each difference
# that is left is listed with its reason (engines.py), and one without a reason fails.
# ENGINES_JOBS: how many configurations at a time.
set -u
. tests/oracle/lib.sh
heavy
begin_oracle engines
jobs=${ENGINES_JOBS:-16}

# list - lines "NAME RELEASE PLATFORM DIRECTORY"
list() {
    for folder in fixtures/*/in ${POSTMEND_SHARED:+"$POSTMEND_SHARED"/corpus/hosts/*}; do
        name=$(basename "${folder%/in}")
        for release in $releases; do
            [ ! -f "$folder/main.cf" ] || echo "$name $release $(platform_of "$release") $folder"
        done
    done
}

mkdir "$work/answers" "$work/tmp"
TMPDIR=$work/tmp
export TMPDIR
addresses >"$work/addresses"
list >"$work/list"
whole=whole
if [ -z "${POSTMEND_SHARED:-}" ] || [ -n "${ORACLE_QUICK:-}${ORACLE_SLICE:-}" ]; then
    whole=part
fi

# both engines, one after the other; a server that hangs is a failure, not a test without end
# shellcheck disable=SC2016 # the inner shell's own
POSTMEND=$POSTMEND ROOTS=$roots WORK=$work/answers ADDRESSES=$(cat "$work/addresses") xargs -P "$jobs" -L 1 sh -c '
    for engine in postfix builtin; do
        timeout 300 $POSTMEND livetest --engine $engine --postfix-root "$ROOTS/$2" \
            --platform "$3" --hostname mail.example.com \
            --interfaces "$ADDRESSES" --format json "$4" \
            >"$WORK/$2.$1.$engine" 2>"$WORK/$2.$1.$engine.err"
    done' engines <"$work/list"

# the private Postfix has its files in memory, the reference server in TMPDIR
left=$(find "$TMPDIR" "$roots"/*/livetest "$roots"/*/tmp -name 'postmend-livetest.*' 2>/dev/null)
# shellcheck disable=SC2086 # a list
python3 tests/oracle/engines.py "$work/answers" "$work/list" "$whole" $left
