/*
 * dnsbl - DNS block lists of clients and sender domains
 *
 * In check_relay they follow the access table, in source order; an OK in the table exempts the
 * client (cf/feature/dnsbl.m4, enhdnsbl.m4, rhsbl.m4; postconf(5), reject_rbl_client).
 */
#include "convert/access/access.h"
#include "convert/access/modules.h"

/* --- the text of a rejection ------------------------------------------------------------------ */

static const struct {
    const char *macro, *name;
} macros[] = {
    {"$&{client_addr}", "$client_address"},
    {"$&{client_name}", "$client_name"},
    {"$&{RHS}", "$rbl_what"},
    {"$&f", "$sender"},
    {"$&s", "$helo_name"},
};

/* remove_empty_quotes - $`'&{client_addr}: the quotes only keep m4 from expanding it */
static struct str remove_empty_quotes(struct arena *arena, struct str message)
{
    struct buffer out;

    buffer_init(&out, arena);
    for (size_t at = 0; at < message.len; at++)
        if (str_starts(str_slice(message, at, message.len), "`'"))
            at++;
        else
            buffer_add_char(&out, message.at[at]);
    return buffer_str(&out);
}

/* make_template - "550 Rejected: " $&{client_addr} " listed" as a template of rbl_reply_maps;
   STR_NONE if it contains a macro without equivalent */
static struct str make_template(struct arena *arena, struct str message)
{
    struct buffer out;

    buffer_init(&out, arena);
    message = remove_empty_quotes(arena, message);
    for (size_t at = 0; at < message.len;) {
        struct str rest = str_slice(message, at, message.len);
        size_t i = 0;
        /* words inside and outside of quotes are joined with single spaces */
        if (rest.at[0] == '"' || (rest.at[0] == ' ' && out.len > 0 && out.at[out.len - 1] == ' ')) {
            at++;
            continue;
        }
        if (rest.at[0] != '$') {
            buffer_add_char(&out, rest.at[0]);
            at++;
            continue;
        }
        while (i < sizeof macros / sizeof *macros && !str_starts(rest, macros[i].macro))
            i++;
        if (i == sizeof macros / sizeof *macros)
            return STR_NONE;
        buffer_add_cstr(&out, macros[i].name);
        at += str_of(macros[i].macro).len;
    }
    struct str text = access_error_text(
        arena, arena_printf(arena, "ERROR:5.7.1:%.*s", STR_ARG(buffer_str(&out))));
    return text;
}

/* --- one list --------------------------------------------------------------------------------- */

struct zone {
    struct draft *draft;
    const struct sendmail_item *item;
    const char *restriction;
    const char *list;
    int rank;
};

/* make_answer_pattern - "127.0.0.$-." as 127.0.0.[0..255]; empty for any answer; STR_NONE if no
   pattern can express it */
static struct str make_answer_pattern(struct arena *arena, struct str answer)
{
    struct buffer out;
    int octets = 0;

    answer = str_trim(answer);
    if (answer.len == 0 || str_is(answer, "$+") || str_is(answer, "$+."))
        return str_of("");
    if (answer.at[answer.len - 1] == '.')
        answer.len--;
    buffer_init(&out, arena);
    for (size_t at = 0; at <= answer.len; octets++) {
        size_t end = str_find(answer, '.', at);
        struct str part = str_slice(answer, at, end);
        if (octets > 0)
            buffer_add_char(&out, '.');
        if (str_is(part, "$-"))
            buffer_add_cstr(&out, "[0..255]");
        else if (str_is_digits(part) && part.len <= 3)
            buffer_add(&out, part);
        else
            return STR_NONE;
        at = end + 1;
    }
    return octets == 4 ? arena_copy(arena, buffer_str(&out)) : STR_NONE;
}

static void put_reply(const struct zone *zone, struct str name, struct str key, struct str text)
{
    struct draft *draft = zone->draft;
    struct draft_table *table = draft_table(draft, "rbl_reply", DRAFT_INDEXED);

    if (table->count == 0)
        draft_set(draft, zone->item, PARAM_RBL_REPLY_MAPS, "%.*s",
                  STR_ARG(draft_table_ref(draft, table)));
    for (size_t i = 0; i < table->count; i++)
        if (str_eq(table->entries[i].key, key))
            return;
    draft_entry(draft, table, zone->item, key, text);
    if (!str_eq(name, key))
        put_reply(zone, name, name, text);
}

static void add_zone(const struct zone *zone, struct str name, struct str pattern, struct str text)
{
    struct arena *arena = zone->draft->arena;
    struct str key =
        pattern.len > 0 ? arena_printf(arena, "%.*s=%.*s", STR_ARG(name), STR_ARG(pattern)) : name;

    draft_add_named(zone->draft, zone->item, zone->list, zone->rank, "%s %.*s", zone->restriction,
                    STR_ARG(key));
    if (text.len > 0)
        put_reply(zone, name, key, text);
    draft_fate(zone->draft, zone->item, FATE_MAPPED, "%s: %s %.*s", zone->list, zone->restriction,
               STR_ARG(key));
}

