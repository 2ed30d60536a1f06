#include <limits.h>
#include <string.h>

#include "parser/text/token.h"
#include "parser/value/value.h"
#include "smtp/address/match.h"
#include "smtp/session/parts.h"
#include "smtp/start/start.h"

static const char separators[] = ", \t\r\n";

/* find_keyword - by its name in upper or lower case, or 0 */
static unsigned find_keyword(struct str name)
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

/* for_each_word - calls SEEN for each word of a list, and returns all results, or-ed */
static unsigned for_each_word(struct str list, unsigned (*seen)(struct str word))
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
    return for_each_word(list, find_keyword);
}

/* read_text - the value, with "$name" for what is undetermined */
static struct str read_text(const struct policy_service *service, enum parameter_number name)
{
    struct str text = policy_str(service, name);

    if (text.at == NULL && policy_has(service, name))
        text = config_value(service->policy->config, service->service, name, NULL, NULL);
    return text.at == NULL ? str_of("") : text;
}

/* read_raw - the value as written, which Postfix expands each time */
static struct str read_raw(const struct policy_service *service, enum parameter_number name)
{
    struct str text = config_find(service->policy->config, service->service, name).value;

    return text.at == NULL ? str_of("") : text;
}

/* read_limit - no limit if the value is undetermined */
static long read_limit(const struct policy_service *service, enum parameter_number name)
{
    long number = policy_number(service, name);

    return number < 0 ? LONG_MAX : number;
}

static void read_tls(struct session_settings *settings, const struct policy_service *service)
{
    struct str level = policy_str(service, PARAM_SMTPD_TLS_SECURITY_LEVEL);

    settings->wrapped = policy_flag(service, PARAM_SMTPD_TLS_WRAPPERMODE);
    settings->use_tls = policy_flag(service, PARAM_SMTPD_USE_TLS);
    settings->enforce_tls = policy_flag(service, PARAM_SMTPD_ENFORCE_TLS);
    if (!settings->wrapped && level.len > 0) {
        settings->enforce_tls = !str_is_nocase(level, "may") && !str_is_nocase(level, "none");
        settings->use_tls = !str_is_nocase(level, "none");
    }
    settings->enforce_tls |= settings->wrapped;
    settings->use_tls |= settings->enforce_tls;
    settings->auth_only = policy_flag(service, PARAM_SMTPD_TLS_AUTH_ONLY) || settings->enforce_tls;
    settings->require_certificate =
        policy_flag(service, PARAM_SMTPD_TLS_REQ_CCERT) && settings->enforce_tls;
    settings->ask_certificate =
        policy_flag(service, PARAM_SMTPD_TLS_ASK_CCERT) || settings->require_certificate;
    settings->received_tls = policy_flag(service, PARAM_SMTPD_TLS_RECEIVED_HEADER);
}

/* refused_by_dovecot - security options that exclude plaintext passwords */
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

static bool allows_mechanism(const struct policy_service *service, const char *name)
{
    struct arena *arena = service->policy->arena;
    struct state state;
    struct world world;

    if (!policy_has(service, PARAM_SMTPD_SASL_MECHANISM_FILTER))
        return true;
    world_init(&world, arena, NULL);
    state_init(&state, service, arena, &world);
    return match_string(&state, read_text(service, PARAM_SMTPD_SASL_MECHANISM_FILTER),
                        str_of(name)) == MATCH_YES;
}

/* is_valid - or undetermined */
static bool is_valid(const struct policy_service *service, enum parameter_number number)
{
    struct str value = policy_str(service, number);
    struct value_fault fault;

    return value.at == NULL || value_valid(service->policy->arena, service->policy->config,
                                           facts_parameter_at(number), value, &fault);
}

/* describe_login_need - the server that checks passwords: a socket, or Cyrus SASL's own files */
static struct str describe_login_need(const struct session_settings *settings,
                                      const struct policy_service *service)
{
    struct str path = read_text(service, PARAM_SMTPD_SASL_PATH);

    return arena_printf(service->policy->arena,
                        settings->dovecot ? "the SASL server at %.*s"
                                          : "a Cyrus SASL configuration %.*s.conf",
                        STR_ARG(path));
}

