/* tables - the tables of clients, senders and recipients that the access table becomes (see
   access.h) */
#include <stdlib.h>
#include <string.h>

#include "convert/access/access.h"
#include "convert/sendmail/feature.h"

/* the size limit of a table in main.cf, where $myhostname and the like can be used */
enum { OWN_USERS_MOST = 8000 };

static bool is_refusal(const struct access_line *line)
{
    return line->action != ACCESS_OK && line->action != ACCESS_RELAY && line->action != ACCESS_SKIP;
}

/* make_action - the corresponding result in a Postfix table; ACCEPT is the one for OK and RELAY */
static struct str make_action(struct access *access, const struct access_line *line,
                              const char *accept)
{
    struct arena *arena = access->draft->arena;
    struct str words = sendmail_value(access->draft->sendmail, "confREJECT_MSG");

    switch (line->action) {
    case ACCESS_OK:
    case ACCESS_RELAY:
        return str_of(accept);
    case ACCESS_SKIP:
        return str_of("DUNNO");
    case ACCESS_REJECT:
        if (words.len > 0)
            return access_error_text(arena, words);
        access->refuses = true;
        return str_of("REJECT");
    case ACCESS_DISCARD:
        return str_of("DISCARD");
    case ACCESS_QUARANTINE:
        return arena_printf(arena, "HOLD %.*s", STR_ARG(line->text));
    case ACCESS_ERROR:
    case ACCESS_WORDS:
        break;
    }
    return line->text;
}

/* put_entry - adds an entry, and one for the subdomains where these need their own */
static void put_entry(struct access *access, struct draft_table *table,
                      const struct access_line *line, struct str key, struct str value)
{
    struct draft *draft = access->draft;

    draft_entry(draft, table, line->item, key, value);
    if (access->dot_keys && line->kind == ACCESS_DOMAIN) {
        struct str below = arena_printf(draft->arena, ".%.*s", STR_ARG(key));
        if (map_get(access->keys, below) == NULL)
            draft_entry(draft, table, line->item, below, value);
    }
    draft_fate(draft, line->item, FATE_MAPPED, "%.*s: %.*s %.*s%s", STR_ARG(table->name),
               STR_ARG(key), STR_ARG(value),
               str_is(value, "DISCARD") ? "; the other recipients of that mail are not checked"
                                        : "");
}

static void open_odd_key(struct draft *draft, const struct access_line *line)
{
    draft_open_point(
        draft, line->item,
        "create a pcre: table for it and put it before the table with the other entries",
        "no indexed table matches the key \"%.*s\" as Sendmail does", STR_ARG(line->key));
}

static void set_plain_parents(struct access *access)
{
    struct draft *draft = access->draft;
    struct str value = draft_value(draft, PARAM_PARENT_DOMAIN_MATCHES_SUBDOMAINS);
    struct buffer out;

    if (value.at == NULL)
        value = platform_upstream_default(
            draft->platform, facts_parameter_at(PARAM_PARENT_DOMAIN_MATCHES_SUBDOMAINS));
    buffer_init(&out, draft->arena);
    for (size_t at = 0; at < value.len;) {
        size_t end = str_span_not(value, at, ", \t");
        struct str word = str_slice(value, at, end);
        if (!str_is(word, "smtpd_access_maps"))
            buffer_printf(&out, "%s%.*s", out.len > 0 ? ", " : "", STR_ARG(word));
        at = str_span(value, end, ", \t");
    }
    draft_set(draft, access->feature, PARAM_PARENT_DOMAIN_MATCHES_SUBDOMAINS, "%.*s",
              STR_ARG(buffer_str(&out)));
    draft_reason(draft, PARAM_PARENT_DOMAIN_MATCHES_SUBDOMAINS,
                 "with lookupdotdomain the tables of the SMTP server distinguish a domain from its "
                 "subdomains");
}

/* --- clients ---------------------------------------------------------------------------------- */

static int compare_lengths(const void *a, const void *b)
{
    const struct access_line *const *left = a, *const *right = b;

    if ((*left)->bits != (*right)->bits)
        return (*right)->bits - (*left)->bits;
    return (*left)->item->number < (*right)->item->number ? -1 : 1;
}

/* does check_relay reject any client, so that an OK matters? */
static bool clients_are_checked(const struct access *access)
{
    static const char *const features[] = {"dnsbl", "enhdnsbl", "require_rdns", "rhsbl"};

    for (size_t i = 0; i < sizeof features / sizeof *features; i++)
        if (feature_is_on(access->draft, features[i]))
            return true;
    for (size_t i = 0; i < access->count; i++)
        if (access_counts(access, &access->lines[i], ACCESS_CONNECT) &&
            (access->lines[i].kind == ACCESS_NETWORK || access->lines[i].kind == ACCESS_DOMAIN ||
             access->lines[i].kind == ACCESS_BELOW) &&
            is_refusal(&access->lines[i]))
            return true;
    return false;
}

