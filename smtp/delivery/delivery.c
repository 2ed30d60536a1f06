#include "smtp/delivery/parts.h"

#include "parser/text/token.h"

const char *delivery_end_name(enum delivery_end end)
{
    static const char *const names[] = {
        [DELIVERY_REMOTE] = "remote",   [DELIVERY_MAILBOX] = "mailbox",
        [DELIVERY_COMMAND] = "command", [DELIVERY_FILE] = "file",
        [DELIVERY_DISCARD] = "discard", [DELIVERY_BOUNCE] = "bounce",
        [DELIVERY_DEFER] = "defer",     [DELIVERY_REFUSED] = "refused",
        [DELIVERY_UNKNOWN] = "unknown",
    };

    return names[end];
}

/* --- steps and notes ---------------------------------------------------------------------------
 */

static void add_step(struct delivery_walker *walker, const struct delivery_step *step)
{
    struct delivery_walk *walk = walker->walk;

    walk->steps = arena_grow(walk->arena, walk->steps, walk->step_count, &walk->step_capacity,
                             sizeof *walk->steps);
    walk->steps[walk->step_count] = *step;
    walk->steps[walk->step_count++].depth = walker->depth;
}

/* find_span - where the parameter is set; no source: a default */
static struct span find_span(const struct policy_service *service, enum parameter_number parameter)
{
    struct setting setting;

    if (parameter == PARAM_NONE)
        return (struct span){NULL, 0, 0};
    setting = config_find(service->policy->config, service->service, parameter);
    return setting.line == NULL ? (struct span){NULL, 0, 0}
                                : line_span(setting.line, setting.value);
}

void walker_step(struct delivery_walker *walker, const struct policy_service *service,
                 enum parameter_number parameter, struct str said,
                 const struct address_found *found)
{
    if (walker->walk->brief)
        return;
    struct delivery_step step = {
        .what = parameter_name(parameter), .said = said, .span = find_span(service, parameter)};
    if (found != NULL)
        step.table_span = found->span;
    add_step(walker, &step);
}

void walker_step_named(struct delivery_walker *walker, const char *what, struct str said,
                       struct span span)
{
    const struct delivery_step step = {.what = str_of(what), .said = said, .span = span};

    if (!walker->walk->brief)
        add_step(walker, &step);
}

void walker_note(struct delivery_walker *walker, struct str note)
{
    struct str *items = (struct str *)walker->notes.items;

    if (walker->walk->brief)
        return;
    items = arena_grow(walker->walk->arena, items, walker->notes.count, &walker->note_capacity,
                       sizeof *items);
    items[walker->notes.count++] = note;
    walker->notes.items = items;
}

struct mail_delivery *walker_end(struct delivery_walker *walker, struct str recipient,
                                 enum delivery_end end, struct str what)
{
    struct delivery_walk *walk = walker->walk;

    if (walk->count >= DELIVERIES_MAX) {
        world_cut(walker->state->world,
                  arena_printf(walk->arena, "more than %d deliveries", (int)DELIVERIES_MAX));
        return NULL;
    }
    walk->deliveries = arena_grow(walk->arena, walk->deliveries, walk->count, &walk->capacity,
                                  sizeof *walk->deliveries);
    struct mail_delivery *delivery = &walk->deliveries[walk->count++];
    *delivery = (struct mail_delivery){
        .recipient = recipient,
        .transport = STR(""),
        .nexthop = STR(""),
        .daemon = STR(""),
        .end = end,
        .what = what,
        .notes = walker->notes,
        .first_step = walker->first_step,
        .last_step = walk->step_count,
    };
    walker->first_step = walk->step_count;
    walker->notes = (struct str_list){NULL, 0};
    walker->note_capacity = 0;
    return delivery;
}

/* --- what the parts share ----------------------------------------------------------------------
 */

bool walker_seen(struct delivery_walker *walker, const struct message *message, const char *kind,
                 struct str key)
{
    struct arena *arena = walker->walk->arena;

    key = arena_lower(arena,
                      arena_printf(arena, "%p %s %.*s", (const void *)message, kind, STR_ARG(key)));
    if (map_get(&walker->seen, key) != NULL)
        return true;
    map_put(&walker->seen, key, walker);
    return false;
}

struct state walker_view(const struct delivery_walker *walker, const struct policy_service *service)
{
    struct state view = *walker->state;

    view.service = service;
    return view;
}

bool walker_has_word(const struct policy_service *service, enum parameter_number list,
                     const char *word)
{
    struct str rest = policy_str(service, list), item;

    while (token_next_plain(&rest, TOKEN_COMMAS, &item))
        if (str_is_nocase(item, word))
            return true;
    return false;
}

const struct policy_service *delivery_entry(const struct policy *policy, struct str name,
                                            const char *program)
{
    const struct master_cf *master_cf = &policy->config->master_cf;

    for (size_t i = 0; i < master_cf->count; i++)
        if (service_runs(master_cf->services[i], program) &&
            str_eq(master_cf->services[i]->name, name))
            return policy_service_of(policy, master_cf->services[i]);
    return NULL;
}

