# what the tests of the build share; source it from the project's top
# shellcheck shell=sh disable=SC2034,SC2317
#
# They ask make and not the compiler: gcc is a script that creates what it is told to, and $tree has
# only a few sources of each room, so that a build takes no time.
. tests/lib.sh
work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 2' INT TERM HUP
tree=$work/tree
log=$work/log
ran=$work/ran
mkdir "$work/bin"
# these tests are started by make, and must not be a part of it
unset MAKEFLAGS MAKELEVEL MFLAGS MAKEOVERRIDES
unset CC CFLAGS CPPFLAGS LDFLAGS B V T DESTDIR PREFIX MANDIR POSTMEND

# make_tree - the project as it is here, with three sources of each folder
make_tree() {
    rm -rf "$tree"
    mkdir "$tree"
    tar -cf - --anchored --exclude=./.git --exclude=./build --exclude='./build-*' \
        --exclude=./postmend . | tar -xf - -C "$tree"
    (cd "$tree" && find parser smtp convert rules cmd tests/unit tests/oracle -name '*.c' \
        ! -name main.c | LC_ALL=C sort |
        awk '{ folder = $0; sub(/\/[^\/]*$/, "", folder) } ++count[folder] > 3' | xargs rm -f)
}

# make_compiler NAME - a gcc that notes its arguments in $log; what it links notes in $ran that it ran
make_compiler() {
    cat >"$work/bin/$1" <<END
#!/bin/sh
[ "\$1" != -E ] || exit 0
echo "$1 \$*" >>"$log"
output= compile=no
while [ \$# -gt 0 ]; do
    case \$1 in
    -o) output=\$2 ;;
    -c) compile=yes ;;
    esac
    shift
done
[ -n "\$output" ] || exit 0
printf '#!/bin/sh\necho "%s \$*" >>"$ran"\necho text\n' "\$output" >"\$output"
[ \$compile = yes ] || chmod +x "\$output"
END
    chmod +x "$work/bin/$1"
}

# in_tree COMMAND... - there, with the compiler of make_compiler; $status, $work/said, $log and $ran
in_tree() {
    : >"$log"
    : >"$ran"
    (cd "$tree" && PATH=$work/bin:$PATH "$@") >"$work/said" 2>&1 </dev/null
    status=$?
}

# show_said - what was said and done, where it was not what was wanted; false
show_said() {
    echo "    status $status"
    for file in "$work/said" "$log" "$ran"; do
        sed "s|^|    ${file##*/}: |" "$file" | cut -c 1-200 | tail -n 5
    done
    return 1
}

# compiled - how many files the compiler got
compiled() {
    grep -c -e ' -c ' "$log"
}

# says TEXT - in $work/said
says() {
    grep -q -F -e "$1" "$work/said" || show_said
}

works() {
    [ "$status" -eq 0 ] || show_said
}

# builds - works, and compiles something
builds() {
    works && { [ "$(compiled)" -gt 0 ] || show_said; }
}

# builds_nothing - works, and runs neither compiler nor what was built
builds_nothing() {
    { [ "$status" -eq 0 ] && [ ! -s "$log" ] && [ ! -s "$ran" ]; } || show_said
}
