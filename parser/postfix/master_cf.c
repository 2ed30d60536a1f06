#include "parser/postfix/master_cf.h"

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

/* report_option - with which the program of the service does not start; all others do */
static void report_option(const struct master_reader *reader, struct str part, struct str message,
                          const char *advice)
{
    struct problem *problem = arena_alloc(reader->arena, sizeof *problem);

    *problem = (struct problem){.span = line_span(&reader->service->line, part),
                                .message = message,
                                .advice = str_of(advice),
                                .fatal = true,
                                .one_service = true};
    problem_add(&reader->master_cf->problems, reader->arena, *problem);
    if (reader->service->problem == NULL)
        reader->service->problem = problem;
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

/* check_socket - reports a socket that master(8) cannot create; postconf(1) does not care */
static void check_socket(const struct master_reader *reader)
{
    const struct service *service = reader->service;
    struct str private = service->fields[MASTER_PRIVATE];

    if (str_is(service->type, "inet")) {
        if (!str_is(private, "n"))
            report_problem(reader, private, true, str_of("an inet service cannot be private"),
                           "write n in the third column (private)");
        return;
    }
    if (str_find(service->name, '/', 0) < service->name.len)
        report_problem(reader, service->name, true,
                       arena_printf(reader->arena,
                                    "master(8) cannot create the socket \"%.*s\": its directory "
                                    "does not exist",
                                    STR_ARG(service->name)),
                       "use a name without \"/\"");
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

static void add_argument(const struct master_reader *reader, struct str text, struct str place)
{
    struct service *service = reader->service;

    service->arguments = arena_grow(reader->arena, service->arguments, service->argument_count,
                                    &service->argument_capacity, sizeof *service->arguments);
    service->arguments[service->argument_count++] =
        (struct master_argument){.text = text, .place = place};
}

/* --- the arguments as postconf(1) shows them -------------------------------------------- */

/* is_option - both, postconf(1) and the daemons, look for options up to a word that is none */
static bool is_option(struct str word)
{
    return word.len > 1 && word.at[0] == '-' && !str_is(word, "--");
}

static struct str unbrace(struct str word)
{
    struct str inside = word;

    if (word.len > 0 && word.at[0] == '{')
        token_unbrace(word, true, &inside);
    return inside;
}

/* show_value - the value of an -o: "{ name = value }" becomes "name=value" */
static struct str show_value(const struct master_reader *reader, struct str word)
{
    struct str name, value;
    struct str inside = unbrace(word);

    if (word.at[0] != '{' || split_name_value(inside, &name, &value) != NULL)
        return inside;
    return arena_printf(reader->arena, "%.*s=%.*s", STR_ARG(name), STR_ARG(value));
}

/* split_option - "-v", "-vo", "-o", "-oname=value": each "o" begins an option, even inside of one
 */
static void split_option(const struct master_reader *reader, struct str word, struct str *rest)
{
    struct str letters = str_slice(word, 1, word.len);

    while (letters.len > 0) {
        size_t o = str_find(letters, 'o', 1);
        struct str head = str_slice(letters, 0, o);
        struct str place = head.at == word.at + 1 ? str_slice(word, 0, o + 1) : head;
        letters = str_slice(letters, o, letters.len);
        if (head.at[0] != 'o') {
            add_argument(reader, place, place);
            continue;
        }
        add_argument(reader, (struct str)STR("-o"), place);
        struct str value = str_slice(head, 1, head.len);
        struct str text = value;
        if (value.len == 0 && letters.len > 0) {
            value = letters;
            text = arena_printf(reader->arena, "-%.*s", STR_ARG(letters));
            letters.len = 0;
        } else if (value.len == 0) {
            if (!token_next(rest, TOKEN_BLANKS, &value))
                return;
            text = value;
        }
        add_argument(reader, show_value(reader, text), value);
    }
}

/* mark_options - the options, as postconf(1) finds them once it has split the words: "-o
   name=value" that was in braces is one, and takes the next argument for its value */
static void mark_options(struct service *service)
{
    struct master_argument *arguments = service->arguments;

    for (size_t i = 0; i < service->argument_count && is_option(arguments[i].text); i++) {
        arguments[i].option = true;
        if (arguments[i].text.at[1] == 'o' && i + 1 < service->argument_count) {
            arguments[i].takes_value = true;
            i++;
            arguments[i].option = arguments[i].is_value = true;
        }
    }
}

static void split_arguments(const struct master_reader *reader, struct str rest)
{
    struct str word;
    bool options = true;

    while (token_next(&rest, TOKEN_BLANKS, &word)) {
        options = options && is_option(word);
        if (options)
            split_option(reader, word, &rest);
        else
            add_argument(reader, unbrace(word), word);
    }
    mark_options(reader->service);
}

/* --- the arguments as the daemon reads them ---------------------------------------------- */

/* find_override - the last of that name so far, or NULL */
static struct master_override *find_override(const struct service *service, struct str name)
{
    struct master_override *found = NULL;

    if (service->override_names != NULL)
        return map_get(service->override_names, name);
    for (struct master_override *o = service->overrides; o != NULL; o = o->next)
        if (str_eq(o->name, name))
            found = o;
    return found;
}

/* append_override - adds O to the service's list, and to its map where there are many */
static void append_override(struct master_reader *reader, struct master_override *o)
{
    struct service *service = reader->service;
    struct master_override *earlier = find_override(service, o->name);

    if (earlier != NULL)
        earlier->overridden = true;
    o->earlier = earlier;
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

/* add_override - adds "name=value"; returns NULL, or what is wrong with it */
static const char *add_override(struct master_reader *reader, struct str text, struct str place)
{
    struct str name, value;
    const char *wrong = split_name_value(text, &name, &value);

    if (wrong != NULL)
        return wrong;
    struct master_override *o = arena_alloc_raw(reader->arena, sizeof *o);
    *o = (struct master_override){
        .parameter = facts_parameter(name), .name = name, .value = value, .place = place};
    append_override(reader, o);
    return NULL;
}

/* next_word - an argument as master(8) passes it, without the braces around it */
static bool next_word(const struct master_reader *reader, struct str *rest, struct str *place,
                      struct str *word)
{
    const char *wrong;

    if (!token_next(rest, TOKEN_BLANKS, place))
        return false;
    *word = *place;
    if (place->at[0] == '{' && (wrong = token_unbrace(*place, true, word)) != NULL)
        report_problem(reader, *place, true, str_of(wrong), "balance the braces");
    return true;
}

/* read_option - one word of options, as getopt(3) reads it; REST gives the value of the last */
static void read_option(struct master_reader *reader, struct str place, struct str word,
                        struct str *rest)
{
    static const char without_value[] = "cdDlSuvVz", with_value[] = "imnorst";
    size_t at = str_span(word, 1, without_value);
    struct str value_place = place;
    struct str value = str_slice(word, at + 1, word.len);

    if (at == word.len)
        return;
    if (str_find(str_of(with_value), word.at[at], 0) == strlen(with_value)) {
        report_option(reader, place,
                      arena_printf(reader->arena, "invalid option \"%.*s\"", STR_ARG(place)),
                      "write -o name=value, or -v for a detailed log");
        return;
    }
    bool given = value.len > 0 || next_word(reader, rest, &value_place, &value);
    if (!given) {
        report_option(reader, place,
                      word.at[at] == 'o'
                          ? str_of("-o without name=value")
                          : arena_printf(reader->arena, "-%c without a value", word.at[at]),
                      "write -o name=value");
        return;
    }
    if (word.at[at] != 'o')
        return;
    /* the letters before it stay when it is removed, unless they are in the same braces */
    if (at > 1 && word.at == place.at)
        place = str_slice(place, at, place.len);
    place.len = (size_t)(value_place.at + value_place.len - place.at);
    const char *wrong = add_override(reader, value, place);
    if (wrong != NULL)
        report_option(reader, value, str_of(wrong), "write -o name=value");
}

/* read_arguments - the options, up to the first argument that is none */
static void read_arguments(struct master_reader *reader, struct str rest)
{
    struct service *service = reader->service;
    struct str place, word;
    bool options = true;

    while (next_word(reader, &rest, &place, &word)) {
        if (options && str_is(word, "--")) {
            options = false;
            continue;
        }
        options = options && is_option(word);
        if (options)
            read_option(reader, place, word, &rest);
        else if (service->operand.at == NULL)
            service->operand = word;
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
    check_socket(reader);
    if (str_is(service->type, "inet"))
        split_host(service);
    split_arguments(reader, rest);
    read_arguments(reader, rest);
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

/* add_shown_overrides - the -o that postconf finds; assignments of read-only names go */
static void add_shown_overrides(struct master_reader *to, const struct service *from)
{
    struct str name, value;

    for (size_t i = 1; i < from->argument_count; i++) {
        const struct master_argument *argument = &from->arguments[i];
        if (!argument->is_value || !str_is(argument[-1].text, "-o") ||
            split_name_value(argument->text, &name, &value) != NULL)
            continue;
        const struct parameter *parameter = facts_parameter(name);
        if (parameter == NULL || parameter->type != PARAMETER_READ_ONLY)
            add_override(to, argument->text, argument->place);
    }
}

static struct str make_name_and_type(struct arena *arena, const struct service *service)
{
    return arena_printf(arena, "%.*s/%.*s", STR_ARG(service->name), STR_ARG(service->type));
}

static void share_overrides(struct service *service, const struct service *from)
{
    service->overrides = from->overrides;
    service->override_names = from->override_names;
    service->override_count = from->override_count;
}

void master_cf_read_as_postconf(struct master_cf *master_cf, struct arena *arena)
{
    static const struct service none = {0};
    struct map first; /* name/type to the reader of the first service with overrides */

    map_init(&first, arena);
    for (size_t i = 0; i < master_cf->count; i++) {
        struct service *service = master_cf->services[i];
        struct str key = make_name_and_type(arena, service);
        struct master_reader *reader = map_get(&first, key);
        share_overrides(service, &none);
        if (reader == NULL) {
            reader = arena_alloc(arena, sizeof *reader);
            *reader = (struct master_reader){master_cf, arena, service, NULL};
        }
        add_shown_overrides(reader, service);
        if (reader->last != NULL)
            map_put(&first, key, reader);
    }
    for (size_t i = 0; i < master_cf->count; i++) {
        struct service *service = master_cf->services[i];
        const struct master_reader *reader = map_get(&first, make_name_and_type(arena, service));
        if (reader != NULL && reader->service->number < service->number)
            share_overrides(service, reader->service);
    }
}
