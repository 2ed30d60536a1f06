#include "parser/postfix/master_cf.h"

#include "base/path.h"
#include "facts/facts.h"
#include "parser/text/token.h"

const char *master_field_name(enum master_field field)
{
    static const char *const names[MASTER_FIELD_COUNT] = {"service",       "type",   "private",
                                                          "unprivileged",  "chroot", "wakeup",
                                                          "process_limit", "command"};
    return names[field];
}

/* the state of reading one line */
struct master_reader {
    struct master_cf *master_cf;
    struct arena *arena;
    struct service *service;
    struct master_override *last; /* the service's last override so far */
};

/* with more overrides than this, a search among all of them takes too long */
enum { OVERRIDES_FEW = 16 };

static void report_problem(const struct master_reader *reader, struct str part, bool fatal,
                           struct str message, const char *advice)
{
    problem_add(&reader->master_cf->problems, reader->arena,
                (struct problem){.span = line_span(&reader->service->line, part),
                                 .message = message,
                                 .advice = str_of(advice),
                                 .fatal = fatal});
}

static bool is_type(struct str type)
{
    static const struct str types[] = {STR("unix"), STR("inet"), STR("fifo"), STR("pass"),
                                       STR("unix-dgram")};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_eq(type, types[i]))
            return true;
    return false;
}

static bool is_flag(struct str field)
{
    return str_is(field, "y") || str_is(field, "n") || str_is(field, "-");
}

static bool is_number(struct str field)
{
    return str_is(field, "-") || str_is_digits(field);
}

/* check_fields - reports the fields that postconf and master(8) reject; false where there are any
 */
static bool check_fields(const struct master_reader *reader)
{
    const struct str *fields = reader->service->fields;
    bool good = true;

    for (int i = MASTER_TYPE; i < MASTER_COMMAND; i++) {
        struct str field = fields[i];
        const char *advice = "use y, n or -";
        bool valid;
        if (i == MASTER_TYPE) {
            valid = is_type(field);
            advice = "use inet, unix, fifo, pass or unix-dgram";
        } else if (i <= MASTER_CHROOT) {
            valid = is_flag(field);
        } else {
            if (i == MASTER_WAKEUP && str_ends(field, "?"))
                field.len--;
            valid = is_number(field);
            advice = "use a number or -";
        }
        if (valid)
            continue;
        report_problem(reader, fields[i], true,
                       arena_printf(reader->arena, "invalid %s field \"%.*s\"",
                                    master_field_name((enum master_field)i), STR_ARG(fields[i])),
                       advice);
        good = false;
    }
    return good;
}

/* split_host - "host:port", "[v6]:port" or "port" */
static void split_host(struct service *service)
{
    struct str name = service->name;
    size_t colon = name.len;

    for (size_t i = name.len; i > 0 && colon == name.len; i--)
        if (name.at[i - 1] == ':')
            colon = i - 1;
    if (colon == name.len) {
        service->host = str_slice(name, 0, 0);
        service->port = name;
        return;
    }
    service->host = str_slice(name, 0, colon);
    service->port = str_slice(name, colon + 1, name.len);
    if (str_starts(service->host, "[") && str_ends(service->host, "]"))
        service->host = str_slice(service->host, 1, service->host.len - 1);
}

static struct master_argument *add_argument(const struct master_reader *reader, struct str text,
                                            struct str place)
{
    struct service *service = reader->service;

    service->arguments = arena_grow(reader->arena, service->arguments, service->argument_count,
                                    &service->argument_capacity, sizeof *service->arguments);
    struct master_argument *argument = &service->arguments[service->argument_count++];
    *argument = (struct master_argument){.text = text, .place = place};
    return argument;
}

/* unbrace - the inside of a word in braces; unbalanced braces are reported */
static struct str unbrace(const struct master_reader *reader, struct str word)
{
    struct str inside;
    const char *wrong = token_unbrace(word, true, &inside);

    if (wrong != NULL)
        report_problem(reader, word, true, str_of(wrong), "balance the braces");
    return inside;
}

/* append_override - adds O to the service's list, and to its map where there are many */
static void append_override(struct master_reader *reader, struct master_override *o)
{
    struct service *service = reader->service;

    *(reader->last != NULL ? &reader->last->next : &service->overrides) = o;
    reader->last = o;
    if (++service->override_count <= OVERRIDES_FEW)
        return;
    if (service->override_names == NULL) {
        service->override_names = arena_alloc(reader->arena, sizeof *service->override_names);
        map_init(service->override_names, reader->arena);
        o = service->overrides;
    }
    for (; o != NULL; o = o->next)
        map_put(service->override_names, o->name, o);
}

/* add_override - adds "name=value"; returns the text as postconf shows it */
static struct str add_override(struct master_reader *reader, struct str text, struct str place,
                               bool braces)
{
    struct str name, value;
    const char *wrong = split_name_value(text, &name, &value);

    if (wrong != NULL) {
        report_problem(reader, text, true, str_of(wrong), "write -o name=value");
        return text;
    }
    struct master_override *o = arena_alloc_raw(reader->arena, sizeof *o);
    *o = (struct master_override){
        .parameter = facts_parameter(name), .name = name, .value = value, .place = place};
    append_override(reader, o);
    if (!braces)
        return text;
    return arena_printf(reader->arena, "%.*s=%.*s", STR_ARG(name), STR_ARG(value));
}

