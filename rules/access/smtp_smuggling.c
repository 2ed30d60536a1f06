/* smtp_smuggling - does smtpd take <LF>.<LF> for the end of a message? */
#include "parser/text/token.h"
#include "rules/rule/rule.h"
#include "rules/tls/tls.h"
#include "smtp/address/match.h"
#include "smtp/session/session.h"
#include "smtp/start/start.h"

/* --- who is asked --------------------------------------------------------------------------- */

/* an address that no one has, from outside */
static const struct str stranger = STR("198.18.77.5");

/*
 * is_exposed - can other mail servers deliver here?  Those that are logged in gain nothing: what
 * they smuggle is checked as all that they send
 */
static bool is_exposed(const struct policy_service *service)
{
    struct str why;

    return service->port != SUBMISSION_PORT && service->port != SUBMISSIONS_PORT &&
           !policy_flag(service, PARAM_SMTPD_TLS_WRAPPERMODE) &&
           start_reaches(service, stranger, &why);
}

static bool has_word(struct str list, const char *wanted)
{
    struct str word;

    while (token_next(&list, TOKEN_COMMAS, &word))
        if (str_is_nocase(word, wanted))
            return true;
    return false;
}

/* rejects_pipelining - are commands rejected that come before the reply to the message? */
static bool rejects_pipelining(const struct policy_service *service)
{
    return policy_flag(service, PARAM_SMTPD_FORBID_UNAUTH_PIPELINING) ||
           has_word(policy_str(service, PARAM_SMTPD_DATA_RESTRICTIONS), "reject_unauth_pipelining");
}

/* excludes_strangers - mynetworks is for open-relay to judge */
static bool excludes_strangers(const struct check *check, const struct policy_service *service)
{
    struct str list = policy_str(service, PARAM_SMTPD_FORBID_BARE_NEWLINE_EXCLUSIONS);
    struct world world;
    struct state state;

    if (list.len == 0 || str_eq(list, policy_str(service, PARAM_MYNETWORKS)))
        return false;
    world_init(&world, check->arena, NULL);
    state_init(&state, service, check->arena, &world);
    return match_client(&state, list, PARAM_NONE, str_of("unknown"), stranger) == MATCH_YES;
}

/* --- findings ------------------------------------------------------------------------------- */

/* find_place - where the value is set: in the service, or for all services in main.cf; false if it
   was reported for another service */
static bool find_place(const struct check *check, const struct policy_service *service,
                       enum parameter_number number, struct span *span)
{
    bool own = service_override(service->service, number) != NULL;

    *span = check_span(check, own ? service->service : NULL, number);
    return !check_is_reported(check, *span);
}

static void set_value(struct check *check, struct finding *finding, const struct service *service,
                      enum parameter_number number, const char *value)
{
    if (!tls_may_improve(check))
        return;
    if (service_override(service, number) != NULL)
        tls_set_override(check, finding, service, number, value);
    else
        tls_set_main(check, finding, number, value);
}

static void report_excluded(struct check *check, const struct policy_service *service)
{
    struct span span;

    if (!find_place(check, service, PARAM_SMTPD_FORBID_BARE_NEWLINE_EXCLUSIONS, &span))
        return;
    struct finding *finding = check_reportf(
        check, span, "exclude only clients of your own, as the default $mynetworks does",
        "strangers can forge mail (SMTP smuggling): smtpd_forbid_bare_newline does not apply to "
        "them, as they are among its exclusions");
    set_value(check, finding, service->service, PARAM_SMTPD_FORBID_BARE_NEWLINE_EXCLUSIONS,
              "$mynetworks");
}

/* report_open - the platform has the setting that closes it.  "yes" is what the first version of
   the setting has, and later ones take for normalize */
