/*
 * limits - how many connections a client may have, how many in a time
 *
 * ClientConn: and ClientRate: lines of the access table; the line without a name is
 * the default (cf/README, conncontrol, ratecontrol; postconf(5),
 * smtpd_client_connection_count_limit).  Sendmail refuses what is above the number, and so does
 * Postfix.
 */
#include "rules/sendmail/access.h"
#include "rules/sendmail/module.h"
#include "rules/sendmail/value.h"

static const struct limit {
    const char *feature;
    enum access_tag tag;
    const char *parameter;
} limits[] = {
    {"conncontrol", ACCESS_CLIENT_CONNECTIONS, "smtpd_client_connection_count_limit"},
    {"ratecontrol", ACCESS_CLIENT_RATE, "smtpd_client_connection_rate_limit"},
};
#define LIMITS (sizeof limits / sizeof *limits)

static void map_default(struct draft *draft, const struct limit *limit,
                        const struct access_line *line)
{
    long number;

    if (!sendmail_number(line->text, &number)) {
        draft_open_point(draft, line->item, "write the number by hand",
                         "\"%.*s\" is no number for %s", STR_ARG(line->text), limit->parameter);
        return;
    }
    draft_set(draft, line->item, limit->parameter, "%ld", number);
    draft_fate(draft, line->item, FATE_MAPPED, "%s = %ld", limit->parameter, number);
}

/* is the client free of the other limit too?  Postfix's exceptions are from all of them */
static bool is_free_of(const struct access *access, const struct limit *limit, struct str key)
{
    const struct access_line *line;
    long number;

    if (!access_feature(access->draft, limit->feature))
        return true;
    line = access_find(access, key, limit->tag);
    if (line == NULL)
        line = access_find(access, str_of(""), limit->tag);
    return line == NULL || (sendmail_number(line->text, &number) && number == 0);
}

static void map_client(const struct access *access, const struct limit *limit,
                       const struct access_line *line)
{
    struct draft *draft = access->draft;
    const struct limit *other = limit == &limits[0] ? &limits[1] : &limits[0];
    long number;
    struct str text = line->key;

    if (line->kind != ACCESS_NETWORK) {
        draft_fate(draft, line->item, FATE_MEANINGLESS, "Sendmail asks by the client's address");
        return;
    }
    if (line->ipv6)
        text = arena_printf(draft->arena, "[%.*s]%.*s", (int)str_find(text, '/', 0), text.at,
                            (int)(text.len - str_find(text, '/', 0)),
                            text.at + str_find(text, '/', 0));
    if (sendmail_number(line->text, &number) && number == 0 &&
        is_free_of(access, other, line->key)) {
        draft_add(draft, line->item, "smtpd_client_event_limit_exceptions", RANK_CONNECT, "%.*s",
                  STR_ARG(text));
        draft_fate(draft, line->item, FATE_MAPPED, "smtpd_client_event_limit_exceptions: %.*s",
                   STR_ARG(text));
        return;
    }
    draft_open_point(
        draft, line->item,
        "put the client into smtpd_client_event_limit_exceptions if it needs more than "
        "the others, or give it a port of its own in master.cf",
        "%s has one number for all clients", limit->parameter);
}

static void map_limit(const struct access *access, bool has_table, const struct limit *limit)
{
    struct draft *draft = access->draft;
    const struct sendmail_item *feature = sendmail_feature(draft->sendmail, limit->feature);
    bool any = false;

    for (size_t i = 0; has_table && i < access->count; i++) {
        const struct access_line *line = &access->lines[i];
        if (line->tag != limit->tag || line->never != NULL)
            continue;
        if (feature == NULL) {
            draft_fate(draft, line->item, FATE_MEANINGLESS, "without FEATURE(`%s') nothing asks it",
                       limit->feature);
            continue;
        }
        any = true;
        if (line->kind == ACCESS_EMPTY)
            map_default(draft, limit, line);
        else
            map_client(access, limit, line);
    }
    if (feature == NULL)
        return;
    if (!any) {
        draft_fate(draft, feature, FATE_ALREADY, "the access table sets no limit");
        return;
    }
    draft_fate(draft, feature, FATE_MAPPED, "%s; clients above it are disconnected with 421",
               limit->parameter);
    /* Sendmail excepts only those whom the table excepts, not mynetworks */
    if (draft_value(draft, "smtpd_client_event_limit_exceptions").at == NULL)
        draft_set(draft, feature, "smtpd_client_event_limit_exceptions", "%s", "");
}

/* --- the window of rates ---------------------------------------------------------------------- */

static void map_window(struct draft *draft)
{
    const struct sendmail_item *item =
        sendmail_define(draft->sendmail, "confCONNECTION_RATE_WINDOW_SIZE");
    long seconds;

    if (item == NULL)
        item = sendmail_next(draft->sendmail, ITEM_OPTION, "ConnectionRateWindowSize", NULL);
    if (item == NULL)
        return;
    struct str value = sendmail_item_value(draft, item);
    if (!sendmail_time(value, 's', &seconds) || seconds < 1 || seconds > 100L * 86400)
        draft_open_point(draft, item, "set anvil_rate_time_unit by hand",
                         "\"%.*s\" is no time that Postfix could take", STR_ARG(value));
    else {
        struct str text = sendmail_time_text(draft->arena, seconds);
        draft_set(draft, item, "anvil_rate_time_unit", "%.*s", STR_ARG(text));
        draft_fate(draft, item, FATE_MAPPED, "anvil_rate_time_unit = %.*s", STR_ARG(text));
    }
}

static void map(struct draft *draft)
{
    struct access access;
    bool has_table = access_read(&access, draft);

    for (size_t i = 0; i < LIMITS; i++)
        map_limit(&access, has_table, &limits[i]);
    map_window(draft);
}

const struct sendmail_module sendmail_module_limits = {
    .name = "limits",
    .summary = "connections of one client, and their rate",
    .source = "cf/README, FEATURES, conncontrol, ratecontrol; postconf(5)",
    .order = 720,
    .map = map,
};
