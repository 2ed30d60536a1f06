#!/bin/sh
# shellcheck disable=SC2317 # check calls functions by their names
# the transcripts in README.md: their commands are run, and must print every line that is shown
set -u
. tests/golden/cli/lib.sh
project=$PWD
place=$work/place
mkdir "$place"
ln -s "$project/fixtures" "$place/fixtures"
printf '#!/bin/sh\nexec %s "$@"\n' "$POSTMEND" >"$place/postmend"
chmod +x "$place/postmend"

# blocks KIND - README's blocks of that kind, each line behind its block's number
blocks() {
    awk -v kind="$1" '
        $0 == "```" kind { inside = 1; number++; next }
        $0 == "```" { inside = 0 }
        inside { print number "\t" $0 }' README.md
}

# is_true NUMBER - the commands of a block, and what it shows of their output
is_true() {
    blocks console | sed -n "s/^$1$TAB//p" >"$work/block"
    sed -n 's/^\$ //p' "$work/block" >"$work/commands"
    (cd "$place" && sh "$work/commands" 2>&1 </dev/null) |
        sed "s|$place|...|g; s|  *\$||" >"$work/said"
    grep -v -e '^\$ ' -e '^\.\.\.$' "$work/block" | sed 's/ *$//' >"$work/shown"
    [ -s "$work/said" ] && ! grep -n -v -x -F -f "$work/said" "$work/shown" && return 0
    echo '    come out of none of its commands'
    return 1
}

# the blocks build on each other: "new" of one is used by the next
for number in $(blocks console | cut -f1 | uniq); do
    case $(blocks console | sed -n "s/^$number$TAB//p") in
    *'$ make'*) continue ;; # that is what runs this test
    esac
    check "the console of README.md, number $number" is_true "$number"
done

every_command_is_there() {
    run help
    commands=$(sed -n 's/^  \([a-z]*\)  *[a-z].*/\1/p' "$work/out")
    [ -n "$commands" ] || return 1
    for command in $commands; do
        grep -q "^|.*\`postmend ${command}[ \`]" README.md || { echo "    no row: $command"; return 1; }
    done
}
check "README.md has every command" every_command_is_there

# names in capitals stand for any; build/ has what a build makes
paths_are_there() {
    # shellcheck disable=SC2016 # the quotes are Markdown's
    grep -h -o '`[a-z][a-z]*/[^` ]*`' ./*.md docs/*.md | tr -d '`' | sort -u |
        grep -v -e '[A-Z][A-Z]' -e '^build/' | while read -r path; do
        [ -d "${path%%/*}" ] || continue # a directory of somebody else's
        # shellcheck disable=SC2086 # it may be a pattern
        set -- $path
        [ -e "$1" ] || echo "    not there: $path"
    done >"$work/missing"
    cat "$work/missing"
    [ ! -s "$work/missing" ]
}
check "the files that the documents name" paths_are_there
finish readme