/* --- sentences ---------------------------------------------------------------------------------
 */

static struct str describe_end(struct arena *arena, const struct mail_delivery *delivery)
{
    /* the place, or why it comes to none */
    static const char *const places[] = {[DELIVERY_MAILBOX] = "",
                                         [DELIVERY_COMMAND] = "the command ",
                                         [DELIVERY_FILE] = "the file "};
    static const char *const reasons[] = {
        [DELIVERY_DISCARD] = "discarded",
        [DELIVERY_BOUNCE] = "returned to the sender",
        [DELIVERY_DEFER] = "stays in the queue",
        [DELIVERY_REFUSED] = "not accepted",
        [DELIVERY_UNKNOWN] = "cannot be determined from the files",
    };

    if (delivery->end == DELIVERY_REMOTE)
        return remote_sentence(arena, delivery->remote, delivery->transport);
    if (delivery->end < DELIVERY_DISCARD)
        return arena_printf(arena, "delivered by %.*s to %s%.*s", STR_ARG(delivery->transport),
                            places[delivery->end], STR_ARG(delivery->what));
    return arena_printf(arena, "%s: %.*s", reasons[delivery->end], STR_ARG(delivery->what));
}

/* --- header_checks -----------------------------------------------------------------------------
 */

/* find_redirecting - an action of the table that sends mail elsewhere; STR_NONE: none */
static struct str find_redirecting(const struct table *table)
{
    static const char *const actions[] = {"FILTER ", "REDIRECT ", "BCC ", "DISCARD"};
    const struct table_entry *entries;
    size_t count = table_entries(table, &entries);

    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; k < sizeof actions / sizeof *actions; k++)
            if (str_is_nocase(str_slice(entries[i].value, 0, strlen(actions[k])), actions[k]))
                return entries[i].value;
    return STR_NONE;
}

/* note_checks - what the content of a message may change */
static void note_checks(struct delivery_walker *walker, const struct policy_service *cleanup)
{
    static const enum parameter_number lists[] = {PARAM_HEADER_CHECKS, PARAM_MIME_HEADER_CHECKS,
                                                  PARAM_BODY_CHECKS};

    for (size_t i = 0; i < sizeof lists / sizeof *lists && !walker->walk->brief; i++) {
        struct str rest = policy_str(cleanup, lists[i]), name;
        while (token_next(&rest, TOKEN_COMMAS, &name)) {
            struct str action =
                find_redirecting(table_open(walker->policy->tables, name, TABLE_FOLD));
            if (action.at != NULL)
                walker_note(walker,
                            arena_printf(walker->walk->arena,
                                         "the content of a message may change this: %.*s "
                                         "has \"%.*s\"",
                                         STR_ARG(parameter_name(lists[i])), STR_ARG(action)));
        }
    }
}

/* --- the walk ----------------------------------------------------------------------------------
 */

/* has_option - in receive_override_options */
static bool has_option(const struct policy_service *service, const char *option)
{
    return walker_has_word(service, PARAM_RECEIVE_OVERRIDE_OPTIONS, option);
}

void delivery_walk(struct delivery_walk *walk, const struct delivery_request *request,
                   struct world *world)
{
    struct state state;
    bool mapped = !has_option(request->entry, "no_address_mappings");
    struct delivery_walker walker = {
        .walk = walk, .policy = request->entry->policy, .state = &state};
    struct message message = {
        .filter = policy_str(request->entry, PARAM_CONTENT_FILTER),
        .delivered_to = STR(""),
        .redirect = STR(""),
        .cleanup = policy_cleanup_of(request->entry),
        .maps = mapped,
        .bccs = mapped,
    };

    walk->step_count = walk->count = 0;
    walk->step_capacity = walk->capacity = 0;
    walk->steps = NULL;
    walk->deliveries = NULL;
    state_init(&state, request->entry, walk->arena, world);
    map_init(&walker.seen, walk->arena);
    note_checks(&walker, message.cleanup);
    if (accept_message(&walker, request, &message) &&
        mapping_sender(&walker, &message, request->sender))
        mapping_recipient(&walker, &message, request->recipient);
    for (size_t i = 0; i < walk->count; i++)
        walk->deliveries[i].sentence = describe_end(walk->arena, &walk->deliveries[i]);
}

void forward_message(struct delivery_walker *walker, const struct message *from,
                     struct str delivered_to, struct str sender, struct str recipient)
{
    struct message message = {
        .from = from,
        .filter = STR(""),
        .redirect = STR(""),
        .delivered_to = delivered_to,
        .cleanup = walker->policy->cleanup,
        .maps = true,
    };
    long limit = policy_number(message.cleanup, PARAM_HOPCOUNT_LIMIT);
    long received = 1; /* lines of Received: */

    for (const struct message *one = from; one != NULL; one = one->from)
        received++;
    message.hops_are_over = received >= limit || received >= DELIVERY_DEPTH_MAX;
    walker->depth++;
    if (mapping_sender(walker, &message, sender))
        mapping_recipient(walker, &message, recipient);
    walker->depth--;
}
