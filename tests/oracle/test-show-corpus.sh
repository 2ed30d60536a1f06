#!/bin/sh
# postmend show prints what the real postconf prints of real configurations, in all views; it takes
# POSTMEND_SHARED, which names the directory with them
# shellcheck disable=SC2317 # check calls functions by their names
set -u
. tests/oracle/lib.sh
releases="$releases sid"
heavy
[ -d "${POSTMEND_SHARED:-}/corpus/hosts" ] ||
    skip 'show, real configurations: POSTMEND_SHARED names no directory with corpus/hosts'
begin_oracle show-corpus
. tests/oracle/show.sh
views='n n,x M M,x P P,x F all x d d,x'

hosts=
for folder in "$POSTMEND_SHARED"/corpus/hosts/*/; do
    host=$(basename "$folder")
    put "$folder" "$host"
    hosts="$hosts $host"
done
share_all
for host in $hosts; do
    for release in $releases; do
        for view in $views; do
            echo "$release.$host.$view $release -c $here/$host$(letters_of "$view")"
        done
    done
done >"$work/list"
run_real "$work/list"

# as_refused KEY RELEASE DIRECTORY LETTER... - postconf printed none or a part of it and stopped, and
# so does ours, unless the reason is this machine's
as_refused() {
    machine_says "$1" && return 0
    refused_key=$1
    shift
    ours "$@" || return 0
    echo "    postconf: $(grep -h fatal "$work/real/$refused_key.err" | head -n 1)"
    return 1
}

for host in $hosts; do
    for release in $releases; do
        for view in $views; do
            key=$release.$host.$view
            agrees=same
            [ "$(cat "$work/real/$key.status")" -eq 0 ] || agrees=as_refused
            # shellcheck disable=SC2046 # letters are words
            check "$host on $release: $view" \
                $agrees "$key" "$release" "$here/$host" $(letters_of "$view")
        done
    done
done
finish show-corpus
