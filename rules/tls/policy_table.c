/* policy_table - entries of smtp_tls_policy_maps with a level or an attribute that smtp(8) lacks */
#include "parser/tables/ref.h"
#include "rules/rule/rule.h"
#include "smtp/tls/client_policy.h"

struct policy_tables {
    struct check *check;
    enum parameter_number parameter; /* of the tables that are looked at */
    struct map reported;             /* results */
};

static void see_table(void *context, const struct table_ref *ref)
{
    struct policy_tables *tables = context;
    struct check *check = tables->check;
    const struct table_entry *entries;
    const char *what = NULL;

    if (ref->inside != NULL)
        return;
    size_t count =
        table_entries(table_open(check_policy(check)->tables, ref->text, TABLE_FOLD), &entries);
    for (size_t i = 0; i < count; i++) {
        struct tls_client_policy policy;
        struct str part;
        struct span span = entries[i].span;
        if (tls_client_policy_read(check->arena, entries[i].value, &policy, &part, &what) ||
            map_get(&tables->reported, entries[i].value) != NULL)
            continue;
        map_put(&tables->reported, entries[i].value, tables);
        check_reportf(
            check, span.source != NULL ? span : check_span(check, NULL, tables->parameter),
            "write a level such as may, encrypt, verify or secure, and after it match=, "
            "protocols=, ciphers= or another attribute of smtp_tls_policy_maps",
            "\"%.*s\" %s; mail for this destination waits in the queue", STR_ARG(part), what);
    }
}

static void check_tables(struct check *check)
{
    static const enum parameter_number parameters[] = {PARAM_SMTP_TLS_POLICY_MAPS,
                                                       PARAM_LMTP_TLS_POLICY_MAPS};
    struct policy_tables tables = {.check = check};

    map_init(&tables.reported, check->arena);
    for (size_t i = 0; i < sizeof parameters / sizeof *parameters; i++) {
        tables.parameter = parameters[i];
        table_refs(check_value(check, NULL, parameters[i]), see_table, &tables);
    }
}

static const struct example examples[] = {
    {.title = "a level and an attribute that do not exist",
     .platform = "debian12",
     .main_cf = "smtp_tls_policy_maps =\n"
                "  inline:{ { a.example = required } { b.example = MAY } },\n"
                "  inline:{ { c.example = encrypt protcols=TLSv1.2 } }\n",
     .findings = {{2, NULL}, {2, NULL}}},
    {.title = "valid policies",
     .platform = "debian12",
     .main_cf = "smtp_tls_policy_maps = inline:{\n"
                "  { a.example = secure match=nexthop:dot-nexthop ciphers=high }\n"
                "  { .a.example = may protocols=>=TLSv1.2 } { b.example = none } }\n"},
};

const struct rule rule_tls_policy_table = {
    .name = "tls-policy-table",
    .summary = "a TLS policy that smtp(8) does not understand",
    .why = "The result of smtp_tls_policy_maps is a security level with attributes after it.  "
           "smtp(8) logs \"invalid security level\" or \"invalid attribute name\", treats the "
           "policy as an error that may pass, and the mail stays in the queue.",
    .source = "postconf(5), smtp_tls_policy_maps; src/smtp/smtp_tls_policy.c; measured with "
              "Postfix 3.5, 3.7 and 3.10",
    .severity = SEVERITY_ERROR,
    .check = check_tables,
    RULE_EXAMPLES(examples),
};
