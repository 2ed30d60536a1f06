#!/bin/sh
# lookup tables: what postmap -q and postalias -q of each release answer, of every type that Debian
# has, is what we answer; tables.py makes the tables and the keys
set -u
. tests/oracle/lib.sh
ask=${B:-build}/oracle/ask_table
[ -x "$ask" ] || skip "tables: $ask is missing; make test-programs makes it"
heavy
begin_oracle tables

python3 tests/oracle/tables.py make "$here" || exit 2
for utf8 in yes no; do
    mkdir "$here/$utf8"
    echo "smtputf8_enable = $utf8" >"$here/$utf8/main.cf"
done
# texthash waits for a file that is new
find "$here" -type f -exec touch -d '1 hour ago' {} +
cat >"$here/ask.sh" <<'END'
# ask.sh CASE - what the real one answers to its keys, in CASE.out and CASE.err beside this
cd "${0%/*}" || exit 1
read -r flags <cases/$1/flags
spec=$(cat cases/$1/spec)
program=postmap
utf8=no
build=
for flag in $flags; do
    case $flag in
    alias) program=postalias ;;
    build-*) build=${flag#build-} ;;
    *) utf8=$flag ;;
    esac
done
[ -z "$build" ] || $program -c "$PWD/$utf8" "$build:$PWD/cases/$1/table" 2>cases/$1/build
$program -c "$PWD/$utf8" -q - "$spec" <cases/$1/keys >$1.out 2>$1.err
END
for release in $releases; do
    cp -Rp "$here/." "$roots/$release$here"
done

# ask_real RELEASE - several at a time, as a fatal error sleeps for a second
ask_real() {
    # shellcheck disable=SC2016 # the inner shell's own
    (cd "$here/cases" && printf '%s\n' *) | AT=$here TREE=$roots/$1 xargs -P 16 -I CASE sh -c \
        'chroot "$TREE" sh "$AT/ask.sh" CASE || :'
}

# ask_ours RELEASE
ask_ours() {
    mkdir -p "$work/$1"
    for folder in "$here/cases"/*; do
        number=${folder##*/}
        read -r flags <"$folder/flags"
        utf8=no
        format=
        for flag in $flags; do
            case $flag in
            alias) format='alias' ;;
            yes) utf8=yes ;;
            esac
        done
        cp "$here/$utf8/main.cf" "$here/main.cf"
        # shellcheck disable=SC2086 # a word or none
        "$ask" "$(platform_of "$1")" "$here" "$(cat "$folder/spec")" $format \
            <"$folder/keys" >"$work/$1/$number.out" 2>"$work/$1/$number.err"
        # postalias puts a colon behind the key
        [ -z "$format" ] || sed -i 's/\t/:\t/' "$work/$1/$number.out"
    done
}

for release in $releases; do
    ask_real "$release"
    ask_ours "$release"
    echo "  $release"
    python3 tests/oracle/tables.py compare "$here/cases" "$work/$release" \
        "$roots/$release$here" >"$work/compared"
    sed '$d' "$work/compared" | head -n "${DIFF_LINES:-60}"
    passed=$((passed + $(tail -n 1 "$work/compared" | cut -d' ' -f1)))
    failed=$((failed + $(tail -n 1 "$work/compared" | cut -d' ' -f2)))
done
finish tables