static void report_open(struct check *check, const struct policy_service *service)
{
    static const enum parameter_number setting = PARAM_SMTPD_FORBID_BARE_NEWLINE;
    const char *value =
        policy_has(service, PARAM_SMTPD_FORBID_BARE_NEWLINE_REJECT_CODE) ? "normalize" : "yes";
    struct span span;

    if (!find_place(check, service, setting, &span))
        return;
    bool chosen = check_is_set(check, service->service, setting);
    struct finding *finding = check_reportf(
        check, span, "",
        "strangers can forge mail (SMTP smuggling): smtpd takes <LF>.<LF> for the end of a "
        "message%s",
        rejects_pipelining(service) ? "; commands that follow at once are rejected, others are not"
                                    : "");
    finding->advice = arena_printf(check->arena, "set smtpd_forbid_bare_newline = %s", value);
    finding->severity = chosen ? SEVERITY_WARNING : SEVERITY_ADVICE;
    set_value(check, finding, service->service, setting, value);
}

/* offers_chunking - is BDAT announced, which smtpd_data_restrictions do not see? */
static bool offers_chunking(const struct check *check, const struct policy_service *service)
{
    return release_has(check->config->release, FEATURE_BDAT) &&
           !has_word(policy_str(service, PARAM_SMTPD_DISCARD_EHLO_KEYWORDS), "chunking");
}

/* list_workarounds - what stops the form of the attack that was published, and is not set */
static struct str list_workarounds(const struct check *check, const struct policy_service *service)
{
    bool pipelining = rejects_pipelining(service), chunking = offers_chunking(check, service);
    struct buffer out;

    buffer_init(&out, check->arena);
    if (!pipelining)
        buffer_add_cstr(&out, "smtpd_data_restrictions = reject_unauth_pipelining");
    if (!pipelining && chunking)
        buffer_add_cstr(&out, " and ");
    if (chunking)
        buffer_add_cstr(&out, "smtpd_discard_ehlo_keywords = chunking");
    return buffer_str(&out);
}

/* report_old - no setting of this version closes it */
static void report_old(struct check *check, const struct policy_service *service)
{
    const struct platform *platform = check->config->platform;
    struct str since = platform_newer_version(check->arena, platform,
                                              facts_parameter_at(PARAM_SMTPD_FORBID_BARE_NEWLINE));
    struct str workarounds = list_workarounds(check, service);
    struct span span;

    if (!find_place(check, service, PARAM_SMTPD_DATA_RESTRICTIONS, &span))
        return;
    struct finding *finding =
        check_reportf(check, span, "",
                      "strangers can forge mail (SMTP smuggling): smtpd of Postfix %.*s takes "
                      "<LF>.<LF> for the end of a message, and no setting changes that",
                      STR_ARG(platform->postfix));
    finding->advice =
        arena_printf(check->arena, "upgrade to Postfix %.*s or later%s%.*s", STR_ARG(since),
                     workarounds.len > 0 ? "; until then, stop the published attack "
                                           "with "
                                         : "",
                     STR_ARG(workarounds));
    if (!rejects_pipelining(service) &&
        !check_is_set(check, service->service, PARAM_SMTPD_DATA_RESTRICTIONS))
        set_value(check, finding, service->service, PARAM_SMTPD_DATA_RESTRICTIONS,
                  "reject_unauth_pipelining");
    if (offers_chunking(check, service) &&
        !check_is_set(check, service->service, PARAM_SMTPD_DISCARD_EHLO_KEYWORDS))
        set_value(check, finding, service->service, PARAM_SMTPD_DISCARD_EHLO_KEYWORDS, "chunking");
}

static void check_smuggling(struct check *check)
{
    const struct policy *policy = check_policy(check);

    for (size_t i = 0; i < policy->count; i++) {
        const struct policy_service *service = &policy->services[i];
        if (!is_exposed(service))
            continue;
        if (!policy_has(service, PARAM_SMTPD_FORBID_BARE_NEWLINE))
            report_old(check, service);
        else if (policy_str(service, PARAM_SMTPD_FORBID_BARE_NEWLINE).at == NULL)
            continue; /* not decided */
        else if (session_bare_newline(service) == BARE_NEWLINE_ACCEPT)
            report_open(check, service);
        else if (excludes_strangers(check, service))
            report_excluded(check, service);
    }
}

static const char master_cf[] = "smtp inet n - n - - smtpd\n";

