/* places - the access table as a whole, its lookups, and where its checks are (see access.h) */
#include <string.h>

#include "convert/access/access.h"
#include "convert/sendmail/addresses.h"
#include "convert/sendmail/feature.h"

/* --- features --------------------------------------------------------------------------------- */

bool access_delayed(const struct draft *draft)
{
    return feature_is_on(draft, "delay_checks");
}

char access_delay_kind(const struct draft *draft)
{
    const struct sendmail_item *item = sendmail_feature(draft->sendmail, "delay_checks");
    struct str kind = item != NULL ? str_trim(sendmail_argument(item, 0)) : STR_NONE;

    return kind.len > 0 ? (char)(kind.at[0] | 0x20) : '\0';
}

const char *access_sender_list(const struct draft *draft)
{
    /* with `hater' the checks are in a restriction class, which the entries of those who want them
       name */
    return access_delay_kind(draft) == 'h' ? "spam_hater_checks"
                                           : parameter_name(PARAM_SMTPD_SENDER_RESTRICTIONS).at;
}

const char *access_client_list(const struct draft *draft)
{
    return access_delayed(draft) ? access_sender_list(draft)
                                 : parameter_name(PARAM_SMTPD_CLIENT_RESTRICTIONS).at;
}

int access_client_rank(const struct draft *draft, int inner)
{
    return (access_delayed(draft) ? RANK_SENDER + 50 : RANK_CONNECT) + inner;
}

/* --- lines by key ----------------------------------------------------------------------------- */

static struct access_line *find_tag(struct access_line *line, enum access_tag tag)
{
    while (line != NULL && line->tag != tag)
        line = line->next;
    return line;
}

/* add_line - adds the line to the list of its key; of two with the same tag makemap keeps the
   first */
static void add_line(struct access *access, struct access_line *line)
{
    struct access_line *first = map_get(access->keys, line->key);

    if (line->never != NULL) {
        draft_fate(access->draft, line->item, FATE_MEANINGLESS, "Sendmail never finds it: %s",
                   line->never);
    } else if (find_tag(first, line->tag) != NULL && line->tag != ACCESS_OTHER) {
        line->never = "an earlier line has the same key";
        draft_fate(access->draft, line->item, FATE_MEANINGLESS,
                   "an earlier line with the same key is in effect");
    } else {
        line->next = first;
        map_put(access->keys, line->key, line);
    }
}

/* read_access - false if there is no access table */
static bool read_access(struct access *access, struct draft *draft)
{
    const struct sendmail *sendmail = draft->sendmail;
    const struct sendmail_table *table = sendmail_table(sendmail, "access");

    *access = (struct access){
        .draft = draft,
        .feature = sendmail_feature(sendmail, "access_db"),
        .delayed = access_delayed(draft),
        .blocks_recipients = feature_is_on(draft, "blocklist_recipients") ||
                             feature_is_on(draft, "blacklist_recipients"),
        .hosts_only = feature_is_on(draft, "relay_hosts_only"),
    };
    if (table == NULL)
        return false;
    access->skips = feature_access_has(draft, "skip") || feature_is_on(draft, "skip");
    access->full_recipients = feature_access_has(draft, "relaytofulladdress");
    access->dot_keys = feature_has_dot_keys(draft);
    access->keys = arena_alloc(draft->arena, sizeof *access->keys);
    map_init(access->keys, draft->arena);
    if (table->source == NULL)
        return true;
    access->lines_size = (table->count + 1) * sizeof *access->lines;
    access->lines = arena_alloc(draft->arena, access->lines_size);
    for (size_t i = 0; i < table->count; i++) {
        const struct sendmail_item *item = &sendmail->items[table->first + i];
        if (item->refused != NULL)
            continue;
        struct access_line *line = &access->lines[access->count++];
        access_line_read(line, draft->arena, item, access->skips, access->dot_keys);
        add_line(access, line);
    }
    return true;
}

bool access_read(struct access *access, struct draft *draft)
{
    if (draft->access == NULL) {
        draft->access = arena_alloc(draft->arena, sizeof *draft->access);
        draft->access->exists = read_access(draft->access, draft);
    }
    *access = *draft->access;
    return access->exists;
}

