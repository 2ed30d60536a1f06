/*
 * milter - mail filters: INPUT_MAIL_FILTER, MAIL_FILTER, X lines, InputMailFilters
 *
 * INPUT_MAIL_FILTER defines a filter and appends it to confINPUT_MAIL_FILTERS; a define of that
 * replaces the list so far (m4/cfhead.m4).  Without F= a filter that does not answer is skipped.
 * Local mail is sent to Sendmail's daemon by SMTP, so it is filtered as well.
 */
#include "convert/server/milter.h"

#include <string.h>

#include "convert/sendmail/session.h"
#include "convert/sendmail/value.h"
#include "convert/server/modules.h"

struct filter {
    const struct sendmail_item *item;
    struct str name, socket; /* as in Postfix: "inet:host:port"; STR_NONE if there is
                                none */
    const char *action;
    long connect, command, content; /* seconds; 0: not set */
};

/* --- one filter ------------------------------------------------------------------------------- */

static bool is_filter(const struct sendmail_item *item)
{
    if (item->stock)
        return false;
    return (item->kind == ITEM_MACRO &&
            (str_is(item->name, "INPUT_MAIL_FILTER") || str_is(item->name, "MAIL_FILTER"))) ||
           (item->kind == ITEM_CF_LINE && str_is(item->name, "X"));
}

static struct str strip_quotes(struct str text)
{
    text = str_trim(text);
    while (text.len > 0 && (text.at[0] == '`' || text.at[0] == '\''))
        text = str_slice(text, 1, text.len);
    while (text.len > 0 && text.at[text.len - 1] == '\'')
        text.len--;
    return str_trim(text);
}

/* read_socket - "inet:3333@localhost", "local:/run/f.sock", "/run/f.sock" (sendmail/milter.c) */
static struct str read_socket(struct arena *arena, struct str text)
{
    size_t colon = str_find(text, ':', 0);
    struct str kind = str_slice(text, 0, colon), rest = str_slice(text, colon + 1, text.len);

    if (!sendmail_is_plain(text) || str_span_not(text, 0, " \t{},") < text.len)
        return STR_NONE;
    if (text.at[0] == '/')
        return arena_printf(arena, "unix:%.*s", STR_ARG(text));
    if ((str_is_nocase(kind, "local") || str_is_nocase(kind, "unix")) && str_starts(rest, "/"))
        return arena_printf(arena, "unix:%.*s", STR_ARG(rest));
    if (!str_is_nocase(kind, "inet") && !str_is_nocase(kind, "inet6"))
        return STR_NONE;
    size_t sign = str_find(rest, '@', 0);
    struct str port = str_slice(rest, 0, sign), host = str_slice(rest, sign + 1, rest.len);
    if (host.len == 0 || port.len == 0)
        return STR_NONE;
    if (host.at[0] == '[')
        host = str_slice(host, 1, str_find(host, ']', 0));
    if (str_starts(host, "IPv6:"))
        host = str_slice(host, 5, host.len);
    bool brackets = str_find(host, ':', 0) < host.len;
    return arena_printf(arena, "inet:%s%.*s%s:%.*s", brackets ? "[" : "", STR_ARG(host),
                        brackets ? "]" : "", STR_ARG(port));
}

/* read_action - F=: what happens to mail if the filter does not answer */
static const char *read_action(struct str flags)
{
    switch (flags.len > 0 ? flags.at[0] : '\0') {
    case 'R':
        return "reject";
    case 'T':
    case '4':
        return "tempfail";
    default:
        return "accept";
    }
}

/* take_word - token.h does not support "," together with other ASCII separators */
static bool take_word(struct str *rest, const char *separators, struct str *word)
{
    size_t from = str_span(*rest, 0, separators), to = str_span_not(*rest, from, separators);

    *word = str_slice(*rest, from, to);
    *rest = str_slice(*rest, to, rest->len);
    return word->len > 0;
}

/* read_times - "C:1m;S:1s;R:1s;E:5m" */
static void read_times(struct filter *filter, struct str text)
{
    struct str word;
    long seconds;

    while (take_word(&text, "; \t", &word)) {
        if (word.len < 3 || word.at[1] != ':' ||
            !sendmail_time(str_slice(word, 2, word.len), 's', &seconds) || seconds == 0)
            continue;
        if (word.at[0] == 'C')
            filter->connect = seconds;
        else if (word.at[0] == 'E')
            filter->content = seconds;
        else if ((word.at[0] == 'S' || word.at[0] == 'R') && seconds > filter->command)
            filter->command = seconds;
    }
}

