#!/bin/sh
# shellcheck disable=SC2317 # check calls functions by their names
# macro files and tables that mean harm: within a second and 64 MiB, with one clear error or none, no
# command is run and no file outside of the directory is read
set -u
. tests/golden/cli/lib.sh

MEMORY=65536 # KiB of address space
SECONDS_MAX=1  # of the processor
PRELUDE="include(\`/usr/share/sendmail-cf/m4/cf.m4')dnl"
# a build with sanitizers takes more of both than it is given here
# shellcheck disable=SC3045 # dash and bash know ulimit -v
if ! (ulimit -v $MEMORY && $POSTMEND --help) >/dev/null 2>&1; then
    MEMORY=unlimited
    SECONDS_MAX=20
fi

# limited ARGUMENT... - postmend within the limits
limited() {
    # shellcheck disable=SC3045,SC2086
    (ulimit -v $MEMORY && ulimit -t $SECONDS_MAX && exec timeout 60 $POSTMEND "$@") \
        >"$work/out" 2>"$work/err" </dev/null
    status=$?
}

# is_error TEXT - one line on standard error, with the place
is_error() {
    [ "$status" -eq 2 ] && [ "$(wc -l <"$work/err")" -eq 1 ] && grep -q -F -e "$1" "$work/err" &&
        return
    show_both
    return 1
}

# gives_up TEXT - lint has one finding of sendmail-syntax, convert one error, and writes nothing
gives_up() {
    limited lint "$file"
    if [ "$status" -ne 1 ] || [ "$(grep -c '\[sendmail-syntax\]' "$work/out")" -ne 1 ]; then
        show_both
        return 1
    fi
    says "$1" || return
    rm -rf "$work/converted"
    limited convert --to rhel10 --output "$work/converted" "$file"
    is_error "$1" && [ ! -e "$work/converted" ]
}

# comes_through - both end well, whatever they find
comes_through() {
    limited lint "$file"
    [ "$status" -le 1 ] || { show_both; return 1; }
    rm -rf "$work/converted"
    limited convert --to rhel10 --output "$work/converted" "$file"
    [ "$status" -le 1 ] || { show_both; return 1; }
}

# new NAME - sets FILE to a macro file in a directory of its own
new() {
    mkdir "$work/$1"
    file=$work/$1/sendmail.mc
}

# repeat COUNT TEXT - TEXT that often, without line ends
repeat() {
    awk -v count="$1" -v text="$2" 'BEGIN { for (i = 0; i < count; i++) printf "%s", text }'
}