void access_give_back(struct draft *draft)
{
    struct access *access = draft->access;

    if (access == NULL || access->keys == NULL)
        return;
    map_give_back(access->keys);
    arena_give_back(draft->arena, access->lines, access->lines_size);
    draft->access = NULL;
}

const struct access_line *access_find(const struct access *access, struct str key,
                                      enum access_tag tag)
{
    struct access_line *first = map_get(access->keys, key), *line = find_tag(first, tag);

    return line != NULL || tag >= ACCESS_SPAM ? line : find_tag(first, ACCESS_UNTAGGED);
}

bool access_counts(const struct access *access, const struct access_line *line, enum access_tag tag)
{
    return line->never == NULL && access_find(access, line->key, tag) == line;
}

static struct str make_larger_network(struct arena *arena, const struct access_line *line, int bits)
{
    int octets = bits / 8, seen = 0;
    struct buffer key;

    buffer_init(&key, arena);
    for (size_t at = 0; seen < 4; seen++) {
        size_t end = str_span(line->key, at, "0123456789");
        if (seen > 0)
            buffer_add_char(&key, '.');
        buffer_add(&key, seen < octets ? str_slice(line->key, at, end) : str_of("0"));
        at = end + 1;
    }
    buffer_printf(&key, "/%d", bits);
    return arena_copy(arena, buffer_str(&key));
}

/* make_larger_network6 - the first BITS of an IPv6 network, in the syntax of line.c */
static struct str make_larger_network6(struct arena *arena, const struct access_line *line,
                                       int bits)
{
    size_t at = 0;

    for (int group = 0; group < bits / 16; group++) {
        at = str_find(line->key, ':', at);
        if (at + 1 >= line->key.len || (group > 0 && line->key.at[at - 1] == ':'))
            return str_of(""); /* the rest is zero, and no key has that */
        at++;
    }
    return arena_printf(arena, "%.*s::/%d", (int)at - 1, line->key.at, bits);
}

const struct access_line *access_parent(const struct access *access, const struct access_line *line,
                                        enum access_tag tag)
{
    struct arena *arena = access->draft->arena;
    const struct access_line *found = NULL;

    if (line->kind == ACCESS_NETWORK) {
        int step = line->ipv6 ? 16 : 8;
        for (int bits = line->bits - step; bits > 0 && found == NULL; bits -= step)
            found = access_find(access,
                                line->ipv6 ? make_larger_network6(arena, line, bits)
                                           : make_larger_network(arena, line, bits),
                                tag);
        return found;
    }
    if (line->kind != ACCESS_DOMAIN && line->kind != ACCESS_BELOW)
        return NULL;
    for (size_t dot = str_find(line->key, '.', 1); dot < line->key.len && found == NULL;
         dot = str_find(line->key, '.', dot + 1))
        found = access_find(access, str_slice(line->key, dot + 1, line->key.len), tag);
    return found;
}

/* --- the names of this host ------------------------------------------------------------------- */

static bool is_local_source(const struct sendmail_item *item)
{
    return (item->kind == ITEM_MACRO && str_is(item->name, "LOCAL_DOMAIN")) ||
           (item->kind == ITEM_TABLE_LINE && str_is(item->name, "local-host-names")) ||
           (item->kind == ITEM_CLASS && str_is(item->name, "w")) ||
           (item->kind == ITEM_DEFINE && str_is(item->name, "confDOMAIN_NAME"));
}

const struct str *access_local_names(const struct draft *draft, size_t *count)
{
    struct str *names = NULL;
    size_t capacity = 0;

    *count = 0;
    for (size_t i = 0; i < draft->sendmail->count; i++) {
        const struct sendmail_item *item = &draft->sendmail->items[i];
        if (!is_local_source(item) || item->overridden || item->refused != NULL)
            continue;
        for (size_t j = 0; j < item->argument_count; j++) {
            struct str text = item->arguments[j];
            for (size_t at = str_span(text, 0, " \t\n"); at < text.len;) {
                size_t end = str_span_not(text, at, " \t\n");
                if (text.at[at] != '$') {
                    names = arena_grow(draft->arena, names, *count, &capacity, sizeof *names);
                    names[(*count)++] = addresses_lower(draft->arena, str_slice(text, at, end));
                }
                at = str_span(text, end, " \t\n");
            }
        }
    }
    return names;
}
