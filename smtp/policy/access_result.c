/*
 * access_result - applies the result of an access table: access(5), check_table_result() in
 * smtpd_check.c
 */
#include "smtp/policy/restriction_walk.h"

enum { RECURSION_MAX = 100 }; /* check_table_result() */

/* a result and its parts */
struct access_result {
    struct restriction_walk *walk;
    struct str table;
    struct str value;
    struct str command, text; /* "REJECT", "go away" */
    struct str reply_name;
    const char *reply_class;
};

/* --- rejects and deferrals ----------------------------------------------------------- */

static enum restriction_status reject_with(const struct access_result *result, int code,
                                           const char *enhanced)
{
    struct str text = result->text;
    const char *fixed =
        restriction_enhanced_code(result->walk, enhanced, &text, result->reply_class);

    if (text.len == 0)
        text = str_of("Access denied");
    return restriction_reject(result->walk, ERROR_POLICY, code, fixed, "<%.*s>: %s rejected: %.*s",
                              STR_ARG(result->reply_name), result->reply_class, STR_ARG(text));
}

static enum restriction_status apply_reject(const struct access_result *result)
{
    return reject_with(result, restriction_code(result->walk, PARAM_ACCESS_MAP_REJECT_CODE),
                       "5.7.1");
}

static int read_defer_code(const struct access_result *result)
{
    return policy_has(result->walk->state->service, PARAM_ACCESS_MAP_DEFER_CODE)
               ? restriction_code(result->walk, PARAM_ACCESS_MAP_DEFER_CODE)
               : 450;
}

static enum restriction_status apply_defer(const struct access_result *result)
{
    return reject_with(result, read_defer_code(result), "4.7.1");
}

static enum restriction_status apply_defer_if(const struct access_result *result, bool permit)
{
    struct str text = result->text;
    const char *enhanced =
        restriction_enhanced_code(result->walk, "4.7.1", &text, result->reply_class);
    int code = read_defer_code(result);

    if (text.len == 0)
        text = str_of("Service unavailable");
    if (permit)
        return restriction_defer_if_permit(result->walk, true, code, enhanced,
                                           "<%.*s>: %s rejected: %.*s", STR_ARG(result->reply_name),
                                           result->reply_class, STR_ARG(text));
    return restriction_defer_if_reject(result->walk, code, enhanced, "<%.*s>: %s rejected: %.*s",
                                       STR_ARG(result->reply_name), result->reply_class,
                                       STR_ARG(text));
}

static enum restriction_status apply_defer_if_permit(const struct access_result *result)
{
    return apply_defer_if(result, true);
}

static enum restriction_status apply_defer_if_reject(const struct access_result *result)
{
    return apply_defer_if(result, false);
}

/* --- actions of the cleanup server --------------------------------------------------- */

/* can_delegate - is there a mail transaction, with a cleanup server? */
static bool can_delegate(const struct access_result *result)
{
    struct restriction_walk *walk = result->walk;
    const char *reason = NULL;

    if (walk->lists->has_proxy)
        reason = "is not available with smtpd_proxy_filter";
    else if (walk->stage == STAGE_ETRN)
        reason = "is not available for ETRN";
    else if (walk->state->sender.at == NULL)
        reason = "is skipped before the sender is known";
    if (reason == NULL)
        return true;
    restriction_explain(walk, "%.*s %s", STR_ARG(result->command), reason);
    return false;
}

static void note_action(const struct access_result *result)
{
    struct restriction_walk *walk = result->walk;
    struct str said = arena_printf(walk->arena, "%.*s%s%.*s", STR_ARG(result->command),
                                   result->text.len > 0 ? " " : "", STR_ARG(result->text));

    walk->state->discard_or_hold = said;
    walk->said = said;
}

static enum restriction_status apply_hold(const struct access_result *result)
{
    if (can_delegate(result))
        note_action(result);
    return RESTRICTION_DUNNO;
}

static enum restriction_status apply_discard(const struct access_result *result)
{
    if (!can_delegate(result))
        return RESTRICTION_DUNNO;
    note_action(result);
    result->walk->state->checks.discard = true;
    return RESTRICTION_OK;
}

static bool has_char(struct str text, char c)
{
    return str_find(text, c, 0) < text.len;
}

static enum restriction_status apply_filter(const struct access_result *result)
{
    if (can_delegate(result) && has_char(result->text, ':'))
        note_action(result);
    return RESTRICTION_DUNNO;
}

