#!/bin/sh
# lines and blanks: five hundred small files of white space, comments, continuations, quotes, braces
# and NUL bytes, made at random but the same each time; what we read is what the real postconf reads
#
# Known and wanted: postconf takes "-oname=value" apart at each letter "o"; the daemons do not, and
# we show what they read.  The generator writes a blank behind -o.
# shellcheck disable=SC2016,SC2317 # dollars are Postfix's; check calls functions by their names
set -u
. tests/oracle/lib.sh
begin_oracle lines
count=${LINES_CASES:-500}

python3 - "$here" "$count" <<'END'
import os, random, sys
here, count = sys.argv[1], int(sys.argv[2])
pick = random.Random(20240304)
names = ["smtpd_banner", "mail_name", "relayhost", "local_transport", "own", "a b", "", "{x}", "my\0origin", "#x"]
blanks = ["", "", " ", "  ", "\t", " \t", "\r", "\f", "\v", " \r "]
words = ["a", "b=c", "$mydomain", "$$", "{a b}", "c,d", "{e=f}", "{", "}", "\"q r\"", "'s'", "#", ",", "\\", "x\\ y", "\xe9",
         "${mydomain}", "${own_2?{y}:{n}}", "=", "==", "\0", "hash:/x", ""]
ends = ["\n"] * 12 + ["\r\n"] * 3 + ["\n\n", "\r\r\n", "\n \n", "\n#c\n", "\n  #c\n", "\n\t\n", "\n\r\n", "\r"]
def one(list_, odd=0.08):
    # most of them tame, or nothing but refusals would come out
    return pick.choice(list_) if pick.random() < odd else list_[0]
def value():
    return "".join(pick.choice(blanks[:6]) + pick.choice(words) for _ in range(pick.randrange(5)))
def main_line():
    start = one(blanks, 0.05) + (pick.choice(names[:5]) if pick.random() < 0.98 else pick.choice(names))
    equals = "=" if pick.random() < 0.98 else ""
    text = start + pick.choice(blanks) + equals + pick.choice(blanks) + value() + one(blanks, 0.3)
    for _ in range(pick.choice([0, 0, 0, 1, 2])):
        text += pick.choice(ends) + pick.choice([" ", "\t", "  \t", " \f"]) + value()
    return text + pick.choice(ends)
options = ["-v", "-vv", "-D", "-o a=b", "-o myorigin=$own", "-o { a = b c }", "-o {a=b}", "-o\ta=", "-o a=b=c",
           "-o a={x}", "-o a={x}y", "x", "{y z}", "x {}", "--", "\"q\"", "-o {a=b}c", "\0", "#"]
def master_line():
    fields = [pick.choice(["smtp", "10.0.0.1:25", "[::1]:smtp", "slow"]), pick.choice(["inet", "unix"]),
              "n", "n", "n", pick.choice(["-", "60", "60?"]), pick.choice(["-", "0", "1"]), "smtpd"]
    if pick.random() < 0.02:
        fields[pick.randrange(8)] = pick.choice(["x", "", "{n}", "-"])
    glue = lambda: pick.choice([" ", " ", "\t", "   "]) + one(["", "\r", "\f"], 0.015)
    text = one(blanks, 0.04) + "".join(field + glue() for field in fields)
    for _ in range(pick.randrange(4)):
        text += pick.choice([" ", " ", pick.choice(ends) + " ", "\n\t"]) + pick.choice(
            options if pick.random() < 0.3 else options[:11])
    return text + one(blanks, 0.2) + pick.choice(ends)
for number in range(count):
    folder = "%s/case%03d" % (here, number)
    os.mkdir(folder)
    main = "".join(main_line() for _ in range(pick.randrange(1, 5)))
    master = "".join(master_line() for _ in range(pick.randrange(1, 4)))
    if pick.random() < 0.2:
        main = main.rstrip("\n")
    if pick.random() < 0.2:
        master = master.rstrip("\n")
    if pick.random() < 0.1:
        main = "#c\n" + main
    for name, text in (("main.cf", main), ("master.cf", master)):
        with open(folder + "/" + name, "wb") as file:
            file.write(text.encode("latin-1"))
END

# same CASE RELEASE VIEW - both print the same
same() {
    $POSTMEND show "-$3" --platform "$(platform_of "$2")" "$here/$1" >"$work/ours" 2>"$work/ours.err"
    with_directory "$work/real/$2.$1.$3.out" "$work/ours"
    cmp -s "$work/real.out" "$work/ours" && return 0
    diff -a "$work/real.out" "$work/ours" | head -n "${DIFF_LINES:-6}" | cat -v
    return 1
}

# refusal_known CASE RELEASE yes|no - lint has an error of syntax where postconf stops
refusal_known() {
    if lint_errors "$2" "$here/$1" syntax; then
        # the daemons stop at more than postconf does, in master.cf alone
        [ "$3" = yes ] || $POSTMEND lint --platform "$(platform_of "$2")" "$here/$1" 2>/dev/null |
            grep -q -a 'master.cf:.*: error: .*\[syntax\]' && return 0
        echo "    lint sees an error, postconf sees none"
        return 1
    fi
    [ "$3" = no ] && return 0
    grep -h -a 'fatal' "$work/real/$2.$1".*.err | sort -u | head -n 3
    return 1
}

share_all
for folder in "$here"/case*; do
    case=$(basename "$folder")
    for release in $releases; do
        for view in n M P; do
            echo "$release.$case.$view $release -c $here/$case -$view"
        done
    done
done >"$work/list"
run_real "$work/list"
refusals=0
for folder in "$here"/case*; do
    case=$(basename "$folder")
    for release in $releases; do
        refused=no
        for view in n M P; do
            if [ "$(cat "$work/real/$release.$case.$view.status")" -ne 0 ]; then
                refused=yes
                continue
            fi
            check "$case on $release: $view" same "$case" "$release" "$view"
        done
        [ $refused = yes ] && refusals=$((refusals + 1))
        check "$case on $release: lint knows whether Postfix stops" \
            refusal_known "$case" "$release" $refused
    done
done
[ -z "${LINES_KEEP:-}" ] || cp -R "$here" "$LINES_KEEP"
echo "of $((count * 3)) readings postconf refused $refusals"
finish lines
