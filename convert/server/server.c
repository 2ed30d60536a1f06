/*
 * server - settings of the server as a whole whose conversion depends on their value
 *
 * Names and greeting, processes, copies of bounces, fallback relays, and the other defines of
 * cf/README, TWEAKING CONFIGURATION OPTIONS, that one parameter cannot express.
 */
#include "convert/sendmail/value.h"
#include "convert/server/modules.h"

static const char BY_HAND[] = "set it by hand, or keep Postfix's default";

/* open_macros - the value contains $j, $w or another macro without equivalent */
static void open_macros(struct draft *draft, const struct sendmail_item *item,
                        enum parameter_number parameter, struct str value)
{
    draft_open_point(
        draft, item,
        arena_printf(draft->arena, "set %s to the value of the macro", parameter_name(parameter).at)
            .at,
        "the value \"%.*s\" contains a Sendmail macro", STR_ARG(value));
}

static void set_plain(struct draft *draft, const struct sendmail_item *item,
                      enum parameter_number parameter, struct str value, const char *reason)
{
    draft_map(draft, item, parameter, "%.*s", STR_ARG(value));
    draft_reason(draft, parameter, reason);
}

/* --- names ------------------------------------------------------------------------------------ */

static bool is_host_name(struct str text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!is_alnum(text.at[i]) && text.at[i] != '.' && text.at[i] != '-')
            return false;
    return text.len > 0 && text.at[0] != '.' && text.at[0] != '-';
}

/* replace_macro - VALUE with the value of $w or $m if a local line sets it */
static struct str replace_macro(struct draft *draft, struct str value, const char *macro)
{
    const struct sendmail_item *item = NULL;
    size_t at = str_search(value, macro);

    while (at < value.len &&
           (item = sendmail_next(draft->sendmail, ITEM_CF_LINE, "D", item)) != NULL)
        if (!item->stock && str_is(sendmail_argument(item, 0), macro + 1) &&
            is_host_name(sendmail_argument(item, 1))) {
            draft_fate(draft, item, FATE_MAPPED, "part of the host name");
            return arena_printf(draft->arena, "%.*s%.*s%.*s", (int)at, value.at,
                                STR_ARG(sendmail_argument(item, 1)),
                                STR_ARG(str_slice(value, at + 2, value.len)));
        }
    return value;
}

/* map_domain_name - $j, from confDOMAIN_NAME: $w is the name of the host, $m its domain, both as
   Postfix finds them */
static void map_domain_name(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    static const struct str host = STR("$w.");

    value = replace_macro(draft, replace_macro(draft, value, "$w"), "$m");
    if (is_host_name(value)) {
        set_plain(draft, item, PARAM_MYHOSTNAME, value, "the host name in confDOMAIN_NAME");
    } else if (str_is(value, "$w") || str_is(value, "$w.$m") || str_is(value, "$j")) {
        draft_fate(draft, item, FATE_ALREADY,
                   "Postfix uses the name of the host as well (myhostname)");
    } else if (str_starts(value, host.at) && is_host_name(str_slice(value, host.len, value.len))) {
        struct str domain = str_slice(value, host.len, value.len);
        set_plain(draft, item, PARAM_MYDOMAIN, domain,
                  "the domain of the host name in confDOMAIN_NAME");
    } else {
        open_macros(draft, item, PARAM_MYHOSTNAME, value);
    }
}

static void map_helo_name(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    if (value.len == 0 || str_is(value, "$j"))
        draft_fate(draft, item, FATE_ALREADY, "the client sends the name of the host in EHLO");
    else if (is_host_name(value) ||
             (value.len > 0 && value.at[0] == '[' && sendmail_is_plain(value)))
        set_plain(draft, item, PARAM_SMTP_HELO_NAME, value,
                  "the name that the client sends in EHLO");
    else
        open_macros(draft, item, PARAM_SMTP_HELO_NAME, value);
}

/* does a word of the greeting reveal the version of Sendmail or of its configuration, or the
   time? */
static bool reveals_version(struct str word)
{
    static const char *const macros[] = {"$v", "$Z", "$b", "$a", "$d"};

    for (size_t i = 0; i < sizeof macros / sizeof *macros; i++)
        if (str_search(word, macros[i]) < word.len)
            return true;
    return str_is_nocase(word, "Sendmail") || str_is_nocase(word, "Sendmail;");
}

