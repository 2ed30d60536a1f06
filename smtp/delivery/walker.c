/* walker - what the parts of a walk share: steps, notes, deliveries, and messages that are
 * forwarded */
#include "smtp/delivery/parts.h"

#include "parser/text/token.h"

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
        return SPAN_NONE;
    setting = config_find(service->policy->config, service->service, parameter);
    return setting.line == NULL ? SPAN_NONE : line_span(setting.line, setting.value);
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

/* cut_walk - too much becomes of one address */
static void cut_walk(struct delivery_walker *walker)
{
    world_cut(walker->state->world,
              arena_printf(walker->walk->arena, "more than %d deliveries", (int)DELIVERIES_MAX));
}

struct mail_delivery *walker_end(struct delivery_walker *walker, struct str recipient,
                                 enum delivery_end end, struct str what)
{
    struct delivery_walk *walk = walker->walk;

    if (walk->count >= DELIVERIES_MAX) {
        cut_walk(walker);
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

/* --- forwarded messages ------------------------------------------------------------------------
 */

void walker_forward(struct delivery_walker *walker, const struct message *from,
                    struct str delivered_to, struct str sender, struct str recipient)
{
    struct arena *arena = walker->walk->arena;
    struct message *message = arena_alloc(arena, sizeof *message);
    long received = 1; /* lines of Received: */

    if (walker->pending_count >= DELIVERIES_MAX) {
        cut_walk(walker);
        return;
    }
    *message = (struct message){
        .from = from,
        .filter = STR(""),
        .redirect = STR(""),
        .delivered_to = delivered_to,
        .cleanup = walker->policy->cleanup,
        .maps = true,
    };
    long limit = policy_number(message->cleanup, PARAM_HOPCOUNT_LIMIT);
    for (const struct message *one = from; one != NULL; one = one->from)
        received++;
    message->hops_are_over = received >= limit || received >= DELIVERY_DEPTH_MAX;
    walker->pending = arena_grow(arena, walker->pending, walker->pending_count,
                                 &walker->pending_capacity, sizeof *walker->pending);
    walker->pending[walker->pending_count++] =
        (struct pending_message){message, sender, recipient, walker->depth + 1};
}
