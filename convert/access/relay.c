/* the right to relay that lines of the access table give (see access.h) */
#include "convert/access/access.h"

#include "convert/sendmail/addresses.h"
#include "convert/sendmail/class.h"
#include "convert/sendmail/feature.h"

/* lists above so many parts go to a file */
#define PARTS_IN_MAIN 40

/* does the line take a right away that the next larger domain or network gives? */
static bool is_exception(const struct access *access, const struct access_line *line,
                         enum access_tag tag)
{
    const struct access_line *parent =
        line->action == ACCESS_RELAY ? NULL : access_parent(access, line, tag);

    return parent != NULL && parent->action == ACCESS_RELAY;
}

static bool matters(const struct access *access, const struct access_line *line,
                    enum access_tag tag)
{
    return access_counts(access, line, tag) &&
           (line->action == ACCESS_RELAY || is_exception(access, line, tag));
}

/* add_part - to a list in main.cf, or to its file where there are many */
static void add_part(struct access *access, const char *list, const char *file, bool many, int rank,
                     const struct access_line *line, struct str text)
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
    draft_fate(draft, line->item, FATE_MAPPED, "%s: %s%.*s", list, no, STR_ARG(text));
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
                 matters(access, &access->lines[i], ACCESS_CONNECT);
    if (count == 0)
        return;
    /* Sendmail relays for the host itself without being told; without a list Postfix would too */
    draft_add(draft, access->feature, "mynetworks", RANK_MYNETWORKS, "127.0.0.0/8");
    draft_add(draft, access->feature, "mynetworks", RANK_MYNETWORKS, "[::1]/128");
    for (int bits = 128; bits > 0; bits -= 8)
        for (size_t i = 0; i < access->count; i++) {
            const struct access_line *line = &access->lines[i];
            if (line->kind != ACCESS_NETWORK || line->bits != bits ||
                !matters(access, line, ACCESS_CONNECT))
                continue;
            if (line->action == ACCESS_RELAY && str_starts(line->key, "127."))
                draft_fate(draft, line->item, FATE_ALREADY, "mynetworks has 127.0.0.0/8");
            else
                add_part(access, "mynetworks", "access_relay_networks", count > PARTS_IN_MAIN,
                         RANK_MYNETWORKS + 310 - (count > PARTS_IN_MAIN ? 0 : bits), line,
                         access_network_text(draft->arena, line));
        }
}

/* a list of our own replaces Postfix's, so that it must say all that Postfix's says; who has logged
   in is added by auth.c where Sendmail trusts the mechanism */
static void add_relay_list(struct access *access, int rank, const char *restriction,
                           const struct draft_table *table)
{
    struct draft *draft = access->draft;
    const char *list = "smtpd_relay_restrictions";

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
            !matters(access, line, ACCESS_CONNECT))
            continue;
        if (access->hosts_only && line->action != ACCESS_RELAY)
            continue;
        /* the host itself is in mynetworks, whatever its name is */
        if (str_is(line->key, "localhost") || str_is(line->key, "localhost.localdomain")) {
            draft_fate(access->draft, line->item, FATE_ALREADY,
                       "the host itself may relay: mynetworks has it");
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

/* names, in lower case as the keys are, with nothing to say of them: their mail is local.  What is
   below one of them is not, and with relay_hosts_only alone is not asked about */
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

static int depth(struct str name)
{
    int dots = 0;

    for (size_t i = 0; i < name.len; i++)
        dots += name.at[i] == '.';
    return dots < 50 ? dots : 50;
}

/* relay_domains knows what is below a name too, but in a table of patterns */
static void put_exact_domain(struct access *access, const struct access_line *line)
{
    struct draft *draft = access->draft;
    struct draft_table *table = draft_table(draft, "access_relay_domains", DRAFT_REGEXP);
    struct str pattern = addresses_pattern(draft->arena, "/^", line->key, "$/");

    draft_entry(draft, table, line->item, pattern, str_of("OK"));
    draft_add(draft, access->feature, "relay_domains", RANK_RELAY, "%.*s",
              STR_ARG(draft_table_ref(draft, table)));
    draft_fate(draft, line->item, FATE_MAPPED, "relay_domains: %.*s alone", STR_ARG(line->key));
}

static void map_recipient_domains(struct access *access)
{
    struct class_members virtual;
    struct map own;
    size_t count = 0;

    for (size_t i = 0; i < access->count; i++)
        count +=
            access->lines[i].kind == ACCESS_DOMAIN && matters(access, &access->lines[i], ACCESS_TO);
    if (count == 0)
        return;
    bool many = count > PARTS_IN_MAIN;
    read_own_names(access, &own);
    class_read(access->draft, &class_virtual, &virtual);
    for (int labels = 50; labels >= 0; labels--)
        for (size_t i = 0; i < access->count; i++) {
            const struct access_line *line = &access->lines[i];
            if (line->kind != ACCESS_DOMAIN || depth(line->key) != labels ||
                !matters(access, line, ACCESS_TO))
                continue;
            if (map_get(&own, line->key) != NULL)
                draft_fate(access->draft, line->item, FATE_ALREADY, "mail to %.*s is local",
                           STR_ARG(line->key));
            else if (line->action == ACCESS_RELAY && class_has(&virtual, line->key))
                draft_fate(access->draft, line->item, FATE_ALREADY,
                           "%.*s is in class VirtHost, which class R takes in", STR_ARG(line->key));
            else if (access->hosts_only && line->action == ACCESS_RELAY)
                put_exact_domain(access, line);
            else if (!access->hosts_only)
                add_part(access, "relay_domains", "access_relay_domains", many,
                         RANK_RELAY + 100 - (many ? 0 : labels), line, line->key);
        }
}

/* To:user@domain and, with lookupdotdomain, To:.domain: tables say it, for relay_domains cannot */
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

/* does check_rcpt ask for this sender?  For domains with FEATURE(`relay_mail_from', `domain') */
static bool relays_from(const struct access *access, const struct access_line *line)
{
    const struct sendmail_item *feature =
        sendmail_feature(access->draft->sendmail, "relay_mail_from");
    struct str argument = feature != NULL ? str_trim(sendmail_argument(feature, 0)) : STR_NONE;

    if (line->tag != ACCESS_FROM || line->action != ACCESS_RELAY || line->never != NULL ||
        !feature_is_on(access->draft, "relay_mail_from"))
        return false;
    return line->kind == ACCESS_ADDRESS || line->kind == ACCESS_USER || str_is(argument, "domain");
}

/* not carried over: the rule open-relay calls it an error, and rightly so */
static void map_senders(struct access *access)
{
    struct draft *draft = access->draft;

    for (size_t i = 0; i < access->count; i++) {
        const struct access_line *line = &access->lines[i];
        if (relays_from(access, line))
            draft_open_point(
                draft, line->item,
                arena_printf(draft->arena,
                             "let this sender authenticate, or give its address in mynetworks; or "
                             "else write \"%.*s OK\" into the table relay_from that the line of "
                             "FEATURE(`relay_mail_from') speaks of",
                             STR_ARG(line->key))
                    .at,
                "relaying by the sender's address is not carried over: anybody can claim to be "
                "this sender");
    }
}

void access_map_relay(struct access *access)
{
    map_networks(access);
    map_client_names(access);
    map_recipient_domains(access);
    map_recipient_addresses(access);
    map_senders(access);
}
