#include "parser/text/token.h"
#include "parser/value/type.h"
#include "rules/names/written.h"

/* quote_value - a value as a message shows it */
static struct str quote_value(const struct check *check, struct str value)
{
    enum { LENGTH_MAX = 60 };

    if (value.len == 0)
        return (struct str)STR("an empty value");
    return arena_printf(check->arena, "\"%.*s%s\"",
                        value.len > LENGTH_MAX ? LENGTH_MAX : (int)value.len, value.at,
                        value.len > LENGTH_MAX ? "..." : "");
}

/* --- words that a parameter takes ---------------------------------------------------------- */

/*
 * Parameters that take one of a few words, where any other word is a fatal error.  A word of WEAK
 * is accepted with a warning, and MEANING is used in its place.
 */
struct choice {
    const char *name;
    const char *words;
    const char *weak, *meaning;
    bool list;     /* takes one or more of them */
    bool nocase;   /* in upper or lower case */
    bool nonempty; /* may not be empty */
};

static const char client_levels[] = "none may encrypt fingerprint verify secure dane dane-only";
static const char server_levels[] = "none may encrypt";
static const char unused_levels[] = "fingerprint verify secure";

static const struct choice choices[] = {
    {.name = "smtpd_tls_security_level",
     .words = server_levels,
     .weak = unused_levels,
     .meaning = "encrypt",
     .nocase = true},
    {.name = "postscreen_tls_security_level",
     .words = server_levels,
     .weak = unused_levels,
     .meaning = "encrypt",
     .nocase = true},
    {.name = "tlsproxy_tls_security_level",
     .words = server_levels,
     .weak = unused_levels,
     .meaning = "encrypt",
     .nocase = true},
    {.name = "smtp_tls_security_level", .words = client_levels, .nocase = true},
    {.name = "lmtp_tls_security_level", .words = client_levels, .nocase = true},
    {.name = "tlsproxy_client_security_level", .words = client_levels, .nocase = true},
    {.name = "inet_protocols", .words = "all ipv4 ipv6", .list = true, .nocase = true},
    {.name = "mynetworks_style", .words = "class subnet host", .nonempty = true},
    {.name = "smtp_dns_support_level", .words = "disabled enabled dnssec"},
    {.name = "lmtp_dns_support_level", .words = "disabled enabled dnssec"},
};

static const struct choice *find_choice(struct str name)
{
    for (size_t i = 0; i < sizeof choices / sizeof *choices; i++)
        if (str_is(name, choices[i].name))
            return &choices[i];
    return NULL;
}

/* has_word - is WORD one of the WORDS? */
static bool has_word(const char *words, struct str word, bool nocase)
{
    struct str rest = str_of(words), each;

    while (token_next_plain(&rest, TOKEN_BLANKS, &each))
        if (nocase ? str_eq_nocase(each, word) : str_eq(each, word))
            return true;
    return false;
}

static void report_choice(struct check *check, const struct written *written,
                          const struct choice *choice, struct str word)
{
    bool weak = choice->weak != NULL && has_word(choice->weak, word, choice->nocase);
    bool comment = str_find(word, '#', 0) < word.len;
    struct str advice = comment ? (struct str)STR("put the comment on a line of its own")
                        : weak  ? arena_printf(check->arena, "use %s", choice->meaning)
                                : arena_printf(check->arena, "use %s: %s",
                                              choice->list ? "any of" : "one of", choice->words);
    struct str effect =
        weak ? arena_printf(check->arena, "Postfix logs a warning and uses \"%s\"", choice->meaning)
             : str_of("programs that read it will not start");
    struct finding *finding =
        check_reportf(check, line_span(written->line, written->value), advice.at,
                      "%.*s is not a valid value for %.*s: %.*s", STR_ARG(quote_value(check, word)),
                      STR_ARG(written->name), STR_ARG(effect));

    if (weak)
        finding->severity = SEVERITY_WARNING;
}

static void check_choice(struct check *check, const struct written *written,
                         const struct choice *choice, struct str value)
{
    struct str rest = value, word;

    if (value.len == 0 && choice->nonempty)
        report_choice(check, written, choice, value);
    if (!choice->list) {
        if (value.len > 0 && !has_word(choice->words, value, choice->nocase))
            report_choice(check, written, choice, value);
        return;
    }
    while (token_next_plain(&rest, TOKEN_COMMAS, &word))
        if (!has_word(choice->words, word, choice->nocase)) {
            report_choice(check, written, choice, word);
            return;
        }
}

/* --- types --------------------------------------------------------------------------------- */

/* choose_advice - what to do about a bad value of the parameter's type */
static const char *choose_advice(const struct parameter *parameter, struct str value)
{
    if (str_find(value, '#', 0) < value.len)
        return "put the comment on a line of its own";
    switch (parameter->type) {
    case PARAMETER_BOOL:
    case PARAMETER_NBOOL:
        return "use yes or no";
    case PARAMETER_TIME:
        return "use a number with a unit, such as 30s or 4h";
    case PARAMETER_INT:
    case PARAMETER_NINT:
    case PARAMETER_LONG:
        return "use a whole number in the permitted range";
    default:
        return "set a value, or remove the setting to use the default";
    }
}

/* find_level_fault - what is wrong with a compatibility level */
static struct str find_level_fault(const struct config *config, const struct parameter *parameter,
                                   struct str value)
{
    if (str_is(parameter->name, "compatibility_level") &&
        release_has(config->release, FEATURE_LEVEL_OPERATORS) && compatibility_level(value) < 0)
        return (struct str)STR("is not a valid compatibility level");
    return STR_NONE;
}

