/* postfix_main - main.cf of the private Postfix */
#include <string.h>
#include <unistd.h>

#include "parser/text/token.h"
#include "smtp/engine/postfix_config.h"

/* a parameter with another value in the private Postfix, and the reason */
static const struct forced {
    enum parameter_number number;
    const char *value; /* NULL: see find_forced_value() */
} forced[] = {
    /* its directories */
    {PARAM_QUEUE_DIRECTORY, NULL},
    {PARAM_DATA_DIRECTORY, NULL},
    {PARAM_PROCESS_ID_DIRECTORY, "pid"},
    {PARAM_DAEMON_DIRECTORY, NULL},
    {PARAM_COMMAND_DIRECTORY, NULL},
    {PARAM_META_DIRECTORY, NULL},
    {PARAM_SHLIB_DIRECTORY, NULL},
    {PARAM_MAIL_OWNER, NULL},
    {PARAM_SETGID_GROUP, NULL},
    {PARAM_ALTERNATE_CONFIG_DIRECTORIES, ""},
    {PARAM_MULTI_INSTANCE_ENABLE, "no"},
    {PARAM_MULTI_INSTANCE_DIRECTORIES, ""},
    {PARAM_MULTI_INSTANCE_NAME, ""},
    {PARAM_MULTI_INSTANCE_WRAPPER, ""},
    /* files that it would write elsewhere; without effect on replies */
    {PARAM_MAILLOG_FILE, NULL},
    {PARAM_MAILLOG_FILE_PREFIXES, NULL},
    {PARAM_POSTLOG_SERVICE_NAME, "postlog"},
    {PARAM_ADDRESS_VERIFY_MAP, ""},
    {PARAM_POSTSCREEN_CACHE_MAP, ""},
    {PARAM_SMTPD_TLS_SESSION_CACHE_DATABASE, ""},
    {PARAM_SMTP_TLS_SESSION_CACHE_DATABASE, ""},
    {PARAM_LMTP_TLS_SESSION_CACHE_DATABASE, ""},
    {PARAM_TLS_RANDOM_EXCHANGE_NAME, "${data_directory}/prng_exch"},
    {PARAM_DEBUG_PEER_LIST, ""},
    /* XCLIENT and logins of the live test */
    {PARAM_SMTPD_AUTHORIZED_XCLIENT_HOSTS, "127.0.0.1"},
    {PARAM_SMTPD_SASL_TYPE, "dovecot"},
    {PARAM_SMTPD_SASL_PATH, "private/livetest-auth"},
    /* the live test is one client with many sessions and errors */
    {PARAM_SMTPD_CLIENT_EVENT_LIMIT_EXCEPTIONS, "static:all"},
    {PARAM_SMTPD_ERROR_SLEEP_TIME, "0"},
    /* what cannot be reached must not change other replies: postfix_left_out.c reports it */
    {PARAM_SMTPD_PROXY_FILTER, ""},
    {PARAM_SMTPD_MILTERS, ""},
    {PARAM_SMTPD_MILTER_MAPS, ""},
    {PARAM_NON_SMTPD_MILTERS, ""},
    {PARAM_SMTPD_POLICY_SERVICE_DEFAULT_ACTION, "DUNNO"},
    {PARAM_SMTPD_POLICY_SERVICE_TIMEOUT, "2s"},
    {PARAM_SMTPD_POLICY_SERVICE_RETRY_DELAY, "1s"},
    {PARAM_SMTPD_POLICY_SERVICE_TRY_LIMIT, "1"},
    {PARAM_ADDRESS_VERIFY_POLL_DELAY, "1s"},
    {PARAM_IMPORT_ENVIRONMENT, NULL},
    /* it listens on loopback only, as set in master.cf */
    {PARAM_INET_PROTOCOLS, NULL},
    {PARAM_INET_INTERFACES, NULL},
    {PARAM_PROXY_INTERFACES, NULL},
    {PARAM_MYHOSTNAME, NULL},
    {PARAM_MYORIGIN, NULL},
};

enum { FORCED_COUNT = sizeof forced / sizeof *forced };

bool postfix_refuses(const struct postfix *postfix, const struct service *service, struct str name,
                     struct str value)
{
    if (!str_ends(name, "_service_name"))
        return false;
    struct str text = config_expand(postfix->request->config, service, value, NULL, NULL);
    return text.at == NULL || str_find(text, '/', 0) < text.len;
}

bool postfix_sets(struct str name)
{
    const struct parameter *parameter = facts_parameter(name);

    for (size_t i = 0; i < FORCED_COUNT; i++)
        if (parameter != NULL && parameter->number == forced[i].number)
            return true;
    return false;
}

/* --- values that depend on the configuration ----------------------------------------- */

static struct str read_value(const struct postfix *postfix, enum parameter_number name)
{
    return config_value(postfix->request->config, NULL, name, NULL, NULL);
}

static bool is_address(struct str word)
{
    return word.len > 0 && (word.at[0] == '[' || str_find(word, ':', 0) < word.len ||
                            str_span(word, 0, "0123456789.") == word.len);
}

/* is_portable - a value of inet_interfaces that is the same on every machine */
static bool is_portable(struct str value)
{
    return str_is_nocase(value, "all") || str_is_nocase(value, "loopback-only") ||
           str_is_nocase(value, "localhost");
}

/* list_addresses - those of inet_interfaces, which this machine may not have */
static struct str list_addresses(const struct postfix *postfix)
{
    struct str rest = read_value(postfix, PARAM_INET_INTERFACES);
    struct str word;
    struct buffer out;

