# what the tests of the command line share; source it from the project's top
# shellcheck shell=sh disable=SC2034,SC2317
. tests/lib.sh
case $POSTMEND in
/*) ;;
*) POSTMEND=$PWD/${POSTMEND#./} ;;
esac
work=$(mktemp -d) || exit 2
trap 'chmod -R u+rwx "$work" 2>/dev/null; rm -rf "$work"' EXIT
TAB=$(printf '\t')
CR=$(printf '\r')

# run ARGUMENT... - postmend, with $status, $work/out and $work/err
run() {
    $POSTMEND "$@" >"$work/out" 2>"$work/err" </dev/null
    status=$?
}

# show_both - what came out, for whoever looks for the reason
show_both() {
    echo "    status $status"
    sed 's/^/    out: /' "$work/out" | head -n 8
    sed 's/^/    err: /' "$work/err" | head -n 8
}

# ends_with STATUS ARGUMENT...
ends_with() {
    wanted=$1
    shift
    run "$@"
    [ "$status" -eq "$wanted" ] && return 0
    show_both
    return 1
}

# refused TEXT ARGUMENT... - status 2, nothing on standard output, one line that holds TEXT
refused() {
    text=$1
    shift
    run "$@"
    [ "$status" -eq 2 ] && [ ! -s "$work/out" ] && [ "$(wc -l <"$work/err")" -eq 1 ] &&
        grep -q -F -e "$text" "$work/err" && return 0
    show_both
    return 1
}

# says TEXT - on standard output
says() {
    grep -q -F -e "$1" "$work/out" && return 0
    echo "    wanted: $1"
    show_both
    return 1
}

silent() {
    [ ! -s "$work/out" ]
}

# good DIRECTORY - a configuration with nothing to report
good() {
    mkdir -p "$1"
    cp fixtures/null-client/in/main.cf "$1"
    # an excerpt: a whole master.cf without local(8) is right for this main.cf alone
    grep -vE '^(cleanup|qmgr|postlog) ' fixtures/null-client/in/master.cf >"$1/master.cf"
}

# moving DIRECTORY - a configuration that changes on its way from rhel9 to rhel10
moving() {
    mkdir -p "$1"
    cp fixtures/seed-001/in/* "$1"
}

# sums DIRECTORY - names, modes and contents, to compare
sums() {
    (cd "$1" && find . -exec ls -ld {} + | awk '{print $1, $NF}' && find . -type f -exec cksum {} +) |
        LC_ALL=C sort
}