static void put_networks(struct access *access, const struct access_line **networks, size_t count)
{
    struct draft *draft = access->draft;

    if (count == 0)
        return;
    struct draft_table *table = draft_table(draft, "access_client_address", DRAFT_CIDR);
    qsort(networks, count, sizeof *networks, compare_lengths);
    for (size_t i = 0; i < count; i++)
        put_entry(access, table, networks[i], networks[i]->key,
                  make_action(access, networks[i], "OK"));
    draft_add_named(draft, access->feature, access_client_list(draft),
                    access_client_rank(draft, ACCESS_RANK_TABLE + 1), "check_client_access %.*s",
                    STR_ARG(draft_table_ref(draft, table)));
}

/* put_verified - anyone can give an address any name, so smtpd(8) ignores an OK for it unless the
   name resolves to the address */
static void put_verified(struct access *access, const struct access_line *line)
{
    struct draft *draft = access->draft;
    struct draft_table *table = draft_table(draft, "access_client_verified", DRAFT_INDEXED);

    if (table->count == 0)
        draft_add_named(draft, access->feature, access_client_list(draft),
                        access_client_rank(draft, ACCESS_RANK_TABLE), "check_client_access %.*s",
                        STR_ARG(draft_table_ref(draft, table)));
    put_entry(access, table, line, line->key, str_of("OK"));
    draft_fate(draft, line->item, FATE_MAPPED, "if the name resolves to the address");
}

static void put_client(struct access *access, const struct access_line *line, bool by_pointer)
{
    struct draft *draft = access->draft;
    struct draft_table *table = draft_table(draft, "access_client", DRAFT_INDEXED);

    if (table->count == 0)
        draft_add_named(draft, access->feature, access_client_list(draft),
                        access_client_rank(draft, ACCESS_RANK_TABLE), "%s %.*s",
                        by_pointer ? "check_reverse_client_hostname_access" : "check_client_access",
                        STR_ARG(draft_table_ref(draft, table)));
    put_entry(access, table, line, line->key,
              make_action(access, line, by_pointer ? "DUNNO" : "OK"));
    if (by_pointer && (line->action == ACCESS_OK || line->action == ACCESS_RELAY))
        put_verified(access, line);
}

void access_map_clients(struct access *access)
{
    struct draft *draft = access->draft;
    bool by_pointer = feature_is_on(draft, "use_client_ptr");
    bool needed = clients_are_checked(access);
    const struct access_line **networks =
        arena_alloc(draft->arena, (access->count + 1) * sizeof *networks);
    size_t count = 0;

    for (size_t i = 0; i < access->count; i++) {
        const struct access_line *line = &access->lines[i];
        if (!access_counts(access, line, ACCESS_CONNECT))
            continue;
        if (line->kind == ACCESS_ODD && line->tag == ACCESS_CONNECT)
            open_odd_key(draft, line);
        if (line->kind != ACCESS_NETWORK && line->kind != ACCESS_DOMAIN &&
            line->kind != ACCESS_BELOW)
            continue;
        if (!needed) {
            if (line->action != ACCESS_RELAY)
                draft_fate(draft, line->item, FATE_ALREADY,
                           "no client is rejected, so there is nothing to exempt it from");
        } else if (line->kind == ACCESS_NETWORK) {
            networks[count++] = line;
        } else {
            put_client(access, line, by_pointer);
        }
    }
    put_networks(access, networks, count);
}

/* --- senders and recipients ------------------------------------------------------------------- */

/* how addresses are looked up: Sendmail looks up user@ before the domain, Postfix after it, so
   domains may need a table of their own */
struct address_use {
    enum access_tag tag;
    const char *list, *restriction, *table, *domain_table;
    int rank;
    const char *accept;
    struct str reject; /* the result for REJECT; empty: as for clients */
    bool local_users;  /* user@ applies to domains of this host only */
};

static bool is_address_kind(enum access_key_kind kind)
{
    return kind == ACCESS_ADDRESS || kind == ACCESS_USER || kind == ACCESS_DOMAIN ||
           kind == ACCESS_BELOW;
}

static bool has_kind(const struct access *access, enum access_tag tag, enum access_key_kind kind)
{
    for (size_t i = 0; i < access->count; i++)
        if (access->lines[i].kind == kind && access_counts(access, &access->lines[i], tag))
            return true;
    return false;
}

