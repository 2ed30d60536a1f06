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

/* run_message - through cleanup(8), and on */
static void run_message(struct delivery_walker *walker, struct message *message, struct str sender,
                        struct str recipient)
{
    if (mapping_sender(walker, message, sender))
        mapping_recipient(walker, message, recipient);
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
    if (accept_message(&walker, request, &message))
        run_message(&walker, &message, request->sender, request->recipient);
    for (size_t i = 0; i < walker.pending_count; i++) {
        const struct pending_message pending = walker.pending[i];
        walker.depth = pending.depth;
        run_message(&walker, pending.message, pending.sender, pending.recipient);
    }
    for (size_t i = 0; i < walk->count; i++)
        walk->deliveries[i].sentence = describe_end(walk->arena, &walk->deliveries[i]);
}
