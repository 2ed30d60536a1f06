#!/bin/sh
# postmend convert, of sendmail.cf: what it writes is what it writes of the macro file that the
# sendmail.cf was made of by the real m4 files
#
# Over the macro files of the corpus, of Debian's package and of the fixtures.  What a sendmail.cf no
# longer says, or says beyond the macro file, stands with its reason in sendmail_cf.py; nothing else
# may differ.  Then sendmail.cf is changed as people change it, and each change must be seen.
# That the files suit Postfix is asked by test-convert.sh, for both.
set -u
. tests/oracle/lib.sh
heavy

command -v m4 >/dev/null || skip "sendmail-cf: m4 is missing"
command -v python3 >/dev/null || skip "sendmail-cf: python3 is missing"
[ -f "$(sendmail_files)/m4/cf.m4" ] ||
    skip "sendmail-cf: there are no m4 files of Sendmail in $roots; sh tests/oracle/roots.sh makes them"
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM HUP
export PYTHONDONTWRITEBYTECODE=1

macro_files | while read -r name file; do
    sendmail_cf "$file" "$work/$name/in" || echo "$name: m4 made no sendmail.cf" >>"$work/failed"
    for kind in mc cf; do
        $POSTMEND convert --to debian12 --output "$work/$name/$kind" "$work/$name/in/sendmail.$kind" \
            >"$work/$name/$kind.said" 2>&1
    done
done
[ ! -s "$work/failed" ] || cat "$work/failed"
python3 tests/oracle/sendmail_cf.py "$work" "$POSTMEND"