static struct filter read_filter(const struct draft *draft, const struct sendmail_item *item)
{
    struct str text = strip_quotes(sendmail_argument(item, 1));
    struct str socket = sendmail_pair(text, 'S');
    struct filter filter = {
        .item = item,
        .name = strip_quotes(sendmail_argument(item, 0)),
        .socket = socket.len > 0 ? read_socket(draft->arena, socket) : STR_NONE,
        .action = read_action(sendmail_pair(text, 'F')),
    };

    read_times(&filter, sendmail_pair(text, 'T'));
    return filter;
}

/* all filters of the source */
struct draft_filters {
    struct filter *items;
    size_t count;
    struct map names;          /* a name to its first filter */
    const char *common_action; /* the F= of all filters, if none has T=; NULL if they differ */
};

static bool has_times(const struct filter *filter)
{
    return filter->connect + filter->command + filter->content > 0;
}

/* find_common_action - see struct draft_filters */
static const char *find_common_action(const struct draft_filters *filters)
{
    const char *action = NULL;

    for (size_t i = 0; i < filters->count; i++) {
        const struct filter *filter = &filters->items[i];
        if ((action != NULL && strcmp(action, filter->action) != 0) || has_times(filter))
            return NULL;
        action = filter->action;
    }
    return action;
}

static const struct draft_filters *get_filters(struct draft *draft)
{
    const struct sendmail *sendmail = draft->sendmail;
    size_t capacity = 0;

    if (draft->filters != NULL)
        return draft->filters;
    struct draft_filters *filters = arena_alloc(draft->arena, sizeof *filters);
    for (size_t i = 0; i < sendmail->directive_count; i++) {
        if (!is_filter(&sendmail->items[i]))
            continue;
        filters->items = arena_grow(draft->arena, filters->items, filters->count, &capacity,
                                    sizeof *filters->items);
        filters->items[filters->count++] = read_filter(draft, &sendmail->items[i]);
    }
    map_init(&filters->names, draft->arena);
    for (size_t i = filters->count; i-- > 0;)
        map_put(&filters->names, filters->items[i].name, &filters->items[i]);
    filters->common_action = find_common_action(filters);
    draft->filters = filters;
    return filters;
}

/* --- a list of filters ------------------------------------------------------------------------ */

static void add_time(struct buffer *out, const char *name, long seconds, struct arena *arena)
{
    if (seconds > 0)
        buffer_printf(out, ", %s=%.*s", name, STR_ARG(sendmail_time_text(arena, seconds)));
}

/* add_filter - adds a filter to smtpd_milters; what this Postfix does not support is an open
   point */
static void add_filter(struct draft *draft, const struct filter *filter, struct buffer *out)
{
    bool braces = release_has(draft->platform->release, FEATURE_BRACED_MILTERS);
    const char *common_action = get_filters(draft)->common_action;

    if (out->len > 0)
        buffer_add_cstr(out, ", ");
    if (common_action != NULL || !braces) {
        buffer_add(out, filter->socket);
        if (common_action == NULL)
            draft_open_point(draft, filter->item,
                             "set milter_default_action and the milter timeouts for all filters",
                             "this Postfix does not support F= and T= for single filters");
        return;
    }
    buffer_printf(out, "{ %.*s, default_action=%s", STR_ARG(filter->socket), filter->action);
    add_time(out, "connect_timeout", filter->connect, draft->arena);
    add_time(out, "command_timeout", filter->command, draft->arena);
    add_time(out, "content_timeout", filter->content, draft->arena);
    buffer_add_cstr(out, " }");
}

struct str milter_list(struct draft *draft, const struct sendmail_item *from, struct str names)
{
    struct buffer out;
    struct str name;

    buffer_init(&out, draft->arena);
    names = strip_quotes(names);
    while (take_word(&names, ",; \t\r\n`'", &name)) {
        const struct filter *filter = map_get(&get_filters(draft)->names, name);
        if (filter == NULL) {
            draft_open_point(draft, from, "define it, or remove its name",
                             "there is no filter \"%.*s\"", STR_ARG(name));
        } else if (filter->socket.at == NULL) {
            draft_open_point(draft, filter->item,
                             "add it to smtpd_milters as inet:host:port or unix:path",
                             "its socket (S=) is not valid");
        } else {
            add_filter(draft, filter, &out);
            draft_fate(
                draft, filter->item, FATE_MAPPED, "%.*s in smtpd_milters%s",
                STR_ARG(filter->socket),
                str_is(str_of(filter->action), "tempfail")
                    ? "; if it does not answer, VRFY is deferred as well, where Sendmail rejects it"
                    : "");
        }
    }
    return buffer_str(&out);
}

