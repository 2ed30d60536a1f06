#include "parser/postfix/names.h"
#include "rules/names/nearest.h"
#include "rules/names/written.h"

static struct str choose_advice(const struct check *check, struct str name)
{
    struct str since = written_newer_version(check->config, name);

    if (since.at != NULL)
        return arena_printf(check->arena, "remove it: %.*s was introduced in Postfix %.*s",
                            STR_ARG(name), STR_ARG(since));
    struct str meant = nearest_name(check->config, name);
    if (meant.at != NULL)
        return arena_printf(check->arena, "replace with $%.*s, if that is intended",
                            STR_ARG(meant));
    return (struct str)STR("define it in main.cf, or remove the reference");
}

static void check_undefined_reference(struct check *check)
{
    const struct names *names = check->config->names;

    for (size_t i = 0; i < names->count; i++) {
        const struct reference *reference = &names->references[i];
        /* without main.cf it is unknown what a service's values refer to */
        if (!reference->undefined || check->config->main_cf.source == NULL)
            continue;
        struct str message = arena_printf(
            check->arena, "%.*s is not defined: Postfix replaces it with an empty string",
            STR_ARG(reference->text));
        check_report(check, line_span(reference->line, reference->text), message,
                     choose_advice(check, reference->name));
    }
}

static const struct example examples[] = {
    {.title = "a user-defined name that is no longer defined",
     .platform = "rhel10",
     .main_cf = "mynetworks = 127.0.0.0/8,\n"
                "    $office_networks\n",
     .findings = {{2, "$office_networks"}}},
    {.title = "misspelled, in a service's -o",
     .platform = "rhel10",
     .main_cf = "myhostname = mail.example.com\n",
     .master_cf = "submission inet n - n - - smtpd\n"
                  "  -o smtpd_helo_name=$myhostnmae\n"
                  "  -o smtpd_relay_restrictions=${permit},reject\n",
     .findings = {{2, "$myhostnmae"}, {3, "${permit}"}}},
    {.title = "a parameter of a newer release",
     .platform = "rhel9",
     .main_cf = "proxy_read_maps = $alias_maps, $local_login_sender_maps\n",
     .findings = {{1, "$local_login_sender_maps"}}},
    {.title = "defined for that service only",
     .platform = "rhel10",
     .main_cf = "smtpd_client_restrictions = $guests\n",
     .master_cf = "smtp inet n - n - - smtpd\n"
                  "  -o guests=permit_mynetworks\n"},
    {.title = "not reported: $$ is a dollar sign, and Postfix expands some values only later",
     .platform = "rhel10",
     .main_cf =
         "smtpd_banner = $myhostname $$5\n"
         "forward_path = $home/.forward${recipient_delimiter}${extension}, $home/.forward\n"},
};

const struct rule rule_undefined_reference = {
    .name = "undefined-reference",
    .summary = "a value refers to a name that is not defined",
    .why = "If $name is not defined, Postfix replaces it with an empty string and logs nothing.  A "
           "list loses that item: networks that were allowed no longer are, restrictions are "
           "skipped, a table is not searched.  postconf(1) warns \"undefined parameter\".  Most "
           "often the name is misspelled, was removed from main.cf, or belongs to a newer Postfix "
           "from whose sample file the line was copied.",
    .source = "postconf(1) and postconf(5), \"$name\"; src/postconf of the releases",
    .severity = SEVERITY_WARNING,
    .check = check_undefined_reference,
    RULE_EXAMPLES(examples),
};
