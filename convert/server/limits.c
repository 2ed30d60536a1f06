/*
 * limits - the number and the rate of a client's connections
 *
 * ClientConn: and ClientRate: lines in the access table; the line with the tag alone is the default
 * (cf/README, conncontrol, ratecontrol; postconf(5), smtpd_client_connection_count_limit).  Both
 * programs refuse connections above the limit.
 */
#include "convert/access/access.h"
#include "convert/sendmail/feature.h"
#include "convert/sendmail/value.h"
#include "convert/server/modules.h"

static const struct limit {
    const char *feature;
    enum access_tag tag;
    enum parameter_number parameter;
} limits[] = {
    {"conncontrol", ACCESS_CLIENT_CONNECTIONS, PARAM_SMTPD_CLIENT_CONNECTION_COUNT_LIMIT},
    {"ratecontrol", ACCESS_CLIENT_RATE, PARAM_SMTPD_CLIENT_CONNECTION_RATE_LIMIT},
};
#define LIMITS (sizeof limits / sizeof *limits)

static void map_default(struct draft *draft, const struct limit *limit,
                        const struct access_line *line)
{
    long number;

    if (!sendmail_number(line->text, &number)) {
        draft_open_point(draft, line->item, "set the number by hand",
                         "\"%.*s\" is not a valid number for %s", STR_ARG(line->text),
                         parameter_name(limit->parameter).at);
        return;
    }
    draft_set(draft, line->item, limit->parameter, "%ld", number);
    draft_fate(draft, line->item, FATE_MAPPED, "%s = %ld", parameter_name(limit->parameter).at,
               number);
}

/* find_line - the line in effect for the client of LINE and TAG: its own, one of a larger network,
   or the default */
static const struct access_line *find_line(const struct access *access,
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

/* are all clients of LINE exempt from all limits?  Postfix's exceptions apply to all of them */
static bool is_free_of_all(const struct access *access, const struct access_line *line)
{
    for (size_t i = 0; i < LIMITS; i++)
        if (feature_is_on(access->draft, limits[i].feature) &&
            !is_free(find_line(access, line, limits[i].tag)))
            return false;
    return true;
}

/* are all limits for the clients of LINE the default ones? */
static bool is_default(const struct access *access, const struct access_line *line)
{
    for (size_t i = 0; i < LIMITS; i++) {
        const struct access_line *usual = access_find(access, str_of(""), limits[i].tag);
        const struct access_line *own = find_line(access, line, limits[i].tag);
        if (feature_is_on(access->draft, limits[i].feature) && own != usual &&
            (usual == NULL || !str_eq(usual->text, own->text)))
            return false;
    }
    return true;
}

/* is a larger network exempt?  Then the line is an exception to that exception */
static bool is_within_free(const struct access *access, const struct access_line *line)
{
    const struct access_line *parent = line;

    while ((parent = access_parent(access, parent, line->tag)) != NULL)
        if (is_free_of_all(access, parent))
            return true;
    return false;
}

static void open_client(const struct access *access, const struct limit *limit,
                        const struct access_line *line)
{
    draft_open_point(
        access->draft, line->item,
        arena_printf(
            access->draft->arena,
            "add the client to smtpd_client_event_limit_exceptions if its limit is higher; or give "
            "it a port or an address of its own in master.cf, with -o %s=%.*s",
            parameter_name(limit->parameter).at, STR_ARG(line->text))
            .at,
        "%s is one number for all clients", parameter_name(limit->parameter).at);
}

/* map_client - the first matching network is in effect, so the smallest come first */
static void map_client(const struct access *access, const struct limit *limit,
                       const struct access_line *line)
{
    struct draft *draft = access->draft;
    struct str text = access_network_text(draft->arena, line);
    int rank = RANK_CONNECT + 128 - line->bits;

    if (line->kind != ACCESS_NETWORK) {
        draft_fate(draft, line->item, FATE_MEANINGLESS,
                   "Sendmail looks up only the address of the client");
        return;
    }
    if (is_free_of_all(access, line)) {
        draft_add(draft, line->item, PARAM_SMTPD_CLIENT_EVENT_LIMIT_EXCEPTIONS, rank, "%.*s",
                  STR_ARG(text));
        draft_fate(draft, line->item, FATE_MAPPED, "smtpd_client_event_limit_exceptions: %.*s",
                   STR_ARG(text));
        return;
    }
    if (is_within_free(access, line)) {
        draft_add(draft, line->item, PARAM_SMTPD_CLIENT_EVENT_LIMIT_EXCEPTIONS, rank, "!%.*s",
                  STR_ARG(text));
        draft_fate(draft, line->item, FATE_MAPPED, "smtpd_client_event_limit_exceptions: !%.*s",
                   STR_ARG(text));
    }
    if (is_default(access, line))
        draft_fate(draft, line->item, FATE_ALREADY, "the same number as for all clients");
    else
        open_client(access, limit, line);
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
            draft_fate(draft, line->item, FATE_MEANINGLESS,
                       "without FEATURE(`%s') nothing looks it up", limit->feature);
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
    draft_fate(draft, feature, FATE_MAPPED, "%s; clients that exceed it are disconnected with 421",
               parameter_name(limit->parameter).at);
    /* in Sendmail only the table makes exceptions, mynetworks does not */
    if (draft_value(draft, PARAM_SMTPD_CLIENT_EVENT_LIMIT_EXCEPTIONS).at == NULL)
        draft_set(draft, feature, PARAM_SMTPD_CLIENT_EVENT_LIMIT_EXCEPTIONS, "%s", "");
}

/* --- the time unit of rates ------------------------------------------------------------------- */

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
                         "\"%.*s\" is not a valid time in Postfix", STR_ARG(value));
    else {
        struct str text = sendmail_time_text(draft->arena, seconds);
        draft_map(draft, item, PARAM_ANVIL_RATE_TIME_UNIT, "%.*s", STR_ARG(text));
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
