#!/bin/sh
# what make builds, and when it builds it again
# shellcheck disable=SC2317 # check calls functions by their names
set -u
. tests/build/lib.sh

make_compiler gcc
make_compiler clang
make_tree

# lists FILE NAME
lists() {
    grep -q -w -e "$2" "$tree/$1"
}
lacks() {
    ! lists "$@"
}

# --- from clean ---
in_tree make -j8
check "make -j8 builds" builds
check "... with all jobs" [ -z "$(grep -i -e jobserver "$work/said")" ]
check "... ./postmend" [ -x "$tree/postmend" ]
all=$(compiled)
in_tree make
check "a second make builds nothing" builds_nothing
in_tree make help
check "make help lists the targets" says 'make uninstall'
check "... and builds nothing" builds_nothing

# --- sources come and go ---
rule=$(find "$tree"/rules/*/*.c -exec grep -l '^const struct rule rule_' {} + | head -n 1)
rule_name=$(sed -n 's/^const struct rule \(rule_[a-z_]*\) =.*/\1/p' "$rule" | head -n 1)
object=build/${rule#"$tree/"}
object=${object%.c}.o
check "a rule is in the registry" lists build/rules/engine/registry.c "$rule_name"
mv "$rule" "$work/rule.c"
in_tree make
check "a deleted rule leaves the registry" lacks build/rules/engine/registry.c "$rule_name"
check "... and the archive" [ -z "$(ar t "$tree/build/libpostmend.a" | grep -x "${object##*/}")" ]
mv "$work/rule.c" "$rule"
in_tree make
check "a new rule enters the registry" lists build/rules/engine/registry.c "$rule_name"
mv "$tree/facts/ports.yaml" "$work/ports.yaml"
in_tree make
check "facts that have gone make the tables anew" grep -q 'generate facts' "$ran"
mv "$work/ports.yaml" "$tree/facts/ports.yaml"
in_tree make

# --- flags ---
in_tree make CPPFLAGS=-DMARK=1
check "CPPFLAGS are used" grep -q -e '-DMARK=1' "$log"
check "... for all files, built before or not" [ "$(compiled)" -eq "$all" ]
in_tree make "CPPFLAGS=-DMARK='\"it is\"'"
check "quotes in flags are kept" builds
in_tree make
check "without them all is built again" [ "$(compiled)" -eq "$all" ]
in_tree make CFLAGS=-O1
check "other CFLAGS build all again" [ "$(compiled)" -eq "$all" ]
in_tree make CFLAGS=-O1 CC=clang
check "another CC builds all again" [ "$(compiled)" -eq "$all" ]
check "... with it" [ -z "$(grep -v '^clang' "$log")" ]
in_tree make CFLAGS=-O1 CC=clang LDFLAGS=-Wl,-O1
check "other LDFLAGS link again, no more" [ "$(grep -e ' -c ' "$log" | grep -c -v facts/compiled)" -eq 0 ]
check "... with them" grep -q -e '-Wl,-O1' "$log"
in_tree make CFLAGS=-O0
check "nothing is fortified without optimisation" [ -z "$(grep -e FORTIFY "$log")" ]
in_tree make
printf '#!/bin/sh\nexec "$@"\n' >"$work/bin/ccache"
chmod +x "$work/bin/ccache"
in_tree make CC='ccache gcc'
check "with ccache or without is the same" builds_nothing

# --- verbosity ---
touch "$tree/cmd/main.c"
in_tree make
check "a file that compiles is not announced" [ -z "$(grep -e main "$work/said")" ]
touch "$tree/cmd/main.c"
in_tree make V=1
check "V=1 shows the commands" says '-c -o build/cmd/main.o cmd/main.c'

# --- another directory ---
cp "$tree/postmend" "$work/postmend.before"
in_tree make B="$work/other"
check "make B=DIR builds" builds
check "... DIR/postmend" [ -x "$work/other/postmend" ]
check "... and leaves ./postmend alone" cmp -s "$tree/postmend" "$work/postmend.before"
in_tree make B="$work/other" clean
check "make B=DIR clean removes it" [ ! -e "$work/other" ]

# --- programs of the tests ---
in_tree make -j8 test-programs
check "the programs of the tests are built" builds
in_tree make -j8 test-programs
check "... once" builds_nothing
in_tree make -j8 check T=no-such-test
check "make check -j8 has all jobs" [ -z "$(grep -i -e jobserver "$work/said")" ]

# --- a cross-compiler ---
cat >"$work/bin/cross-gcc" <<END
#!/bin/sh
[ "\$1" != -E ] || exit 0
gcc "\$@" || exit
echo "cross-gcc \$*" >>"$log"
while [ \$# -gt 1 ]; do
    [ "\$1" != -o ] || output=\$2
    shift
done
case \${output-} in
'' | *.o) ;;
*) echo 'exit 99' >"\$output" ;; # nothing that it links runs here
esac
END
chmod +x "$work/bin/cross-gcc"
in_tree make -j8 B="$work/cross" CC=cross-gcc CC_FOR_BUILD=gcc
check "a cross-compiler builds" builds
check "... what runs meanwhile is native" [ -z "$(grep -v "^$work/cross/native/" "$ran")" ]
in_tree make B="$work/cross" CC=cross-gcc CC_FOR_BUILD=gcc
check "... once" builds_nothing
in_tree make B="$work/cross" CC=cross-gcc CC_FOR_BUILD=gcc install DESTDIR="$work/target"
check "... and its program is installed" cmp -s "$work/cross/postmend" "$work/target/usr/local/bin/postmend"
check "... without running it" builds_nothing
finish make
