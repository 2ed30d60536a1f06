#!/bin/sh
# postmend convert, on the macro files of the corpus, of Sendmail and of the fixtures, and on the
# sendmail.cf that the real m4 files make of each: every line has one fate, and what is written passes
# our own lint and the real postfix check, tables and all
# shellcheck disable=SC2317 # check calls functions by their names
set -u
. tests/oracle/lib.sh
begin_oracle convert
release=bookworm
root=$roots/$release

# --- the conversions
# convert NAME FILE - as $here/NAME; the count of its lines is in $here/NAME.said
convert() {
    $POSTMEND convert --to "$(platform_of $release)" --output "$here/$1" "$2" \
        >"$here/$1.said" 2>"$here/$1.err"
    echo $? >"$here/$1.status"
}

# adds_up NAME - the fates in CONVERSION.md are as many as its rows, and their sum as it says
adds_up() {
    python3 - "$here/$1" <<'END'
import re, sys
text = open(sys.argv[1] + "/CONVERSION.md", encoding="latin-1").read()
words = ("mapped", "already the default", "not applicable", "open")
counts = {word: int(re.search(r"^\| %s \| (\d+) \|" % word, text, re.M).group(1)) for word in words}
total = int(re.search(r"^\| \*\*all\*\* \| \*\*(\d+)\*\* \|", text, re.M).group(1))
rows = dict.fromkeys(words, 0)
for row in re.finditer(r"^\| (\d+)(?: to \d+)? \| (.*?) (?<!\\)\| (%s) \| " % "|".join(words), text, re.M):
    stock = re.match(r"(\d+) lines of Sendmail's own$", row.group(2))
    rows[row.group(3)] += int(stock.group(1)) if stock else 1
points = len(re.findall(r"^\d+\. ", text.split("## Open points")[1].split("\n## ")[0], re.M))
if sum(counts.values()) != total or rows != counts or points != counts["open"]:
    sys.exit("    %s, rows %s, points %d, all %d" % (counts, rows, points, total))
END
}

# ends_right NAME - 1 where points are open, else 0
ends_right() {
    grep -q ' 0 open$' "$here/$1.said" && [ "$(cat "$here/$1.status")" -eq 0 ] && return 0
    grep -q ' [1-9][0-9]* open$' "$here/$1.said" && [ "$(cat "$here/$1.status")" -eq 1 ] && return 0
    echo "    status $(cat "$here/$1.status"): $(cat "$here/$1.said" "$here/$1.err")"
    return 1
}

passes_lint() {
    $POSTMEND lint --fail-on error --platform "$(platform_of "$release")" "$here/$1" \
        >"$work/lint" 2>&1 && return 0
    sed 's/^/    /' "$work/lint" | head -n 12
    return 1
}

# is_silent NAME STEP - did that step of the real Postfix end well and without a warning?
is_silent() {
    [ "$(cat "$root$here/$1.$2.status" 2>/dev/null)" = 0 ] && [ ! -s "$root$here/$1.$2" ] && return 0
    head -n 6 "$root$here/$1.$2" | sed 's/^/    /'
    return 1
}

names=
add() {
    convert "$1" "$2"
    names="$names $1"
}
macro_files >"$work/files"
while read -r name file; do
    add "$name" "$file"
    # and what Sendmail's m4 makes of it
    ! sendmail_cf "$file" "$work/cf/$name" || add "cf-of-$name" "$work/cf/$name/sendmail.cf"
done <"$work/files"
for file in fixtures/sendmail-*/in/sendmail.cf; do
    [ ! -f "$file" ] || add "fixture-$(basename "$(dirname "$(dirname "$file")")")" "$file"
done
[ -n "$names" ] || skip "convert: there is no macro file"

# --- the real Postfix: the tables are built where they lie, the queue is a directory of its own
for name in $names; do
    cp -R "$here/$name" "$root$here/$name" 2>/dev/null
done
cat >"$root$here/try.sh" <<'END'
cd "$1" || exit 2
name=$2
mkdir "$name.queue" "$name.data"
chown postfix "$name.data"
sed -i "s|/etc/postfix/|$1/$name/|g" "$name/main.cf" "$name/master.cf"
printf 'queue_directory = %s\ndata_directory = %s\n' "$1/$name.queue" "$1/$name.data" >>"$name/main.cf"
step() {
    where=$1
    shift
    "$@" >"$name.$where" 2>&1
    echo $? >"$name.$where.status"
}
step values sh -c 'postconf -c "$1" -n >/dev/null && postconf -c "$1" -Mf >/dev/null' sh "$1/$name"
step tables sh -c '
    sed -n -E "s#^(postmap|postalias) ([a-z]+):/etc/postfix/(.*)#\1 -c $1 \2:$1/\3#p" "$1/runbook.sh" | sh -e' \
    sh "$1/$name"
step check postfix -c "$1/$name" check
END
for name in $names; do
    echo "$name"
done | ROOT=$root HERE=$here xargs -P 4 -I{} chroot "$root" sh "$here/try.sh" "$here" {}

for one in $names; do
    check "$one: the status says whether points are open" ends_right "$one"
    check "$one: every line has one fate" adds_up "$one"
    check "$one: no error in the eyes of lint" passes_lint "$one"
    check "$one: postconf has no warning" is_silent "$one" values
    check "$one: the tables can be built" is_silent "$one" tables
    check "$one: postfix check is content" is_silent "$one" check
done
finish convert
