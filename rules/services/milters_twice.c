/* milters_twice - mail that a content filter returns passes the same milters again */
#include "parser/text/token.h"
#include "rules/rule/rule.h"

/* does_filter - a service that hands its mail to a content filter */
static bool does_filter(const struct check *check, const struct service *service)
{
    return service_runs(service, "smtpd") &&
           check_value(check, service, PARAM_CONTENT_FILTER).len > 0;
}

/* is_after_filter - does the service take mail back from it: it sets no filter on purpose? */
static bool is_after_filter(const struct check *check, const struct service *service)
{
    const struct master_override *o = service_override(service, PARAM_CONTENT_FILTER);

    return service_runs(service, "smtpd") && o != NULL && o->value.len == 0 &&
           check_value(check, NULL, PARAM_CONTENT_FILTER).len > 0;
}

static bool has_no_milters(const struct check *check, const struct service *service)
{
    struct str options = check_value(check, service, PARAM_RECEIVE_OVERRIDE_OPTIONS);
    struct str option;

    while (token_next_plain(&options, TOKEN_COMMAS, &option))
        if (str_is_nocase(option, "no_milters"))
            return true;
    return false;
}

/* find_sender - a service whose mail goes through the filter, and whose milters are MILTERS */
static const struct service *find_sender(const struct check *check, struct str milters)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    for (size_t i = 0; i < master_cf->count; i++)
        if (does_filter(check, master_cf->services[i]) &&
            !has_no_milters(check, master_cf->services[i]) &&
            str_eq(check_value(check, master_cf->services[i], PARAM_SMTPD_MILTERS), milters))
            return master_cf->services[i];
    return NULL;
}

static void check_service(struct check *check, const struct service *service)
{
    struct str milters = check_value(check, service, PARAM_SMTPD_MILTERS);
    const struct service *sender;

    if (milters.len == 0 || !is_after_filter(check, service) || has_no_milters(check, service) ||
        (sender = find_sender(check, milters)) == NULL)
        return;
    struct finding *finding = check_reportf(
        check, line_span(&service->line, service->name),
        "add -o receive_override_options=no_milters",
        "mail that comes back from the content filter passes the milters of %.*s again: it is "
        "checked, or signed, twice",
        STR_ARG(sender->name));
    if (service_override(service, PARAM_RECEIVE_OVERRIDE_OPTIONS) == NULL)
        finding_add_override(check, finding, service,
                             (struct str)STR("receive_override_options=no_milters"));
}

static void check_milters(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    for (size_t i = 0; i < master_cf->count; i++)
        check_service(check, master_cf->services[i]);
}

static const struct example examples[] = {
    {.title = "amavis between two services with the same milter",
     .platform = "debian12",
     .main_cf = "content_filter = smtp:[127.0.0.1]:10024\n"
                "smtpd_milters = inet:localhost:8891\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "127.0.0.1:10025 inet n - y - - smtpd\n"
                  "  -o content_filter=\n",
     .findings = {{2, "127.0.0.1:10025"}},
     .fixed_master_cf = "smtp inet n - y - - smtpd\n"
                        "127.0.0.1:10025 inet n - y - - smtpd\n"
                        "  -o content_filter=\n"
                        "  -o receive_override_options=no_milters\n"},
    {.title = "milters only before the filter, or only after it",
     .platform = "debian12",
     .main_cf = "content_filter = smtp:[127.0.0.1]:10024\n"
                "smtpd_milters = inet:localhost:8891\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "  -o smtpd_milters=\n"
                  "submission inet n - y - - smtpd\n"
                  "  -o smtpd_milters=inet:localhost:8892\n"
                  "127.0.0.1:10025 inet n - y - - smtpd\n"
                  "  -o content_filter=\n"
                  "127.0.0.1:10026 inet n - y - - smtpd\n"
                  "  -o content_filter=\n"
                  "  -o smtpd_milters=inet:localhost:8892\n"
                  "  -o receive_override_options=no_milters,no_header_body_checks\n"},
};

const struct rule rule_milters_twice = {
    .name = "milters-twice",
    .summary = "mail that a content filter returns passes the same milters again",
    .why =
        "A content filter gives mail back to a second smtpd(8), which has its own "
        "\"-o content_filter=\" but the smtpd_milters of main.cf.  A milter that signs with DKIM "
        "then signs twice, the second time over what the filter changed, and one that rejects "
        "spam turns the filter's mail away.",
    .source = "FILTER_README; MILTER_README; postconf(5), receive_override_options",
    .severity = SEVERITY_WARNING,
    .check = check_milters,
    RULE_EXAMPLES(examples),
};
