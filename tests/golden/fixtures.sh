#!/bin/sh
# shellcheck disable=SC2317 # check calls functions by their names
# every story in fixtures/ comes out as its expect/ says
#
#     fixtures.sh [--update] [NAME...]
#
# A folder has: story.md; in/, the configuration; run, one command a line (PATH is added);
# must, what may never change, whatever --update writes:
#     FILE has TEXT, FILE lacks TEXT, where FILE is one below expect/;
# The live test that stands beside the new files must pass against the reference server (WITHOUT_LIVE:
# is not run, which saves most of the time).
# expect/: for "lint --platform rhel9" lint-rhel9.txt, for "livetest --platform rhel9" livetest-rhel9.txt, for "upgrade --from rhel9 --to rhel10"
# upgrade-rhel9-rhel10.diff, .txt (the findings) and a folder with the files that changed; .err,
# what went to standard error if anything did; status, the exit statuses.
set -u
. tests/lib.sh

update=no
[ "${1-}" = --update ] && update=yes && shift
case $POSTMEND in
/*) ;;
*) POSTMEND=$PWD/${POSTMEND#./} ;;
esac
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# result_name COMMAND - "lint --platform rhel9 --fail-on advice" gives lint-rhel9-advice
result_name() {
    printf '%s\n' "$1" | sed 's/ --[a-z-]*//g; s/ /-/g'
}

# keep_err FILE - only where there is something; the place of the output is nobody's business
keep_err() {
    if [ -s "$work/err" ]; then
        sed "s|$work/out|OUT|g" "$work/err" >"$1"
    fi
}

# run_lint STORY GOT COMMAND NAME
run_lint() {
    extension=txt
    case $3 in
    *json*) extension=json ;;
    esac
    # shellcheck disable=SC2086 # a command is words
    (cd "fixtures/$1" && $POSTMEND $3 in) >"$2/$4.$extension" 2>"$work/err"
    echo "$3: $?" >>"$2/status"
    keep_err "$2/$4.err"
}

# run_livetest STORY GOT COMMAND NAME - the verdicts, on a screen of 40 lines and 80 columns
run_livetest() {
    # shellcheck disable=SC2086
    (cd "fixtures/$1" && $POSTMEND $3 in) >"$work/verdicts" 2>"$work/err"
    echo "$3: $?" >>"$2/status"
    sed '1,2s/, [0-9]* s$/, N s/' "$work/verdicts" >"$2/$4.txt"
    keep_err "$2/$4.err"
    check "$1: $3: the report fits a screen" awk 'length > 80 || NR > 40 { exit 1 }' "$2/$4.txt"
}

# keep_changed STORY OUT TO - the files of OUT that are not those of in/
keep_changed() {
    (cd "$2" && find . -type f ! -name 'livetest.*') | LC_ALL=C sort | while read -r file; do
        cmp -s "fixtures/$1/in/$file" "$2/$file" && continue
        mkdir -p "$3/$(dirname "$file")"
        cp "$2/$file" "$3/$file"
    done
}

# same_files STORY OUT - has OUT every file of in/, the runbook, and a live test if smtpd listens?
same_files() {
    beside=./runbook.sh
    grep -q -E '^[^#[:space:]]+[[:space:]]+inet.*[[:space:]](smtpd|postscreen)' \
        "fixtures/$1/in/master.cf" && beside="$beside ./livetest.sh ./livetest.yaml"
    # shellcheck disable=SC2086 # a list
    (cd "fixtures/$1/in" && find . -type f && printf '%s\n' $beside) | LC_ALL=C sort >"$work/files.in"
    (cd "$2" && find . -type f) | LC_ALL=C sort >"$work/files.out"
    diff "$work/files.in" "$work/files.out"
}

# patch_gives STORY DIFF OUT - does patch(1) make of in/ what is in OUT?
patch_gives() {
    rm -rf "$work/patched"
    mkdir "$work/patched"
    cp -R "fixtures/$1/in" "$work/patched/in"
    if [ -s "$2" ]; then
        (cd "$work/patched" && patch -s -p0 --binary) <"$2" || return 1
    fi
    diff -r -x runbook.sh -x livetest.sh -x livetest.yaml "$work/patched/in" "$3"
}

