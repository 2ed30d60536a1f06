/* relay - the right to relay that lines of the access table give (see access.h) */
#include "convert/access/access.h"

#include "convert/sendmail/addresses.h"
#include "convert/sendmail/class.h"
#include "convert/sendmail/feature.h"

/* lists with more parts than this are written to a file */
#define PARTS_IN_MAIN 40

/* is_exception - does the line revoke a right that the next larger domain or network has? */
static bool is_exception(const struct access *access, const struct access_line *line,
                         enum access_tag tag)
{
    const struct access_line *parent =
        line->action == ACCESS_RELAY ? NULL : access_parent(access, line, tag);

    return parent != NULL && parent->action == ACCESS_RELAY;
}

static bool is_relevant(const struct access *access, const struct access_line *line,
                        enum access_tag tag)
{
    return access_counts(access, line, tag) &&
           (line->action == ACCESS_RELAY || is_exception(access, line, tag));
}

/* add_part - to a list in main.cf, or to a file if there are many */
static void add_part(struct access *access, enum parameter_number list, const char *file, bool many,
                     int rank, const struct access_line *line, struct str text)
{
    struct draft *draft = access->draft;
    const char *no = line->action == ACCESS_RELAY ? "" : "!";

    if (many) {
        struct draft_table *table = draft_table(draft, file, DRAFT_LIST);
        draft_entry(draft, table, line->item,
                    arena_printf(draft->arena, "%s%.*s", no, STR_ARG(text)), str_of(""));
        draft_add(draft, access->feature, list, rank, "%.*s",
                  STR_ARG(draft_table_ref(draft, table)));
    } else {
        draft_add(draft, line->item, list, rank, "%s%.*s", no, STR_ARG(text));
    }
    draft_fate(draft, line->item, FATE_MAPPED, "%.*s: %s%.*s", STR_ARG(parameter_name(list)), no,
               STR_ARG(text));
}

/* --- clients ---------------------------------------------------------------------------------- */

struct str access_network_text(struct arena *arena, const struct access_line *line)
{
    size_t slash = str_find(line->key, '/', 0);

    if (!line->ipv6)
        return line->key;
    return slash == line->key.len
               ? arena_printf(arena, "[%.*s]", STR_ARG(line->key))
               : arena_printf(arena, "[%.*s]%.*s", (int)slash, line->key.at,
                              (int)(line->key.len - slash), line->key.at + slash);
}

static void map_networks(struct access *access)
{
    struct draft *draft = access->draft;
    size_t count = 0;

    for (size_t i = 0; i < access->count; i++)
        count += access->lines[i].kind == ACCESS_NETWORK &&
                 is_relevant(access, &access->lines[i], ACCESS_CONNECT);
    if (count == 0)
        return;
    /* Sendmail always relays for the host itself; so does Postfix unless mynetworks is set */
    draft_add(draft, access->feature, PARAM_MYNETWORKS, RANK_MYNETWORKS, "127.0.0.0/8");
    draft_add(draft, access->feature, PARAM_MYNETWORKS, RANK_MYNETWORKS, "[::1]/128");
    for (int bits = 128; bits > 0; bits -= 8)
        for (size_t i = 0; i < access->count; i++) {
            const struct access_line *line = &access->lines[i];
            if (line->kind != ACCESS_NETWORK || line->bits != bits ||
                !is_relevant(access, line, ACCESS_CONNECT))
                continue;
            if (line->action == ACCESS_RELAY && str_starts(line->key, "127."))
                draft_fate(draft, line->item, FATE_ALREADY, "127.0.0.0/8 is always in mynetworks");
            else
                add_part(access, PARAM_MYNETWORKS, "access_relay_networks", count > PARTS_IN_MAIN,
                         RANK_MYNETWORKS + 310 - (count > PARTS_IN_MAIN ? 0 : bits), line,
                         access_network_text(draft->arena, line));
        }
}

/* our list replaces Postfix's default and must repeat it; auth.c adds permit_sasl_authenticated if
   Sendmail trusts the mechanism */
