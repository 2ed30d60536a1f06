/*
 * mailertable - routes mail by domain
 *
 * Sendmail looks up domains that are not its own: the complete name, then ".parent" for ever
 * shorter parents, "." last (m4/proto.m4, Mailertable).  transport(5) does the same with "domain"
 * and ".parent", but also looks up local domains: where a line would match one, an entry ":" keeps
 * it local.  "." becomes default_transport and relay_transport, which do not apply to local
 * domains.
 *
 * %1 is the part of the name before ".parent".  Patterns could express that, but trivial-rewrite(8)
 * ignores patterns with substitutions (DICT_FLAG_NO_REGSUB, transport.c): mail for such a line is
 * deferred.
 */
#include "convert/delivery/local.h"
#include "convert/delivery/modules.h"
#include "convert/delivery/relay.h"
#include "convert/sendmail/addresses.h"
#include "convert/sendmail/class.h"
#include "convert/sendmail/feature.h"
#include "convert/sendmail/value.h"

#define TABLE "mailertable"

struct mailer_line {
    const struct sendmail_item *item;
    struct str key, mailer, host; /* "smtp", "[mail.example.com]" */
    struct str result;            /* "smtp:[mail.example.com]"; STR_NONE if there is none */
};

struct mailer_mapping {
    struct draft *draft;
    struct class_members local;
    struct mailer_line *lines;
    size_t count, capacity;
};

/* --- lines ------------------------------------------------------------------------------------ */

/* mailers that are SMTP clients; dsmtp, with the flag "%", waits for ETRN */
static const struct smtp_mailer {
    const char *name, *transport;
} mailers[] = {
    {"smtp", "smtp"},  {"esmtp", "smtp"},  {"smtp8", "smtp"},
    {"dsmtp", "smtp"}, {"relay", "relay"}, {"discard", "discard"},
};

static const struct smtp_mailer *find_mailer(struct str name)
{
    for (size_t i = 0; i < sizeof mailers / sizeof *mailers; i++)
        if (str_is_nocase(name, mailers[i].name))
            return &mailers[i];
    return NULL;
}

/* is HOST a valid next hop: a name, [name], [1.2.3.4], [IPv6:...]?  It may contain %1 */
static bool is_next_hop(struct str host)
{
    if (host.len > 2 && host.at[0] == '[' && host.at[host.len - 1] == ']')
        return str_span_not(host, 0, " \t,;\"") == host.len;
    return host.len > 0 && host.at[0] != '.' && str_span_not(host, 0, " \t,;\"@:[]") == host.len;
}

/* add_next_hosts - "a:b" are tried in that order; returns false if Postfix has no equivalent */
static bool add_next_hosts(const struct draft *draft, struct str hosts, struct str port,
                           struct buffer *out)
{
    for (size_t at = 0, number = 0; at <= hosts.len; number++) {
        size_t end = at < hosts.len && hosts.at[at] == '[' ? str_find(hosts, ']', at) : at;
        end = str_find(hosts, ':', end < hosts.len ? end : hosts.len);
        struct str host = str_slice(hosts, at, end);
        if (!is_next_hop(host) ||
            (number > 0 && !release_has(draft->platform->release, FEATURE_NEXTHOP_LISTS)))
            return false;
        if (number > 0)
            buffer_add_cstr(out, ", ");
        buffer_add(out, host);
        if (port.len > 0)
            buffer_printf(out, ":%.*s", STR_ARG(port));
        at = end + 1;
    }
    return true;
}

static void read_smtp(struct mailer_mapping *mapping, struct mailer_line *line,
                      const struct smtp_mailer *mailer)
{
    struct draft *draft = mapping->draft;
    struct buffer hosts;

    buffer_init(&hosts, draft->arena);
    if (str_is(str_of(mailer->name), "discard")) {
        line->result = str_of("discard:");
        return;
    }
    if (str_find(line->host, '@', 0) < line->host.len) {
        draft_open_point(draft, line->item,
                         "redirect the domain to that user in virtual_alias_maps, and route the "
                         "user's domain to the host in transport_maps",
                         "it changes the recipient");
        return;
    }
    if (!add_next_hosts(draft, line->host, relay_port(draft, line->mailer), &hosts)) {
        draft_open_point(draft, line->item, "add it to the transport table by hand",
                         "the host is not valid in transport(5) of the target: %.*s",
                         STR_ARG(line->host));
        return;
    }
    line->result =
        arena_printf(draft->arena, "%s:%.*s", mailer->transport, STR_ARG(buffer_str(&hosts)));
    if (str_is(str_of(mailer->name), "dsmtp"))
        draft_open_point(draft, line->item,
                         "give the domain a transport of its own and add that to defer_transports; "
                         "smtpd_etrn_restrictions controls who may use ETRN",
                         "mail for the mailer dsmtp waits until the host requests it with ETRN");
}

