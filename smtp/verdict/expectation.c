#include "smtp/verdict/expectation.h"

#include <string.h>

static const struct str none = STR("");

/* --- reading ------------------------------------------------------------------------- */

static enum plan_tls read_tls(struct yaml_reader *reader, const struct yaml_value *value)
{
    static const enum plan_tls all[] = {PLAN_TLS_NONE, PLAN_TLS_STARTTLS, PLAN_TLS_IMPLICIT};
    struct str text = value == NULL ? str_of("none") : yaml_as_text(reader, value);

    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (str_is(text, plan_tls_name(all[i])))
            return all[i];
    yaml_fail(reader, value, "expected none, starttls or implicit");
    return PLAN_TLS_NONE;
}

/* read_address - something that can be between < and > in a command */
static struct str read_address(struct yaml_reader *reader, const struct yaml_value *map,
                               const char *key)
{
    struct str text = yaml_text_or(reader, map, key, none);

    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] <= ' ' || text.at[i] > '~' || strchr("<>", text.at[i]) != NULL) {
            yaml_fail(reader, yaml_get(map, key), "not an address");
            break;
        }
    return text;
}

static int read_port(struct yaml_reader *reader, const struct yaml_value *map)
{
    const struct yaml_value *value = yaml_need(reader, map, "port", YAML_TEXT);
    long port = value == NULL ? 1 : yaml_as_number(reader, value);

    if (port < 1 || port > 65535)
        yaml_fail(reader, value, "a port is a number from 1 to 65535");
    return (int)port;
}

/* describe - "mail from <a@b> to <c@d> on port 25 with STARTTLS, logged in as ann, is accepted" */
static struct str describe(struct arena *arena, const struct expectation *item)
{
    struct buffer out;

    buffer_init(&out, arena);
    buffer_printf(&out, "mail from <%.*s> to <%.*s>", STR_ARG(item->from), STR_ARG(item->to));
    if (item->client.len > 0)
        buffer_printf(&out, " by %.*s", STR_ARG(item->client));
    buffer_printf(&out, " on port %d", item->port);
    if (item->tls != PLAN_TLS_NONE)
        buffer_add_cstr(&out, item->tls == PLAN_TLS_STARTTLS ? " with STARTTLS" : " with TLS");
    if (item->user.len > 0)
        buffer_printf(&out, ", logged in as %.*s,", STR_ARG(item->user));
    buffer_printf(&out, " is %.*s", STR_ARG(item->wanted));
    return buffer_str(&out);
}

static void read_item(struct expectation_list *list, struct yaml_reader *reader,
                      const struct yaml_value *map)
{
    static const char *const keys[] = {"ask",  "port", "tls", "client", "client-name",
                                       "user", "from", "to",  "expect", NULL};
    struct expectation item = {.port = 0};

    if (!yaml_only_keys(reader, map, keys))
        return;
    item.port = read_port(reader, map);
    item.tls = read_tls(reader, yaml_get(map, "tls"));
    item.client = read_address(reader, map, "client");
    item.client_name = read_address(reader, map, "client-name");
    item.user = yaml_text_or(reader, map, "user", none);
    item.from = read_address(reader, map, "from");
    item.to = read_address(reader, map, "to");
    item.wanted = yaml_text(reader, map, "expect");
    if (!reader->failed && item.to.len == 0)
        yaml_fail(reader, map, "\"to\" is missing");
    if (!reader->failed && !str_is(item.wanted, "accepted") && !str_is(item.wanted, "refused"))
        yaml_fail(reader, yaml_get(map, "expect"), "expected accepted or refused");
    if (reader->failed)
        return;
    item.ask = yaml_text_or(reader, map, "ask", describe(reader->arena, &item));
    list->items =
        arena_grow(reader->arena, list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count++] = item;
}

void expectation_read(struct expectation_list *list, struct yaml_reader *reader,
                      const struct yaml_value *value)
{
    if (value->kind != YAML_LIST)
        yaml_fail(reader, value, "expected a list");
    for (size_t i = 0; !reader->failed && i < value->count; i++)
        read_item(list, reader, &value->items[i]);
}

/* --- sessions ------------------------------------------------------------------------- */

static void add_user(struct plan *plan, struct arena *arena, struct str name)
{
    static const struct str password = STR("not-a-secret");

    for (size_t i = 0; i < plan->user_count; i++)
        if (str_eq(plan->users[i].name, name))
            return;
    plan->users =
        arena_grow(arena, plan->users, plan->user_count, &plan->user_capacity, sizeof *plan->users);
    plan->users[plan->user_count++] = (struct plan_user){name, password};
}

static void add_steps(struct plan_session *session, struct arena *arena,
                      const struct expectation *item)
{
    static const struct str hello = STR("EHLO [198.51.100.7]");

    if (item->tls == PLAN_TLS_IMPLICIT)
        plan_add_step(session, arena, PLAN_HANDSHAKE, none);
    plan_add_step(session, arena, PLAN_GREETING, none);
    plan_add_step(session, arena, PLAN_SEND, hello);
    if (item->tls == PLAN_TLS_STARTTLS) {
        plan_add_step(session, arena, PLAN_STARTTLS, none);
        plan_add_step(session, arena, PLAN_SEND, hello);
    }
    if (item->user.len > 0)
        plan_add_step(session, arena, PLAN_AUTH, str_of("PLAIN"));
    plan_add_step(session, arena, PLAN_SEND,
                  arena_printf(arena, "MAIL FROM:<%.*s>", STR_ARG(item->from)));
    plan_add_step(session, arena, PLAN_SEND,
                  arena_printf(arena, "RCPT TO:<%.*s>", STR_ARG(item->to)));
    plan_add_step(session, arena, PLAN_SEND, str_of("DATA"));
    plan_add_step(session, arena, PLAN_MESSAGE,
                  arena_printf(arena, "From: <%.*s>\nTo: <%.*s>\nSubject: postmend livetest\n\nx\n",
                               STR_ARG(item->from), STR_ARG(item->to)));
    plan_add_step(session, arena, PLAN_SEND, str_of("QUIT"));
}

bool expectation_add(struct plan *plan, struct arena *arena, const struct policy *policy,
                     const struct expectation_list *list, struct str *error)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct expectation *item = &list->items[i];
        const struct policy_service *service = policy_service_at_port(policy, item->port);
        if (service == NULL) {
            *error = arena_printf(arena, "expect: no service of master.cf listens on port %d",
                                  item->port);
            return false;
        }
        struct plan_session *session = plan_add_session(plan, arena);
        session->ask = item->ask;
        session->kind = str_of("expected");
        session->service = service->listener->name;
        session->port = item->port;
        session->tls = item->tls;
        session->min_protocol = session->max_protocol = none;
        session->client = item->client.len > 0 ? item->client : str_of("198.51.100.7");
        session->client_name =
            item->client.len > 0 ? item->client_name : str_of("stranger.example");
        session->user = item->user;
        session->wanted = item->wanted;
        if (item->user.len > 0)
            add_user(plan, arena, item->user);
        add_steps(session, arena, item);
    }
    return true;
}
