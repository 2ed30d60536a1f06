/* plan - reads livetest.yaml; plan_write.c writes it */
#include "smtp/livetest/plan.h"

#include <stdlib.h>
#include <string.h>

void plan_add_text(struct str_list *list, struct arena *arena, struct str text)
{
    if (str_list_has(list, text))
        return;
    struct str *items = arena_alloc(arena, (list->count + 1) * sizeof *items);
    for (size_t i = 0; i < list->count; i++)
        items[i] = list->items[i];
    items[list->count] = arena_copy(arena, text);
    *list = (struct str_list){items, list->count + 1};
}

static void add_names(struct buffer *out, const struct str_list *list)
{
    enum { NAMED = 3 };

    for (size_t i = 0; i < list->count && i < NAMED; i++)
        buffer_printf(out, "%s%.*s", i > 0 ? ", " : "", STR_ARG(list->items[i]));
    if (list->count > NAMED)
        buffer_printf(out, " and %zu more", list->count - NAMED);
}

struct str plan_left_out(const struct plan *plan, struct arena *arena)
{
    struct buffer out;

    buffer_init(&out, arena);
    if (plan->left_out.count > 0) {
        buffer_printf(&out, "not tested, as there are more than %d sessions: ", PLAN_MAX_SESSIONS);
        add_names(&out, &plan->left_out);
    }
    if (plan->sampled.count > 0) {
        buffer_add_cstr(&out, out.len > 0 ? "; " : "");
        buffer_printf(
            &out,
            "only some entries are tried, at most %d of an access table, %d domains and %d "
            "recipients of another list, of ",
            PLAN_MAX_KEYS, PLAN_MAX_DOMAINS, PLAN_MAX_ENTRIES);
        add_names(&out, &plan->sampled);
    }
    return buffer_str(&out);
}

struct plan_session *plan_add_session(struct plan *plan, struct arena *arena)
{
    plan->sessions = arena_grow(arena, plan->sessions, plan->session_count, &plan->session_capacity,
                                sizeof *plan->sessions);
    struct plan_session *session = &plan->sessions[plan->session_count++];
    *session = (struct plan_session){.tls = PLAN_TLS_NONE};
    return session;
}

struct plan_step *plan_add_step(struct plan_session *session, struct arena *arena,
                                enum plan_action action, struct str text)
{
    session->steps = arena_grow(arena, session->steps, session->step_count, &session->step_capacity,
                                sizeof *session->steps);
    struct plan_step *step = &session->steps[session->step_count++];
    *step = (struct plan_step){.action = action, .text = text};
    return step;
}

static const char *const tls_names[] = {
    [PLAN_TLS_NONE] = "none", [PLAN_TLS_STARTTLS] = "starttls", [PLAN_TLS_IMPLICIT] = "implicit"};

const char *plan_tls_name(enum plan_tls tls)
{
    return tls_names[tls];
}

bool plan_asks_capabilities(const struct plan_session *session)
{
    return str_is(session->kind, "capabilities") || str_is(session->kind, "starttls");
}

bool plan_is_stranger(const struct plan_session *session)
{
    return str_starts(session->client, "192.0.2.") || str_starts(session->client, "198.51.100.") ||
           str_starts(session->client, "203.0.113.");
}

/* --- a step -------------------------------------------------------------------------- */

static bool is_enhanced(struct str text)
{
    size_t dots = 0;

    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '.')
            dots++;
        else if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    }
    return dots == 2 && text.len <= 9;
}

/* read_reply - "250" or "250 2.1.0" */
static bool read_reply(struct plan_step *step, struct str text)
{
    struct str code = str_slice(text, 0, 3);
    struct str rest = str_slice(text, 3, text.len);

    if (code.len != 3 || !str_is_digits(code) || code.at[0] < '2' || code.at[0] > '5')
        return false;
    step->code = (code.at[0] - '0') * 100 + (code.at[1] - '0') * 10 + (code.at[2] - '0');
    step->outcome = PLAN_REPLY;
    step->enhanced = rest.len > 0 ? str_slice(rest, 1, rest.len) : (struct str)STR("");
    return rest.len == 0 || (rest.at[0] == ' ' && is_enhanced(step->enhanced));
}