static struct draft_table *get_table(struct access *access, const struct address_use *use,
                                     bool domains)
{
    struct draft *draft = access->draft;
    struct draft_table *table =
        draft_table(draft, domains ? use->domain_table : use->table, DRAFT_INDEXED);

    if (table->count == 0)
        draft_add_named(draft, access->feature, use->list, use->rank + (domains ? 1 : 0), "%s %.*s",
                        use->restriction, STR_ARG(draft_table_ref(draft, table)));
    return table;
}

/* put_user - user@ with each name of this host in the source */
static void put_user(struct access *access, const struct address_use *use,
                     struct draft_table *table, const struct access_line *line, struct str value)
{
    size_t count = 0;
    const struct str *names = use->local_users ? access_local_names(access->draft, &count) : NULL;

    for (size_t i = 0; i < count; i++) {
        struct str key =
            arena_printf(access->draft->arena, "%.*s%.*s", STR_ARG(line->key), STR_ARG(names[i]));
        if (map_get(access->keys, key) == NULL)
            put_entry(access, table, line, key, value);
    }
    if (count == 0)
        put_entry(access, table, line, line->key, value);
    else
        draft_fate(access->draft, line->item, FATE_MAPPED, "but not for user@[address]");
}

static struct str make_value(struct access *access, const struct address_use *use,
                             const struct access_line *line, const char *accept)
{
    /* check_mail supports SKIP for domains only: for an address it is a text like any other */
    if (line->action == ACCESS_SKIP && use->tag == ACCESS_FROM &&
        (line->kind == ACCESS_USER || line->kind == ACCESS_ADDRESS))
        return access_error_text(access->draft->arena, line->text);
    return line->action == ACCESS_REJECT && use->reject.len > 0 ? use->reject
                                                                : make_action(access, line, accept);
}

/* put_own_users - user@ with the default names of this host, which only Postfix knows */
static void put_own_users(struct access *access, const struct address_use *use, const char *accept)
{
    static const char *const names[] = {"$myhostname", "localhost.$mydomain", "localhost"};
    struct draft *draft = access->draft;
    size_t count = 0;
    struct buffer table;

    buffer_init(&table, draft->arena);
    access_local_names(draft, &count);
    for (size_t i = 0; count > 0 && i < access->count; i++) {
        const struct access_line *line = &access->lines[i];
        if (line->kind != ACCESS_USER || !access_counts(access, line, use->tag))
            continue;
        if (table.len >= OWN_USERS_MOST) {
            draft_open_point(
                draft, line->item,
                "write this and later users with the host's own names, as "
                "user@host.example.com, in a table",
                "the users before it take %d bytes, the most for the value of a parameter",
                OWN_USERS_MOST);
            break;
        }
        struct str value = make_value(access, use, line, accept);
        for (size_t j = 0; j < sizeof names / sizeof *names; j++)
            if (str_span_not(value, 0, "{}$") == value.len)
                buffer_printf(&table, "%s{%.*s%s = %.*s}", table.len > 0 ? ", " : "",
                              STR_ARG(line->key), names[j], STR_ARG(value));
    }
    if (table.len > 0 && draft_has_table_type(draft, "inline"))
        draft_add_named(draft, access->feature, use->list, use->rank, "%s inline:{%.*s}",
                        use->restriction, STR_ARG(buffer_str(&table)));
}

static void map_addresses(struct access *access, const struct address_use *use)
{
    bool split =
        has_kind(access, use->tag, ACCESS_USER) && has_kind(access, use->tag, ACCESS_DOMAIN);

    for (size_t i = 0; i < access->count; i++) {
        const struct access_line *line = &access->lines[i];
        if (!access_counts(access, line, use->tag))
            continue;
        if (line->kind == ACCESS_ODD && line->tag == use->tag)
            open_odd_key(access->draft, line);
        if (!is_address_kind(line->kind))
            continue;
        bool domain = line->kind == ACCESS_DOMAIN || line->kind == ACCESS_BELOW;
        struct draft_table *table = get_table(access, use, split && domain);
        struct str value = make_value(access, use, line, split ? "OK" : use->accept);
        if (line->kind == ACCESS_USER)
            put_user(access, use, table, line, value);
        else
            put_entry(access, table, line, line->key, value);
    }
    if (use->local_users)
        put_own_users(access, use, split ? "OK" : use->accept);
}