static void check_setting(struct check *check, const struct written *written, void *context)
{
    const struct config *config = check->config;
    const struct parameter *parameter = written_parameter(config, written);
    int flags = 0;

    (void)context;
    if (parameter == NULL)
        return;
    struct str value = parameter->type == PARAMETER_RAW
                           ? written->value
                           : config_expand(config, written->service, written->value, &flags, NULL);
    if (value.at == NULL || flags != 0)
        return;
    struct str fault = value_fault(check->arena, parameter, value, value_unit(config, parameter));
    if (fault.at == NULL)
        fault = find_level_fault(config, parameter, value);
    const struct choice *choice = find_choice(written->name);
    if (fault.at != NULL)
        check_reportf(check, line_span(written->line, written->value),
                      choose_advice(parameter, value),
                      "%.*s %.*s; programs that read %.*s will not start",
                      STR_ARG(quote_value(check, value)), STR_ARG(fault), STR_ARG(written->name));
    else if (choice != NULL)
        check_choice(check, written, choice, value);
}

static void check_bad_value(struct check *check)
{
    written_each(check, check_setting, NULL);
}

static const struct example examples[] = {
    {.title = "a size is a plain number",
     .platform = "rhel10",
     .main_cf = "message_size_limit = 50M\n",
     .findings = {{1, "50M"}}},
    {.title = "numbers that are out of range, empty, or followed by a comment",
     .platform = "rhel10",
     .main_cf = "default_process_limit = 99999999999\n"
                "smtpd_error_sleep_time = -1s\n"
                "bounce_size_limit = -5\n"
                "hopcount_limit =\n"
                "mailbox_size_limit = 0 # no limit\n",
     .findings = {{1, "99999999999"}, {2, "-1s"}, {3, "-5"}, {4, ""}, {5, "0 # no limit"}}},
    {.title = "yes and no, in upper or lower case",
     .platform = "rhel10",
     .main_cf = "biff = No\n"
                "soft_bounce = YES\n"
                "smtpd_helo_required = true\n"
                "disable_vrfy_command = $soft_bounce\n"
                "strict_rfc821_envelopes = $message_size_limit\n",
     .findings = {{3, "true"}, {5, "$message_size_limit"}}},
    {.title = "a time has one unit directly after the number, or none",
     .platform = "rhel10",
     .main_cf = "queue_run_delay = 300\n"
                "maximal_queue_lifetime = 5d\n"
                "delay_warning_time = 4hours\n"
                "minimal_backoff_time = 5 min\n"
                "maximal_backoff_time = 1y\n",
     .findings = {{4, "5 min"}, {5, "1y"}}},
    {.title = "a value that must not be empty",
     .platform = "rhel10",
     .main_cf = "default_privs =\n"
                "relayhost =\n"
                "mail_owner = postfix\n",
     .findings = {{1, ""}}},
    {.title = "in a service's -o, and in a parameter named after a service",
     .platform = "rhel10",
     .main_cf = "slow_destination_rate_delay = 2x\n"
                "slow_destination_concurrency_limit = 2\n",
     .master_cf = "slow unix - - n - 1 smtp\n"
                  "smtps inet n - n - - smtpd\n"
                  "  -o smtpd_tls_wrappermode=1\n"
                  "  -o { smtpd_recipient_limit = 20 }\n",
     .findings = {{1, "2x"}, {3, "1"}}},
    {.title = "security levels: a server supports three of them",
     .platform = "rhel10",
     .main_cf = "smtpd_tls_security_level = verify\n"
                "smtp_tls_security_level = opportunistic\n"
                "inet_protocols = ipv4, ipv5\n",
     .findings = {{1, "verify"}, {2, "opportunistic"}, {3, "ipv4, ipv5"}}},
    {.title = "valid security levels",
     .platform = "rhel10",
     .main_cf = "smtpd_tls_security_level = may\n"
                "smtp_tls_security_level = dane-only\n"
                "lmtp_tls_security_level =\n"
                "inet_protocols = IPv4,ipv6\n"
                "compatibility_level = 3.8\n"},
    {.title = "values that depend on the machine or on undefined names are not checked",
     .platform = "rhel10",
     .main_cf = "message_size_limit = $limit_of_the_house\n"
                "smtpd_helo_required = ${nothing}\n"
                "virtual_minimum_uid = ${uid?{$uid}:{1000}}\n"},
};

const struct rule rule_bad_value = {
    .name = "bad-value",
    .summary = "a value that Postfix does not accept",
    .why = "A program that reads a value of the wrong type exits with \"bad numerical "
           "configuration\", \"bad boolean configuration\", \"bad time value or unit\" or \"bad "
           "string length\".  postconf and \"postfix check\" read only a few of the values: the "
           "configuration seems to be valid, and then smtpd exits at every connection.\n\n"
           "Sizes are plain numbers: \"50M\" is a fatal error.  A time is a number directly "
           "followed by one unit: \"5 min\" is a fatal error, and in \"5min\" only the m counts.  "
           "Text after a value, even a comment, is part of the value.",
    .source = "postconf(5); src/global/mail_conf_int.c, mail_conf_bool.c, mail_conf_time.c, "
              "mail_conf_str.c, conv_time.c; src/smtpd/smtpd.c, \"Invalid TLS level\"",
    .severity = SEVERITY_ERROR,
    .check = check_bad_value,
    RULE_EXAMPLES(examples),
};
