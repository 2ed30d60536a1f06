#!/bin/sh
# m4: the calls that our m4 finds in a .mc file are those that GNU m4 traces in it, with their
# arguments, depth and line, and what it writes is what GNU m4 writes
#
# GNU m4 gets a definition of each of Sendmail's macros, and none of Sendmail's files.  The files:
# the corpus, those of Debian's package sendmail-cf, tests/oracle/m4, and M4_CASES made at random.
set -u
. tests/lib.sh
installed=${SENDMAIL_CF:-/usr/share/sendmail/cf}
ours=${B:-build}/oracle/m4
cases=${M4_CASES:-200}

m4 --version 2>/dev/null | grep -q 'GNU M4' || skip "m4: there is no GNU m4 here"
command -v python3 >/dev/null || skip "m4: python3 is missing"
[ -x "$ours" ] || make -s "$ours" B="${B:-build}" || skip "m4: $ours could not be built"
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM HUP

# the builtins under names that are not traced; what is never run or read expands to nothing
cat >"$work/begin" <<END
builtin(\`define', \`t_define', defn(\`define'))t_define(\`t_undefine', defn(\`undefine'))dnl
t_define(\`t_ifdef', defn(\`ifdef'))t_define(\`t_ifelse', defn(\`ifelse'))dnl
t_define(\`t_changecom', defn(\`changecom'))t_define(\`t_include', defn(\`include'))dnl
t_define(\`t_regexp', defn(\`regexp'))dnl
t_define(\`include', \`t_ifelse(\$#, 0, \`\`include'', \`t_ifdef(\`t_seen', \`',
\`t_ifelse(t_regexp(\`\$1', \`\(^\|/\)cf\.m4\$'), -1, \`',
\`t_define(\`t_seen')t_include(\`$work/prelude')')')')')dnl
t_define(\`sinclude', \`t_ifelse(\$#, 0, \`\`sinclude'', \`t_ifdef(\`t_seen', \`',
\`t_ifelse(t_regexp(\`\$1', \`\(^\|/\)cf\.m4\$'), -1, \`',
\`t_define(\`t_seen')t_include(\`$work/prelude')')')')')dnl
t_define(\`syscmd', \`t_ifelse(\$#, 0, \`\`syscmd'')')dnl
t_define(\`esyscmd', \`t_ifelse(\$#, 0, \`\`esyscmd'')')dnl
t_define(\`maketemp', \`t_ifelse(\$#, 0, \`\`maketemp'')')dnl
t_define(\`mkstemp', \`t_ifelse(\$#, 0, \`\`mkstemp'')')dnl
t_define(\`regexp', \`t_ifelse(\$#, 0, \`\`regexp'')')dnl
t_define(\`patsubst', \`t_ifelse(\$#, 0, \`\`patsubst'')')dnl
END
"$ours" prelude >"$work/prelude" || exit 2
traces=$("$ours" names | sed 's/^/-t /')

# gnu FILE - its trace in $work/gnu.calls, its output in $work/gnu.output
gnu() {
    prelude=
    "$ours" prelude-seen "$1" || prelude=$work/prelude
    rm -f "$work/gnu.calls"
    # shellcheck disable=SC2086,SC3045 # lists; dash and bash know ulimit -v
    (cd "$work" && ulimit -v 400000 && timeout 2 m4 -daql -o "$work/gnu.calls" $traces \
        "$work/begin" $prelude "$1" >"$work/gnu.output" 2>"$work/gnu.errors")
    status=$?
    touch "$work/gnu.calls"
    # the line of a call in an argument of ifdef: GNU m4 says that of the ifdef, we that of the call
    [ "$2" = lines ] || sed -i 's/^m4trace:[0-9]*: /m4trace: /' "$work/gnu.calls"
}

same_calls() {
    "$ours" calls "$1" >"$work/our.calls" 2>"$work/our.errors"
    [ "$2" = lines ] || sed -i 's/^m4trace:[0-9]*: /m4trace: /' "$work/our.calls"
    cmp -s "$work/gnu.calls" "$work/our.calls" && return 0
    diff -a "$work/gnu.calls" "$work/our.calls" | head -n "${M4_SHOW:-6}"
    return 1
}

same_output() {
    "$ours" output "$1" >"$work/our.output" 2>"$work/our.errors"
    cmp -s "$work/gnu.output" "$work/our.output" && return 0
    diff -a "$work/gnu.output" "$work/our.output" | head -n "${M4_SHOW:-6}"
    return 1
}

gives_up() {
    ! timeout 2 "$ours" calls "$1" >/dev/null 2>&1
}

# compare NAME FILE lines|plain
compare() {
    gnu "$2" "$3"
    if [ "$status" -gt 1 ]; then
        check "$1: GNU m4 finds no end, we give up" gives_up "$2"
        return
    fi
    if [ "$3" = plain ] && "$ours" calls "$2" 2>&1 >/dev/null | grep -qE 'more than [0-9]|too (many|much|deeply|large)'; then
        return # a budget that GNU m4 does not have
    fi
    check "$1: the calls" same_calls "$2" "$3"
    # of what is still diverted when an error ends it GNU m4 writes nothing
    [ "$status" -ne 0 ] || check "$1: the output" same_output "$2"
}

files=0
for file in ${POSTMEND_SHARED:+"$POSTMEND_SHARED"/corpus/sendmail/*.mc} "$installed"/cf/*.mc "$installed"/debian/*.mc \
    tests/oracle/m4/*.mc; do
    [ -f "$file" ] || continue
    files=$((files + 1))
    case $file in
    tests/*) compare "${file##*/}" "$PWD/$file" plain ;;
    *) compare "${file##*/}" "$(realpath "$file")" lines ;;
    esac
done
echo "m4: $files files"
if [ "$cases" -gt 0 ]; then
    python3 tests/oracle/m4/generate.py "$work" "$cases" || exit 2
    for file in "$work"/case*.mc; do
        compare "${file##*/}" "$file" plain
        [ -z "${M4_KEEP:-}" ] || cp "$file" "$M4_KEEP"
    done
fi
finish m4
