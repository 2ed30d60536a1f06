#include <limits.h>
#include <string.h>

#include "smtp/address/match.h"
#include "smtp/session/parts.h"

static const char separators[] = ", \t\r\n";

/* keyword - one by its name in any case of letters, or 0 */
static unsigned keyword(struct str name)
{
    static const struct {
        const char *name;
        enum session_keyword keyword;
    } names[] = {
        {"PIPELINING", KEYWORD_PIPELINING},
        {"SIZE", KEYWORD_SIZE},
        {"VRFY", KEYWORD_VRFY},
        {"ETRN", KEYWORD_ETRN},
        {"STARTTLS", KEYWORD_STARTTLS},
        {"AUTH", KEYWORD_AUTH},
        {"XVERP", KEYWORD_VERP},
        {"XCLIENT", KEYWORD_XCLIENT},
        {"XFORWARD", KEYWORD_XFORWARD},
        {"ENHANCEDSTATUSCODES", KEYWORD_ENHANCEDSTATUSCODES},
        {"8BITMIME", KEYWORD_8BITMIME},
        {"DSN", KEYWORD_DSN},
        {"SMTPUTF8", KEYWORD_SMTPUTF8},
        {"CHUNKING", KEYWORD_CHUNKING},
        {"REQUIRETLS", KEYWORD_REQUIRETLS},
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is_nocase(name, names[i].name))
            return names[i].keyword;
    return 0;
}

/* words - calls SEEN for each word of a list, and returns what it said, or-ed */
static unsigned words(struct str list, unsigned (*seen)(struct str word))
{
    unsigned found = 0;

    for (size_t at = str_span(list, 0, separators); at < list.len;) {
        size_t end = str_span_not(list, at, separators);
        found |= seen(str_slice(list, at, end));
        at = str_span(list, end, separators);
    }
    return found;
}

unsigned session_keywords(struct str list)
{
    return words(list, keyword);
}

/* text_of - the value; what is undetermined in it stands as "$name" */
static struct str text_of(const struct policy_service *service, const char *name)
{
    struct str text = policy_str(service, name);

    if (text.at == NULL && policy_has(service, name))
        text =
            config_value_named(service->policy->config, service->service, str_of(name), NULL, NULL);
    return text.at == NULL ? str_of("") : text;
}

/* raw_of - the value as it is written: Postfix expands it for each use */
static struct str raw_of(const struct policy_service *service, const char *name)
{
    struct str text =
        config_find_named(service->policy->config, service->service, str_of(name)).value;

    return text.at == NULL ? str_of("") : text;
}

/* limit_of - a number that limits something; none where it can't be told */
static long limit_of(const struct policy_service *service, const char *name)
{
    long number = policy_number(service, name);

    return number < 0 ? LONG_MAX : number;
}

static void tls_settings(struct session_settings *settings, const struct policy_service *service)
{
    struct str level = policy_str(service, "smtpd_tls_security_level");

    settings->wrapped = policy_flag(service, "smtpd_tls_wrappermode");
    settings->use_tls = policy_flag(service, "smtpd_use_tls");
    settings->enforce_tls = policy_flag(service, "smtpd_enforce_tls");
    if (!settings->wrapped && level.len > 0) {
        settings->enforce_tls = !str_is_nocase(level, "may") && !str_is_nocase(level, "none");
        settings->use_tls = !str_is_nocase(level, "none");
    }
    settings->enforce_tls |= settings->wrapped;
    settings->use_tls |= settings->enforce_tls;
    settings->auth_only = policy_flag(service, "smtpd_tls_auth_only") || settings->enforce_tls;
    settings->require_certificate =
        policy_flag(service, "smtpd_tls_req_ccert") && settings->enforce_tls;
    settings->ask_certificate =
        policy_flag(service, "smtpd_tls_ask_ccert") || settings->require_certificate;
    settings->received_tls = policy_flag(service, "smtpd_tls_received_header");
}

/* security properties that passwords in the clear don't have */
static unsigned refused_by_dovecot(struct str word)
{
    return str_is_nocase(word, "noplaintext") || str_is_nocase(word, "forward_secrecy") ||
           str_is_nocase(word, "mutual_auth");
}