static const struct example examples[] = {
    {.title = "the default of Postfix 3.7, with the patch level that has the setting",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = master_cf,
     .findings = {{2, NULL}},
     .fixed_main_cf = "compatibility_level = 3.6\n"
                      "smtpd_forbid_bare_newline = normalize\n"},
    {.title = "the default of Postfix 3.9 and later is safe",
     .platform = "debian13",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = master_cf},
    {.title = "switched off, for one service",
     .platform = "debian13",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "  -o smtpd_forbid_bare_newline=no\n",
     .findings = {{2, "no"}},
     .fixed_master_cf = "smtp inet n - y - - smtpd\n"
                        "  -o smtpd_forbid_bare_newline=normalize\n"},
    {.title = "any value but no is safe",
     .platform = "rhel10",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_forbid_bare_newline = REJECT\n",
     .master_cf = master_cf},
    {.title = "an update of the package added the setting to an older version",
     .platform = "ubuntu22.04",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_forbid_bare_newline = yes\n",
     .master_cf = master_cf},
    {.title = "a package with the setting's first version, which knows yes and no",
     .platform = "leap15",
     .main_cf = "compatibility_level = 2\n",
     .master_cf = master_cf,
     .findings = {{2, NULL}},
     .fixed_main_cf = "compatibility_level = 2\n"
                      "smtpd_forbid_bare_newline = yes\n"},
    {.title = "an older patch level of the series has nothing that closes it",
     .platform = "rhel8",
     .main_cf = "compatibility_level = 2\n"
                "smtpd_discard_ehlo_keywords = chunking, silent-discard\n",
     .master_cf = master_cf,
     .findings = {{3, NULL}},
     .fixed_main_cf = "compatibility_level = 2\n"
                      "smtpd_discard_ehlo_keywords = chunking, silent-discard\n"
                      "smtpd_data_restrictions = reject_unauth_pipelining\n"},
    {.title = "everyone is excluded",
     .platform = "debian13",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_forbid_bare_newline_exclusions = 0.0.0.0/0, [::]/0\n",
     .master_cf = master_cf,
     .findings = {{2, "0.0.0.0/0, [::]/0"}},
     .fixed_main_cf = "compatibility_level = 3.6\n"
                      "smtpd_forbid_bare_newline_exclusions = $mynetworks\n"},
    {.title = "not reported: other servers cannot connect, or those who connect log in",
     .platform = "debian12",
     .main_cf = "compatibility_level = 3.6\n",
     .master_cf = "127.0.0.1:smtp inet n - y - - smtpd\n"
                  "submission inet n - y - - smtpd\n"},
};

const struct rule rule_smtp_smuggling = {
    .name = "smtp-smuggling",
    .summary = "smtpd takes <LF>.<LF> for the end of a message, so mail can be forged",
    .why =
        "A message ends with a line that has a single dot: <CR><LF>.<CR><LF>.  Some mail servers "
        "pass "
        "on <LF>.<LF>, or <LF>.<CR><LF>, within a message as it is.  If the receiving server takes "
        "that for the end, it takes what follows for commands: a second message, with any sender, "
        "that comes from the address of the first server and passes SPF and DMARC for all domains "
        "of that server (CVE-2023-51764).\n\n"
        "smtpd_forbid_bare_newline = normalize lets only <CR><LF>.<CR><LF> end a message.  It came "
        "with Postfix 3.9, 3.8.5, 3.7.10, 3.6.14 and 3.5.24, and is the default from 3.9 on; in "
        "the "
        "first version of the setting (3.8.4, 3.7.9, 3.6.13, 3.5.23), yes disconnects clients that "
        "send a bare line feed.  Some distributions added it to older versions.\n\n"
        "Are reject_unauth_pipelining and smtpd_forbid_unauth_pipelining enough?  They reject "
        "commands that come with the message, before the reply to it: the attack as it was "
        "published.  A server in between that waits for replies, or one that sends the rest in "
        "another packet, is not stopped.",
    .source = "https://www.postfix.org/smtp-smuggling.html; src/global/mail_params.h and "
              "src/smtpd/smtpd.c of the releases; replies measured with 3.5, 3.7 and 3.10",
    .severity = SEVERITY_ADVICE,
    .needs_main_cf = true,
    .check = check_smuggling,
    RULE_EXAMPLES(examples),
};
