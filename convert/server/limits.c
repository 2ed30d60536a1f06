/*
 * limits - how many connections a client may have, how many in a time
 *
 * ClientConn: and ClientRate: lines of the access table; the line without a name is
 * the default (cf/README, conncontrol, ratecontrol; postconf(5),
 * smtpd_client_connection_count_limit).  Sendmail refuses what is above the number, and so does
 * Postfix.
 */
#include "convert/access/access.h"
#include "convert/sendmail/feature.h"
#include "convert/sendmail/value.h"
#include "convert/server/modules.h"

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

/* what holds for the client of LINE by TAG: its own line, one of a larger network, or the default
 */
static const struct access_line *line_for(const struct access *access,
                                          const struct access_line *line, enum access_tag tag)
{
    const struct access_line *found = access_find(access, line->key, tag);

    if (found == NULL)
        found = access_parent(access, line, tag);
    return found != NULL ? found : access_find(access, str_of(""), tag);
}

static bool is_free(const struct access_line *line)
{
    long number;

    return line == NULL || (sendmail_number(line->text, &number) && number == 0);
}

/* are all clients of LINE free of both limits?  Postfix's exceptions are from all of them */
static bool is_free_of_all(const struct access *access, const struct access_line *line)
{
    for (size_t i = 0; i < LIMITS; i++)
        if (feature_is_on(access->draft, limits[i].feature) &&
            !is_free(line_for(access, line, limits[i].tag)))
            return false;
    return true;
}

/* do all limits have the number for the clients of LINE that they have for others? */
static bool is_usual(const struct access *access, const struct access_line *line)
{
    for (size_t i = 0; i < LIMITS; i++) {
        const struct access_line *usual = access_find(access, str_of(""), limits[i].tag);
        const struct access_line *own = line_for(access, line, limits[i].tag);
        if (feature_is_on(access->draft, limits[i].feature) && own != usual &&
            (usual == NULL || !str_eq(usual->text, own->text)))
            return false;
    }
    return true;
}

/* has a larger network no limit?  Then the line is an exception of that exception */
static bool is_within_free(const struct access *access, const struct access_line *line)
{
    const struct access_line *parent = line;

    while ((parent = access_parent(access, parent, line->tag)) != NULL)
        if (is_free_of_all(access, parent))
            return true;
    return false;
}

static void ask_about_client(const struct access *access, const struct limit *limit,
                             const struct access_line *line)
{
    draft_open_point(
        access->draft, line->item,
        arena_printf(access->draft->arena,
                     "put the client into smtpd_client_event_limit_exceptions if it needs more "
                     "than the others; or let it come to a port or an address of its own in "
                     "master.cf, with -o %s=%.*s",
                     limit->parameter, STR_ARG(line->text))
            .at,
        "%s has one number for all clients", limit->parameter);
}

/* the smallest networks stand first, and the first that holds the client counts */
static void map_client(const struct access *access, const struct limit *limit,
                       const struct access_line *line)
{
    struct draft *draft = access->draft;
    struct str text = access_network_text(draft->arena, line);
    int rank = RANK_CONNECT + 128 - line->bits;

    if (line->kind != ACCESS_NETWORK) {
        draft_fate(draft, line->item, FATE_MEANINGLESS, "Sendmail asks by the client's address");
        return;
    }
    if (is_free_of_all(access, line)) {
        draft_add(draft, line->item, "smtpd_client_event_limit_exceptions", rank, "%.*s",
                  STR_ARG(text));
        draft_fate(draft, line->item, FATE_MAPPED, "smtpd_client_event_limit_exceptions: %.*s",
                   STR_ARG(text));
        return;
    }
    if (is_within_free(access, line)) {
        draft_add(draft, line->item, "smtpd_client_event_limit_exceptions", rank, "!%.*s",
                  STR_ARG(text));
        draft_fate(draft, line->item, FATE_MAPPED, "smtpd_client_event_limit_exceptions: !%.*s",
                   STR_ARG(text));
    }
    if (is_usual(access, line))
        draft_fate(draft, line->item, FATE_ALREADY, "the number for all clients");
    else
        ask_about_client(access, limit, line);
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
        draft_map(draft, item, "anvil_rate_time_unit", "%.*s", STR_ARG(text));
    }
}

void limits_convert(struct draft *draft)
{
    struct access access;
    bool has_table = access_read(&access, draft);

    for (size_t i = 0; i < LIMITS; i++)
        map_limit(&access, has_table, &limits[i]);
    map_window(draft);
}