# --- what m4 is asked to do without end
new bomb
{
    echo "$PRELUDE"
    echo "define(\`a0', \`0123456789')dnl"
    awk 'BEGIN { for (i = 1; i <= 30; i++)
        printf "define(`a%d'\'', `a%d a%d a%d a%d'\'')dnl\n", i, i - 1, i - 1, i - 1, i - 1 }'
    echo a30
} >"$file"
check "an expansion bomb" gives_up "more than"
new recursion
printf '%s\n' "$PRELUDE" "define(\`r', \`r(\$1x)')dnl" "r(x)" >"$file"
check "recursion" gives_up "sendmail.mc:3"
new inside
printf '%s\n' "$PRELUDE" "define(\`r', \`s(r(\$1))')define(\`s', \`\$1')dnl" "r(x)" >"$file"
check "recursion in arguments" gives_up "more than 256 levels deep"
new quotes
{ echo "$PRELUDE" && repeat 1000000 "\`"; } >"$file"
check "a megabyte of quotes" gives_up "sendmail.mc:2"
new pairs
{ echo "$PRELUDE" && repeat 500000 "\`'"; } >"$file"
check "a megabyte of empty quotations" comes_through
new apostrophes
{ echo "$PRELUDE" && repeat 1000000 "'"; } >"$file"
check "a megabyte of apostrophes" comes_through
new calls
{ echo "$PRELUDE" && repeat 200000 'define('; } >"$file"
check "calls inside of calls" gives_up "more than 256 levels deep"
new chain
{ echo "$PRELUDE" && printf 'ifelse(' && repeat 300000 'a,b,c,' && echo 'z)'; } >"$file"
check "a chain of ifelse" gives_up "more than 8192 KB"
new nested
{
    echo "$PRELUDE"
    repeat 2000 "ifelse(\`a', \`b', \`x', \`"
    repeat 2000 "')"
} >"$file"
check "ifelse inside of ifelse" gives_up "too much time"
new translit
{
    printf '%s\n' "$PRELUDE" "define(\`t', \`translit(\$1, \`!-~', \`~-!')')dnl"
    repeat 50000 't(x)'
} >"$file"
check "ranges of translit" gives_up "more than"
new width
echo "builtin(\`format', \`%999999999d', 1)builtin(\`format', \`%*d', 2147483647, 1)" >"$file"
check "a format of huge width" gives_up "the width of a conversion in format is more than 4096"
new diversions
{ echo "$PRELUDE" && awk 'BEGIN { for (i = 1; i < 100000; i++) printf "divert(%d)x\n", i }'; } >"$file"
check "a flood of diversions" gives_up "more than 256 diversions"
new empty
{
    echo "$PRELUDE"
    echo "changequote(,)changequote()changequote(\`', \`')dnl"
    repeat 5000 "define(\`a', b)"
} >"$file"
check "empty quotes" comes_through
new long
{
    echo "$PRELUDE"
    printf "changequote(\`%s', \`%s')" "$(repeat 100000 '<')" "$(repeat 100000 '>')"
    repeat 2000000 '<'
} >"$file"
check "quotes of 100 kB" gives_up "is not closed"
new stack
{ echo "$PRELUDE" && repeat 100000 "pushdef(\`x', \`xxxxxxxxxxxxxxxxxxxx')"; } >"$file"
check "a stack of definitions" gives_up "too m"
new wrap
printf '%s\n' "$PRELUDE" "define(\`m', \`m4wrap(\`m')')m" >"$file"
check "m4wrap of itself" gives_up "more than 50000 macro calls"
new sums
{ echo "$PRELUDE" && printf 'eval(' && repeat 100000 '(' && echo '1)'; } >"$file"
check "eval of parentheses" gives_up "no closing parenthesis"
new signs
{ echo "$PRELUDE" && printf 'eval(' && repeat 100000 '-' && echo '1)'; } >"$file"
check "eval of signs" comes_through

# --- bytes that are no text, and more of them than anybody writes
new nul
printf 'FEA\0TURE(`a\0b'"'"')dnl\ndefine(`con\0f'"'"', `\0'"'"')\nOSTYPE(`linux'"'"')\0\n\0\0' >"$file"
check "NUL bytes" comes_through
new eight
LC_ALL=C awk 'BEGIN { srand(7); for (i = 0; i < 100000; i++) printf "%c", 128 + int(rand() * 127) }' \
    >"$file"
