/*
 * What restriction.h answers to the sessions of test-restriction.sh, without the commands around
 * it.
 *
 * restriction_sessions PLATFORM DIRECTORY < SESSIONS
 *
 * A line is a step: "service PORT", "client ADDRESS NAME REVERSE", "login USER", "helo NAME",
 * "mail <ADDRESS> [SIZE]", "rcpt <ADDRESS>", "data", "end", "etrn NAME", "vrfy ADDRESS", "rset".
 * For each step one line is printed: "CODE ENHANCED TEXT", or "ok", with a "?" in front where the
 * world had to be asked for it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/address/address.h"
#include "smtp/policy/restriction.h"

struct restriction_run {
    struct arena *arena;
    const struct policy *policy;
    const struct policy_service *service;
    struct world world;
    struct state state;
};

static void no_memory(void)
{
    abort();
}

static struct str word(struct str *rest)
{
    size_t end = str_find(*rest, ' ', 0);
    struct str made = str_slice(*rest, 0, end);

    *rest = str_slice(*rest, end + 1, rest->len);
    return made;
}

static enum name_status status_of(struct str name)
{
    return str_is(name, "unknown")    ? NAME_PERMANENT
           : str_is(name, "tempfail") ? NAME_TEMPORARY
                                      : NAME_OK;
}

static void set_client(struct restriction_run *run, struct str rest)
{
    struct state *state = &run->state;

    state_init(state, run->service, run->arena, &run->world);
    state->client_address = word(&rest);
    struct str name = word(&rest), reverse = word(&rest);
    state->client_name_status = status_of(name);
    state->client_name = state->client_name_status == NAME_OK ? name : str_of("unknown");
    state->reverse_client_name_status = status_of(reverse);
    state->reverse_client_name =
        state->reverse_client_name_status == NAME_OK ? reverse : str_of("unknown");
    state->protocol = str_of("ESMTP");
}

static bool read_path(struct restriction_run *run, struct str path, bool empty, struct str *address)
{
    return address_read_path(run->arena, path, empty, false, address);
}

static struct reply mail(struct restriction_run *run, struct str rest)
{
    struct str path = word(&rest), address;

    if (!read_path(run, path, true, &address))
        return reply_of(501, str_of("5.1.7 Bad sender address syntax"));
    run->state.message_size = rest.len > 0 ? strtol(arena_cstr(run->arena, rest), NULL, 10) : 0;
    run->state.sender = address;
    struct reply reply = restriction_check(&run->state, STAGE_MAIL);
    if (reply.code != 0)
        run->state.sender = STR_NONE;
    return reply;
}

static struct reply rcpt(struct restriction_run *run, struct str rest)
{
    struct str path = rest, address;

    if (run->state.sender.at == NULL)
        return reply_of(503, str_of("5.5.1 Error: need MAIL command"));
    if (!read_path(run, path, false, &address) ||
        address_resolve(&run->state, run->state.sender, address).bad_syntax)
        return reply_of(501, str_of("5.1.3 Bad recipient address syntax"));
    run->state.recipient = address;
    struct reply reply = restriction_check(&run->state, STAGE_RCPT);
    run->state.recipient = STR_NONE;
    if (reply.code == 0)
        run->state.recipient_count++;
    return reply;
}

static void end_transaction(struct restriction_run *run)
{
    restriction_reset(&run->state);
    run->state.sender = STR_NONE;
    run->state.recipient_count = 0;
}

static struct reply data(struct restriction_run *run, enum stage stage)
{
    if (run->state.recipient_count == 0)
        return run->state.sender.at == NULL
                   ? reply_of(503, str_of("5.5.1 Error: need RCPT command"))
                   : reply_of(554, str_of("5.5.1 Error: no valid recipients"));
    struct reply reply = restriction_check(&run->state, stage);
    if (stage == STAGE_END_OF_DATA)
        end_transaction(run);
    return reply;
}

static struct reply step(struct restriction_run *run, struct str line)
{
    struct str command = word(&line);
    struct state *state = &run->state;

    if (str_is(command, "service")) {
        run->service = policy_service_named(run->policy, line);
    } else if (str_is(command, "client")) {
        set_client(run, line);
        return restriction_check(state, STAGE_CONNECT);
    } else if (str_is(command, "login")) {
        state->sasl_username = line;
        state->sasl_method = str_of("XCLIENT");
    } else if (str_is(command, "helo")) {
        struct str before = state->helo;
        state->helo = line;
        struct reply reply = restriction_check(state, STAGE_HELO);
        if (reply.code != 0)
            state->helo = before;
        return reply;
    } else if (str_is(command, "mail")) {
        return mail(run, line);
    } else if (str_is(command, "rcpt")) {
        return rcpt(run, line);
    } else if (str_is(command, "data") || str_is(command, "end")) {
        return data(run, str_is(command, "data") ? STAGE_DATA : STAGE_END_OF_DATA);
    } else if (str_is(command, "etrn")) {
        state->etrn_name = line;
        struct reply reply = restriction_check(state, STAGE_ETRN);
        state->etrn_name = STR_NONE;
        return reply;
    } else if (str_is(command, "vrfy")) {
        if (!read_path(run, line, false, &state->vrfy_name))
            return reply_of(501, str_of("5.1.3 Bad recipient address syntax"));
        return restriction_check(state, STAGE_VRFY);
    } else if (str_is(command, "rset")) {
        end_transaction(run);
    }
    return (struct reply){0};
}

static void answer(struct restriction_run *run, struct str line)
{
    struct buffer out;

    if (str_starts(line, "client "))
        world_init(&run->world, run->arena, NULL);
    struct reply reply = step(run, line);
    /* the session's own replies, which are not restriction.h's */
    if (reply.code >= 500 && policy_flag(run->service, PARAM_SOFT_BOUNCE)) {
        reply.code -= 100;
        reply.enhanced = arena_printf(run->arena, "4%.*s",
                                      STR_ARG(str_slice(reply.enhanced, 1, reply.enhanced.len)));
    }
    buffer_init(&out, run->arena);
    if (reply.code != 0)
        reply_print(&out, reply);
    struct str text = str_trim(buffer_str(&out));
    printf("%s%.*s\n", run->world.count > 0 ? "?" : "",
           STR_ARG(text.len > 0 ? text : str_of("ok")));
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_create(no_memory);
    struct config config;
    struct str error;
    char line[4096];

    const struct platform *known = argc == 3 ? facts_platform(str_of(argv[1])) : NULL;
    if (known == NULL) {
        fprintf(stderr, "usage: restriction_sessions PLATFORM DIRECTORY\n");
        return 2;
    }
    struct platform platform = *known;
    struct config_input input = {.path = str_of(argv[2]), .platform = &platform};
    /* as for master -c: the directory is no copy, and what it lacks does not exist */
    platform.config_directory = input.path;
    if (!config_open(&config, arena, &input, &error)) {
        fprintf(stderr, "restriction_sessions: %.*s\n", STR_ARG(error));
        return 2;
    }
    struct restriction_run run = {.arena = arena, .policy = policy_open(arena, &config)};
    world_init(&run.world, arena, NULL);
    while (fgets(line, sizeof line, stdin) != NULL) {
        struct str text = arena_copy(arena, str_of(line));
        text.len -= text.len > 0 && text.at[text.len - 1] == '\n';
        answer(&run, text);
    }
    arena_destroy(arena);
    return 0;
}
