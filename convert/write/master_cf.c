/*
 * write_master - master.cf: see write.h
 *
 * Source of the stock services: conf/master.cf of the Postfix releases 2.10 to 3.11, which differ
 * in the service postlog alone.  None runs chrooted there.
 */
#include "convert/write/write.h"

struct stock_service {
    const char *name, *type;
    const char *fields[5]; /* private, unprivileged, chroot, wakeup, maxproc */
    const char *command;
    enum release_feature feature; /* the release must have it */
};

static const struct stock_service stock[] = {
    {"smtp", "inet", {"n", "-", "n", "-", "-"}, "smtpd", FEATURE_NONE},
    {"pickup", "unix", {"n", "-", "n", "60", "1"}, "pickup", FEATURE_NONE},
    {"cleanup", "unix", {"n", "-", "n", "-", "0"}, "cleanup", FEATURE_NONE},
    {"qmgr", "unix", {"n", "-", "n", "300", "1"}, "qmgr", FEATURE_NONE},
    {"tlsmgr", "unix", {"-", "-", "n", "1000?", "1"}, "tlsmgr", FEATURE_NONE},
    {"rewrite", "unix", {"-", "-", "n", "-", "-"}, "trivial-rewrite", FEATURE_NONE},
    {"bounce", "unix", {"-", "-", "n", "-", "0"}, "bounce", FEATURE_NONE},
    {"defer", "unix", {"-", "-", "n", "-", "0"}, "bounce", FEATURE_NONE},
    {"trace", "unix", {"-", "-", "n", "-", "0"}, "bounce", FEATURE_NONE},
    {"verify", "unix", {"-", "-", "n", "-", "1"}, "verify", FEATURE_NONE},
    {"flush", "unix", {"n", "-", "n", "1000?", "0"}, "flush", FEATURE_NONE},
    {"proxymap", "unix", {"-", "-", "n", "-", "-"}, "proxymap", FEATURE_NONE},
    {"proxywrite", "unix", {"-", "-", "n", "-", "1"}, "proxymap", FEATURE_NONE},
    {"smtp", "unix", {"-", "-", "n", "-", "-"}, "smtp", FEATURE_NONE},
    {"relay", "unix", {"-", "-", "n", "-", "-"}, "smtp", FEATURE_NONE},
    {"showq", "unix", {"n", "-", "n", "-", "-"}, "showq", FEATURE_NONE},
    {"error", "unix", {"-", "-", "n", "-", "-"}, "error", FEATURE_NONE},
    {"retry", "unix", {"-", "-", "n", "-", "-"}, "error", FEATURE_NONE},
    {"discard", "unix", {"-", "-", "n", "-", "-"}, "discard", FEATURE_NONE},
    {"local", "unix", {"-", "n", "n", "-", "-"}, "local", FEATURE_NONE},
    {"virtual", "unix", {"-", "n", "n", "-", "-"}, "virtual", FEATURE_NONE},
    {"lmtp", "unix", {"-", "-", "n", "-", "-"}, "lmtp", FEATURE_NONE},
    {"anvil", "unix", {"-", "-", "n", "-", "1"}, "anvil", FEATURE_NONE},
    {"scache", "unix", {"-", "-", "n", "-", "1"}, "scache", FEATURE_NONE},
    {"postlog", "unix-dgram", {"n", "-", "n", "-", "1"}, "postlogd", FEATURE_UNIX_DGRAM_SERVICES},
};

enum { STOCK_COUNT = sizeof stock / sizeof *stock, FIELD_COUNT = 5 };

/* default_field - the value of "-" if no stock service sets it: master(5), and not chrooted */
static const char *default_field(struct str type, size_t field)
{
    if (field == 0 && str_is(type, "inet"))
        return "n";
    return field == 2 ? "n" : "-";
}

static struct str choose_field(const struct stock_service *row, const struct draft_service *service,
                               size_t field)
{
    if (service != NULL && !str_is(service->fields[field], "-"))
        return service->fields[field];
    return str_of(row->fields[field]);
}

/* make_row - for a service that is not in the stock master.cf */
static struct stock_service make_row(const struct draft *draft, const struct draft_service *service)
{
    struct stock_service row = {.name = arena_cstr(draft->arena, service->name),
                                .type = arena_cstr(draft->arena, service->type),
                                .command = arena_cstr(draft->arena, service->command)};

    for (size_t i = 0; i < FIELD_COUNT; i++)
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

    draft_write_origin(draft, override->item, override->reason, "", out);
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
        draft_write_origin(draft, service->item, str_of(""), "", out);
    if (service != NULL && service->disabled)
        buffer_add_char(out, '#');
    buffer_printf(out, "%-9s %-5s", row->name, row->type);
    for (size_t i = 0; i < FIELD_COUNT; i++)
        buffer_printf(out, " %-7.*s", STR_ARG(choose_field(row, service, i)));
    struct str command = service != NULL ? service->command : str_of(row->command);
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
    for (size_t i = 0; i < STOCK_COUNT; i++)
        if (str_is(service->name, stock[i].name) && str_is(service->type, stock[i].type))
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
    struct stock_service row = make_row(draft, service);

    write_service(draft, &row, service, out);
}

void draft_write_master(const struct draft *draft, struct buffer *out)
{
    buffer_add_cstr(out, "# The services of Postfix.  The lines of ");
    draft_write_line(out, draft->sendmail->source->path);
    buffer_add_cstr(out, " that services come from are in the comments above them.\n"
                         "# service type  private unpriv  chroot  wakeup  maxproc command\n");
    /* listeners come first */
    for (size_t i = 0; i < STOCK_COUNT; i++) {
        if (!release_has(draft->platform->release, stock[i].feature))
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
