/* nested-too-deeply - values that the other rules do not look at as a whole */
#include "parser/tables/ref.h"
#include "parser/text/token.h"
#include "rules/names/written.h"

enum { DEPTH_MAX = 20 }; /* no rule goes deeper */

static void skip_table(void *context, const struct table_ref *ref)
{
    (void)context;
    (void)ref;
}

/* count_openings - of braces and of tables: VALUE is not nested deeper than that */
static size_t count_openings(struct str value)
{
    size_t count = 0;

    for (size_t i = 0; i < value.len; i++)
        count += value.at[i] == '{' || value.at[i] == ':';
    return count;
}

static bool is_too_deep(struct str value)
{
    if (value.at == NULL || value.len <= DEPTH_MAX || count_openings(value) <= DEPTH_MAX)
        return false;
    return token_depth(value) > DEPTH_MAX || !table_refs(value, skip_table, NULL) ||
           !table_refs_restrictions(value, skip_table, NULL);
}

static void check_setting(struct check *check, const struct written *written, void *context)
{
    struct str value = config_expand(check->config, written->service, written->value, NULL, NULL);

    (void)context;
    if (is_too_deep(written->value) || is_too_deep(value))
        check_reportf(check, line_span(written->line, written->value),
                      "use fewer braces, or check by hand what is inside",
                      "not checked: braces or tables are nested more than %d levels deep",
                      DEPTH_MAX);
}

static void check_nested_too_deeply(struct check *check)
{
    written_each(check, check_setting, NULL);
}

#define BRACES_7 "{{{{{{{"
#define ENDS_7 "}}}}}}}"

static const struct example examples[] = {
    {.title = "twenty-one braces inside each other",
     .platform = "debian12",
     .main_cf = "relay_domains = " BRACES_7 BRACES_7 BRACES_7 "a" ENDS_7 ENDS_7 ENDS_7 "\n",
     .findings = {{1, BRACES_7 BRACES_7 BRACES_7 "a" ENDS_7 ENDS_7 ENDS_7}}},
    {.title = "tables in front of each other, through a $name",
     .platform = "debian12",
     .main_cf = "ten = proxy:proxy:proxy:proxy:proxy:proxy:proxy:proxy:proxy:proxy:\n"
                "relay_domains = ${ten}${ten}hash:/a\n",
     .findings = {{2, "${ten}${ten}hash:/a"}}},
    {.title = "not reported: many braces beside each other",
     .platform = "debian12",
     .main_cf = "relay_domains = inline:{{a=b}{a=b}{a=b}{a=b}{a=b}{a=b}{a=b}{a=b}{a=b}{a=b}"
                "{a=b}{a=b}{a=b}{a=b}{a=b}{a=b}{a=b}{a=b}{a=b}{a=b}{a=b}}\n"},
};

const struct rule rule_nested_too_deeply = {
    .name = "nested-too-deeply",
    .summary = "a value is nested too deeply to be checked",
    .why = "Tables such as pipemap:{...} and lists in braces may contain each other to any depth.  "
           "postmend looks at them up to a limit, which no configuration that people write comes "
           "near; what is nested more deeply may have problems that no rule reports.",
    .source = "DATABASE_README; postconf(5), introduction",
    .severity = SEVERITY_WARNING,
    .check = check_nested_too_deeply,
    RULE_EXAMPLES(examples),
};