static bool read_expected(struct plan_step *step, struct str text)
{
    static const struct {
        const char *name;
        enum plan_outcome outcome;
    } words[] = {{"tls", PLAN_TLS_GOOD},
                 {"no tls", PLAN_TLS_FAILS},
                 {"silence", PLAN_SILENCE},
                 {"nothing", PLAN_NOTHING}};

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_is(text, words[i].name)) {
            step->outcome = words[i].outcome;
            return true;
        }
    return read_reply(step, text);
}

/* read_expectation - "expect", or "one-of" with "because" */
static void read_expectation(struct plan_step *step, struct yaml_reader *reader,
                             const struct yaml_value *map)
{
    const struct yaml_value *expect = yaml_get(map, "expect");
    const struct yaml_value *one_of = yaml_get(map, "one-of");

    step->reason = yaml_text_or(reader, map, "because", (struct str)STR(""));
    if (expect != NULL && one_of != NULL)
        yaml_fail(reader, one_of, "a step has \"expect\" or \"one-of\", not both");
    if (expect != NULL && !read_expected(step, yaml_as_text(reader, expect)))
        yaml_fail(reader, expect,
                  "expected a code (250), a code with an enhanced code (250 2.1.0), tls, no tls, "
                  "silence or nothing");
    if (one_of == NULL)
        return;
    step->alternatives = yaml_as_texts(reader, one_of);
    for (size_t i = 0; i < step->alternatives.count; i++) {
        struct plan_step one = {.outcome = PLAN_ANY};
        if (!read_expected(&one, step->alternatives.items[i]))
            yaml_fail(reader, one_of, "\"%.*s\" is not a valid expectation",
                      STR_ARG(step->alternatives.items[i]));
    }
    step->outcome = PLAN_UNDETERMINED;
}

/* read_line - a text that is sent as one line */
static struct str read_line(struct yaml_reader *reader, const struct yaml_value *value)
{
    struct str text = yaml_as_text(reader, value);

    if (str_span_not(text, 0, "\r\n") < text.len)
        yaml_fail(reader, value, "a command must not contain a line end");
    return text;
}

static void read_action(struct plan_step *step, struct yaml_reader *reader,
                        const struct yaml_value *map)
{
    static const char *const keys[] = {"do", "send", "auth", "message"};
    const struct yaml_value *value = NULL;
    size_t found = 0;
    size_t count = 0;

    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (yaml_get(map, keys[i]) != NULL) {
            value = yaml_get(map, keys[i]);
            found = i;
            count++;
        }
    if (count != 1) {
        yaml_fail(reader, map, "a step must have one of do, send, auth and message");
        return;
    }
    step->text = found == 3 ? yaml_as_text(reader, value) : read_line(reader, value);
    step->action = found == 1 ? PLAN_SEND : found == 2 ? PLAN_AUTH : PLAN_MESSAGE;
    if (found != 0)
        return;
    if (str_is(step->text, "greeting"))
        step->action = PLAN_GREETING;
    else if (str_is(step->text, "starttls"))
        step->action = PLAN_STARTTLS;
    else if (str_is(step->text, "handshake"))
        step->action = PLAN_HANDSHAKE;
    else
        yaml_fail(reader, value, "expected greeting, starttls or handshake");
    step->text = (struct str)STR("");
}