/* add_word - adds a word to the banner; returns false if it has no equivalent */
static bool add_word(struct buffer *banner, struct str word, bool first)
{
    bool is_name = str_is(word, "$j") || str_is(word, "$w");

    if (!is_name && !sendmail_is_plain(word))
        return false;
    if (!first)
        buffer_add_char(banner, ' ');
    if (is_name)
        buffer_add_cstr(banner, "$myhostname");
    else
        buffer_add(banner, word);
    if (first)
        buffer_add_cstr(banner, " ESMTP"); /* Sendmail adds it */
    return true;
}

static void map_greeting(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    struct buffer banner;
    bool first = true;

    buffer_init(&banner, draft->arena);
    for (size_t at = str_span(value, 0, " \t"); at < value.len;) {
        size_t end = str_span_not(value, at, " \t");
        struct str word = str_slice(value, at, end);
        at = str_span(value, end, " \t");
        if (reveals_version(word) || (!first && str_is_nocase(word, "ESMTP")))
            continue;
        if (!add_word(&banner, word, first)) {
            open_macros(draft, item, PARAM_SMTPD_BANNER, value);
            return;
        }
        first = false;
    }
    if (first)
        open_macros(draft, item, PARAM_SMTPD_BANNER, value);
    else
        set_plain(draft, item, PARAM_SMTPD_BANNER, arena_copy(draft->arena, buffer_str(&banner)),
                  "the greeting in confSMTP_LOGIN_MSG, without version and time");
}

/* --- processes and the queue ------------------------------------------------------------------ */

static void map_children(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    long number;

    if (!sendmail_number(value, &number) || number > PROCESSES_MAX) {
        draft_open_point(draft, item, "set the process limit of smtp in master.cf by hand",
                         "the value \"%.*s\" is not a number up to %d", STR_ARG(value),
                         PROCESSES_MAX);
    } else if (number == 0) {
        draft_fate(draft, item, FATE_ALREADY, "no separate limit: default_process_limit applies");
    } else {
        struct draft_service *smtp = draft_service(draft, item, "smtp", "inet", "smtpd");
        smtp->fields[4] = arena_printf(draft->arena, "%ld", number);
        draft_fate(draft, item, FATE_MAPPED, "the process limit %ld of smtp in master.cf", number);
    }
}

static void map_delivery_mode(struct draft *draft, const struct sendmail_item *item,
                              struct str value)
{
    char mode = value.len > 0 ? value.at[0] : 'i';

    if (mode == 'i' || mode == 'b')
        draft_fate(draft, item, FATE_ALREADY,
                   "Postfix queues mail and delivers it immediately in the background");
    else
        draft_open_point(draft, item,
                         "if mail must wait for a queue run, set defer_transports = smtp and run "
                         "sendmail -q from cron",
                         "mail waits for a queue run before it is delivered");
}

static void map_eight_bit(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    char mode = value.len > 0 ? value.at[0] : 'p';

    if (mode == 's')
        set_plain(draft, item, PARAM_STRICT_8BITMIME, str_of("yes"),
                  "undeclared 8-bit mail is rejected");
    else
        draft_fate(draft, item, FATE_ALREADY,
                   "Postfix accepts 8-bit mail, and converts declared 8-bit mail for servers that "
                   "do not support it");
}

static void map_me_too(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    if (sendmail_bool(value))
        draft_fate(draft, item, FATE_ALREADY,
                   "an alias that contains the sender delivers to the sender as well");
    else
        draft_open_point(
            draft, item, "no action: Postfix cannot exclude the sender",
            "an alias that contains the sender delivers to the sender as well, unlike in Sendmail");
}

static void map_fallback_to_clear(struct draft *draft, const struct sendmail_item *item,
                                  struct str value)
{
    if (sendmail_bool(value))
        draft_fate(draft, item, FATE_ALREADY,
                   "at level may, Postfix defers mail after a failed handshake, and sends it "
                   "unencrypted at a later attempt (minimal_backoff_time)");
    else
        draft_fate(
            draft, item, FATE_MEANINGLESS,
            "at level may, Postfix defers mail after a failed handshake, as Sendmail does, but "
            "sends it unencrypted at a later attempt; smtp_tls_policy_maps can require encryption");
}

