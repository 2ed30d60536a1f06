/* agent - the delivery agents, of which each is the program of a transport's service */
#include "parser/value/nexthop.h"
#include "smtp/delivery/parts.h"
#include "smtp/start/start.h"

/* end_request - with what is known of the transport */
static struct mail_delivery *end_request(struct delivery_walker *walker,
                                         const struct agent_request *request,
                                         const struct service *service, enum delivery_end end,
                                         struct str what)
{
    struct mail_delivery *delivery = walker_end(walker, request->recipient, end, what);

    if (delivery == NULL)
        return NULL;
    delivery->transport = request->transport;
    delivery->nexthop = request->nexthop;
    if (service != NULL)
        delivery->daemon = service_process_name(service);
    if (request->resolved != NULL) {
        delivery->class = request->resolved->class;
        delivery->has_class = true;
    }
    return delivery;
}

/* --- error, discard, pipe ----------------------------------------------------------------------
 */

/* split_status - "5.1.1 text", with STATUS where the text has none of that class */
static struct str split_status(struct arena *arena, struct str text, int code, const char *status)
{
    struct reply reply = reply_of(code, text);

    if (reply.enhanced.len > 0)
        return text;
    return arena_printf(arena, "%s %.*s", status, STR_ARG(str_trim(text)));
}

static void deliver_error(struct delivery_walker *walker, const struct agent_request *request,
                          const struct service *service)
{
    struct arena *arena = walker->walk->arena;

    if (str_is(service->name, "error"))
        end_request(walker, request, service, DELIVERY_BOUNCE,
                    split_status(arena, request->nexthop, 550, "5.0.0"));
    else if (str_is(service->name, "retry"))
        end_request(walker, request, service, DELIVERY_DEFER,
                    split_status(arena, request->nexthop, 450, "4.0.0"));
    else
        end_request(walker, request, service, DELIVERY_DEFER,
                    arena_printf(arena,
                                 "error(8) exits: its service may only be called error or "
                                 "retry, and not %.*s",
                                 STR_ARG(service->name)));
}

/* find_command - the text of the arguments from "argv=" on */
static struct str find_command(struct arena *arena, const struct service *service)
{
    struct buffer out;
    bool found = false;

    buffer_init(&out, arena);
    for (size_t i = 0; i < service->argument_count; i++) {
        struct str text = service->arguments[i].text;
        if (!found && str_starts(text, "argv=")) {
            found = true;
            text = str_slice(text, 5, text.len);
        } else if (!found) {
            continue;
        }
        if (out.len > 0)
            buffer_add_char(&out, ' ');
        buffer_add(&out, text);
    }
    return out.len > 0 ? buffer_str(&out) : service->command;
}

/* --- virtual(8) --------------------------------------------------------------------------------
 */

static struct address_found find_virtual(struct state *view, enum parameter_number maps,
                                         struct str address)
{
    const struct address_search search = {maps, KEYS_ADDRESS, QUESTION_RECIPIENT, TABLE_FOLD};

    return address_find(view, &search, address);
}

/* find_owner_fault - why virtual(8) has no owner for the mailbox; NULL: it has, as far as is known
 */
static const char *find_owner_fault(struct state *view, struct str address)
{
    static const enum parameter_number maps[] = {PARAM_VIRTUAL_UID_MAPS, PARAM_VIRTUAL_GID_MAPS};
    static const char *const texts[] = {"virtual_uid_maps has no usable entry for it",
                                        "virtual_gid_maps has no usable entry for it"};

    for (size_t i = 0; i < 2; i++) {
        const struct address_search search = {maps[i], KEYS_ADDRESS, QUESTION_TABLE, TABLE_FOLD};
        struct address_found found = address_find(view, &search, address);
        long least = i == 0 ? policy_number(view->service, PARAM_VIRTUAL_MINIMUM_UID) : 1;
        if (found.status == LOOKUP_FOUND && found.value.at == NULL)
            continue;
        if (found.status != LOOKUP_FOUND || !str_is_digits(found.value) ||
            str_atoi(found.value) < least)
            return texts[i];
    }
    return NULL;
}