# live ARGUMENT... - the live test finds nothing that is not as it should be; what its verdicts are is in
# livetest-*.txt
live() {
    $POSTMEND livetest -v "$@" >"$work/live" 2>&1
    tail -n 1 "$work/live" |
        grep -qE ', 0 different(; (0 answers changed|.*intended))?(; [0-9]+ services? will not start)?$' && return
    tail -n 20 "$work/live"
    return 1
}

# run_live STORY COMMAND - the reference server answers as the plan says, and as the old files' one
# did but for what is intended
run_live() {
    from=${2#*--from }
    check "$1: $2: the server answers as planned" live "$work/out/livetest.yaml"
    check "$1: $2: what differs from the old server is intended" \
        live --from "${from%% *}" --against "$PWD/fixtures/$1/in" "$work/out/livetest.yaml"
}

# changes_nothing COMMAND DIRECTORY
changes_nothing() {
    # shellcheck disable=SC2086
    $POSTMEND $1 "$2" >"$work/again" 2>&1
    [ $? -le 1 ] && [ ! -s "$work/again" ] && return 0
    head -n 20 "$work/again"
    return 1
}

# run_upgrade STORY GOT COMMAND NAME
run_upgrade() {
    rm -rf "$work/out"
    # shellcheck disable=SC2086
    (cd "fixtures/$1" && $POSTMEND $3 in) >"$2/$4.diff" 2>"$work/err"
    status=$?
    echo "$3: $status" >>"$2/status"
    # shellcheck disable=SC2086
    (cd "fixtures/$1" && $POSTMEND $3 --output "$work/out" in) >"$2/$4.txt" 2>"$work/err"
    check "$1: $3: --output ends as --diff does" [ $? -eq $status ]
    keep_err "$2/$4.err"
    [ -d "$work/out" ] || return
    keep_changed "$1" "$work/out" "$2/$4"
    check "$1: $3: all files are there" same_files "$1" "$work/out"
    check "$1: $3: the runbook is a shell script" sh -n "$work/out/runbook.sh"
    [ ! -e "$work/out/livetest.yaml" ] || [ -n "${WITHOUT_LIVE:-}" ] || run_live "$1" "$3"
    if command -v patch >/dev/null; then
        check "$1: $3: patch(1) makes the same of the diff" patch_gives "$1" "$2/$4.diff" "$work/out"
    fi
    check "$1: $3: a second time changes nothing" changes_nothing "$3" "$work/out"
}

# holds_musts STORY GOT
holds_musts() {
    good=0
    while read -r file verb text; do
        if ! [ -e "$2/$file" ]; then
            echo "must: $file is not there"
            good=1
        elif grep -q -F -e "$text" "$2/$file"; then
            [ "$verb" = has ] || { echo "must: $file holds \"$text\""; good=1; }
        else
            [ "$verb" = lacks ] || { echo "must: $file lacks \"$text\""; good=1; }
        fi
    done <"fixtures/$1/must"
    return "$good"
}

compare() {
    diff -r -u "fixtures/$1/expect" "$2" >"$work/difference" && return 0
    head -n "${DIFF_LINES:-40}" "$work/difference"
    return 1
}

run_story() {
    got=$work/got/$1
    mkdir -p "$got"
    while read -r command; do
        name=$(result_name "$command")
        case $command in
        lint*) run_lint "$1" "$got" "$command" "$name" ;;
        livetest*) run_livetest "$1" "$got" "$command" "$name" ;;
        upgrade*) run_upgrade "$1" "$got" "$command" "$name" ;;
        esac
    done <"fixtures/$1/run"
    if [ $update = yes ]; then
        rm -rf "fixtures/$1/expect"
        cp -R "$got" "fixtures/$1/expect"
    fi
    check "$1 is as expected" compare "$1" "$got"
    [ ! -f "fixtures/$1/must" ] || check "$1 keeps its word" holds_musts "$1" "$got"
}

if [ $# -eq 0 ]; then
    for folder in fixtures/*/; do
        [ -f "$folder/in/main.cf" ] || continue # one of Sendmail's
        set -- "$@" "$(basename "$folder")"
    done
fi
for story; do
    run_story "$story"
done
finish fixtures