/* find_default_names - the final value of confINPUT_MAIL_FILTERS; FROM is set to the line that sets
   it */
static struct str find_default_names(const struct draft *draft, const struct sendmail_item **from)
{
    const struct sendmail *sendmail = draft->sendmail;
    struct buffer names;

    buffer_init(&names, draft->arena);
    for (size_t i = 0; i < sendmail->directive_count; i++) {
        const struct sendmail_item *item = &sendmail->items[i];
        if ((item->kind == ITEM_DEFINE && str_is(item->name, "confINPUT_MAIL_FILTERS")) ||
            (item->kind == ITEM_OPTION && !item->overridden &&
             str_is_nocase(item->name, "InputMailFilters"))) {
            names.len = 0;
            buffer_add(&names, sendmail_argument(item, 0));
            *from = item;
        } else if (item->kind == ITEM_UNDEFINE && str_is(item->name, "confINPUT_MAIL_FILTERS")) {
            names.len = 0;
        } else if (item->kind == ITEM_MACRO && str_is(item->name, "INPUT_MAIL_FILTER") &&
                   !sendmail->is_cf) {
            struct str name = strip_quotes(sendmail_argument(item, 0));
            buffer_printf(&names, ", %.*s", STR_ARG(name));
        }
    }
    return buffer_str(&names);
}

static void map_lists(struct draft *draft)
{
    const struct sendmail *sendmail = draft->sendmail;
    const struct sendmail_item *from = NULL, *first = NULL;
    struct str names = find_default_names(draft, &from);
    struct str list = milter_list(draft, from, names);
    const char *action = get_filters(draft)->common_action;

    for (size_t i = 0; i < sendmail->directive_count && first == NULL; i++)
        if (is_filter(&sendmail->items[i]))
            first = &sendmail->items[i];
    draft_fate(draft, from, list.len > 0 ? FATE_MAPPED : FATE_ALREADY,
               list.len > 0 ? "smtpd_milters, in this order" : "no filter is used");
    if (list.len == 0)
        return;
    draft_set(draft, from != NULL ? from : first, PARAM_SMTPD_MILTERS, "%.*s", STR_ARG(list));
    draft_set(draft, NULL, PARAM_NON_SMTPD_MILTERS, "$smtpd_milters");
    draft_reason(draft, PARAM_NON_SMTPD_MILTERS,
                 "local mail is sent to Sendmail's daemon by SMTP, and is filtered as well");
    draft_fate(draft, first, FATE_MAPPED,
               "filters see \"unknown\" for a client without a name, not [its address]; addresses "
               "of local users with a domain; and the macro i from DATA on");
    draft_set(draft, NULL, PARAM_MILTER_DEFAULT_ACTION, "%s", action != NULL ? action : "accept");
    draft_reason(draft, PARAM_MILTER_DEFAULT_ACTION,
                 "Sendmail skips a filter that does not answer, unless it has F=");
    draft_step(draft, STEP_CHECK, str_of(""),
               str_of("milters: the user postfix must have access to their sockets"));
}

/* --- macros ----------------------------------------------------------------------------------- */

static const struct {
    const char *define;
    enum parameter_number parameter;
    char stage;
} macro_lists[] = {
    {"confMILTER_MACROS_CONNECT", PARAM_MILTER_CONNECT_MACROS, 'C'},
    {"confMILTER_MACROS_HELO", PARAM_MILTER_HELO_MACROS, 'H'},
    {"confMILTER_MACROS_ENVFROM", PARAM_MILTER_MAIL_MACROS, 'M'},
    {"confMILTER_MACROS_ENVRCPT", PARAM_MILTER_RCPT_MACROS, 'R'},
    {"confMILTER_MACROS_DATA", PARAM_MILTER_DATA_MACROS, 'T'},
    {"confMILTER_MACROS_EOH", PARAM_MILTER_END_OF_HEADER_MACROS, 'N'},
    {"confMILTER_MACROS_EOM", PARAM_MILTER_END_OF_DATA_MACROS, 'E'},
};