static void add_sender_defaults(struct access *access)
{
    struct draft *draft = access->draft;
    const char *list = access_sender_list(draft);
    const struct sendmail_item *unqualified =
        sendmail_feature(draft->sendmail, "accept_unqualified_senders");
    const struct sendmail_item *unresolvable =
        sendmail_feature(draft->sendmail, "accept_unresolvable_domains");

    if (!feature_is_on(draft, "accept_unqualified_senders"))
        draft_add_named(draft, NULL, list, RANK_SENDER + 10, "reject_non_fqdn_sender");
    else
        draft_fate(draft, unqualified, FATE_ALREADY, "Postfix accepts such senders by default");
    if (feature_is_on(draft, "accept_unresolvable_domains")) {
        draft_fate(draft, unresolvable, FATE_ALREADY, "Postfix accepts such senders by default");
        return;
    }
    draft_add_named(draft, NULL, list, RANK_SENDER + 11, "reject_unknown_sender_domain");
    draft_set(draft, NULL, PARAM_UNKNOWN_ADDRESS_REJECT_CODE, "553");
    draft_reason(draft, PARAM_UNKNOWN_ADDRESS_REJECT_CODE,
                 "Sendmail permanently rejects senders whose domain does not exist");
}

void access_map_senders(struct access *access)
{
    struct address_use use = {
        .tag = ACCESS_FROM,
        .list = access_sender_list(access->draft),
        .restriction = "check_sender_access",
        .table = "access_sender",
        .domain_table = "access_sender_domain",
        .rank = RANK_SENDER,
        .accept = "OK",
    };

    map_addresses(access, &use);
    add_sender_defaults(access);
    if (access->dot_keys)
        set_plain_parents(access);
}

/* make_recipient_refusal - Sendmail's reply for a recipient differs from that for senders and
   clients */
static struct str make_recipient_refusal(const struct access *access)
{
    struct arena *arena = access->draft->arena;
    struct str words = sendmail_value(access->draft->sendmail, "confRCPTREJ_MSG");

    if (words.len == 0)
        return str_of("550 5.2.1 Mailbox disabled for this recipient");
    return access_error_text(arena, arena_printf(arena, "ERROR:5.2.1:%.*s", STR_ARG(words)));
}

void access_map_recipients(struct access *access)
{
    struct address_use use = {
        .tag = ACCESS_TO,
        .list = parameter_name(PARAM_SMTPD_RECIPIENT_RESTRICTIONS).at,
        .restriction = "check_recipient_access",
        .table = "access_recipient",
        .domain_table = "access_recipient_domain",
        .rank = RANK_RECIPIENT,
        .accept = "DUNNO",
        .local_users = true,
        .reject = make_recipient_refusal(access),
    };
    bool refuses = false;

    if (!access->blocks_recipients)
        return;
    for (size_t i = 0; i < access->count; i++)
        if (access_counts(access, &access->lines[i], ACCESS_TO) &&
            is_address_kind(access->lines[i].kind) && is_refusal(&access->lines[i]))
            refuses = true;
    if (!refuses)
        return;
    map_addresses(access, &use);
}

/* --- spam friends and haters ------------------------------------------------------------------ */

void access_map_spam(struct access *access)
{
    struct draft *draft = access->draft;
    const struct sendmail_item *feature = sendmail_feature(draft->sendmail, "delay_checks");
    bool friend = access_delay_kind(draft) == 'f', hater = access_delay_kind(draft) == 'h';
    struct draft_table *table = NULL;

    for (size_t i = 0; i < access->count; i++) {
        const struct access_line *line = &access->lines[i];
        if (line->tag != ACCESS_SPAM || line->never != NULL)
            continue;
        if (!is_address_kind(line->kind) ||
            !str_is_nocase(line->text, friend ? "FRIEND" : "HATER") || (!friend && !hater)) {
            draft_fate(draft, line->item, FATE_MEANINGLESS,
                       "without FEATURE(`delay_checks', `%s') nothing looks it up",
                       str_is_nocase(line->text, "HATER") ? "hater" : "friend");
            continue;
        }
        table = draft_table(draft, "access_spam", DRAFT_INDEXED);
        put_entry(access, table, line, line->key, str_of(friend ? "OK" : "spam_hater_checks"));
    }
    if (table != NULL)
        draft_add(draft, feature, PARAM_SMTPD_SENDER_RESTRICTIONS, 1, "check_recipient_access %.*s",
                  STR_ARG(draft_table_ref(draft, table)));
    if (hater) {
        draft_add(draft, feature, PARAM_SMTPD_RESTRICTION_CLASSES, RANK_CONNECT,
                  "spam_hater_checks");
        draft_add(draft, feature, PARAM_SMTPD_SENDER_RESTRICTIONS, 2, "permit");
    }
}