/* read_local - "local:" delivers to the local user with the same name, "local:user" to that user */
static void read_local(struct mailer_mapping *mapping, struct mailer_line *line)
{
    struct draft *draft = mapping->draft;
    struct str user = str_slice(line->host, 0, str_find(line->host, '@', 0));

    if (line->host.len == 0) {
        line->result = str_of("local:");
        return;
    }
    if (line->key.at[0] == '.' || str_find(user, '%', 0) < user.len) {
        draft_open_point(draft, line->item,
                         "redirect the addresses to the user with a pattern in virtual_alias_maps",
                         "all mail for the subdomains is delivered to one local user");
        return;
    }
    struct draft_table *table = draft_table(draft, "mailertable_users", DRAFT_INDEXED);
    draft_entry(draft, table, line->item, arena_printf(draft->arena, "@%.*s", STR_ARG(line->key)),
                user);
    draft_add(draft, line->item, PARAM_VIRTUAL_ALIAS_MAPS, 200, "%.*s",
              STR_ARG(draft_table_ref(draft, table)));
    addresses_drop_details(draft);
    draft_fate(draft, line->item, FATE_MAPPED, "virtual_alias_maps: @%.*s becomes %.*s",
               STR_ARG(line->key), STR_ARG(user));
}

/* refuse_senders - Sendmail resolves the sender address as well, and rejects it with the same text.
   Subdomains are left alone, as they may belong to this host */
static void refuse_senders(struct draft *draft, const struct mailer_line *line,
                           const struct address_error *error)
{
    if (line->key.at[0] == '.') {
        draft_fate(draft, line->item, FATE_MAPPED, "senders in these domains are not rejected");
        return;
    }
    struct draft_table *table = draft_table(draft, "mailertable_refused", DRAFT_REGEXP);
    draft_entry(draft, table, line->item, addresses_pattern(draft->arena, "/@", line->key, "$/"),
                arena_printf(draft->arena, "%.*s %.*s %.*s", STR_ARG(error->code),
                             STR_ARG(error->status), STR_ARG(error->text)));
    draft_add(draft, line->item, PARAM_SMTPD_SENDER_RESTRICTIONS, 0, "check_sender_access %.*s",
              STR_ARG(draft_table_ref(draft, table)));
}

static void read_error(struct mailer_mapping *mapping, struct mailer_line *line)
{
    struct address_error error = addresses_error(mapping->draft, line->host, ':');

    line->result = addresses_error_transport(mapping->draft, &error);
    refuse_senders(mapping->draft, line, &error);
    if (!str_is(error.code, "550") && !str_is(error.code, "450"))
        draft_fate(mapping->draft, line->item, FATE_MAPPED,
                   "Postfix answers %s where Sendmail answers %.*s",
                   error.status.at[0] == '4' ? "450" : "550", STR_ARG(error.code));
}

/* read_procmail - a filter that gets each message from pipe(8); PROCMAIL_MAILER_FLAGS has no u,
   which would keep the case of users, but an h for the path */
static void read_procmail(struct mailer_mapping *mapping, struct mailer_line *line)
{
    static const struct local_pipe names = {"${recipient}", "${nexthop}"};
    struct draft *draft = mapping->draft;
    struct str call =
        local_pipe_call(draft, sendmail_define_or_default(draft, "PROCMAIL_MAILER_PATH"),
                        sendmail_define_or_default(draft, "PROCMAIL_MAILER_ARGS"), &names);

    if (str_find(line->host, '%', 0) < line->host.len || line->host.len == 0 ||
        str_span_not(line->host, 0, " \t") < line->host.len || call.at == NULL) {
        draft_open_point(draft, line->item, "create a pipe(8) service for it",
                         "procmail has a file or arguments that Postfix cannot express");
        return;
    }
    struct draft_service *service = draft_service(draft, line->item, "procmail", "unix", "pipe");
    local_set_fields(service);
    service->arguments =
        arena_printf(draft->arena, "flags=R user=nobody%.*s %.*s",
                     STR_ARG(local_pipe_size(draft, "PROCMAIL_MAILER_MAX")), STR_ARG(call));
    draft_set_named(draft, line->item, "procmail_destination_recipient_limit", "1");
    line->result = arena_printf(draft->arena, "procmail:%.*s", STR_ARG(line->host));
    draft_open_point(draft, line->item,
                     "choose the user of the service procmail in master.cf: Sendmail runs it as "
                     "root, pipe(8) does not",
                     "the service procmail runs as nobody");
}