static unsigned refused_by_cyrus(struct str word)
{
    return refused_by_dovecot(word) || str_is_nocase(word, "noactive") ||
           str_is_nocase(word, "nodictionary");
}

static bool mechanism_passes(const struct policy_service *service, const char *name)
{
    struct arena *arena = service->policy->arena;
    struct state state;
    struct world world;

    if (!policy_has(service, "smtpd_sasl_mechanism_filter"))
        return true;
    world_init(&world, arena, NULL);
    state_init(&state, service, arena, &world);
    return match_string(&state, text_of(service, "smtpd_sasl_mechanism_filter"), str_of(name)) ==
           MATCH_YES;
}

static void auth_settings(struct session_settings *settings, const struct policy_service *service)
{
    static const char *const options[2] = {"smtpd_sasl_security_options",
                                           "smtpd_sasl_tls_security_options"};
    static const char *const names[] = {"", "PLAIN", "LOGIN", "PLAIN LOGIN"};
    unsigned passing = 0;

    settings->auth = policy_flag(service, "smtpd_sasl_auth_enable");
    settings->dovecot = str_is(policy_str(service, "smtpd_sasl_type"), "dovecot");
    settings->broken_auth = policy_flag(service, "broken_sasl_auth_clients");
    settings->received_auth = policy_flag(service, "smtpd_sasl_authenticated_header");
    settings->auth_exceptions = text_of(service, "smtpd_sasl_exceptions_networks");
    settings->response_length = policy_has(service, "smtpd_sasl_response_limit")
                                    ? limit_of(service, "smtpd_sasl_response_limit")
                                    : 0;
    if (!settings->auth)
        return;
    if (mechanism_passes(service, "PLAIN"))
        passing |= MECHANISM_PLAIN;
    if (mechanism_passes(service, "LOGIN"))
        passing |= MECHANISM_LOGIN;
    for (int tls = 0; tls < 2; tls++) {
        bool refused = words(text_of(service, options[tls]),
                             settings->dovecot ? refused_by_dovecot : refused_by_cyrus) != 0;
        settings->mechanism_names[tls] = str_of(names[refused ? 0 : passing]);
        /* the filter is for the announcement: a client that knows a mechanism may use it */
        settings->mechanisms[tls] = refused || passing == 0 ? 0 : MECHANISM_PLAIN | MECHANISM_LOGIN;
    }
}

/* bare_newline_mode - postconf(5): smtpd_forbid_bare_newline, in any case of letters */
static enum bare_newline bare_newline_mode(struct str value)
{
    if (str_is_nocase(value, "yes") || str_is_nocase(value, "normalize"))
        return BARE_NEWLINE_NORMALIZE;
    if (str_is_nocase(value, "reject"))
        return BARE_NEWLINE_REJECT;
    return str_is_nocase(value, "note") ? BARE_NEWLINE_NOTE : BARE_NEWLINE_ACCEPT;
}

static unsigned family(struct str word)
{
    return str_is_nocase(word, "all")    ? FAMILY_IPV4 | FAMILY_IPV6
           : str_is_nocase(word, "ipv4") ? FAMILY_IPV4
           : str_is_nocase(word, "ipv6") ? FAMILY_IPV6
                                         : 0U;
}

static void limit_settings(struct session_settings *settings, const struct policy_service *service)
{
    settings->size_limit = policy_number(service, "message_size_limit");
    settings->recipient_limit = policy_number(service, "smtpd_recipient_limit");
    settings->recipient_overshoot = limit_of(service, "smtpd_recipient_overshoot_limit");
    settings->junk_limit = limit_of(service, "smtpd_junk_command_limit");
    settings->hard_errors = limit_of(service, "smtpd_hard_error_limit");
    settings->soft_errors = limit_of(service, "smtpd_soft_error_limit");
    settings->error_sleep = policy_number(service, "smtpd_error_sleep_time");
    settings->timeout = limit_of(service, "smtpd_timeout");
    settings->line_length = limit_of(service, "line_length_limit");
    settings->bare_newline = bare_newline_mode(policy_str(service, "smtpd_forbid_bare_newline"));
    settings->bare_newline_exclusions = text_of(service, "smtpd_forbid_bare_newline_exclusions");
    settings->bare_newline_code =
        (int)policy_number(service, "smtpd_forbid_bare_newline_reject_code");
}