static void read_step(struct plan_session *session, struct yaml_reader *reader,
                      const struct yaml_value *map)
{
    static const char *const keys[] = {"do",      "send", "auth",  "message",  "expect", "one-of",
                                       "because", "has",  "lacks", "received", NULL};
    if (!yaml_only_keys(reader, map, keys))
        return;
    struct plan_step *step = plan_add_step(session, reader->arena, PLAN_SEND, STR_NONE);
    read_action(step, reader, map);
    read_expectation(step, reader, map);
    if (yaml_get(map, "has") != NULL)
        step->has = yaml_as_texts(reader, yaml_get(map, "has"));
    if (yaml_get(map, "lacks") != NULL)
        step->lacks = yaml_as_texts(reader, yaml_get(map, "lacks"));
    step->received = yaml_text_or(reader, map, "received", (struct str)STR(""));
}

/* --- a session ----------------------------------------------------------------------- */

static enum plan_tls read_tls(struct yaml_reader *reader, const struct yaml_value *value)
{
    struct str text = value == NULL ? str_of("none") : yaml_as_text(reader, value);

    for (size_t i = 0; i < sizeof tls_names / sizeof *tls_names; i++)
        if (str_is(text, tls_names[i]))
            return (enum plan_tls)i;
    yaml_fail(reader, value, "expected none, starttls or implicit");
    return PLAN_TLS_NONE;
}

static void read_steps(struct plan_session *session, struct yaml_reader *reader,
                       const struct yaml_value *steps)
{
    if (steps != NULL && steps->count > PLAN_MAX_STEPS)
        yaml_fail(reader, steps, "more than %d steps", PLAN_MAX_STEPS);
    for (size_t i = 0; steps != NULL && !reader->failed && i < steps->count; i++)
        read_step(session, reader, &steps->items[i]);
}

/* read_protocol - of the client; the names are OpenSSL's */
static struct str read_protocol(struct yaml_reader *reader, const struct yaml_value *map,
                                const char *key)
{
    static const char *const names[] = {"", "TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3"};
    struct str text = yaml_text_or(reader, map, key, (struct str)STR(""));

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(text, names[i]))
            return text;
    yaml_fail(reader, yaml_get(map, key), "expected TLSv1, TLSv1.1, TLSv1.2 or TLSv1.3");
    return text;
}

static void read_session(struct plan *plan, struct yaml_reader *reader,
                         const struct yaml_value *map)
{
    static const char *const keys[] = {
        "ask",         "kind", "service", "port",  "tls", "min-protocol", "max-protocol", "client",
        "client-name", "user", "wanted",  "steps", NULL};
    static const struct str empty = STR("");

    if (!yaml_only_keys(reader, map, keys))
        return;
    struct plan_session *session = plan_add_session(plan, reader->arena);
    session->ask = yaml_text(reader, map, "ask");
    session->kind = yaml_text(reader, map, "kind");
    session->service = yaml_text(reader, map, "service");
    if (yaml_get(map, "port") != NULL) {
        long port = yaml_as_number(reader, yaml_get(map, "port"));
        if (port < 0 || port > 65535)
            yaml_fail(reader, yaml_get(map, "port"), "not a valid port number");
        else
            session->port = (int)port;
    }
    session->tls = read_tls(reader, yaml_get(map, "tls"));
    session->min_protocol = read_protocol(reader, map, "min-protocol");
    session->max_protocol = read_protocol(reader, map, "max-protocol");
    session->client = yaml_text_or(reader, map, "client", empty);
    session->client_name = yaml_text_or(reader, map, "client-name", empty);
    session->user = yaml_text_or(reader, map, "user", empty);
    session->wanted = yaml_text_or(reader, map, "wanted", empty);
    if (session->wanted.len > 0 && !str_is(session->wanted, "accepted") &&
        !str_is(session->wanted, "refused"))
        yaml_fail(reader, yaml_get(map, "wanted"), "expected accepted or refused");
    read_steps(session, reader, yaml_need(reader, map, "steps", YAML_LIST));
}

/* --- the plan ------------------------------------------------------------------------ */

