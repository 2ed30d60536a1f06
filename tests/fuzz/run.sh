#!/bin/sh
# run.sh SECONDS BUILD TARGET... - lets libFuzzer work on each target that long, two at a time
#
# What it starts from: the project's fixtures, inputs that once broke something (tests/fuzz/found),
# and the real configurations in POSTMEND_SHARED/corpus.  What it finds interesting is kept in
# BUILD/corpus for the next run.  FUZZ_SEED is where its dice start: the same each time, so that a
# change is judged by the same inputs as the one before it; 0 lets them fall as they like.
set -u

seconds=$1
build=$2
shift 2
corpus=${POSTMEND_SHARED:+$POSTMEND_SHARED/corpus}
status=0

# plain NAME TO - every file called NAME, as it is
plain() {
    find fixtures ${corpus:+"$corpus/hosts"} -type f -name "$1" 2>/dev/null | while read -r file; do
        cp "$file" "$2/$(echo "$file" | tr / _)"
    done
}

# behind_byte NAME TO - the same behind one byte, which chooses a release
behind_byte() {
    find fixtures ${corpus:+"$corpus/hosts"} -type f -name "$1" 2>/dev/null | while read -r file; do
        { printf '0' && cat "$file"; } >"$2/$(echo "$file" | tr / _)"
    done
}

# pairs TO - a byte, main.cf, a line "%%", master.cf
pairs() {
    find fixtures ${corpus:+"$corpus/hosts"} -type f -name main.cf 2>/dev/null | while read -r file; do
        {
            printf '0'
            cat "$file"
            printf '\n%%%%\n'
            cat "${file%/*}/master.cf" 2>/dev/null
        } >"$1/$(echo "$file" | tr / _)"
    done
}

# tables TO - a byte, a key on a line of its own, a table's text
tables() {
    find fixtures ${corpus:+"$corpus/hosts"} -type f ! -name '*.cf' 2>/dev/null | while read -r file; do
        { printf '0key\n' && cat "$file"; } >"$1/$(echo "$file" | tr / _)"
    done
}

# macros TO - Sendmail's macro files
macros() {
    find fixtures tests/oracle/m4 ${corpus:+"$corpus/sendmail"} -type f -name '*.mc' 2>/dev/null |
        while read -r file; do
            cp "$file" "$1/$(echo "$file" | tr / _)"
        done
}

# sendmail_tables TO - a byte that says which one, and a table of Sendmail's
sendmail_tables() {
    number=0
    for name in access virtusertable mailertable genericstable domaintable authinfo userdb \
        local-host-names relay-domains trusted-users aliases uudomain bitdomain domains; do
        find fixtures/sendmail-*/in ${corpus:+"$corpus/sendmail"} -type f -name "$name" 2>/dev/null |
            while read -r file; do
                # shellcheck disable=SC2059 # an octal escape
                { printf "\\$(printf '%03o' "$number")" && cat "$file"; } \
                    >"$1/$(echo "$file" | tr / _)"
            done
        number=$((number + 1))
    done
}

# sendmails TO - a macro file, and the tables beside it behind lines "%%NAME"
sendmails() {
    for file in fixtures/sendmail-*/in/sendmail.mc ${corpus:+"$corpus"/sendmail/*.mc}; do
        [ -f "$file" ] || continue
        {
            cat "$file"
            for table in "${file%/*}"/*; do
                case $table in
                *.mc | *.cf) continue ;;
                esac
                [ -f "$table" ] && printf '\n%%%%%s\n' "${table##*/}" && cat "$table"
            done
        } >"$1/$(echo "$file" | tr / _)"
    done
}

# dialogue - a byte, and a session with a message
dialogue() {
    printf '0EHLO a\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<c@example.com>\r\nDATA\r\n'
    printf 'Subject: x\r\n\r\n..y\r\n.\r\nBDAT 3 LAST\r\nabcRSET\r\nVRFY x\r\nQUIT\r\n'
}

# seed TARGET DIRECTORY
seed() {
    mkdir -p "$2"
    case $1 in
    main_cf) plain main.cf "$2" ;;
    master_cf) plain master.cf "$2" ;;
    expand) behind_byte main.cf "$2" ;;
    table | sendmail_table) tables "$2" ;;
    convert_table) sendmail_tables "$2" ;;
    m4) macros "$2" ;;
    lint_mc) macros "$2" ;;
    convert) sendmails "$2" ;;
    sendmail_cf) plain sendmail.cf "$2" ;;
    session) dialogue >"$2/dialogue" ;;
    *) pairs "$2" ;;
    esac
    cp tests/fuzz/found/"$1"/* "$2" 2>/dev/null
}

# a fuzzer that is stopped leaves its tables behind
mkdir -p "$build/tmp" || exit 2
trap 'rm -rf "$build/tmp"' EXIT
trap 'exit 2' INT TERM HUP
TMPDIR=$(cd "$build/tmp" && pwd) || exit 2
export TMPDIR

# fuzz TARGET - in the background; what it says goes to BUILD/TARGET.log
fuzz() {
    mkdir -p "$build/corpus/$1" "$build/crashes"
    seed "$1" "$build/seeds/$1"
    "$build/fuzz/fuzz_$1" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=3072 \
        -max_len=65536 -seed="${FUZZ_SEED:-1}" -print_final_stats=1 -artifact_prefix="$build/crashes/$1-" \
        "$build/corpus/$1" "$build/seeds/$1" >"$build/$1.log" 2>&1 &
}

# report TARGET STATUS
report() {
    rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$build/$1.log")
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$1.log")
    if [ "$2" -eq 0 ]; then
        echo "fuzz: $1: ${runs:-?} inputs, ${rate:-?} a second, none broke it"
        return
    fi
    status=1
    echo "fuzz: $1: FAILED; the end of $build/$1.log:"
    grep -vE '^(#[0-9]|NEW_FUNC|stat::)' "$build/$1.log" | tail -n 40
    grep -o "Test unit written to .*" "$build/$1.log" | sed 's/^Test unit/fuzz: the input was/'
}

while [ $# -gt 0 ]; do
    fuzz "$1"
    first=$!
    if [ $# -gt 1 ]; then
        fuzz "$2"
        second=$!
    fi
    wait "$first"
    report "$1" $?
    shift
    if [ $# -gt 0 ]; then
        wait "$second"
        report "$1" $?
        shift
    fi
done
exit "$status"