/* the macros that Postfix supports (MILTER_README) and at which commands, by the letters in
   macro_lists */
static const struct {
    const char *name, *stages;
} known[] = {
    {"j", "CHMRTNE"},
    {"_", "CHMRTNE"},
    {"v", "CHMRTNE"},
    {"i", "TNE"},
    {"{daemon_name}", "CHMRTNE"},
    {"{daemon_addr}", "CHMRTNE"},
    {"{daemon_port}", "CHMRTNE"},
    {"{client_addr}", "CHMRTNE"},
    {"{client_name}", "CHMRTNE"},
    {"{client_port}", "CHMRTNE"},
    {"{client_ptr}", "CHMRTNE"},
    {"{client_connections}", "CHMRT"},
    {"{client_resolve}", "CHMRT"},
    {"{tls_version}", "HMRT"},
    {"{cipher}", "HMRT"},
    {"{cipher_bits}", "HMRT"},
    {"{cert_subject}", "HMRT"},
    {"{cert_issuer}", "HMRT"},
    {"{auth_type}", "MRTNE"},
    {"{auth_authen}", "MRTNE"},
    {"{auth_author}", "MRTNE"},
    {"{mail_addr}", "M"},
    {"{mail_host}", "M"},
    {"{mail_mailer}", "M"},
    {"{rcpt_addr}", "R"},
    {"{rcpt_host}", "R"},
    {"{rcpt_mailer}", "R"},
};

static bool is_supported(struct str macro, char stage)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_is(macro, known[i].name))
            return strchr(known[i].stages, stage) != NULL;
    return false;
}

/* convert_macros - the names of macros in Postfix's syntax: one letter, or more in braces; LOST
   gets those that it does not support at this command */
static struct str convert_macros(const struct draft *draft, struct str text, char stage,
                                 struct buffer *lost)
{
    struct buffer out;
    struct str word;

    buffer_init(&out, draft->arena);
    while (take_word(&text, ", \t\r\n", &word)) {
        if (word.at[0] == '$')
            word = str_slice(word, 1, word.len);
        if (word.len == 0 || !sendmail_is_plain(word))
            continue;
        bool bare = word.len > 1 && word.at[0] != '{';
        struct str macro =
            arena_printf(draft->arena, "%s%.*s%s", bare ? "{" : "", STR_ARG(word), bare ? "}" : "");
        buffer_printf(&out, "%s%.*s", out.len > 0 ? " " : "", STR_ARG(macro));
        if (!is_supported(macro, stage))
            buffer_printf(lost, "%s%.*s", lost->len > 0 ? " " : "", STR_ARG(macro));
    }
    return buffer_str(&out);
}

static void map_macros(struct draft *draft)
{
    for (size_t i = 0; i < sizeof macro_lists / sizeof *macro_lists; i++) {
        const struct sendmail_item *item = session_item(draft, macro_lists[i].define);
        struct buffer lost;
        if (item == NULL)
            continue;
        buffer_init(&lost, draft->arena);
        struct str list =
            convert_macros(draft, session_item_value(draft, item), macro_lists[i].stage, &lost);
        draft_set(draft, item, macro_lists[i].parameter, "%.*s", STR_ARG(list));
        draft_fate(draft, item, FATE_MAPPED, "%s = %.*s",
                   parameter_name(macro_lists[i].parameter).at, STR_ARG(list));
        if (lost.len > 0)
            draft_fate(draft, item, FATE_MAPPED, "Postfix does not support %.*s there",
                       STR_ARG(buffer_str(&lost)));
    }
}

void milter_convert(struct draft *draft)
{
    const struct sendmail *sendmail = draft->sendmail;
    const struct sendmail_item *daemon = NULL;

    map_lists(draft);
    map_macros(draft);
    /* filters that only a daemon uses get their fate here; daemon.c writes its list */
    while ((daemon = session_daemon(draft, daemon)) != NULL) {
        struct str names = sendmail_pair(session_item_value(draft, daemon), 'I');
        if (names.len > 0)
            milter_list(draft, daemon, names);
    }
    for (size_t i = 0; i < sendmail->directive_count; i++)
        if (is_filter(&sendmail->items[i]) && !draft->fates[i].decided)
            draft_fate(draft, &sendmail->items[i], FATE_MEANINGLESS, "no list uses this filter");
}