static void read_auth(struct session_settings *settings, const struct policy_service *service)
{
    static const enum parameter_number options[2] = {PARAM_SMTPD_SASL_SECURITY_OPTIONS,
                                                     PARAM_SMTPD_SASL_TLS_SECURITY_OPTIONS};
    static const char *const names[] = {"", "PLAIN", "LOGIN", "PLAIN LOGIN"};
    unsigned passing = 0;

    settings->auth = policy_flag(service, PARAM_SMTPD_SASL_AUTH_ENABLE);
    settings->dovecot = str_is(policy_str(service, PARAM_SMTPD_SASL_TYPE), "dovecot");
    settings->broken_auth = policy_flag(service, PARAM_BROKEN_SASL_AUTH_CLIENTS);
    settings->received_auth = policy_flag(service, PARAM_SMTPD_SASL_AUTHENTICATED_HEADER);
    settings->auth_exceptions = read_text(service, PARAM_SMTPD_SASL_EXCEPTIONS_NETWORKS);
    settings->response_length = policy_has(service, PARAM_SMTPD_SASL_RESPONSE_LIMIT)
                                    ? read_limit(service, PARAM_SMTPD_SASL_RESPONSE_LIMIT)
                                    : 0;
    if (!settings->auth)
        return;
    settings->auth_need = describe_login_need(settings, service);
    if (allows_mechanism(service, "PLAIN"))
        passing |= MECHANISM_PLAIN;
    if (allows_mechanism(service, "LOGIN"))
        passing |= MECHANISM_LOGIN;
    for (int tls = 0; tls < 2; tls++) {
        bool refused =
            for_each_word(read_text(service, options[tls]),
                          settings->dovecot ? refused_by_dovecot : refused_by_cyrus) != 0;
        settings->mechanism_names[tls] = str_of(names[refused ? 0 : passing]);
        /* the filter is for the announcement only: a client may still use the mechanism */
        settings->mechanisms[tls] = refused || passing == 0 ? 0 : MECHANISM_PLAIN | MECHANISM_LOGIN;
        settings->auth_fatal[tls] =
            !is_valid(service, options[tls]) || !is_valid(service, PARAM_SMTPD_SASL_PATH);
    }
}

enum bare_newline session_bare_newline(const struct policy_service *service)
{
    struct str value = policy_str(service, PARAM_SMTPD_FORBID_BARE_NEWLINE);

    if (str_is_nocase(value, "yes") || str_is_nocase(value, "normalize"))
        return BARE_NEWLINE_NORMALIZE;
    if (str_is_nocase(value, "reject"))
        return BARE_NEWLINE_REJECT;
    return str_is_nocase(value, "note") ? BARE_NEWLINE_NOTE : BARE_NEWLINE_ACCEPT;
}

static unsigned find_family(struct str word)
{
    return str_is_nocase(word, "all")    ? FAMILY_IPV4 | FAMILY_IPV6
           : str_is_nocase(word, "ipv4") ? FAMILY_IPV4
           : str_is_nocase(word, "ipv6") ? FAMILY_IPV6
                                         : 0U;
}

static void read_limits(struct session_settings *settings, const struct policy_service *service)
{
    settings->size_limit = policy_number(service, PARAM_MESSAGE_SIZE_LIMIT);
    settings->recipient_limit = policy_number(service, PARAM_SMTPD_RECIPIENT_LIMIT);
    settings->recipient_overshoot = read_limit(service, PARAM_SMTPD_RECIPIENT_OVERSHOOT_LIMIT);
    settings->junk_limit = read_limit(service, PARAM_SMTPD_JUNK_COMMAND_LIMIT);
    settings->hard_errors = read_limit(service, PARAM_SMTPD_HARD_ERROR_LIMIT);
    settings->soft_errors = read_limit(service, PARAM_SMTPD_SOFT_ERROR_LIMIT);
    settings->error_sleep = policy_number(service, PARAM_SMTPD_ERROR_SLEEP_TIME);
    settings->timeout = read_limit(service, PARAM_SMTPD_TIMEOUT);
    settings->line_length = read_limit(service, PARAM_LINE_LENGTH_LIMIT);
    settings->bare_newline = session_bare_newline(service);
    settings->bare_newline_exclusions =
        read_text(service, PARAM_SMTPD_FORBID_BARE_NEWLINE_EXCLUSIONS);
    settings->bare_newline_code =
        (int)policy_number(service, PARAM_SMTPD_FORBID_BARE_NEWLINE_REJECT_CODE);
}

static bool has_override(const struct policy_service *service, const char *name)
{
    struct str list = read_text(service, PARAM_RECEIVE_OVERRIDE_OPTIONS), word;

    while (token_next_plain(&list, TOKEN_COMMAS, &word))
        if (str_is(word, name))
            return true;
    return false;
}

