#!/bin/sh
# postmend show prints what the real postconf printed: every directory of the corpus,
# three releases, five views
set -u
. tests/lib.sh
corpus=$POSTMEND_SHARED/corpus

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT

# compare RELEASE HOST VIEW LETTERS - one view, without the line that names the directory
compare() {
    expected=$corpus/expected/$1/$2/$3.txt
    # shellcheck disable=SC2086 # letters are words
    $POSTMEND show $4 --platform "postfix-$1" --hostname mail.example.com \
        --interfaces 127.0.0.1,::1 "$corpus/hosts/$2" >"$work/out" 2>"$work/err"
    sed -e '/^config_directory = /d'  -e "s|$corpus/hosts/$2|CONFDIR|g" "$work/out" >"$work/got"
    # the number of postconf's own process is nobody's to know
    # shellcheck disable=SC2016 # the dollar is the text's
    sed -e 's|/postconf [0-9][0-9]* &|/postconf $process_id \&|' "$expected" >"$work/expected"
    if cmp -s "$work/expected" "$work/got"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "not ok - $2 $1 show $4"
        diff "$work/expected" "$work/got" | head -n "${DIFF_LINES:-4}"
    fi
}

for release_folder in "$corpus"/expected/*/; do
    release=$(basename "$release_folder")
    for host_folder in "$corpus"/hosts/*/; do
        host=$(basename "$host_folder")
        compare "$release" "$host" n -n
        compare "$release" "$host" M -M
        compare "$release" "$host" P -P
        compare "$release" "$host" F -F
        compare "$release" "$host" nx "-n -x"
    done
done
finish "show"