static void read_user(struct plan *plan, struct yaml_reader *reader, const struct yaml_value *map)
{
    static const char *const keys[] = {"name", "password", NULL};

    if (!yaml_only_keys(reader, map, keys))
        return;
    plan->users = arena_grow(reader->arena, plan->users, plan->user_count, &plan->user_capacity,
                             sizeof *plan->users);
    plan->users[plan->user_count++] = (struct plan_user){
        .name = yaml_text(reader, map, "name"), .password = yaml_text(reader, map, "password")};
}

static void read_intended(struct plan *plan, struct yaml_reader *reader,
                          const struct yaml_value *map)
{
    static const char *const keys[] = {"service", "kind", "rule", "why", NULL};
    static const struct str empty = STR("");

    if (!yaml_only_keys(reader, map, keys))
        return;
    plan->intended = arena_grow(reader->arena, plan->intended, plan->intended_count,
                                &plan->intended_capacity, sizeof *plan->intended);
    plan->intended[plan->intended_count++] =
        (struct plan_intended){.service = yaml_text_or(reader, map, "service", empty),
                               .kind = yaml_text_or(reader, map, "kind", empty),
                               .rule = yaml_text(reader, map, "rule"),
                               .why = yaml_text_or(reader, map, "why", empty)};
}

static void read_list(struct plan *plan, struct yaml_reader *reader, const struct yaml_value *map,
                      const char *key,
                      void (*read)(struct plan *, struct yaml_reader *, const struct yaml_value *))
{
    if (yaml_get(map, key) == NULL)
        return;
    const struct yaml_value *list = yaml_need(reader, map, key, YAML_LIST);
    for (size_t i = 0; list != NULL && !reader->failed && i < list->count; i++)
        read(plan, reader, &list->items[i]);
}

/* check_users - a session can log in only as a user of the plan */
static void check_users(const struct plan *plan, struct yaml_reader *reader,
                        const struct yaml_value *map)
{
    for (size_t i = 0; i < plan->session_count; i++) {
        struct str user = plan->sessions[i].user;
        bool known = user.len == 0;
        for (size_t k = 0; k < plan->user_count; k++)
            known = known || str_eq(plan->users[k].name, user);
        if (!known)
            yaml_fail(reader, yaml_get(&yaml_get(map, "sessions")->items[i], "user"),
                      "\"%.*s\" is not a user of the plan", STR_ARG(user));
    }
}

static void read_plan(struct plan *plan, struct yaml_reader *reader, const struct yaml_value *map)
{
    static const char *const keys[] = {"postmend plan", "platform", "hostname",
                                       "configuration", "assume",   "users",
                                       "intended",      "sessions", NULL};
    if (!yaml_only_keys(reader, map, keys))
        return;
    if (!str_is(yaml_text(reader, map, "postmend plan"), "1"))
        yaml_fail(reader, yaml_get(map, "postmend plan"), "unknown version (expected 1)");
    plan->platform = yaml_text_or(reader, map, "platform", STR_NONE);
    plan->hostname = yaml_text_or(reader, map, "hostname", STR_NONE);
    plan->configuration = yaml_text_or(reader, map, "configuration", STR_NONE);
    if (yaml_get(map, "assume") != NULL)
        plan->assume = yaml_as_texts(reader, yaml_get(map, "assume"));
    read_list(plan, reader, map, "users", read_user);
    read_list(plan, reader, map, "intended", read_intended);
    read_list(plan, reader, map, "sessions", read_session);
    if (!reader->failed && plan->session_count > 0)
        check_users(plan, reader, map);
}

bool plan_read(struct plan *plan, struct arena *arena, struct str path, struct str *error)
{
    struct yaml_reader reader;

    *plan = (struct plan){.platform = STR_NONE};
    yaml_reader_init(&reader, arena);
    const struct yaml_value *map = yaml_load_file(&reader, arena_cstr(arena, path));
    if (map != NULL)
        read_plan(plan, &reader, map);
    if (!reader.failed)
        return true;
    *error = arena_printf(arena, "%.*s: %.*s", STR_ARG(path), STR_ARG(yaml_problem(&reader)));
    return false;
}