static void map_no_recipients(struct draft *draft, const struct sendmail_item *item,
                              struct str value)
{
    if (str_is_nocase(value, "none"))
        draft_fate(draft, item, FATE_ALREADY, "Postfix does not add a header either");
    else if (str_is_nocase(value, "add-to-undisclosed"))
        set_plain(draft, item, PARAM_UNDISCLOSED_RECIPIENTS_HEADER,
                  str_of("To: undisclosed-recipients:;"),
                  "mail without recipients gets this header");
    else
        draft_open_point(draft, item,
                         "set undisclosed_recipients_header = To: undisclosed-recipients:; if mail "
                         "without recipients needs a header",
                         "\"%.*s\" would reveal the envelope recipients", STR_ARG(value));
}

/* map_message_timeout - the define before 8.7, "5d/4h", which proto.m4 splits into two */
static void map_message_timeout(struct draft *draft, const struct sendmail_item *item,
                                struct str value)
{
    static const enum parameter_number lifetimes[] = {PARAM_MAXIMAL_QUEUE_LIFETIME,
                                                      PARAM_BOUNCE_QUEUE_LIFETIME};
    size_t slash = str_find(value, '/', 0);
    long seconds, warning;
    bool has_warning = slash < value.len;

    if (!sendmail_time(str_slice(value, 0, slash), 'd', &seconds) || seconds > 100L * 86400 ||
        (has_warning && !sendmail_time(str_slice(value, slash + 1, value.len), 'h', &warning))) {
        draft_open_point(draft, item, BY_HAND, "\"%.*s\" is not a valid time in Postfix",
                         STR_ARG(value));
        return;
    }
    for (size_t i = 0; i < sizeof lifetimes / sizeof *lifetimes; i++)
        set_plain(draft, item, lifetimes[i], sendmail_time_text(draft->arena, seconds),
                  "the time after which undeliverable mail is returned");
    if (has_warning)
        set_plain(draft, item, PARAM_DELAY_WARNING_TIME, sendmail_time_text(draft->arena, warning),
                  "the time after which the sender is notified of a delay");
}

/* --- errors and fallback relays --------------------------------------------------------------- */

static void map_copies(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    if (value.len == 0) {
        draft_fate(draft, item, FATE_ALREADY, "nobody gets copies of bounces");
    } else if (!sendmail_is_plain(value)) {
        open_macros(draft, item, PARAM_BOUNCE_NOTICE_RECIPIENT, value);
    } else {
        set_plain(draft, item, PARAM_BOUNCE_NOTICE_RECIPIENT, value,
                  "the recipient of copies of bounces");
        set_plain(draft, item, PARAM_NOTIFY_CLASSES, str_of("resource, software, bounce"),
                  "Postfix's default, and copies of bounces");
    }
}

static void map_fallback(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    bool smart = str_is(item->name, "confFALLBACK_SMARTHOST") ||
                 str_is_nocase(item->name, "FallbackSmartHost");

    if (value.len == 0) {
        draft_fate(draft, item, FATE_ALREADY, "there is no fallback host");
    } else if (!sendmail_is_plain(value)) {
        open_macros(draft, item, PARAM_SMTP_FALLBACK_RELAY, value);
    } else {
        draft_add(draft, item, PARAM_SMTP_FALLBACK_RELAY, smart ? RANK_LAST : RANK_CONNECT, "%.*s",
                  STR_ARG(value));
        draft_fate(draft, item, FATE_MAPPED, "smtp_fallback_relay = %.*s", STR_ARG(value));
    }
}

/* do aliases run programs or write to files, which requires a user? */
static bool aliases_need_user(const struct sendmail *sendmail)
{
    const struct sendmail_item *line = NULL;

    while ((line = sendmail_next(sendmail, ITEM_TABLE_LINE, "aliases", line)) != NULL) {
        struct str value = sendmail_argument(line, 1);
        size_t at = str_span(value, 0, " \t\"");
        if (at < value.len &&
            (value.at[at] == '|' || value.at[at] == '/' || str_search(value, "\"|") < value.len))
            return true;
    }
    return false;
}

/* map_default_user - local(8) does not start if the user does not exist, so only names that all
   systems have are used */