echo 'MAILER(smtp)' >>"$file"
check "bytes of eight bits" comes_through
new lines
{ echo "$PRELUDE" && repeat 1900000 'x
'; } >"$file"
check "two million lines" gives_up "more than 65536 lines"
new large
truncate -s 100M "$file"
too_large() {
    limited "$@" "$file"
    is_error "larger than 4 MiB"
}
check "lint of 100 MB" too_large lint
check "convert of 100 MB" too_large convert --to rhel10 --output "$work/converted"

# --- files and commands
new command
{
    echo "$PRELUDE"
    echo "syscmd(\`touch $work/ran')esyscmd(\`touch $work/ran')dnl"
    printf "%s\n" "OSTYPE(\`linux')dnl" "MAILER(\`smtp')dnl"
} >"$file"
reports_commands() {
    comes_through || return 1
    [ ! -e "$work/ran" ] && [ "$(grep -c "syscmd" "$work/converted/CONVERSION.md")" -ge 2 ] || return
    limited lint --format gcc "$file"
    [ "$(grep -c '\[sendmail-unread\]' "$work/out")" -eq 2 ]
}
check "commands are not run, and are reported" reports_commands
secret="root:secret"
mkdir "$work/elsewhere"
echo "define(\`confDOMAIN_NAME', \`$secret')" >"$work/elsewhere/secret"
new include
{
    echo "$PRELUDE"
    echo "include($work/elsewhere/secret)dnl"
    printf "sinclude(\`%s')dnl\n" ../elsewhere/secret link linked/secret pipe directory /dev/zero \
        /dev/stdin /etc/shadow
    echo "undivert(\`$work/elsewhere/secret')dnl"
    printf "%s\n" "OSTYPE(\`linux')dnl" "MAILER(\`smtp')dnl"
} >"$file"
ln -s ../elsewhere/secret "$work/include/link"
ln -s ../elsewhere "$work/include/linked"
mkfifo "$work/include/pipe"
mkdir "$work/include/directory"
keeps_out() {
    comes_through && ! grep -r -q "$secret" "$work/converted" &&
        [ "$(grep -c "^| .* was not read |" "$work/converted/CONVERSION.md")" -eq 10 ]
}
check "files elsewhere, by links, pipes and devices are not read" keeps_out
new loop
printf '%s\n' "$PRELUDE" "include(\`loop.m4')dnl" >"$file"
echo "include(\`loop.m4')" >"$work/loop/loop.m4"
check "a file that includes itself" gives_up "more than 100 files are included"
new heavy
printf '%s\n' "$PRELUDE" "include(\`heavy.m4')dnl" >"$file"
truncate -s 1025K "$work/heavy/heavy.m4"
check "a large file that is included" gives_up "the included file is larger than 1024 KB"

# --- tables
tables() {
    new "$1"
    {
        echo "$PRELUDE"
        printf "FEATURE(\`%s')dnl\n" access_db virtusertable mailertable genericstable domaintable \
            use_cw_file
        printf "%s\n" "OSTYPE(\`linux')dnl" "MAILER(\`smtp')dnl"
    } >"$file"
}
tables odd
mkfifo "$work/odd/access"
mkdir "$work/odd/virtusertable"
ln -s /etc/shadow "$work/odd/mailertable"
ln -s /dev/zero "$work/odd/aliases"
check "tables that are pipes, directories, links and devices" comes_through
tables bytes
for table in access virtusertable mailertable genericstable domaintable local-host-names aliases; do
    printf 'Connect:\0a REJECT\nb\0c OK\nFrom:d\0@x DISCARD\n\0: y\nx: RE\0JECT\n\0\n' \
        >"$work/bytes/$table"
done
check "tables with NUL bytes" comes_through
tables wide
{ printf 'a.example ' && repeat 10000000 x && echo; } >"$work/wide/access"
check "a line of 10 MB" comes_through
tables huge
truncate -s 100M "$work/huge/access"
huge_table() {
    limited convert --to rhel10 --output "$work/refused" "$file"
    is_error "access: larger than 32 MiB"
}
check "a table of 100 MB" huge_table
tables many
awk 'BEGIN { for (i = 0; i < 3000000; i++) print "a OK" }' >"$work/many/access"
many_lines() {
    [ "$MEMORY" = unlimited ] || MEMORY=1000000
    SECONDS_MAX=60
    limited convert --to rhel10 --output "$work/refused" "$file"
    is_error "more than 500000 lines"
}
check "a table of 3 million lines" many_lines

# --- main.cf
mkdir "$work/settings" "$work/comments"
awk 'BEGIN { for (i = 0; i < 300000; i++) print "a" i " = b" }' >"$work/settings/main.cf"
awk 'BEGIN { for (i = 0; i < 300000; i++) print "# " i " and more" }' >"$work/comments/main.cf"
many_settings() {
    limited lint "$work/settings"
    is_error "main.cf: more than 2 MiB of settings"
}
many_comments() {
    limited lint "$work/comments"
    [ "$status" -eq 0 ] || { show_both; return 1; }
}
check "300,000 settings" many_settings
check "300,000 comments" many_comments
finish hostile