static enum restriction_status apply_redirect(const struct access_result *result)
{
    if (can_delegate(result) && has_char(result->text, '@'))
        note_action(result);
    return RESTRICTION_DUNNO;
}

/* INFO, WARN, PREPEND, BCC, DUNNO: no effect on the reply */
static enum restriction_status apply_nothing(const struct access_result *result)
{
    (void)result;
    return RESTRICTION_DUNNO;
}

static enum restriction_status apply_permit(const struct access_result *result)
{
    (void)result;
    return RESTRICTION_OK;
}

/* --- the commands -------------------------------------------------------------------- */

struct action {
    const char *name;
    enum restriction_status (*apply)(const struct access_result *result);
    enum release_feature feature; /* the release must have it */
};

static const struct action actions[] = {
    {"DUNNO", apply_nothing, FEATURE_NONE},
    {"REJECT", apply_reject, FEATURE_NONE},
    {"DEFER", apply_defer, FEATURE_NONE},
    {"INFO", apply_nothing, FEATURE_ACCESS_INFO},
    {"WARN", apply_nothing, FEATURE_NONE},
    {"FILTER", apply_filter, FEATURE_NONE},
    {"HOLD", apply_hold, FEATURE_NONE},
    {"DISCARD", apply_discard, FEATURE_NONE},
    {"REDIRECT", apply_redirect, FEATURE_NONE},
    {"BCC", apply_nothing, FEATURE_NONE},
    {"DEFER_IF_PERMIT", apply_defer_if_permit, FEATURE_NONE},
    {"DEFER_IF_REJECT", apply_defer_if_reject, FEATURE_NONE},
    {"PREPEND", apply_nothing, FEATURE_NONE},
};

static const struct action *find_action(const struct restriction_lists *lists, struct str word)
{
    const struct release *release = lists->service->policy->config->release;

    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
        if (str_is_nocase(word, actions[i].name) &&
            (actions[i].feature == FEATURE_NONE || release_has(release, actions[i].feature)))
            return &actions[i];
    return NULL;
}

const char *restriction_action(const struct restriction_lists *lists, struct str word)
{
    const struct action *action = find_action(lists, word);

    return action != NULL ? action->name : NULL;
}

/* has_reply_code - "554 text": three digits that begin with 4 or 5, and text */
static bool has_reply_code(const struct access_result *result)
{
    struct str code = result->command;

    return code.len == 3 && result->text.len > 0 && (code.at[0] == '4' || code.at[0] == '5') &&
           str_is_digits(code);
}

static enum restriction_status apply_reply_code(const struct access_result *result)
{
    struct str code = result->command;
    int number = (code.at[0] - '0') * 100 + (code.at[1] - '0') * 10 + (code.at[2] - '0');

    return reject_with(result, number, code.at[0] == '4' ? "4.7.1" : "5.7.1");
}

/* apply_restrictions - the result is a list of restrictions */
static enum restriction_status apply_restrictions(const struct access_result *result)
{
    struct restriction_walk *walk = result->walk;

    if (has_char(result->value, ':')) {
        restriction_explain(walk, "a result may not contain a table: \"%.*s\"",
                            STR_ARG(result->value));
        return restriction_server_error(walk);
    }
    if (restriction_gives_up(walk))
        return restriction_server_error(walk);
    if (walk->state->checks.recursion > RECURSION_MAX) {
        restriction_explain(walk, "its results are an endless loop");
        return restriction_server_error(walk);
    }
    struct restriction_list list =
        restriction_list_of_result(walk->lists, walk->arena, walk->list, result->value);
    if (list.count == 0)
        return RESTRICTION_OK;
    struct span span = walk->table_span;
    for (size_t i = 0; i < list.count; i++)
        list.items[i].span = span;
    struct str name = walk->reply_name;
    const char *class = walk->reply_class;
    walk->reply_name = result->reply_name;
    walk->reply_class = result->reply_class;
    walk->result_depth++;
    enum restriction_status status = restriction_walk_list(walk, &list);
    walk->result_depth--;
    walk->reply_name = name;
    walk->reply_class = class;
    walk->table_span = span;
    walk->said = STR_NONE;
    restriction_explain(walk, "%.*s: result \"%.*s\"", STR_ARG(result->table),
                        STR_ARG(result->value));
    return status;
}