/* parse_option - "-v", "-vo", "-o", "-oname=value"; the value of -o may be the first word of *REST
 */
static void parse_option(struct master_reader *reader, struct str word, struct str *rest)
{
    size_t o = str_find(word, 'o', 1);
    struct str value;

    if (o > 1) /* "-v", or the "-v" of "-vo" */
        add_argument(reader, o < word.len ? str_slice(word, 0, o) : word, str_slice(word, 0, o))
            ->option = true;
    if (o == word.len)
        return;

    struct str place = str_slice(word, o == 1 ? 0 : o, word.len);
    struct master_argument *option = add_argument(reader, (struct str)STR("-o"), place);
    option->option = true;
    value = str_slice(word, o + 1, word.len);
    if (value.len == 0 && !token_next(rest, TOKEN_BLANKS, &value)) {
        report_problem(reader, word, true, str_of("-o without name=value"), "write -o name=value");
        return;
    }
    option->takes_value = true;
    place.len = (size_t)(value.at + value.len - place.at);
    bool braces = value.at[0] == '{';
    struct str inside = braces ? unbrace(reader, value) : value;
    struct str text = add_override(reader, inside, place, braces);
    struct master_argument *argument = add_argument(reader, text, value);
    argument->option = argument->is_value = true;
}

static void parse_arguments(struct master_reader *reader, struct str rest)
{
    struct str word;
    bool options = true;

    while (token_next(&rest, TOKEN_BLANKS, &word)) {
        options = options && word.at[0] == '-' && word.len > 1 && !str_is(word, "--");
        if (options)
            parse_option(reader, word, &rest);
        else
            add_argument(reader, word.at[0] == '{' ? unbrace(reader, word) : word, word);
    }
}

/* parse_service - one logical line; false where Postfix rejects it */
static bool parse_service(struct master_reader *reader)
{
    struct service *service = reader->service;
    struct str rest = service->line.text;

    for (int i = 0; i < MASTER_FIELD_COUNT; i++)
        if (!token_next(&rest, TOKEN_BLANKS, &service->fields[i])) {
            report_problem(reader, str_trim(service->line.text), true, str_of("bad field count"),
                           "a service has eight fields: service type private unpriv chroot wakeup "
                           "maxproc command");
            return false;
        }
    service->name = service->fields[MASTER_SERVICE];
    service->type = service->fields[MASTER_TYPE];
    service->command = service->fields[MASTER_COMMAND];
    if (!check_fields(reader))
        return false;
    if (str_is(service->type, "inet"))
        split_host(service);
    parse_arguments(reader, rest);
    return true;
}

void master_cf_parse(struct master_cf *master_cf, struct arena *arena, const struct source *source)
{
    struct line_reader lines = {.source = source};
    struct line line;

    *master_cf = (struct master_cf){.source = source};
    while (line_next(&lines, arena, &line)) {
        struct service *service = arena_alloc(arena, sizeof *service);
        struct master_reader reader = {master_cf, arena, service, NULL};
        service->line = line;
        if (line.nul)
            report_problem(&reader, str_slice(line.text, line.text.len, line.text.len), false,
                           str_of("Postfix ignores what follows the NUL byte"),
                           "remove the NUL byte");
        if (line.stray) {
            report_problem(
                &reader, str_trim(line.text), false,
                str_of("this line starts with white space, but there is no line before it to "
                       "continue: Postfix ignores it"),
                "remove the white space or the line");
            continue;
        }
        size_t problems = master_cf->problems.count;
        if (!parse_service(&reader)) {
            for (; problems < master_cf->problems.count; problems++)
                master_cf->problems.items[problems].unreadable = true;
            continue;
        }
        master_cf->services = arena_grow(arena, master_cf->services, master_cf->count,
                                         &master_cf->capacity, sizeof(struct service *));
        service->number = master_cf->count;
        master_cf->services[master_cf->count++] = service;
    }
}

const struct master_override *service_override(const struct service *service,
                                               enum parameter_number number)
{
    const struct parameter *parameter = facts_parameter_at(number);
    const struct master_override *found = NULL;

    if (service->override_names != NULL)
        return map_get(service->override_names, parameter->name);
    for (const struct master_override *o = service->overrides; o != NULL; o = o->next)
        if (o->parameter == parameter)
            found = o;
    return found;
}

const struct master_override *service_override_named(const struct service *service, struct str name)
{
    const struct master_override *found = NULL;

    if (service->override_names != NULL)
        return map_get(service->override_names, name);
    for (const struct master_override *o = service->overrides; o != NULL; o = o->next)
        if (str_eq(o->name, name))
            found = o;
    return found;
}

struct str service_process_name(const struct service *service)
{
    return path_base(service->command);
}

bool service_runs(const struct service *service, const char *daemon)
{
    return str_is(service_process_name(service), daemon);
}

int service_port(const struct service *service)
{
    int port = 0;

    if (!str_is(service->type, "inet"))
        return 0;
    if (!str_is_digits(service->port) || service->port.len > 5)
        return facts_port(service->port);
    for (size_t i = 0; i < service->port.len; i++)
        port = port * 10 + (service->port.at[i] - '0');
    return port;
}
