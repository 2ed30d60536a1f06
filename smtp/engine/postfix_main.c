/* postfix_main - main.cf of the private Postfix */
#include <string.h>
#include <unistd.h>

#include "parser/text/token.h"
#include "smtp/engine/postfix_config.h"

/* a parameter that the private Postfix has otherwise, and why */
static const struct forced {
    const char *name;
    const char *value; /* NULL: made by value_of() */
} forced[] = {
    /* where it lives */
    {"queue_directory", NULL},
    {"data_directory", NULL},
    {"process_id_directory", "pid"},
    {"daemon_directory", NULL},
    {"command_directory", NULL},
    {"meta_directory", NULL},
    {"shlib_directory", NULL},
    {"mail_owner", NULL},
    {"setgid_group", NULL},
    {"alternate_config_directories", ""},
    {"multi_instance_enable", "no"},
    {"multi_instance_directories", ""},
    {"multi_instance_name", ""},
    {"multi_instance_wrapper", ""},
    /* what it would write elsewhere; none of it changes a reply */
    {"maillog_file", NULL},
    {"maillog_file_prefixes", NULL},
    {"postlog_service_name", "postlog"},
    {"address_verify_map", ""},
    {"postscreen_cache_map", ""},
    {"smtpd_tls_session_cache_database", ""},
    {"smtp_tls_session_cache_database", ""},
    {"lmtp_tls_session_cache_database", ""},
    {"tls_random_exchange_name", "${data_directory}/prng_exch"},
    {"debug_peer_list", ""},
    /* whom the live test can be, and who can log in */
    {"smtpd_authorized_xclient_hosts", "127.0.0.1"},
    {"smtpd_sasl_type", "dovecot"},
    {"smtpd_sasl_path", "private/livetest-auth"},
    /* it asks more at once than one client should */
    {"smtpd_client_event_limit_exceptions", "static:all"},
    {"smtpd_error_sleep_time", "0"},
    /* what does not answer gets less time; the reply is the same */
    /* mail would go out by it, and come back another way */
    {"smtpd_proxy_filter", ""},
    /* a milter that is not there would hide the answers to everything else */
    {"milter_default_action", "accept"},
    {"milter_connect_timeout", "2s"},
    {"milter_command_timeout", "2s"},
    {"milter_content_timeout", "2s"},
    {"smtpd_policy_service_timeout", "2s"},
    {"smtpd_policy_service_retry_delay", "1s"},
    {"smtpd_policy_service_try_limit", "1"},
    {"address_verify_poll_delay", "1s"},
    {"import_environment", NULL},
    /* it listens on loopback alone, as master.cf says */
    {"inet_protocols", NULL},
    {"inet_interfaces", NULL},
    {"proxy_interfaces", NULL},
    {"myhostname", NULL},
    {"myorigin", NULL},
};

enum { FORCED_COUNT = sizeof forced / sizeof *forced };

bool postfix_sets(struct str name)
{
    for (size_t i = 0; i < FORCED_COUNT; i++)
        if (str_is(name, forced[i].name))
            return true;
    return false;
}

/* --- values that depend on things ---------------------------------------------------- */

static struct str configured(const struct postfix *postfix, const char *name)
{
    return config_value_named(postfix->request->config, NULL, str_of(name), NULL, NULL);
}

static bool is_address(struct str word)
{
    return word.len > 0 && (word.at[0] == '[' || str_find(word, ':', 0) < word.len ||
                            str_span(word, 0, "0123456789.") == word.len);
}

/* interfaces_stay - words that mean the same on any machine */
static bool interfaces_stay(struct str value)
{
    return str_is_nocase(value, "all") || str_is_nocase(value, "loopback-only") ||
           str_is_nocase(value, "localhost");
}

/* addresses - those of inet_interfaces: this machine may not have them, but the mail is for them */
static struct str addresses(const struct postfix *postfix)
{
    struct str rest = configured(postfix, "inet_interfaces");
    struct str word;
    struct buffer out;

    buffer_init(&out, postfix->arena);
    buffer_add(&out, configured(postfix, "proxy_interfaces"));
    if (!interfaces_stay(rest))
        while (token_next_plain(&rest, TOKEN_COMMAS, &word))
            if (is_address(word))
                buffer_printf(&out, "%s%.*s", out.len > 0 ? ", " : "", STR_ARG(word));
    return buffer_str(&out);
}