enum restriction_status access_apply_result(struct restriction_walk *walk, struct str table,
                                            struct str value, struct str reply_name,
                                            const char *reply_class)
{
    size_t end = str_span_not(value, 0, " \t");
    struct access_result result = {walk,
                                   table,
                                   value,
                                   str_slice(value, 0, end),
                                   str_slice(value, str_span(value, end, " \t\r\n\v\f"), value.len),
                                   reply_name,
                                   reply_class};

    const struct action *action = find_action(walk->lists, result.command);
    if (action != NULL)
        return action->apply(&result);
    if (str_is_digits(value))
        return apply_permit(&result);
    if (has_reply_code(&result))
        return apply_reply_code(&result);
    if (str_is_nocase(result.command, "OK") || str_is_nocase(result.command, "RELAY"))
        return apply_permit(&result);
    return apply_restrictions(&result);
}

/* --- lookups ------------------------------------------------------------------------- */

/* possible results of a table that cannot be read */
static const char *const answers_access[] = {"none", "ok", "reject", "fail"};
static const char *const access_values[] = {"", "OK", "REJECT", ""};

static struct lookup find_result(struct restriction_walk *walk, const struct table *table,
                                 enum access_search how, struct str key, struct str address)
{
    struct state *state = walk->state;
    struct lookup lookup;

    switch (how) {
    case ACCESS_DOMAIN:
        return access_domain(state, table, key);
    case ACCESS_NETWORK:
        return access_network(state, table, key);
    case ACCESS_ADDRESS:
        return access_address(state, table, key);
    case ACCESS_CLIENT:
        lookup = access_domain(state, table, key);
        return lookup.status == LOOKUP_NONE ? access_network(state, table, address) : lookup;
    case ACCESS_EXACT:
        break;
    }
    return key.len > 0 ? table_find(table, walk->arena, key)
                       : (struct lookup){.status = LOOKUP_NONE};
}

/* assume_table_result - the answer of a table that cannot be read, in this world */
static struct lookup assume_table_result(struct restriction_walk *walk, struct str table,
                                         struct str key)
{
    struct str subject = arena_printf(walk->arena, "%.*s %.*s", STR_ARG(table), STR_ARG(key));
    size_t answer = world_ask(walk->state->world, QUESTION_TABLE, subject, answers_access, 4);
    struct lookup lookup = {.status = LOOKUP_FOUND, .value = str_of(access_values[answer])};

    if (answer == 0)
        lookup.status = LOOKUP_NONE;
    if (answer == 3)
        lookup.status = LOOKUP_ERROR;
    return lookup;
}

static enum restriction_status look_up(struct restriction_walk *walk, const struct table *table,
                                       struct str text, enum access_search how, struct str key,
                                       struct str address, struct str reply_name,
                                       const char *reply_class, bool *found)
{
    struct lookup lookup = {.status = LOOKUP_ERROR};
    struct str shown = how == ACCESS_CLIENT ? address : key, unknown = STR("");

    if (table != NULL)
        lookup = find_result(walk, table, how, key, address);
    if (lookup.status == LOOKUP_UNKNOWN) {
        unknown = arena_printf(walk->arena, " (assumed: %.*s)", STR_ARG(lookup.reason));
        lookup = assume_table_result(walk, text, shown);
    }
    *found = lookup.status != LOOKUP_NONE;
    walk->table_span = lookup.span;
    if (lookup.status == LOOKUP_NONE) {
        restriction_explain(walk, "%.*s has no entry for %.*s%.*s", STR_ARG(text), STR_ARG(shown),
                            STR_ARG(unknown));
        return RESTRICTION_DUNNO;
    }
    if (lookup.status == LOOKUP_ERROR) {
        restriction_explain(walk, "%.*s does not work: %.*s", STR_ARG(text),
                            STR_ARG(lookup.reason));
        return access_apply_result(walk, text, str_of("451 4.3.5 Server configuration error"),
                                   reply_name, reply_class);
    }
    restriction_explain(walk, "%.*s: result \"%.*s\" for %.*s%.*s", STR_ARG(text),
                        STR_ARG(lookup.value), STR_ARG(shown), STR_ARG(unknown));
    return access_apply_result(walk, text, lookup.value, reply_name, reply_class);
}

enum restriction_status access_check(struct restriction_walk *walk, enum access_search how,
                                     struct str key, struct str address, struct str reply_name,
                                     const char *reply_class)
{
    bool found;

    return look_up(walk, walk->argument->table, walk->argument->text, how, key, address, reply_name,
                   reply_class, &found);
}

enum restriction_status access_check_table(struct restriction_walk *walk, const struct table *table,
                                           struct str text, struct str key, struct str reply_name,
                                           const char *reply_class, bool *found)
{
    return look_up(walk, table, text, ACCESS_EXACT, key, STR_NONE, reply_name, reply_class, found);
}