static void list_settings(struct session_settings *settings, const struct policy_service *service)
{
    struct str filter = text_of(service, "smtpd_command_filter");

    settings->discard = session_keywords(text_of(service, "smtpd_discard_ehlo_keywords"));
    settings->families = words(text_of(service, "inet_protocols"), family);
    settings->discard_maps = text_of(service, "smtpd_discard_ehlo_keyword_address_maps");
    settings->noop_commands = text_of(service, "smtpd_noop_commands");
    settings->forbidden_commands = text_of(service, "smtpd_forbidden_commands");
    settings->verp_clients = text_of(service, "smtpd_authorized_verp_clients");
    settings->verp_delimiters = text_of(service, "default_verp_delimiters");
    settings->verp_filter = text_of(service, "verp_delimiter_filter");
    settings->xclient_hosts = text_of(service, "smtpd_authorized_xclient_hosts");
    settings->xforward_hosts = text_of(service, "smtpd_authorized_xforward_hosts");
    settings->footer = raw_of(service, "smtpd_reject_footer");
    settings->footer_maps = text_of(service, "smtpd_reject_footer_maps");
    settings->filter_maps = text_of(service, "smtpd_reject_filter_maps");
    if (filter.len > 0)
        settings->command_filter = table_open(service->policy->tables, filter, TABLE_FOLD);
}

static void release_settings(struct session_settings *settings, const struct release *release)
{
    settings->chunking = release_has(release, FEATURE_BDAT);
    settings->help = release_has(release, FEATURE_HELP_COMMAND);
    settings->unknown_code = release_has(release, FEATURE_UNKNOWN_COMMAND_500) ? 500 : 502;
    settings->xclient_destination = release_has(release, FEATURE_XCLIENT_DESTINATION);
    settings->ends_rejected = release_has(release, FEATURE_REJECTED_DATA_ENDS_TRANSACTION);
    settings->names_mechanism = release_has(release, FEATURE_SASL_UNKNOWN_MECHANISM_NAMED);
    settings->stays_without_reason = release_has(release, FEATURE_SASL_FAILURE_WITHOUT_REASON);
}

static struct session_settings *compute(const struct policy_service *service)
{
    struct session_settings *settings = arena_alloc(service->policy->arena, sizeof *settings);

    settings->hostname = text_of(service, "myhostname");
    settings->mail_name = text_of(service, "mail_name");
    settings->banner = text_of(service, "smtpd_banner");
    settings->disable_vrfy = policy_flag(service, "disable_vrfy_command");
    settings->helo_required = policy_flag(service, "smtpd_helo_required");
    settings->strict_envelope = policy_flag(service, "strict_rfc821_envelopes");
    settings->smtputf8 = policy_flag(service, "smtputf8_enable");
    settings->strict_smtputf8 = policy_flag(service, "strict_smtputf8");
    settings->forbid_pipelining = policy_flag(service, "smtpd_forbid_unauth_pipelining");
    settings->soft_bounce = policy_flag(service, "soft_bounce");
    settings->requiretls = policy_flag(service, "requiretls_enable");
    settings->log_port = policy_flag(service, "smtpd_client_port_logging");
    settings->hide_client = policy_flag(service, "smtpd_hide_client_session");
    tls_settings(settings, service);
    auth_settings(settings, service);
    limit_settings(settings, service);
    list_settings(settings, service);
    release_settings(settings, service->policy->config->release);
    return settings;
}

struct session_settings *session_settings(const struct policy_service *service)
{
    /* the service keeps it for us: policy.h */
    struct policy_service *keeper = (struct policy_service *)service;

    if (keeper->settings == NULL)
        keeper->settings = compute(service);
    return keeper->settings;
}