static void add_relay_list(struct access *access, int rank, const char *restriction,
                           const struct draft_table *table)
{
    struct draft *draft = access->draft;
    const enum parameter_number list = PARAM_SMTPD_RELAY_RESTRICTIONS;

    draft_add(draft, NULL, list, RANK_MYNETWORKS, "permit_mynetworks");
    draft_add(draft, access->feature, list, rank, "%s %.*s", restriction,
              STR_ARG(draft_table_ref(draft, table)));
    draft_add(draft, NULL, list, RANK_LAST, "reject_unauth_destination");
}

static void put_name(struct access *access, struct draft_table *table,
                     const struct access_line *line)
{
    struct draft *draft = access->draft;
    struct str value = str_of(line->action == ACCESS_RELAY ? "OK" : "DUNNO");
    struct str key =
        access->hosts_only ? addresses_pattern(draft->arena, "/^", line->key, "$/") : line->key;

    draft_entry(draft, table, line->item, key, value);
    if (access->dot_keys && !access->hosts_only && line->kind == ACCESS_DOMAIN) {
        struct str below = arena_printf(draft->arena, ".%.*s", STR_ARG(line->key));
        if (map_get(access->keys, below) == NULL)
            draft_entry(draft, table, line->item, below, value);
    }
    draft_fate(draft, line->item, FATE_MAPPED, "%.*s: %.*s %.*s", STR_ARG(table->name),
               STR_ARG(key), STR_ARG(value));
}

static void map_client_names(struct access *access)
{
    struct draft_table *table = NULL;

    for (size_t i = 0; i < access->count; i++) {
        const struct access_line *line = &access->lines[i];
        if ((line->kind != ACCESS_DOMAIN && line->kind != ACCESS_BELOW) ||
            !is_relevant(access, line, ACCESS_CONNECT))
            continue;
        if (access->hosts_only && line->action != ACCESS_RELAY)
            continue;
        /* the host itself is in mynetworks, whatever its name is */
        if (str_is(line->key, "localhost") || str_is(line->key, "localhost.localdomain")) {
            draft_fate(access->draft, line->item, FATE_ALREADY, "this host is in mynetworks");
            continue;
        }
        table = draft_table(access->draft, "access_relay_client",
                            access->hosts_only ? DRAFT_REGEXP : DRAFT_INDEXED);
        put_name(access, table, line);
    }
    if (table != NULL)
        add_relay_list(access, RANK_RELAY, "check_client_access", table);
}

/* --- recipients ------------------------------------------------------------------------------- */

/* read_own_names - names that need no entry because their mail is local, in lower case.  Their
   subdomains are not local; only with relay_hosts_only they are not looked up */
static void read_own_names(const struct access *access, struct map *own)
{
    static const char *const always[] = {"localhost", "localhost.localdomain"};
    size_t count;
    const struct str *names = access_local_names(access->draft, &count);

    map_init(own, access->draft->arena);
    for (size_t i = 0; i < sizeof always / sizeof *always; i++)
        map_put(own, str_of(always[i]), own);
    for (size_t i = 0; access->hosts_only && i < count; i++)
        map_put(own, names[i], own);
}

static int count_dots(struct str name)
{
    int dots = 0;

    for (size_t i = 0; i < name.len; i++)
        dots += name.at[i] == '.';
    return dots < 50 ? dots : 50;
}

/* put_exact_domain - in relay_domains a plain name would match its subdomains as well */
static void put_exact_domain(struct access *access, const struct access_line *line)
{
    struct draft *draft = access->draft;
    struct draft_table *table = draft_table(draft, "access_relay_domains", DRAFT_REGEXP);
    struct str pattern = addresses_pattern(draft->arena, "/^", line->key, "$/");

    draft_entry(draft, table, line->item, pattern, str_of("OK"));
    draft_add(draft, access->feature, PARAM_RELAY_DOMAINS, RANK_RELAY, "%.*s",
              STR_ARG(draft_table_ref(draft, table)));
    draft_fate(draft, line->item, FATE_MAPPED, "relay_domains: %.*s without subdomains",
               STR_ARG(line->key));
}

