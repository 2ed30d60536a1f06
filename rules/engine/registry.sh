# prints the C file that lists all rules, each "const struct rule NAME = {" of the files given, and their
# families: the folders that they are in
rules=$(sed -n 's/^const struct rule \(rule_[a-z0-9_]*\) = {$/\1/p' "$@" | LC_ALL=C sort)
[ -n "$rules" ] || exit 1

echo '#include "rules/engine/engine.h"'
for rule in $rules; do
    echo "extern const struct rule $rule;"
done
echo 'static const struct rule *const rules[] = {'
for rule in $rules; do
    echo "    &$rule,"
done
cat <<'END'
};

const struct rule *const *rules_all(size_t *count)
{
    *count = sizeof rules / sizeof *rules;
    return rules;
}
END

echo
echo 'const char *rule_family(const struct rule *rule)'
echo '{'
for rule in $rules; do
    file=$(grep -l "^const struct rule $rule = {$" "$@")
    folder=${file%/*}
    printf '    if (rule == &%s)\n        return "%s";\n' "$rule" "${folder##*/}"
done
echo '    return "";'
echo '}'
