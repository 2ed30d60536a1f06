#include "parser/text/token.h"
#include "parser/value/type.h"
#include "rules/names/written.h"

/* shown - a value as a message shows it */
static struct str shown(const struct check *check, struct str value)
{
    enum { LENGTH_MAX = 60 };

    if (value.len == 0)
        return (struct str)STR("an empty text");
    return arena_printf(check->arena, "\"%.*s%s\"",
                        value.len > LENGTH_MAX ? LENGTH_MAX : (int)value.len, value.at,
                        value.len > LENGTH_MAX ? "..." : "");
}

/* --- words that a parameter takes ---------------------------------------------------------- */

/*
 * Parameters that take one of a few words, where any other word is fatal.  A word of WEAK is taken
 * with a warning, and stands for another one.
 */
struct choice {
    const char *name;
    const char *words;
    const char *weak, *meaning;
    bool list;     /* takes more than one of them */
    bool nocase;   /* in any case of letters */
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

static const struct choice *choice_of(struct str name)
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
                        : weak  ? arena_printf(check->arena, "write %s", choice->meaning)
                                : arena_printf(check->arena, "write %s: %s",
                                              choice->list ? "some of" : "one of", choice->words);
    struct finding *finding =
        check_reportf(check, line_span(written->line, written->value), advice.at,
                      weak ? "%.*s is no value for %.*s: Postfix warns and takes it for another one"
                           : "%.*s is no value for %.*s: the program that reads it stops",
                      STR_ARG(shown(check, word)), STR_ARG(written->name));

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

/* advice_for - what to write for a value of the parameter's type */
static const char *advice_for(const struct parameter *parameter, struct str value)
{
    if (str_find(value, '#', 0) < value.len)
        return "put the comment on a line of its own";
    switch (parameter->type) {
    case PARAMETER_BOOL:
    case PARAMETER_NBOOL:
        return "write yes or no";
    case PARAMETER_TIME:
        return "write a number with a unit, such as 30s or 4h";
    case PARAMETER_INT:
    case PARAMETER_NINT:
    case PARAMETER_LONG:
        return "write a whole number within the bounds";
    default:
        return "give it a value, or remove the setting so that the default holds";
    }
}

/* level_fault - what is wrong with a compatibility level */
static struct str level_fault(const struct config *config, const struct parameter *parameter,
                              struct str value)
{
    if (str_is(parameter->name, "compatibility_level") &&
        release_has(config->release, FEATURE_LEVEL_OPERATORS) && compatibility_level(value) < 0)
        return (struct str)STR("is no compatibility level");
    return STR_NONE;
}

static void check_value_of(struct check *check, const struct written *written, void *context)
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
        fault = level_fault(config, parameter, value);
    const struct choice *choice = choice_of(written->name);
    if (fault.at != NULL)
        check_reportf(check, line_span(written->line, written->value), advice_for(parameter, value),
                      "%.*s %.*s; each program that reads %.*s stops here",
                      STR_ARG(shown(check, value)), STR_ARG(fault), STR_ARG(written->name));
    else if (choice != NULL)
        check_choice(check, written, choice, value);
}

static void check_bad_value(struct check *check)
{
    written_each(check, check_value_of, NULL);
}

static const struct example examples[] = {
    {.title = "a size is a plain number",
     .platform = "rhel10",
     .main_cf = "message_size_limit = 50M\n",
     .findings = {{1, "50M"}}},
    {.title = "numbers: too large, below the least, empty, with a comment",
     .platform = "rhel10",
     .main_cf = "default_process_limit = 99999999999\n"
                "smtpd_error_sleep_time = -1s\n"
                "bounce_size_limit = -5\n"
                "hopcount_limit =\n"
                "mailbox_size_limit = 0 # no limit\n",
     .findings = {{1, "99999999999"}, {2, "-1s"}, {3, "-5"}, {4, ""}, {5, "0 # no limit"}}},
    {.title = "yes and no, in any case of letters",
     .platform = "rhel10",
     .main_cf = "biff = No\n"
                "soft_bounce = YES\n"
                "smtpd_helo_required = true\n"
                "disable_vrfy_command = $soft_bounce\n"
                "strict_rfc821_envelopes = $message_size_limit\n",
     .findings = {{3, "true"}, {5, "$message_size_limit"}}},
    {.title = "times have one unit right behind the number, or none",
     .platform = "rhel10",
     .main_cf = "queue_run_delay = 300\n"
                "maximal_queue_lifetime = 5d\n"
                "delay_warning_time = 4hours\n"
                "minimal_backoff_time = 5 min\n"
                "maximal_backoff_time = 1y\n",
     .findings = {{4, "5 min"}, {5, "1y"}}},
    {.title = "a text that may not be empty",
     .platform = "rhel10",
     .main_cf = "default_privs =\n"
                "relayhost =\n"
                "mail_owner = postfix\n",
     .findings = {{1, ""}}},
    {.title = "in a service's -o, and in a parameter that a service makes",
     .platform = "rhel10",
     .main_cf = "slow_destination_rate_delay = 2x\n"
                "slow_destination_concurrency_limit = 2\n",
     .master_cf = "slow unix - - n - 1 smtp\n"
                  "smtps inet n - n - - smtpd\n"
                  "  -o smtpd_tls_wrappermode=1\n"
                  "  -o { smtpd_recipient_limit = 20 }\n",
     .findings = {{1, "2x"}, {3, "1"}}},
    {.title = "security levels: a server has three of them",
     .platform = "rhel10",
     .main_cf = "smtpd_tls_security_level = verify\n"
                "smtp_tls_security_level = opportunistic\n"
                "inet_protocols = ipv4, ipv5\n",
     .findings = {{1, "verify"}, {2, "opportunistic"}, {3, "ipv4, ipv5"}}},
    {.title = "security levels that are fine",
     .platform = "rhel10",
     .main_cf = "smtpd_tls_security_level = may\n"
                "smtp_tls_security_level = dane-only\n"
                "lmtp_tls_security_level =\n"
                "inet_protocols = IPv4,ipv6\n"
                "compatibility_level = 3.8\n"},
    {.title = "what depends on the machine or has no value is not judged",
     .platform = "rhel10",
     .main_cf = "message_size_limit = $limit_of_the_house\n"
                "smtpd_helo_required = ${nothing}\n"
                "virtual_minimum_uid = ${uid?{$uid}:{1000}}\n"},
};

const struct rule rule_bad_value = {
    .name = "bad-value",
    .summary = "a value that Postfix refuses",
    .why =
        "Postfix reads a value when a program that uses it starts, and stops with \"bad "
        "numerical configuration\", \"bad boolean configuration\", \"bad time value or unit\" or "
        "\"bad string length\".  postconf and \"postfix check\" look at few of them: the "
        "configuration seems to be good, and then smtpd dies at every connection.\n\n"
        "Sizes are plain numbers: 50M is fatal.  A time is a number with one unit right behind "
        "it: 5 min is fatal, and of 5min only the m is read.  Text behind a value is a part of "
        "it, a comment too.",
    .source = "postconf(5); src/global/mail_conf_int.c, mail_conf_bool.c, mail_conf_time.c, "
              "mail_conf_str.c, conv_time.c; src/smtpd/smtpd.c, \"Invalid TLS level\"",
    .severity = SEVERITY_ERROR,
    .check = check_bad_value,
    RULE_EXAMPLES(examples),
};