static void map_default_user(struct draft *draft, const struct sendmail_item *item,
                             struct str value)
{
    struct str user = str_slice(value, 0, str_span_not(value, 0, ":."));

    if (str_is(user, "nobody") || str_is(user, "daemon"))
        set_plain(draft, item, PARAM_DEFAULT_PRIVS, user,
                  "the user for programs and files in system aliases");
    else if (aliases_need_user(draft->sendmail))
        draft_open_point(draft, item, "set default_privs to an unprivileged user on the target",
                         "programs and files in aliases ran as %.*s, and now run as nobody",
                         STR_ARG(value));
    else
        draft_fate(draft, item, FATE_MEANINGLESS,
                   "no alias runs a program or writes to a file; default_privs is still nobody");
}

/* is there any table next to the source, so that a table that was not found does not exist? */
static bool has_tables(const struct sendmail *sendmail)
{
    for (size_t i = 0; i < sendmail->table_count; i++)
        if (sendmail->tables[i].source != NULL)
            return true;
    return false;
}

static void map_user_database(struct draft *draft, const struct sendmail_item *item,
                              struct str value)
{
    const struct sendmail_table *table = sendmail_table(draft->sendmail, "userdb");

    if (value.len == 0 || (has_tables(draft->sendmail) && (table == NULL || table->source == NULL)))
        draft_fate(draft, item, FATE_MEANINGLESS, "there is no user database");
    else
        draft_open_point(draft, item,
                         "if the file exists, convert its maildrop lines to virtual aliases and "
                         "its mailname lines to smtp_generic_maps",
                         "Postfix has no user database");
}

/* map_null_mx - domains with this host as their best MX, which only domains that are relayed to can
   be */
static void map_null_mx(struct draft *draft, const struct sendmail_item *item, struct str value)
{
    const struct sendmail *sendmail = draft->sendmail;

    if (!sendmail_bool(value))
        draft_fate(draft, item, FATE_ALREADY, "mail for a domain with this host as its MX loops");
    else if (sendmail_next(sendmail, ITEM_TABLE_LINE, "relay-domains", NULL) != NULL ||
             sendmail_next(sendmail, ITEM_MACRO, "RELAY_DOMAIN", NULL) != NULL ||
             sendmail_next(sendmail, ITEM_MACRO, "RELAY_DOMAIN_FILE", NULL) != NULL ||
             sendmail_feature(sendmail, "relay_based_on_MX") != NULL)
        draft_open_point(
            draft, item,
            "for each domain in relay_domains that has this host as its best MX, set the "
            "destination host in transport_maps: Postfix returns such mail as a loop",
            "mail for a domain with this host as its MX is sent to the address of the domain");
    else
        draft_fate(draft, item, FATE_MEANINGLESS,
                   "it applies to domains that this host relays mail for, and there are none");
}

/*
 * OSTYPE for Linux: it includes FEATURE(`local_procmail'), or Debian's sensible-mda, which runs
 * procmail if that is installed.  If another line sets the delivery program, its module handles it.
 */
static void map_ostype(struct draft *draft, const struct sendmail_item *item)
{
    const struct sendmail *sendmail = draft->sendmail;
    bool said = sendmail_feature(sendmail, "local_procmail") != NULL ||
                sendmail_feature(sendmail, "local_lmtp") != NULL ||
                sendmail_feature(sendmail, "nullclient") != NULL ||
                sendmail_feature(sendmail, "msp") != NULL ||
                sendmail_define(sendmail, "LOCAL_MAILER_PATH") != NULL ||
                sendmail_define(sendmail, "confLOCAL_MAILER") != NULL ||
                draft_value(draft, PARAM_MAILBOX_COMMAND).at != NULL ||
                draft_value(draft, PARAM_MAILBOX_TRANSPORT).at != NULL;

    if (str_is(item->name, "debian") && sendmail_value(sendmail, "confREJECT_NUL").at == NULL)
        set_plain(draft, item, PARAM_MESSAGE_REJECT_CHARACTERS, str_of("\\0"),
                  "Debian's Sendmail rejects mail that contains NUL");
    if (str_is(item->name, "debian") && sendmail_value(sendmail, "confDEF_USER_ID").at == NULL &&
        aliases_need_user(sendmail))
        map_default_user(draft, item, str_of("mail:mail"));
    if (said)
        draft_fate(draft, item, FATE_ALREADY, "the paths of the old system are not used");
    else
        draft_open_point(draft, item,
                         arena_printf(draft->arena,
                                      "local(8) delivers without procmail; if users have a "
                                      ".procmailrc, set mailbox_command = %.*s -a \"$EXTENSION\"",
                                      STR_ARG(sendmail_default("PROCMAIL_MAILER_PATH")))
                             .at,
                         "procmail delivered local mail, if it was installed");
}

