/* why a service would not start, for trace, serve and livetest */
#include "cmd/report/start.h"
#include "base/terminal.h"

#include "base/json.h"

static struct str name_service(const struct policy_service *service)
{
    return service != NULL && service->listener != NULL ? service->listener->name : str_of("smtpd");
}

/* describe_problem - "Postfix will not start", or which service will not */
static struct str describe_problem(struct arena *arena, const struct policy_service *service,
                                   const struct start_fault *fault)
{
    if (fault->problem == START_MASTER)
        return str_of("Postfix will not start");
    return arena_printf(arena, "the service \"%.*s\" %s", STR_ARG(name_service(service)),
                        fault->problem == START_CONNECT ? "exits at every connection"
                                                        : "will not start");
}

struct str start_report_line(struct arena *arena, const struct policy_service *service,
                             const struct start_fault *fault)
{
    struct buffer line;

    buffer_init(&line, arena);
    if (fault->span.source != NULL) {
        struct position place = source_position(fault->span.source, fault->span.at);
        buffer_printf(&line, "%.*s:%zu:%zu: ", STR_ARG(fault->span.source->path), place.line,
                      place.column);
    }
    buffer_add(&line, describe_problem(arena, service, fault));
    buffer_add_cstr(&line, ": ");
    buffer_add(&line, fault->why);
    return terminal_text(arena, buffer_str(&line));
}

json_t *start_report_object(struct arena *arena, const struct policy_service *service,
                            const struct start_fault *fault)
{
    json_t *object = json_object();

    if (service != NULL) {
        json_object_set_new(object, "service", json_text(arena, name_service(service)));
        json_object_set_new(object, "port", json_integer(service->port));
    }
    json_object_set_new(object, "problem",
                        json_text(arena, describe_problem(arena, service, fault)));
    json_object_set_new(object, "why", json_text(arena, fault->why));
    json_object_set_new(object, "advice", json_text(arena, fault->advice));
    if (fault->span.source == NULL)
        return object;
    struct position place = source_position(fault->span.source, fault->span.at);
    json_object_set_new(object, "file", json_text(arena, fault->span.source->path));
    json_object_set_new(object, "line", json_integer((json_int_t)place.line));
    json_object_set_new(object, "column", json_integer((json_int_t)place.column));
    return object;
}
