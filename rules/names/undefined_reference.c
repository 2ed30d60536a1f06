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

/* --- parameters that a program does not know ---------------------------------------------------
 */

/* find_unread - the name in the value that is empty to the program, and makes a difference */
static struct str find_unread(struct check *check, const struct written *written,
                              const struct service *service, const struct program *program)
{
    const struct parameter *parameter = written->parameter;
    struct config_reader reader = {service, program, parameter->number, STR_NONE};
    int flags;

    if (program == NULL || !program_reads(program, parameter->number))
        return STR_NONE;
    struct str value = config_expand_for(check->config, &reader, written->value, &flags, NULL);
    if (reader.unread.at == NULL || (flags & EXPAND_FAILED) != 0 ||
        str_eq(value, config_expand(check->config, service, written->value, NULL, NULL)))
        return STR_NONE;
    return reader.unread;
}

/* needs_default - may the value be another one to a program that does not know a default? */
static bool needs_default(const struct check *check, const struct written *written)
{
    static const uint16_t nothing[PARAM_END] = {0};
    const struct program newcomer = {.reads = nothing};
    struct config_reader reader = {NULL, &newcomer, written->parameter->number, STR_NONE};

    config_expand_for(check->config, &reader, written->value, NULL, NULL);
    return reader.unread.at != NULL;
}

/* place_of - NAME with its dollar sign, if it is written in the value; else the whole value */
static struct str place_of(const struct written *written, struct str name)
{
    struct str value = written->value;

    if (name.at <= value.at || name.at >= value.at + value.len)
        return value;
    size_t at = (size_t)(name.at - value.at);
    return value.at[at - 1] == '$' ? str_slice(value, at - 1, at + name.len) : name;
}

static void check_unread(struct check *check, const struct written *written, void *context)
{
    const struct master_cf *master_cf = &check->config->master_cf;
    const struct parameter *parameter = written->parameter;
    const struct program *const *programs = context;

    if (parameter == NULL || parameter->type == PARAMETER_RAW || !expand_needed(written->value) ||
        check->config->main_cf.source == NULL)
        return;
    bool needs = needs_default(check, written);
    for (size_t i = 0; i < master_cf->count; i++) {
        const struct service *service = master_cf->services[i];
        if (!needs && service->override_count == 0)
            continue;
        if (written->service != NULL ? service != written->service
                                     : service_override(service, parameter->number) != NULL)
            continue;
        struct str name = find_unread(check, written, service, programs[i]);
        if (name.at == NULL)
            continue;
        check_reportf(check, line_span(written->line, place_of(written, name)),
                      "set it in main.cf, or write its value here",
                      "%.*s is empty here: main.cf does not set it, and %.*s does not know its "
                      "default when it reads %.*s",
                      STR_ARG(name), STR_ARG(service_process_name(service)),
                      STR_ARG(written->name));
        return;
    }
}

/* find_programs - of each service, or NULL */
static const struct program **find_programs(const struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;
    const struct program **programs =
        arena_alloc(check->arena, (master_cf->count + 1) * sizeof *programs);

    for (size_t i = 0; i < master_cf->count; i++)
        programs[i] = facts_program(service_process_name(master_cf->services[i]));
    return programs;
}

static void check_undefined_reference(struct check *check)
{
    const struct names *names = check->config->names;

    written_each(check, check_unread, find_programs(check));

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
    {.title = "parameters with a default that the program does not know yet, or never",
     .platform = "debian12",
     .main_cf = "smtp_tls_mandatory_ciphers = $smtpd_tls_mandatory_ciphers\n"
                "smtpd_helo_required = ${smtpd_delay_reject}\n"
                "message_size_limit = $mailbox_size_limit\n",
     .master_cf = "smtp inet n - n - - smtpd\n"
                  "smtp unix - - n - - smtp\n",
     .findings = {{1, "$smtpd_tls_mandatory_ciphers"},
                  {2, "smtpd_delay_reject"},
                  {3, "$mailbox_size_limit"}}},
    {.title = "what main.cf sets, every program knows; the order in the program decides, not here",
     .platform = "debian12",
     .main_cf = "smtp_tls_mandatory_ciphers = $smtpd_tls_mandatory_ciphers\n"
                "smtpd_tls_mandatory_ciphers = high\n"
                "smtpd_hard_error_limit = $smtpd_soft_error_limit\n"
                "mailbox_size_limit = $message_size_limit\n",
     .master_cf = "smtp inet n - n - - smtpd\n"
                  "smtp unix - - n - - smtp\n"
                  "local unix - n n - - local\n"},
};

const struct rule rule_undefined_reference = {
    .name = "undefined-reference",
    .summary = "a value refers to a name that is not defined",
    .why = "If $name is not defined, Postfix replaces it with an empty string and logs nothing.  A "
           "list loses that item: networks that were allowed no longer are, restrictions are "
           "skipped, a table is not searched.  postconf(1) warns \"undefined parameter\".  Most "
           "often the name is misspelled, was removed from main.cf, or belongs to a newer Postfix "
           "from whose sample file the line was copied.\n\n"
           "The same is true of a parameter that main.cf does not set, in the value of another: a "
           "program knows the default only if it has read that parameter before, and postconf(1), "
           "which knows all of them, does not show that.  Numbers, times and yes or no must not be "
           "empty: then the program does not start.",
    .source = "postconf(1) and postconf(5), \"$name\"; src/postconf of the releases; "
              "src/global/mail_conf_str.c; facts/programs.yaml",
    .severity = SEVERITY_WARNING,
    .check = check_undefined_reference,
    RULE_EXAMPLES(examples),
};
