/*
 * write_master - master.cf: see write.h
 */
#include "convert/write/write.h"

/* default_field - the value of "-" if no stock service sets it: master(5), and not chrooted */
static struct str default_field(struct str type, size_t field)
{
    if (field == 0 && str_is(type, "inet"))
        return str_of("n");
    return str_of(field == 2 ? "n" : "-");
}

static struct str choose_field(const struct stock_service *row, const struct draft_service *service,
                               size_t field)
{
    if (service != NULL && !str_is(service->fields[field], "-"))
        return service->fields[field];
    return row->fields[field];
}

/* make_row - for a service that is not in the stock master.cf */
static struct stock_service make_row(const struct draft_service *service)
{
    struct stock_service row = {
        .name = service->name, .type = service->type, .command = service->command};

    for (size_t i = 0; i < STOCK_FIELD_COUNT; i++)
        row.fields[i] = default_field(service->type, i);
    return row;
}

/* write_override - "  -o name=value", in the syntax of the release */
static void write_override(const struct draft *draft, const struct draft_setting *override,
                           struct buffer *out)
{
    struct str value = override->value;
    bool spaces = str_span_not(value, 0, " \t\r\n") < value.len;
    bool braced = spaces && release_has(draft->platform->release, FEATURE_BRACED_ARGUMENTS);

    draft_write_origin(override->item, override->reason, "", out);
    buffer_printf(out, "  -o %s%.*s%s", braced ? "{ " : "", STR_ARG(override->name),
                  braced ? " = " : "=");
    for (size_t i = 0; i < value.len; i++) {
        bool space = is_space(value.at[i]) || value.at[i] == '\0';
        if (!space)
            buffer_add_char(out, value.at[i]);
        else if (braced)
            buffer_add_char(out, ' ');
        else if (i > 0 && value.at[i - 1] != ',' && !is_space(value.at[i - 1]))
            buffer_add_char(out, ',');
    }
    buffer_add_cstr(out, braced ? " }\n" : "\n");
}

/* write_service - SERVICE is the one of the draft, or NULL */
static void write_service(const struct draft *draft, const struct stock_service *row,
                          const struct draft_service *service, struct buffer *out)
{
    if (service != NULL)
        draft_write_origin(service->item, str_of(""), "", out);
    if (service != NULL && service->disabled)
        buffer_add_char(out, '#');
    buffer_printf(out, "%-9.*s %-5.*s", STR_ARG(row->name), STR_ARG(row->type));
    for (size_t i = 0; i < STOCK_FIELD_COUNT; i++)
        buffer_printf(out, " %-7.*s", STR_ARG(choose_field(row, service, i)));
    struct str command = service != NULL ? service->command : row->command;
    buffer_printf(out, " %.*s\n", STR_ARG(command));
    if (service == NULL || service->disabled)
        return;
    for (size_t i = 0; i < service->override_count; i++)
        write_override(draft, &service->overrides[i], out);
    if (service->arguments.len > 0) {
        buffer_add_cstr(out, "  ");
        draft_write_line(out, service->arguments);
        buffer_add_char(out, '\n');
    }
}

static const struct stock_service *find_stock(const struct draft_service *service)
{
    size_t count;
    const struct stock_service *stock = facts_stock_services(&count);

    for (size_t i = 0; i < count; i++)
        if (str_eq(service->name, stock[i].name) && str_eq(service->type, stock[i].type))
            return &stock[i];
    return NULL;
}

static const struct draft_service *find_service(const struct draft *draft,
                                                const struct stock_service *row)
{
    for (size_t i = 0; i < draft->service_count; i++)
        if (find_stock(draft->services[i]) == row)
            return draft->services[i];
    return NULL;
}

static void write_own_service(const struct draft *draft, const struct draft_service *service,
                              struct buffer *out)
{
    struct stock_service row = make_row(service);

    write_service(draft, &row, service, out);
}

void draft_write_master(const struct draft *draft, struct buffer *out)
{
    int release = draft->platform->release->index;
    size_t count;
    const struct stock_service *stock = facts_stock_services(&count);

    buffer_add_cstr(out, "# The services of Postfix.  The lines of ");
    draft_write_line(out, draft->sendmail->source->path);
    buffer_add_cstr(out, " that services come from are in the comments above them.\n"
                         "# service type  private unpriv  chroot  wakeup  maxproc command\n");
    /* listeners come first */
    for (size_t i = 0; i < count; i++) {
        if (release < stock[i].first || release > stock[i].last)
            continue;
        write_service(draft, &stock[i], find_service(draft, &stock[i]), out);
        for (size_t k = 0; i == 0 && k < draft->service_count; k++)
            if (find_stock(draft->services[k]) == NULL && str_is(draft->services[k]->type, "inet"))
                write_own_service(draft, draft->services[k], out);
    }
    for (size_t k = 0; k < draft->service_count; k++)
        if (find_stock(draft->services[k]) == NULL && !str_is(draft->services[k]->type, "inet"))
            write_own_service(draft, draft->services[k], out);
}
