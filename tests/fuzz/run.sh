#!/bin/sh
# run.sh SECONDS BUILD TARGET... - lets libFuzzer work on each target that long, FUZZ_JOBS (2) at a time
#
# Says a line for each target: how many inputs it ran, how many a second, how many edges of the code they
# reach, and whether one broke it; and one for all.
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

# rules_pairs TO - main.cf, a line "%%", master.cf
rules_pairs() {
    mkdir -p "$1.pairs"
    pairs "$1.pairs"
    for file in "$1.pairs"/*; do
        tail -c +2 "$file" >"$1/${file##*/}"
    done
    rm -rf "$1.pairs"
}

# lint_pairs TO - the same behind three bytes, for rules one after the other
lint_pairs() {
    mkdir -p "$1.rules"
    rules_pairs "$1.rules"
    number=0
    for file in "$1.rules"/*; do
        number=$(((number + 1) % 256))
        first=$(printf '%03o' $((number * 7 % 256)))
        # shellcheck disable=SC2059 # octal escapes
        { printf "\\$first\\$(printf '%03o' "$number")\\$first" && cat "$file"; } >"$1/${file##*/}"
    done
    rm -rf "$1.rules"
}

# reports TO - a format, a file with a finding, and text that a terminal would obey
reports() {
    for number in 0 1 2 3 4 5 6 7 8 9 10 11 12; do
        # shellcheck disable=SC2059 # an octal escape
        {
            printf "\\$(printf '%03o' "$number")\003"
            printf 'main.cf\n%%%%\nmyhostname = x\n\ttab \303\274\n%%%%\nmessage \033[31m\n%%%%\nadvice \302\233\n'
            printf '%%%%\n\342\200\256 ]]> <&> " | %%0A ::error::x\n%%%%\nsecond\n'
        } >"$1/$number"
    done
}

# servers TO - what SMTP servers say, part by part, and the start of TLS
servers() {
    {
        printf '\000220 mail.example.com ESMTP\r\n\n%%%%\n250-mail.example.com\r\n250-STARTTLS\r\n'
        printf '250-AUTH PLAIN LOGIN\r\n250 SMTPUTF8\r\n\n%%%%\n235 2.7.0 ok\r\n\n%%%%\n'
        printf '503 5.5.1 x\r\n\n%%%%\n250 ok\r\n'
    } >"$1/plain"
    printf '\001220 x ESMTP\r\n\n%%%%\n250-x\r\n250 STARTTLS\r\n\n%%%%\n454 4.7.0 no\r\n' >"$1/starttls"
    printf '\002\026\003\003\000\112\002\000\000\106\003\003' >"$1/implicit"
    printf '\000\025\003\001\000\002\002\106' >"$1/alert"
    printf '\000SSH-2.0-OpenSSH_9.2\r\n' >"$1/ssh"
    printf '\000220-a\r\n220-\033[2J\302\233\r\n220 b\r\n\n%%%%\n250 \342\200\256\r\n' >"$1/terminal"
}

# certificates TO - a key with its certificate as PEM, and the certificate as a server sends it
certificates() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 \
        -subj '/CN=mail.example.com/O=An Example' -addext 'subjectAltName=DNS:a.example,IP:192.0.2.1' \
        -keyout "$1/key" -out "$1/crt" 2>/dev/null || return
    openssl x509 -in "$1/crt" -outform DER -out "$1/der" 2>/dev/null
    { printf '\000' && cat "$1/key" "$1/crt"; } >"$1/chain"
    { printf '\001' && cat "$1/crt" "$1/key"; } >"$1/pair"
    { printf '\002' && cat "$1/crt" "$1/key"; } >"$1/authority"
    { printf '\003' && cat "$1/der"; } >"$1/sent"
    rm -f "$1/key" "$1/crt" "$1/der"
}

# plans TO - one that has everything
plans() {
    sed -n 's/^ \*     //p' smtp/livetest/plan.h | sed '/^sessions/,$!b' >"$1/all"
    find fixtures -name '*.yaml' -type f 2>/dev/null | while read -r file; do
        cp "$file" "$1/$(echo "$file" | tr / _)"
    done
}

# own_platforms TO
own_platforms() {
    {
        printf 'platforms:\n  - name: own\n    title: Own\n    like: rhel8\n    postfix: 3.8.5\n'
        printf '    defaults:\n      alias_maps: ""\n    backports: [use_srv_lookup]\n'
        printf '    tables:\n      built_in: [lmdb, hash]\n      packages: {pcre: x}\n'
        printf '    stock:\n      mailq_path: /x\n    firewall:\n      port: "%%s"\n'
    } >"$1/like"
}