    buffer_init(&out, postfix->arena);
    buffer_add(&out, read_value(postfix, PARAM_PROXY_INTERFACES));
    if (!is_portable(rest))
        while (token_next_plain(&rest, TOKEN_COMMAS, &word))
            if (is_address(word))
                buffer_printf(&out, "%s%.*s", out.len > 0 ? ", " : "", STR_ARG(word));
    return buffer_str(&out);
}

static struct str find_interfaces(const struct postfix *postfix)
{
    struct str value = read_value(postfix, PARAM_INET_INTERFACES);

    return is_portable(value) ? value : str_of("loopback-only");
}

static struct str find_hostname(const struct postfix *postfix)
{
    const struct config *config = postfix->request->config;
    struct setting setting = config_find(config, NULL, PARAM_MYHOSTNAME);

    if (setting.origin == ORIGIN_MAIN_CF)
        return setting.value;
    return config->host.hostname; /* STR_NONE: the machine's own */
}

/* find_origin - the file with the name, as on Debian, may not exist */
static struct str find_origin(const struct postfix *postfix)
{
    struct setting setting = config_find(postfix->request->config, NULL, PARAM_MYORIGIN);
    struct str value = postfix_map_paths(postfix, read_value(postfix, PARAM_MYORIGIN));

    if (setting.origin != ORIGIN_MAIN_CF)
        return STR_NONE;
    if (!str_starts(value, "/") ||
        access(arena_printf(postfix->arena, "%.*s%.*s", STR_ARG(postfix->root), STR_ARG(value)).at,
               R_OK) == 0)
        return postfix_map_paths(postfix, setting.value);
    return str_of("$myhostname");
}

/* find_forced_value - STR_NONE: not set */
static struct str find_forced_value(const struct postfix *postfix, const struct forced *item)
{
    const struct postfix_installed *installed = &postfix->installed;
    const struct {
        enum parameter_number number;
        struct str value;
    } made[] = {
        {PARAM_QUEUE_DIRECTORY, postfix_inside(postfix, "/queue")},
        {PARAM_DATA_DIRECTORY, postfix_inside(postfix, "/data")},
        {PARAM_DAEMON_DIRECTORY, installed->daemon_directory},
        {PARAM_COMMAND_DIRECTORY, installed->command_directory},
        {PARAM_META_DIRECTORY, installed->meta_directory},
        {PARAM_SHLIB_DIRECTORY, installed->shlib_directory},
        {PARAM_MAIL_OWNER, installed->mail_owner},
        {PARAM_SETGID_GROUP, installed->setgid_group},
        {PARAM_MAILLOG_FILE, postfix_inside(postfix, "/log")},
        {PARAM_MAILLOG_FILE_PREFIXES, str_of(POSTFIX_PLACE)},
        {PARAM_IMPORT_ENVIRONMENT, str_of("MAIL_CONFIG TZ LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME "
                                          "{RES_OPTIONS=timeout:1 attempts:1}")},
        {PARAM_INET_PROTOCOLS, str_is_nocase(read_value(postfix, PARAM_INET_PROTOCOLS), "ipv6")
                                   ? str_of("all")
                                   : read_value(postfix, PARAM_INET_PROTOCOLS)},
        {PARAM_INET_INTERFACES, find_interfaces(postfix)},
        {PARAM_PROXY_INTERFACES, list_addresses(postfix)},
        {PARAM_MYHOSTNAME, find_hostname(postfix)},
        {PARAM_MYORIGIN, find_origin(postfix)},
    };

    if (item->value != NULL)
        return str_of(item->value);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (made[i].number == item->number)
            return made[i].value;
    return STR_NONE;
}

/* --- the file ------------------------------------------------------------------------ */

/* has_fatal - does the file have a line with which Postfix does not start? */
static bool has_fatal(const struct problem_list *problems)
{
    for (size_t i = 0; i < problems->count; i++)
        if (problems->items[i].fatal)
            return true;
    return false;
}

static void add_entries(struct buffer *out, const struct postfix *postfix)
{
    const struct main_cf *main_cf = &postfix->request->config->main_cf;

    for (size_t i = 0; i < main_cf->count; i++) {
        const struct main_cf_entry *entry = main_cf->entries[i];
        if (!entry->overridden && !postfix_sets(entry->name) &&
            !postfix_refuses(postfix, NULL, entry->name, entry->value))
            buffer_printf(out, "%.*s = %.*s\n", STR_ARG(entry->name),
                          STR_ARG(postfix_map_paths(postfix, entry->value)));
    }
}

struct str postfix_main_cf(const struct postfix *postfix)
{
    const struct main_cf *main_cf = &postfix->request->config->main_cf;
    struct buffer out;

    buffer_init(&out, postfix->arena);
    if (main_cf->source != NULL && has_fatal(&main_cf->problems)) {
        /* unchanged, so that Postfix logs why it does not start */
        buffer_add(&out, main_cf->source->bytes);
        buffer_add_cstr(&out, "\n");
    } else if (main_cf->source != NULL) {
        add_entries(&out, postfix);
    }
    for (size_t i = 0; i < FORCED_COUNT; i++) {
        struct str value = find_forced_value(postfix, &forced[i]);
        if (value.at != NULL)
            buffer_printf(&out, "%.*s =%s%.*s\n", STR_ARG(parameter_name(forced[i].number)),
                          value.len > 0 ? " " : "", STR_ARG(value));
    }
    return buffer_str(&out);
}
