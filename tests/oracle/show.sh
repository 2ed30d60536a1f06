# what the tests of postmend show against postconf share; source it after begin_oracle
# shellcheck shell=sh disable=SC2016,SC2154,SC2317 # dollars are postconf's
hostname=$(uname -n)
interfaces=$(addresses)
echo "left out: the number of postconf's own process"

# ours RELEASE DIRECTORY LETTER... - what our program prints, in $work/ours; its status
ours() {
    ours_release=$1
    ours_directory=$2
    shift 2
    $POSTMEND show "$@" --platform "$(platform_of "$ours_release")" --hostname "$hostname" \
        --interfaces "$interfaces" "$ours_directory" >"$work/ours" 2>"$work/ours.err"
}

# same KEY RELEASE DIRECTORY LETTER... - both print the same
same() {
    key=$1
    same_release=$2
    directory=$3
    shift 3
    ours "$same_release" "$directory" "$@"
    sed -e 's/^process_id = [0-9]*$/process_id = $process_id/' \
        -e 's|= postconf [0-9][0-9]*$|= postconf $process_id|' \
        -e 's|/postconf [0-9][0-9]* &|/postconf $process_id \&|' "$work/real/$key.out" >"$work/real.sed"
    with_directory "$work/real.sed" "$work/ours"
    cmp -s "$work/real.out" "$work/ours" && return 0
    diff -a "$work/real.out" "$work/ours" | head -n "${DIFF_LINES:-6}"
    return 1
}

# letters_of VIEW - " -n -x" for "n,x", nothing for "all"
letters_of() {
    [ "$1" = all ] || printf ' %s' "-$1" | sed 's/,/ -/'
}