# words TARGET - the dictionary: what the target's language consists of
# shellcheck disable=SC2016 # Postfix's expressions
words() {
    case $1 in
    main_cf | expand | lint | rules | master_cf | settings | platform | plan)
        sed -n 's/^  \([a-z0-9_]*\):$/"\1"/p' facts/parameters.yaml
        sed -n 's/^  \([a-z0-9_]*\):.*/"\1"/p' facts/restrictions.yaml facts/tables.yaml
        printf '"%s"\n' smtpd smtp unix inet pass pipe ' -o ' '${' '}' '?{' ':{' '$' '{' lmdb: hash: cidr: \
            '\x0a ' '\x0a%%\x0a' yes no may encrypt permit reject
        ;;
    esac
    case $1 in
    platform) sed -n 's/^#   \([a-z_]*\)  .*/"\1:"/p' facts/platforms.yaml ;;
    settings) printf '"%s: "\n' platform hostname interfaces users ;;
    plan) sed -n 's/.*[ {-]\([a-z-]*\): .*/"\1: "/p' smtp/livetest/plan.h | sort -u ;;
    convert* | m4 | lint_mc | sendmail_*)
        sed -n 's/^  \([A-Za-z0-9_]*\):$/"\1"/p' facts/sendmail.yaml
        printf '"%s"\n' 'define(`' "')dnl\\x0a" 'FEATURE(`' 'MAILER(`' OSTYPE undefine ifdef 'R$*' '\x0a%%'
        ;;
    session | client)
        printf '"%s\\x0d\\x0a"\n' 'EHLO a' 'MAIL FROM:<a@b.example>' 'RCPT TO:<a@example.com>' DATA . \
            'BDAT 3 LAST' STARTTLS 'AUTH PLAIN' 'AUTH LOGIN' 'XCLIENT NAME=x' '220 x' '250-STARTTLS' \
            '250 AUTH PLAIN LOGIN' '334 ' '235 2.7.0 ok'
        printf '"%s"\n' '\x0a%%\x0a' '\x16\x03\x03' '\x15\x03'
        ;;
    table) printf '"%s"\n' key '\x0a' '/^' '$/' '${1}' 'if /' endif '192.0.2.0/24' '::/0' OK REJECT '@example.com' ;;
    report) printf '"%s"\n' '\x0a%%\x0a' '\x1b' '\xc2\x9b' '\xe2\x80\xae' ']]>' '::' '%0A' '<' '&' '|' ;;
    certificate) printf '"-----%s-----\\x0a"\n' 'BEGIN CERTIFICATE' 'END CERTIFICATE' 'BEGIN PRIVATE KEY' ;;
    esac
}

# longest TARGET - in bytes: what is longer takes long, and finds nothing new
longest() {
    case $1 in
    rules | convert*) echo 512 ;;
    lint | settings | report | client | sendmail_cf | lint_mc) echo 1024 ;;
    plan | platform | certificate) echo 2048 ;;
    *) echo 8192 ;;
    esac
}

# cut_seeds TARGET DIRECTORY - to the longest input
cut_seeds() {
    find "$2" -type f -size +"$(longest "$1")"c | while read -r file; do
        head -c "$(longest "$1")" "$file" >"$file.cut" && mv "$file.cut" "$file"
    done
}

# seed TARGET DIRECTORY
seed() {
    mkdir -p "$2"
    case $1 in
    lint) lint_pairs "$2" ;;
    rules) rules_pairs "$2" ;;
    report) reports "$2" ;;
    client) servers "$2" ;;
    certificate) certificates "$2" ;;
    plan) plans "$2" ;;
    platform) own_platforms "$2" ;;
    settings) printf 'platform: rhel10\nhostname: a.example\ninterfaces: 192.0.2.1\n' >"$2/all" ;;
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
    cut_seeds "$1" "$2"
}

# a fuzzer that is stopped leaves its tables behind, which are in memory where that is possible
mkdir -p "$build/tmp" || exit 2
TMPDIR=$(mktemp -d -p /dev/shm 2>/dev/null) || TMPDIR=$(cd "$build/tmp" && mktemp -d -p "$PWD") || exit 2
trap 'rm -rf "$TMPDIR"' EXIT
trap 'exit 2' INT TERM HUP
export TMPDIR
# what is freed is soon used again, and the places of allocations are short: both cost time
ASAN_OPTIONS=quarantine_size_mb=4:thread_local_quarantine_size_kb=64:malloc_context_size=4:\
max_malloc_fill_size=0:allocator_release_to_os_interval_ms=-1${ASAN_OPTIONS:+:$ASAN_OPTIONS}
export ASAN_OPTIONS

# fuzz TARGET - what it says goes to BUILD/TARGET.log
fuzz() {
    rm -rf "$build/seeds/$1"
    mkdir -p "$build/corpus/$1" "$build/crashes"
    seed "$1" "$build/seeds/$1"
    words "$1" >"$build/$1.dict"
    "$build/fuzz/fuzz_$1" -max_total_time="$seconds" -timeout=25 -rss_limit_mb=3072 -dict="$build/$1.dict" \
        -max_len="$(longest "$1")" -seed="${FUZZ_SEED:-1}" -print_final_stats=1 \
        -artifact_prefix="$build/crashes/$1-" "$build/corpus/$1" "$build/seeds/$1" >"$build/$1.log" 2>&1
}

# report TARGET STATUS
report() {
    rate=$(sed -n 's/^stat::average_exec_per_sec: *//p' "$build/$1.log")
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$1.log")
    edges=$(sed -n 's/^#[0-9].* cov: \([0-9]*\) .*/\1/p' "$build/$1.log" | tail -n 1)
    count=$((count + 1))
    total=$((total + ${runs:-0}))
    if [ "$2" -eq 0 ]; then
        echo "fuzz: $1: ${runs:-?} inputs, ${rate:-?} a second, ${edges:-?} edges, none broke it"
        return
    fi
    broken=$((broken + 1))
    echo "fuzz: $1: FAILED; the end of $build/$1.log:"
    grep -vE '^(#[0-9]|NEW_FUNC|stat::)' "$build/$1.log" | tail -n 40
    grep -o "Test unit written to .*" "$build/$1.log" | sed 's/^Test unit/fuzz: the input was/'
}

count=0
total=0
broken=0
while [ $# -gt 0 ]; do
    running=
    for target in $(printf '%s\n' "$@" | head -n "${FUZZ_JOBS:-2}"); do
        fuzz "$target" &
        running="$running $target:$!"
        shift
    done
    for job in $running; do
        wait "${job#*:}"
        report "${job%:*}" $?
    done
done
echo "fuzz: $count targets, $total inputs, $broken broken"
[ "$broken" -eq 0 ]