static void read_lists(struct session_settings *settings, const struct policy_service *service)
{
    struct str filter = read_text(service, PARAM_SMTPD_COMMAND_FILTER);

    settings->discard = session_keywords(read_text(service, PARAM_SMTPD_DISCARD_EHLO_KEYWORDS));
    settings->families = for_each_word(read_text(service, PARAM_INET_PROTOCOLS), find_family);
    settings->discard_maps = read_text(service, PARAM_SMTPD_DISCARD_EHLO_KEYWORD_ADDRESS_MAPS);
    settings->noop_commands = read_text(service, PARAM_SMTPD_NOOP_COMMANDS);
    settings->forbidden_commands = read_text(service, PARAM_SMTPD_FORBIDDEN_COMMANDS);
    settings->verp_clients = read_text(service, PARAM_SMTPD_AUTHORIZED_VERP_CLIENTS);
    settings->verp_delimiters = read_text(service, PARAM_DEFAULT_VERP_DELIMITERS);
    settings->verp_filter = read_text(service, PARAM_VERP_DELIMITER_FILTER);
    settings->xclient_hosts = read_text(service, PARAM_SMTPD_AUTHORIZED_XCLIENT_HOSTS);
    settings->xforward_hosts = read_text(service, PARAM_SMTPD_AUTHORIZED_XFORWARD_HOSTS);
    settings->footer = read_raw(service, PARAM_SMTPD_REJECT_FOOTER);
    settings->footer_maps = read_text(service, PARAM_SMTPD_REJECT_FOOTER_MAPS);
    if (!has_override(service, "no_milters")) {
        settings->milters = read_text(service, PARAM_SMTPD_MILTERS);
        settings->milter_maps = policy_has(service, PARAM_SMTPD_MILTER_MAPS)
                                    ? read_text(service, PARAM_SMTPD_MILTER_MAPS)
                                    : str_of("");
    }
    settings->filter_maps = read_text(service, PARAM_SMTPD_REJECT_FILTER_MAPS);
    if (filter.len > 0)
        settings->command_filter = table_open(service->policy->tables, filter, TABLE_FOLD);
}

static void read_features(struct session_settings *settings, const struct release *release)
{
    settings->chunking = release_has(release, FEATURE_BDAT);
    settings->help = release_has(release, FEATURE_HELP_COMMAND);
    settings->unknown_code = release_has(release, FEATURE_UNKNOWN_COMMAND_500) ? 500 : 502;
    settings->xclient_destination = release_has(release, FEATURE_XCLIENT_DESTINATION);
    settings->ends_rejected = release_has(release, FEATURE_REJECTED_DATA_ENDS_TRANSACTION);
    settings->names_mechanism = release_has(release, FEATURE_SASL_UNKNOWN_MECHANISM_NAMED);
    settings->fails_temporarily = release_has(release, FEATURE_SASL_TEMPORARY_FAILURE);
    settings->reports_no_reason = release_has(release, FEATURE_SASL_FAILURE_WITHOUT_REASON);
}

/* find_silence - why a service that smtpd asks does not answer; STR_NONE where it does */
static struct str find_silence(const struct policy_service *service, enum start_asked asked)
{
    struct str why;

    return start_asked(service, asked, &why) == ANSWERS ? STR_NONE : why;
}

static struct session_settings *read_settings(const struct policy_service *service)
{
    struct session_settings *settings = arena_alloc(service->policy->arena, sizeof *settings);

    settings->hostname = read_text(service, PARAM_MYHOSTNAME);
    settings->mail_name = read_text(service, PARAM_MAIL_NAME);
    settings->banner = read_text(service, PARAM_SMTPD_BANNER);
    settings->disable_vrfy = policy_flag(service, PARAM_DISABLE_VRFY_COMMAND);
    settings->helo_required = policy_flag(service, PARAM_SMTPD_HELO_REQUIRED);
    settings->strict_envelope = policy_flag(service, PARAM_STRICT_RFC821_ENVELOPES);
    settings->smtputf8 = policy_flag(service, PARAM_SMTPUTF8_ENABLE);
    settings->strict_smtputf8 = policy_flag(service, PARAM_STRICT_SMTPUTF8);
    settings->forbid_pipelining = policy_flag(service, PARAM_SMTPD_FORBID_UNAUTH_PIPELINING);
    settings->soft_bounce = policy_flag(service, PARAM_SOFT_BOUNCE);
    settings->requiretls = policy_flag(service, PARAM_REQUIRETLS_ENABLE);
    settings->log_port = policy_flag(service, PARAM_SMTPD_CLIENT_PORT_LOGGING);
    settings->hide_client = policy_flag(service, PARAM_SMTPD_HIDE_CLIENT_SESSION);
    settings->no_rewrite = find_silence(service, ASKED_REWRITE);
    settings->no_cleanup = find_silence(service, ASKED_CLEANUP);
    settings->no_verify = find_silence(service, ASKED_VERIFY);
    read_tls(settings, service);
    read_auth(settings, service);
    read_limits(settings, service);
    read_lists(settings, service);
    read_features(settings, service->policy->config->release);
    return settings;
}

struct session_settings *session_settings(const struct policy_service *service)
{
    /* kept by the service: policy.h */
    struct policy_service *cache = (struct policy_service *)service;

    if (cache->settings == NULL)
        cache->settings = read_settings(service);
    return cache->settings;
}