static bool is_zone_name(struct str name)
{
    for (size_t i = 0; i < name.len; i++)
        if (!is_alnum(name.at[i]) && name.at[i] != '.' && name.at[i] != '-' && name.at[i] != '_')
            return false;
    return name.len > 0;
}

static void open_temporary_failures(const struct zone *zone, struct str temporary)
{
    if (temporary.len > 0)
        draft_open_point(zone->draft, zone->item,
                         "if mail must be deferred when the list does not answer, use a policy "
                         "service; reject_rbl_client accepts the mail",
                         "mail is not deferred when the list does not answer");
}

static void map_zone(struct zone *zone, bool has_answers)
{
    const struct sendmail_item *item = zone->item;
    struct arena *arena = zone->draft->arena;
    struct str name = str_trim(sendmail_argument(item, 0));
    struct str message = str_trim(sendmail_argument(item, 1)), text = str_of("");

    if (!is_zone_name(name)) {
        draft_open_point(zone->draft, item, "write the name of the list by hand",
                         "\"%.*s\" is not a valid list name", STR_ARG(name));
        return;
    }
    if (str_is(message, "quarantine") || str_is(message, "discard")) {
        draft_open_point(zone->draft, item,
                         "reject such mail (reject_rbl_client), or let a content filter or policy "
                         "service hold or discard it",
                         "Postfix can only reject clients in the list %.*s", STR_ARG(name));
        return;
    }
    if (message.len > 0)
        text = make_template(arena, message);
    if (text.at == NULL) {
        draft_open_point(zone->draft, item, "write the text to rbl_reply_maps",
                         "the text \"%.*s\" contains a Sendmail macro", STR_ARG(message));
        text = str_of("");
    }
    for (size_t i = 3; i < 9; i++) {
        struct str answer = has_answers ? sendmail_argument(item, i) : STR_NONE;
        struct str pattern = make_answer_pattern(arena, answer);
        if (i > 3 && str_trim(answer).len == 0)
            continue;
        if (pattern.at == NULL)
            draft_open_point(zone->draft, item,
                             "write the pattern after the name: zone=127.0.0.[2;4..6]",
                             "the answer \"%.*s\" cannot be written as a pattern", STR_ARG(answer));
        else
            add_zone(zone, name, pattern, text);
    }
    open_temporary_failures(zone, str_trim(sendmail_argument(item, 2)));
}

/* --- the features ----------------------------------------------------------------------------- */

static void map_clients(struct draft *draft, const char *feature, int rank)
{
    struct zone zone = {
        .draft = draft,
        .restriction = "reject_rbl_client",
        .list = access_client_list(draft),
        .rank = access_client_rank(draft, rank),
    };

    while ((zone.item = sendmail_next(draft->sendmail, ITEM_FEATURE, feature, zone.item)) != NULL) {
        map_zone(&zone, str_is(str_of(feature), "enhdnsbl"));
        draft_set(draft, zone.item, PARAM_MAPS_RBL_REJECT_CODE, "550");
        draft_reason(draft, PARAM_MAPS_RBL_REJECT_CODE, "Sendmail rejects listed clients with 550");
    }
}

/* check_relay looks up the sender, which is not known at connect */
static void map_senders(struct draft *draft)
{
    struct zone zone = {
        .draft = draft,
        .restriction = "reject_rhsbl_sender",
        .list = access_client_list(draft),
        .rank = access_client_rank(draft, ACCESS_RANK_DNSBL),
    };

    while ((zone.item = sendmail_next(draft->sendmail, ITEM_FEATURE, "rhsbl", zone.item)) != NULL)
        if (access_delayed(draft))
            map_zone(&zone, false);
        else
            draft_open_point(
                draft, zone.item,
                "add reject_rhsbl_sender to smtpd_sender_restrictions if the list is to be used",
                "without FEATURE(`delay_checks') Sendmail looks up the list before it knows the "
                "sender, and rejects nobody");
}

static void map_defines(struct draft *draft)
{
    static const char *const names[] = {"DNSBL_MAP", "DNSBL_MAP_OPT", "EDNSBL_TO"};

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const struct sendmail_item *item = sendmail_define(draft->sendmail, names[i]);
        if (item != NULL)
            draft_fate(draft, item, FATE_MEANINGLESS,
                       "sets how the lists are queried; Postfix uses the system resolver");
    }
}

void dnsbl_convert(struct draft *draft)
{
    map_clients(draft, "dnsbl", ACCESS_RANK_DNSBL);
    map_clients(draft, "enhdnsbl", ACCESS_RANK_DNSBL);
    map_senders(draft);
    map_defines(draft);
}
