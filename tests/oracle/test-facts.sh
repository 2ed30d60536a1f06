#!/bin/sh
# facts: what parameters.yaml, tables.yaml and platforms.yaml say of these releases is what their
# postconf(1) and postconf(5) say, and adding a release again changes nothing
# shellcheck disable=SC2317 # check calls functions by their names
set -u
. tests/oracle/lib.sh
begin_oracle facts
python3 -c 'import yaml' 2>/dev/null || skip "facts: Python's yaml is missing (python3-yaml)"

# measure TREE [OPTION...] - parameters.py of the copy of the facts in $work
measure() {
    tree=$roots/$1
    shift
    timeout 300 python3 "$work/facts/measure/parameters.py" "$@" "$tree" >"$work/out" 2>&1
}

copy_facts() {
    rm -rf "$work/facts"
    cp -r facts "$work/facts"
}

agree() {
    copy_facts
    measure "$1" && [ ! -s "$work/out" ] && return
    cat "$work/out"
    return 1
}

# tells EDIT LINE - with the facts edited by sed, LINE is a line of the diff
tells() {
    copy_facts
    sed -i "$1" "$work/facts/parameters.yaml"
    ! cmp -s facts/parameters.yaml "$work/facts/parameters.yaml" || return 1
    ! measure bookworm && grep -qxF -e "$2" "$work/out"
}

# without_patch_levels FILE - a tree may have a later patch level than the one that was measured
without_patch_levels() {
    sed '/^  mail_version:/,/^    source/d; /^  mail_release_date:/,/^    source/d' "$1"
}

adding_again_changes_nothing() {
    copy_facts
    measure "$1" --add || return 1
    without_patch_levels facts/parameters.yaml >"$work/before"
    without_patch_levels "$work/facts/parameters.yaml" | diff "$work/before" -
}

adding_restores_a_default() {
    copy_facts
    sed -i "/^  hopcount_limit:/,/^  [a-z]/s/'50'/'51'/" "$work/facts/parameters.yaml"
    measure bookworm --add &&
        diff facts/parameters.yaml "$work/facts/parameters.yaml" | grep -q "\"3.7\": '50'"
}

for release in $releases; do
    check "$release agrees with the facts" agree "$release"
    check "$release: adding it again changes nothing" adding_again_changes_nothing "$release"
done
check "another default is told" tells "/^  hopcount_limit:/,/^  [a-z]/s/'50'/'51'/" \
    "+hopcount_limit = 50"
check "a parameter that is missing is told" tells "s/^  hopcount_limit:/  hopcount_limits:/" \
    "+hopcount_limit = 50"
check "a parameter that the release lacks is told" tells "s/^  hopcount_limit:/  hopcount_limits:/" \
    "-hopcount_limits = 50"
check "another first series is told" tells \
    '/^  enable_threaded_bounces:/,/^  [a-z]/s/first: "3.6"/first: "3.5"/' \
    "-enable_threaded_bounces: available in Postfix 3.5"
check "adding a release sets the default that it has" adding_restores_a_default
finish facts