/* expand_arguments - %0 is the key.  %1, the part of a name before the key, has no equivalent, and
   the line of a parent domain must not match such mail.  Returns false if there is no entry */
static bool expand_arguments(struct draft *draft, struct mailer_line *line)
{
    struct buffer out;

    if (str_is(line->key, ".")) {
        draft_open_point(draft, line->item, "add a line for each domain",
                         "the route contains the name of the domain");
        return false;
    }
    if (line->key.at[0] == '.' || str_search(line->host, "%0") == line->host.len) {
        line->result = str_of("retry:4.3.5 the route to this host is not configured yet");
        draft_open_point(
            draft, line->item, "add an entry to the table transport for each host",
            "Postfix cannot use a part of the name in a route: mail for these hosts is deferred");
        return true;
    }
    buffer_init(&out, draft->arena);
    for (size_t i = 0; i < line->result.len; i++) {
        char digit = i + 1 < line->result.len ? line->result.at[i + 1] : '\0';
        if (line->result.at[i] != '%' || digit < '0' || digit > '9') {
            buffer_add_char(&out, line->result.at[i]);
            continue;
        }
        i++;
        if (digit == '0')
            buffer_add(&out, line->key);
    }
    line->result = buffer_str(&out);
    return true;
}

static void read_line(struct mailer_mapping *mapping, const struct sendmail_item *item)
{
    struct draft *draft = mapping->draft;
    struct mailer_line line = {.item = item, .result = STR_NONE};
    struct str value = str_trim(sendmail_argument(item, 1));
    size_t colon = str_find(value, ':', 0);

    line.key = addresses_lower(draft->arena, item->arguments[0]);
    line.mailer = str_slice(value, 0, colon);
    line.host = str_trim(str_slice(value, colon + 1, value.len));
    const struct smtp_mailer *mailer = find_mailer(line.mailer);
    if (colon >= value.len)
        draft_open_point(draft, item, "add the intended route to the transport table",
                         "without a mailer, Sendmail looks up the value as another domain");
    else if (mailer != NULL)
        read_smtp(mapping, &line, mailer);
    else if (str_is_nocase(line.mailer, "local"))
        read_local(mapping, &line);
    else if (str_is_nocase(line.mailer, "error"))
        read_error(mapping, &line);
    else if (str_is_nocase(line.mailer, "procmail"))
        read_procmail(mapping, &line);
    else
        draft_open_point(
            draft, item,
            "create a service for it in master.cf and add the domain to the transport table",
            "Postfix has no mailer %.*s", STR_ARG(line.mailer));
    if (line.result.at == NULL)
        return;
    if (!str_is_nocase(line.mailer, "error") && str_find(line.host, '%', 0) < line.host.len &&
        !expand_arguments(draft, &line))
        return;
    mapping->lines = arena_grow_own(draft->arena, mapping->lines, mapping->count,
                                    &mapping->capacity, sizeof line);
    mapping->lines[mapping->count++] = line;
}

/* --- which lines are in effect ---------------------------------------------------------------- */

static bool is_asked(struct mailer_mapping *mapping, const struct sendmail_item *item)
{
    struct str key = item->arguments[0];
    const char *why = NULL;

    if (str_is(key, "."))
        return true;
    if (key.at[0] == '[')
        why = "mail for an address literal is sent there directly, whatever this table contains";
    else if (str_find(key, '@', 0) < key.len)
        why = "Sendmail looks up only domains in this table";
    else if (class_has(&mapping->local, key))
        why = "Sendmail does not look up its own domains in this table";
    if (why != NULL) {
        draft_fate(mapping->draft, item, FATE_MEANINGLESS, "%s", why);
        return false;
    }
    struct str name = key.at[0] == '.' ? str_slice(key, 1, key.len) : key;
    if (addresses_is_host(name))
        return true;
    draft_open_point(mapping->draft, item, "add an equivalent to the transport table",
                     "%.*s is not a valid domain name", STR_ARG(key));
    return false;
}

/* --- writing ---------------------------------------------------------------------------------- */