static void map_recipient_domains(struct access *access)
{
    struct class_members virtual;
    struct map own;
    size_t count = 0;

    for (size_t i = 0; i < access->count; i++)
        count += access->lines[i].kind == ACCESS_DOMAIN &&
                 is_relevant(access, &access->lines[i], ACCESS_TO);
    if (count == 0)
        return;
    bool many = count > PARTS_IN_MAIN;
    read_own_names(access, &own);
    class_read(access->draft, &class_virtual, &virtual);
    for (int labels = 50; labels >= 0; labels--)
        for (size_t i = 0; i < access->count; i++) {
            const struct access_line *line = &access->lines[i];
            if (line->kind != ACCESS_DOMAIN || count_dots(line->key) != labels ||
                !is_relevant(access, line, ACCESS_TO))
                continue;
            if (map_get(&own, line->key) != NULL)
                draft_fate(access->draft, line->item, FATE_ALREADY, "mail for %.*s is local",
                           STR_ARG(line->key));
            else if (line->action == ACCESS_RELAY && class_has(&virtual, line->key))
                draft_fate(access->draft, line->item, FATE_ALREADY,
                           "%.*s is in class VirtHost, which is part of class R",
                           STR_ARG(line->key));
            else if (access->hosts_only && line->action == ACCESS_RELAY)
                put_exact_domain(access, line);
            else if (!access->hosts_only)
                add_part(access, PARAM_RELAY_DOMAINS, "access_relay_domains", many,
                         RANK_RELAY + 100 - (many ? 0 : labels), line, line->key);
        }
}

/* To:user@domain and, with lookupdotdomain, To:.domain need tables: relay_domains cannot express
   them */
static void map_recipient_addresses(struct access *access)
{
    struct draft_table *table = NULL;

    for (size_t i = 0; i < access->count; i++) {
        const struct access_line *line = &access->lines[i];
        bool address = line->kind == ACCESS_ADDRESS && access->full_recipients;
        bool below = line->kind == ACCESS_BELOW;
        if ((!address && !below) || line->action != ACCESS_RELAY ||
            !access_counts(access, line, ACCESS_TO))
            continue;
        table = draft_table(access->draft, "access_relay_recipient", DRAFT_INDEXED);
        draft_entry(access->draft, table, line->item, line->key, str_of("OK"));
        draft_fate(access->draft, line->item, FATE_MAPPED, "access_relay_recipient: %.*s OK",
                   STR_ARG(line->key));
    }
    if (table != NULL)
        add_relay_list(access, RANK_RELAY + 1, "check_recipient_access", table);
}

/* --- senders ---------------------------------------------------------------------------------- */

/* is_asked_sender - does check_rcpt look up this sender?  Domains with FEATURE(`relay_mail_from',
   `domain') */
static bool is_asked_sender(const struct access *access, const struct access_line *line)
{
    const struct sendmail_item *feature =
        sendmail_feature(access->draft->sendmail, "relay_mail_from");
    struct str argument = feature != NULL ? str_trim(sendmail_argument(feature, 0)) : STR_NONE;

    if (line->tag != ACCESS_FROM || line->action != ACCESS_RELAY || line->never != NULL ||
        !feature_is_on(access->draft, "relay_mail_from"))
        return false;
    return line->kind == ACCESS_ADDRESS || line->kind == ACCESS_USER || str_is(argument, "domain");
}

/* open_senders - not converted: it would be an open relay */
static void open_senders(struct access *access)
{
    struct draft *draft = access->draft;

    for (size_t i = 0; i < access->count; i++) {
        const struct access_line *line = &access->lines[i];
        if (is_asked_sender(access, line))
            draft_open_point(
                draft, line->item,
                arena_printf(draft->arena,
                             "require authentication from this sender, or add its address to "
                             "mynetworks; otherwise add \"%.*s OK\" to the table relay_from that "
                             "the open point for FEATURE(`relay_mail_from') describes",
                             STR_ARG(line->key))
                    .at,
                "relaying by sender address is not converted: anyone can forge the sender");
    }
}

void access_map_relay(struct access *access)
{
    map_networks(access);
    map_client_names(access);
    map_recipient_domains(access);
    map_recipient_addresses(access);
    open_senders(access);
}
