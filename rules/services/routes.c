#include "rules/services/routes.h"

#include "facts/programs.h"
#include "parser/tables/ref.h"
#include "parser/tables/table.h"
#include "rules/names/written.h"
#include "smtp/service/policy.h"

/* who visits the routes */
struct visit {
    struct check *check;
    void (*seen)(struct check *check, const struct mail_route *route, void *context);
    void *context;
};

/* --- parameters ------------------------------------------------------------------------------- */

/* a transport that is in use only if another parameter has a value */
struct condition {
    enum parameter_number transport, domains;
};

static bool is_in_use(const struct check *check, enum parameter_number number)
{
    static const struct condition conditions[] = {
        {PARAM_LOCAL_TRANSPORT, PARAM_MYDESTINATION},
        {PARAM_RELAY_TRANSPORT, PARAM_RELAY_DOMAINS},
        {PARAM_VIRTUAL_TRANSPORT, PARAM_VIRTUAL_MAILBOX_DOMAINS},
    };

    for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (conditions[i].transport == number)
            return config_value(check->config, NULL, conditions[i].domains, NULL, NULL).len > 0;
    return true;
}

static bool is_transport(const struct parameter *parameter)
{
    const struct value_shape *shape = parameter != NULL ? parameter_shape(parameter->number) : NULL;

    return shape != NULL && shape->kind == SHAPE_TRANSPORT;
}

static void see_written(struct check *check, const struct written *written, void *context)
{
    struct visit *visit = context;
    struct mail_route route = {.span = line_span(written->line, written->value)};

    if (!is_transport(written->parameter) ||
        !platform_has(check->config->platform, written->parameter) ||
        written_is_never_read(written, written->parameter) ||
        !is_in_use(check, written->parameter->number))
        return;
    route.parameter = written->parameter->number;
    route.text = config_expand(check->config, written->service, written->value, NULL, NULL);
    if (route.text.len > 0)
        visit->seen(check, &route, visit->context);
}

/* see_defaults - the transports that every configuration uses, where the files do not set them */
static void see_defaults(struct visit *visit)
{
    static const enum parameter_number numbers[] = {PARAM_DEFAULT_TRANSPORT, PARAM_LOCAL_TRANSPORT,
                                                    PARAM_RELAY_TRANSPORT, PARAM_VIRTUAL_TRANSPORT};
    struct check *check = visit->check;

    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        struct mail_route route = {.parameter = numbers[i]};
        /* the default of relay_domains differs between releases, and need not be in use */
        bool is_relay = numbers[i] == PARAM_RELAY_TRANSPORT;
        if (check_is_set(check, NULL, numbers[i]) || !is_in_use(check, numbers[i]) ||
            (is_relay && !check_is_set(check, NULL, PARAM_RELAY_DOMAINS)))
            continue;
        route.text = config_value(check->config, NULL, numbers[i], NULL, NULL);
        if (route.text.len > 0)
            visit->seen(check, &route, visit->context);
    }
}

/* --- tables ----------------------------------------------------------------------------------- */

/* a parameter that names tables */
struct route_tables {
    enum parameter_number parameter;
    bool is_nexthop;  /* results are next hops without a transport */
    bool takes_dunno; /* the result "DUNNO" is no route */
};

/* the tables of one parameter */
struct table_visit {
    const struct visit *visit;
    struct route_tables tables;
    struct span span; /* of the parameter's value */
};

static void see_table(void *context, const struct table_ref *ref)
{
    const struct table_visit *reading = context;
    struct check *check = reading->visit->check;
    const struct table_entry *entries;

    if (ref->inside != NULL)
        return;
    const struct table *table = table_open(check_policy(check)->tables, ref->text, TABLE_FOLD);
    size_t count = table_entries(table, &entries);
    for (size_t i = 0; i < count; i++) {
        struct mail_route route = {.parameter = reading->tables.parameter,
                                   .text = entries[i].value,
                                   .is_nexthop = reading->tables.is_nexthop,
                                   .is_table = true,
                                   .span = table->source != NULL ? entries[i].span : reading->span};
        bool is_dunno = reading->tables.takes_dunno && str_is_nocase(route.text, "DUNNO");
        /* a pattern's result may have parts of the key in it */
        if (route.text.len > 0 && !is_dunno && str_find(route.text, '$', 0) == route.text.len)
            reading->visit->seen(check, &route, reading->visit->context);
    }
}

static void see_tables(const struct visit *visit)
{
    static const struct route_tables all[] = {
        {PARAM_TRANSPORT_MAPS, false, false},
        {PARAM_MAILBOX_TRANSPORT_MAPS, false, false},
        {PARAM_FALLBACK_TRANSPORT_MAPS, false, false},
        {PARAM_SENDER_DEPENDENT_DEFAULT_TRANSPORT_MAPS, false, true},
        {PARAM_SENDER_DEPENDENT_RELAYHOST_MAPS, true, true},
    };
    struct check *check = visit->check;

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct table_visit reading = {visit, all[i], check_span(check, NULL, all[i].parameter)};
        if (check_is_set(check, NULL, all[i].parameter))
            table_refs(check_value(check, NULL, all[i].parameter), see_table, &reading);
    }
}

void routes_each(struct check *check,
                 void (*seen)(struct check *check, const struct mail_route *route, void *context),
                 void *context)
{
    struct visit visit = {check, seen, context};

    written_each(check, see_written, &visit);
    see_defaults(&visit);
    see_tables(&visit);
}