static void write_default(struct mailer_mapping *mapping, const struct mailer_line *line)
{
    draft_set(mapping->draft, line->item, PARAM_DEFAULT_TRANSPORT, "%.*s", STR_ARG(line->result));
    draft_set(mapping->draft, line->item, PARAM_RELAY_TRANSPORT, "%.*s", STR_ARG(line->result));
    draft_fate(mapping->draft, line->item, FATE_MAPPED,
               "default_transport and relay_transport = %.*s", STR_ARG(line->result));
}

static void write_indexed(struct mailer_mapping *mapping)
{
    struct draft *draft = mapping->draft;
    struct draft_table *table = draft_table(draft, "transport", DRAFT_INDEXED);

    for (size_t i = 0; i < mapping->count; i++) {
        const struct mailer_line *line = &mapping->lines[i];
        if (str_is(line->key, ".")) {
            write_default(mapping, line);
            continue;
        }
        draft_entry(draft, table, line->item, line->key, line->result);
        draft_add(draft, line->item, PARAM_TRANSPORT_MAPS, 100, "%.*s",
                  STR_ARG(draft_table_ref(draft, table)));
        draft_fate(draft, line->item, FATE_MAPPED, "transport_maps: %.*s by %.*s",
                   STR_ARG(line->key), STR_ARG(line->result));
    }
}

/* matches_below - is NAME a subdomain that the key of the line matches? */
static bool matches_below(const struct mailer_line *line, struct str name)
{
    return line->key.len > 1 && line->key.at[0] == '.' && name.len > line->key.len &&
           str_eq_nocase(line->key, str_slice(name, name.len - line->key.len, name.len));
}

static bool has_key(const struct draft_table *table, struct str key)
{
    for (size_t i = 0; table != NULL && i < table->count; i++)
        if (str_eq_nocase(table->entries[i].key, key))
            return true;
    return false;
}

static void keep_name(struct mailer_mapping *mapping, const struct mailer_line *line,
                      struct str name)
{
    struct draft *draft = mapping->draft;
    struct str key = addresses_lower(draft->arena, name);

    if (has_key(draft_find_table(draft, "transport_local"), key) ||
        has_key(draft_find_table(draft, "transport"), name))
        return; /* it has a route of its own */
    struct draft_table *table = draft_table(draft, "transport_local", DRAFT_INDEXED);
    draft_entry(draft, table, line->item, key, str_of(":"));
    draft_add(draft, line->item, PARAM_TRANSPORT_MAPS, 50, "%.*s",
              STR_ARG(draft_table_ref(draft, table)));
}

/* keep_local - names of this host stay local although a ".parent" matches them */
static void keep_local(struct mailer_mapping *mapping)
{
    struct draft *draft = mapping->draft;
    struct str own = addresses_own_name(draft);
    const struct mailer_line *below = NULL;

    for (size_t i = 0; i < mapping->count; i++) {
        const struct mailer_line *line = &mapping->lines[i];
        if (line->key.len < 2 || line->key.at[0] != '.')
            continue;
        below = line;
        for (size_t j = 0; j < mapping->local.count; j++)
            if (matches_below(line, mapping->local.at[j].word))
                keep_name(mapping, line, mapping->local.at[j].word);
        if (own.at == NULL || !matches_below(line, own))
            continue;
        keep_name(mapping, line, own);
        keep_name(mapping, line,
                  arena_printf(draft->arena, "localhost%.*s",
                               STR_ARG(str_slice(own, str_find(own, '.', 0), own.len))));
    }
    if (below == NULL || own.at != NULL)
        return;
    if (draft_has_table_type(draft, "inline"))
        draft_add(draft, NULL, PARAM_TRANSPORT_MAPS, 40,
                  "inline:{{$myhostname = :}, {localhost.$mydomain = :}}");
    else
        draft_open_point(draft, below->item,
                         "if the name of this host is in that domain, add it with the result \":\" "
                         "before these lines",
                         "the name of this host is not in the source");
}

void mailertable_convert(struct draft *draft)
{
    struct mailer_mapping mapping = {.draft = draft};
    const struct sendmail_item *item = NULL;

    if (!addresses_table(draft, TABLE))
        return;
    class_read_local(draft, &mapping.local);
    while ((item = addresses_line(draft, TABLE, item)) != NULL)
        if (is_asked(&mapping, item))
            read_line(&mapping, item);
    write_indexed(&mapping);
    keep_local(&mapping);
    draft_fate(draft, sendmail_table(draft->sendmail, TABLE)->from, FATE_MAPPED,
               "its lines are in transport_maps");
    feature_decide(draft, TABLE, FATE_MEANINGLESS, "a later line names the table again");
}
