/*
 * password_key - a password of another server whose key smtp(8) never asks for
 *
 * smtp(8) asks smtp_sasl_password_maps for the name of the host that it talks to, then for the
 * next hop as it is written, with its brackets and port (src/smtp/smtp_sasl_glue.c,
 * smtp_sasl_passwd_lookup()).
 */
#include "parser/tables/ref.h"
#include "parser/tables/table.h"
#include "rules/services/routes.h"
#include "smtp/service/policy.h"

/* "[host]:port" */
struct hop {
    struct str text, host;
    bool brackets; /* the host is not looked up as a domain: its name is known */
};

static struct hop read_hop(struct str text)
{
    struct hop hop = {.text = text, .brackets = str_starts(text, "[")};
    size_t from = hop.brackets ? 1 : 0;

    hop.host = str_slice(text, from, from + str_span_not(str_slice(text, from, text.len), 0, "]:"));
    return hop;
}

/* a search for the key of one next hop */
struct key_search {
    struct check *check;
    struct hop hop;
    bool found;      /* a table has a key that is asked for, or it cannot be known */
    struct str near; /* a key of the same host that is not asked for */
};

static void see_table(void *context, const struct table_ref *ref)
{
    struct key_search *search = context;
    const struct hop *hop = &search->hop;
    struct arena *arena = search->check->arena;
    const struct table_entry *entries;

    if (ref->inside != NULL)
        return;
    const struct table *table =
        table_open(check_policy(search->check)->tables, ref->text, TABLE_FOLD);
    size_t count = table->fixed ? table_entries(table, &entries) : 0;
    search->found |= count == 0 || table_find(table, arena, hop->text).status != LOOKUP_NONE ||
                     table_find(table, arena, hop->host).status != LOOKUP_NONE;
    for (size_t i = 0; i < count; i++)
        if (str_eq_nocase(read_hop(entries[i].key).host, hop->host))
            search->near = entries[i].key;
}

static void check_hop(struct check *check, struct str text, struct span span)
{
    static const char separators[] = ", \t\r\n";
    struct key_search search = {.check = check};
    struct str tables = check_value(check, NULL, PARAM_SMTP_SASL_PASSWORD_MAPS);

    search.hop = read_hop(str_slice(text, 0, str_span_not(text, 0, separators)));
    if (search.hop.host.len == 0)
        return;
    table_refs(tables, see_table, &search);
    if (search.found || search.near.len == 0)
        return;
    check_reportf(check, span,
                  arena_cstr(check->arena, arena_printf(check->arena, "write the key as %.*s",
                                                        STR_ARG(search.hop.text))),
                  "smtp(8) does not log in at %.*s: it asks for the password of %.*s and of %.*s, "
                  "and the table has only %.*s",
                  STR_ARG(search.hop.text), STR_ARG(search.hop.host), STR_ARG(search.hop.text),
                  STR_ARG(search.near));
}

static void check_route(struct check *check, const struct mail_route *route, void *context)
{
    size_t colon = route->is_nexthop ? 0 : str_find(route->text, ':', 0);

    (void)context;
    if (route->is_nexthop)
        check_hop(check, route->text, route->span);
    else if (str_is(str_slice(route->text, 0, colon), "smtp") && colon < route->text.len)
        check_hop(check, str_slice(route->text, colon + 1, route->text.len), route->span);
}

static void check_passwords(struct check *check)
{
    if (config_flag(check->config, NULL, PARAM_SMTP_SASL_AUTH_ENABLE) != 1)
        return;
    check_hop(check, check_value(check, NULL, PARAM_RELAYHOST),
              check_span(check, NULL, PARAM_RELAYHOST));
    routes_each(check, check_route, NULL);
}

#define LOGIN                                                                                      \
    "smtp_sasl_auth_enable = yes\n"                                                                \
    "smtp_sasl_security_options = noanonymous\n"

static const struct example examples[] = {
    {.title = "the next hop has brackets, and the key has none",
     .platform = "debian12",
     .main_cf = "relayhost = [mail.isp.example]:587\n" LOGIN
                "smtp_sasl_password_maps = inline:{ mail.isp.example:587=me:secret }\n",
     .findings = {{1, "[mail.isp.example]:587"}}},
    {.title = "the key has another port, and brackets that the next hop of a sender has not",
     .platform = "debian12",
     .main_cf =
         "relayhost = [mail.isp.example]:587\n" LOGIN
         "smtp_sasl_password_maps = inline:{ [mail.isp.example]:465=me:a, [other.example]=us:b }\n"
         "sender_dependent_relayhost_maps = inline:{ bob@example.com=other.example }\n",
     .findings = {{1, "[mail.isp.example]:587"}, {5, "inline:{ bob@example.com=other.example }"}}},
    {.title = "the name of the host alone, or the next hop as it is written",
     .platform = "debian12",
     .main_cf =
         "relayhost = [mail.isp.example]:587\n" LOGIN
         "smtp_sasl_password_maps = inline:{ mail.isp.example=me:a, [other.example]:25=us:b }\n"
         "sender_dependent_relayhost_maps = inline:{ bob@example.com=[other.example]:25 }\n"},
    {.title = "a domain whose mail host is not known from the files, and no key for this host",
     .platform = "debian12",
     .main_cf = "relayhost = isp.example:587\n" LOGIN
                "smtp_sasl_password_maps = inline:{ isp.example=me:a, [third.example]=us:b }\n"
                "transport_maps = inline:{ example.net=smtp:[mx.example.net] }\n"},
};

const struct rule rule_password_key = {
    .name = "password-key",
    .summary = "a password for another server whose key smtp(8) never asks for",
    .why = "smtp(8) asks smtp_sasl_password_maps first for the name of the host that it talks to, "
           "without brackets and port, then for the next hop exactly as relayhost or a table has "
           "it: relayhost = [mail.isp.example]:587 needs the key mail.isp.example or "
           "[mail.isp.example]:587.  With any other key it does not log in, and the other server "
           "rejects the mail, for example with \"530 5.7.0 Authentication required\".",
    .source = "postconf(5), smtp_sasl_password_maps; src/smtp/smtp_sasl_glue.c",
    .severity = SEVERITY_WARNING,
    .check = check_passwords,
    RULE_EXAMPLES(examples),
};