static void deliver_virtual(struct delivery_walker *walker, const struct agent_request *request,
                            const struct policy_service *service)
{
    struct arena *arena = walker->walk->arena;
    struct state view = walker_view(walker, service);
    struct str address = request->recipient;
    struct address_found found = find_virtual(&view, PARAM_VIRTUAL_MAILBOX_MAPS, address);
    struct str base = policy_str(service, PARAM_VIRTUAL_MAILBOX_BASE);

    walker_step(walker, service, PARAM_VIRTUAL_MAILBOX_MAPS,
                found.status == LOOKUP_FOUND && found.value.at != NULL ? found.value
                : found.status == LOOKUP_FOUND                         ? str_of("found")
                                                                       : str_of("not found"),
                &found);
    if (found.status == LOOKUP_ERROR) {
        end_request(walker, request, service->service, DELIVERY_DEFER,
                    str_of("4.3.5 virtual_mailbox_maps does not work"));
        return;
    }
    if (found.status == LOOKUP_NONE) {
        end_request(walker, request, service->service, DELIVERY_BOUNCE,
                    arena_printf(arena, "5.1.1 unknown user: \"%.*s\"", STR_ARG(address)));
        return;
    }
    const char *fault = find_owner_fault(&view, address);
    if (fault != NULL)
        end_request(walker, request, service->service, DELIVERY_DEFER,
                    arena_printf(arena, "4.3.5 %s", fault));
    else
        end_request(walker, request, service->service, DELIVERY_MAILBOX,
                    found.value.at == NULL
                        ? str_of("the mailbox that virtual_mailbox_maps has")
                        : arena_printf(arena, "%.*s/%.*s", STR_ARG(base), STR_ARG(found.value)));
}

/* --- smtp(8), lmtp(8) --------------------------------------------------------------------------
 */

static void deliver_remote(struct delivery_walker *walker, const struct agent_request *request,
                           const struct policy_service *service)
{
    struct state view = walker_view(walker, service);
    struct remote *remote =
        remote_open(&view, request->message->sender, request->recipient, request->nexthop);

    if (remote->failure.at != NULL) {
        end_request(walker, request, service->service,
                    remote->unknown   ? DELIVERY_UNKNOWN
                    : remote->bounces ? DELIVERY_BOUNCE
                                      : DELIVERY_DEFER,
                    remote->failure);
        return;
    }
    for (size_t i = 0; i < remote->note_count; i++)
        walker_note(walker, remote->notes[i]);
    for (size_t i = 0; i < remote->step_count; i++)
        walker_step(walker, service, remote->steps[i].parameter, remote->steps[i].said,
                    &(struct address_found){.span = remote->steps[i].span});
    struct mail_delivery *delivery =
        end_request(walker, request, service->service, DELIVERY_REMOTE, str_of(""));
    if (delivery != NULL)
        delivery->remote = remote;
}

/* --- all ---------------------------------------------------------------------------------------
 */

static void deliver_by(struct delivery_walker *walker, const struct agent_request *request,
                       const struct policy_service *service)
{
    const struct service *line = service->service;

    if (service_runs(line, "local"))
        local_deliver(walker, request, service);
    else if (service_runs(line, "virtual"))
        deliver_virtual(walker, request, service);
    else if (service_runs(line, "smtp") || service_runs(line, "lmtp"))
        deliver_remote(walker, request, service);
    else if (service_runs(line, "error"))
        deliver_error(walker, request, line);
    else if (service_runs(line, "discard"))
        end_request(walker, request, line, DELIVERY_DISCARD, request->nexthop);
    else if (service_runs(line, "pipe"))
        end_request(walker, request, line, DELIVERY_COMMAND,
                    find_command(walker->walk->arena, line));
    else
        end_request(walker, request, line, DELIVERY_UNKNOWN,
                    arena_printf(walker->walk->arena, "%.*s is not a delivery agent of Postfix",
                                 STR_ARG(line->command)));
}

void agent_deliver(struct delivery_walker *walker, const struct agent_request *request)
{
    const struct policy *policy = walker->policy;
    struct arena *arena = walker->walk->arena;
    const struct service *service = transport_service(policy->config, request->transport);

    if (service == NULL) {
        bool missing = policy->config->master_cf.source == NULL;
        end_request(walker, request, NULL, missing ? DELIVERY_UNKNOWN : DELIVERY_DEFER,
                    missing ? arena_printf(arena, "there is no master.cf with the transport %.*s",
                                           STR_ARG(request->transport))
                            : arena_printf(arena,
                                           "mail transport unavailable: master.cf has no "
                                           "service %.*s",
                                           STR_ARG(request->transport)));
        return;
    }
    const struct start_fault *fault = start_fault_of(policy, service);
    if (fault != NULL) {
        end_request(walker, request, service, DELIVERY_DEFER,
                    arena_printf(arena, "the service %.*s does not start: %.*s",
                                 STR_ARG(service->name), STR_ARG(fault->why)));
        return;
    }
    walker_step_named(walker, "master.cf",
                      arena_printf(arena, "the service %.*s runs %.*s", STR_ARG(service->name),
                                   STR_ARG(service_process_name(service))),
                      line_span(&service->line, service->name));
    deliver_by(walker, request, policy_service_of(policy, service));
}