/* map_domain - the lines of its file are items of their own, after the call and with its line
   number */
static void map_domain(struct draft *draft, const struct sendmail_item *item)
{
    const struct sendmail *sendmail = draft->sendmail;
    struct str file = arena_printf(draft->arena, "domain/%.*s.m4", STR_ARG(item->name));

    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct source *source = sendmail->items[i].span.source;
        if (source != NULL && str_ends(source->path, arena_cstr(draft->arena, file))) {
            draft_fate(draft, item, FATE_ALREADY, "the lines of %.*s have their own entries",
                       STR_ARG(file));
            return;
        }
    }
}

/* --- the module ------------------------------------------------------------------------------- */

static const struct {
    const char *define;
    void (*map)(struct draft *draft, const struct sendmail_item *item, struct str value);
} lines[] = {
    {"confDOMAIN_NAME", map_domain_name},
    {"confHELO_NAME", map_helo_name},
    {"confSMTP_LOGIN_MSG", map_greeting},
    {"confMAX_DAEMON_CHILDREN", map_children},
    {"confDELIVERY_MODE", map_delivery_mode},
    {"confEIGHT_BIT_HANDLING", map_eight_bit},
    {"confNO_RCPT_ACTION", map_no_recipients},
    {"confMESSAGE_TIMEOUT", map_message_timeout},
    {"confCOPY_ERRORS_TO", map_copies},
    {"confFALLBACK_MX", map_fallback},
    {"confFALLBACK_SMARTHOST", map_fallback},
    {"confDEF_USER_ID", map_default_user},
    {"confME_TOO", map_me_too},
    {"confTLS_FALLBACK_TO_CLEAR", map_fallback_to_clear},
    {"confUSERDB_SPEC", map_user_database},
    {"confTRY_NULL_MX_LIST", map_null_mx},
};

static void map_item(struct draft *draft, const struct sendmail_item *item)
{
    const struct sendmail_fact *fact = sendmail_item_fact(item);

    if (fact == NULL || item->overridden || item->stock)
        return;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        if (str_is(fact->name, lines[i].define))
            lines[i].map(draft, item, sendmail_item_value(draft, item));
}

static bool is_of_server(const struct sendmail_item *item)
{
    const struct sendmail_fact *fact = sendmail_item_fact(item);

    return fact != NULL && str_is(fact->module, "server");
}

/* set_default_user - no line sets the user for programs in aliases */
static void set_default_user(struct draft *draft)
{
    const struct sendmail_item *system = sendmail_next(draft->sendmail, ITEM_OSTYPE, NULL, NULL);

    if (sendmail_value(draft->sendmail, "confDEF_USER_ID").at != NULL ||
        !aliases_need_user(draft->sendmail) || (system != NULL && str_is(system->name, "debian")))
        return;
    draft_set(draft, NULL, PARAM_DEFAULT_PRIVS, "daemon");
    draft_reason(draft, PARAM_DEFAULT_PRIVS,
                 "Sendmail runs programs in aliases as daemon by default");
}

void server_convert(struct draft *draft)
{
    const struct sendmail *sendmail = draft->sendmail;

    for (size_t i = 0; i < sendmail->count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        if (draft->fates[i].decided)
            continue;
        if (item->kind == ITEM_DEFINE || item->kind == ITEM_OPTION)
            map_item(draft, item);
        else if (item->kind == ITEM_OSTYPE && is_of_server(item))
            map_ostype(draft, item);
        else if (item->kind == ITEM_DOMAIN)
            map_domain(draft, item);
        else if (item->kind == ITEM_CF_LINE && str_is(item->name, "D") && !item->overridden &&
                 str_is(sendmail_argument(item, 0), "j")) /* the result of confDOMAIN_NAME */
            map_domain_name(draft, item, sendmail_argument(item, 1));
    }
    set_default_user(draft);
}