static struct str interfaces(const struct postfix *postfix)
{
    struct str value = configured(postfix, "inet_interfaces");

    return interfaces_stay(value) ? value : str_of("loopback-only");
}

static struct str hostname(const struct postfix *postfix)
{
    const struct config *config = postfix->request->config;
    struct setting setting = config_find(config, NULL, PARAM_MYHOSTNAME);

    if (setting.origin == ORIGIN_MAIN_CF)
        return setting.value;
    return config->host.hostname; /* STR_NONE: as the machine has it */
}

/* origin - a file with the name, as Debian has it, may not be there */
static struct str origin(const struct postfix *postfix)
{
    struct setting setting = config_find(postfix->request->config, NULL, PARAM_MYORIGIN);
    struct str value = postfix_map_paths(postfix, configured(postfix, "myorigin"));

    if (setting.origin != ORIGIN_MAIN_CF)
        return STR_NONE;
    if (!str_starts(value, "/") ||
        access(arena_printf(postfix->arena, "%.*s%.*s", STR_ARG(postfix->root), STR_ARG(value)).at,
               R_OK) == 0)
        return postfix_map_paths(postfix, setting.value);
    return str_of("$myhostname");
}

/* value_of - STR_NONE: the line is left out */
static struct str value_of(const struct postfix *postfix, const struct forced *item)
{
    const struct postfix_installed *installed = &postfix->installed;
    const struct {
        const char *name;
        struct str value;
    } made[] = {
        {"queue_directory", postfix_inside(postfix, "/queue")},
        {"data_directory", postfix_inside(postfix, "/data")},
        {"daemon_directory", installed->daemon_directory},
        {"command_directory", installed->command_directory},
        {"meta_directory", installed->meta_directory},
        {"shlib_directory", installed->shlib_directory},
        {"mail_owner", installed->mail_owner},
        {"setgid_group", installed->setgid_group},
        {"maillog_file", postfix_inside(postfix, "/log")},
        {"maillog_file_prefixes", postfix->place},
        {"import_environment", str_of("MAIL_CONFIG TZ LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME "
                                      "{RES_OPTIONS=timeout:1 attempts:1}")},
        {"inet_protocols", str_is_nocase(configured(postfix, "inet_protocols"), "ipv6")
                               ? str_of("all")
                               : configured(postfix, "inet_protocols")},
        {"inet_interfaces", interfaces(postfix)},
        {"proxy_interfaces", addresses(postfix)},
        {"myhostname", hostname(postfix)},
        {"myorigin", origin(postfix)},
    };

    if (item->value != NULL)
        return str_of(item->value);
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        if (strcmp(made[i].name, item->name) == 0)
            return made[i].value;
    return STR_NONE;
}

/* --- the file ------------------------------------------------------------------------ */

/* refused - does Postfix stop at a line of the file? */
static bool refused(const struct problem_list *problems)
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
        if (!entry->overridden && !postfix_sets(entry->name))
            buffer_printf(out, "%.*s = %.*s\n", STR_ARG(entry->name),
                          STR_ARG(postfix_map_paths(postfix, entry->value)));
    }
}

struct str postfix_main_cf(const struct postfix *postfix)
{
    const struct main_cf *main_cf = &postfix->request->config->main_cf;
    struct buffer out;

    buffer_init(&out, postfix->arena);
    if (main_cf->source != NULL && refused(&main_cf->problems)) {
        /* as it is: Postfix then says why it does not start */
        buffer_add(&out, main_cf->source->bytes);
        buffer_add_cstr(&out, "\n");
    } else if (main_cf->source != NULL) {
        add_entries(&out, postfix);
    }
    for (size_t i = 0; i < FORCED_COUNT; i++) {
        struct str value = value_of(postfix, &forced[i]);
        if (value.at != NULL)
            buffer_printf(&out, "%s =%s%.*s\n", forced[i].name, value.len > 0 ? " " : "",
                          STR_ARG(value));
    }
    return buffer_str(&out);
}
