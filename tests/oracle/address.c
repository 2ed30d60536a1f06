/*
 * address - what we say to the senders and recipients of tests/oracle/test-address.sh
 *
 *     address DIRECTORY PLATFORM HOSTNAME USERS <questions
 *
 * A question is a line "MAIL path", "RCPT path" or "STRANGER path": RCPT comes from a client of
 * mynetworks, STRANGER is a recipient of anyone else's.  Each is answered by one line, with " | "
 * between the replies where there is more than one.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "smtp/address/address.h"

struct address_run {
    const struct policy_service *service;
    struct arena *arena;
};

static void out_of_memory(void)
{
    abort();
}

static struct reply unlisted(struct state *state, struct str address, bool sender)
{
    struct reply reply = {0};
    struct resolved resolved =
        address_resolve(state, sender ? state->recipient : state->sender, address);

    switch (address_exists(state, &resolved, address, sender, &reply)) {
    case EXISTS_NO:
    case EXISTS_ERROR:
        return reply;
    default:
        return (struct reply){0};
    }
}

static struct reply answer_mail(struct state *state, struct str path)
{
    bool strict = policy_flag(state->service, PARAM_STRICT_RFC821_ENVELOPES);
    struct reply reply = {0};
    struct str address;

    state->sender = STR_NONE;
    if (!address_read_path(state->arena, path, true, strict, &address) ||
        !address_is_acceptable(state, address, state->smtputf8))
        return reply_of(501, (struct str)STR("5.1.7 Bad sender address syntax"));
    if (address.len > 0 && policy_flag(state->service, PARAM_SMTPD_REJECT_UNLISTED_SENDER))
        reply = unlisted(state, address, true);
    return reply.code > 0 ? reply : reply_of(250, (struct str)STR("2.1.0 Ok"));
}

static struct reply answer_rcpt(struct state *state, struct str path, bool stranger)
{
    bool strict = policy_flag(state->service, PARAM_STRICT_RFC821_ENVELOPES);
    struct str address;

    state->sender = (struct str)STR("");
    if (!address_read_path(state->arena, path, false, strict, &address) ||
        !address_is_acceptable(state, address, state->smtputf8))
        return reply_of(501, (struct str)STR("5.1.3 Bad recipient address syntax"));
    if (str_is_nocase(address, "postmaster"))
        return reply_of(250, (struct str)STR("2.1.5 Ok")); /* smtpd_check_rcpt */
    struct resolved resolved = address_resolve(state, state->sender, address);
    if (resolved.class == ADDRESS_ERROR)
        return resolved.problem;
    bool routed = resolved.routed && !policy_flag(state->service, PARAM_ALLOW_UNTRUSTED_ROUTING);
    if (stranger && (routed || resolved.class == ADDRESS_DEFAULT))
        return reply_printf(state->arena, 554, "5.7.1", "<%.*s>: Relay access denied",
                            STR_ARG(address));
    struct reply reply = unlisted(state, address, false);
    return reply.code > 0 ? reply : reply_of(250, (struct str)STR("2.1.5 Ok"));
}

static struct reply answer(struct state *state, struct str line)
{
    if (str_starts(line, "MAIL "))
        return answer_mail(state, str_slice(line, 5, line.len));
    if (str_starts(line, "RCPT "))
        return answer_rcpt(state, str_slice(line, 5, line.len), false);
    return answer_rcpt(state, str_slice(line, 9, line.len), true);
}

static void answer_all(const struct address_run *run, struct str line)
{
    struct world world;
    struct str last = STR_NONE;

    world_init(&world, run->arena, NULL);
    do {
        struct state state;
        struct buffer out;
        state_init(&state, run->service, run->arena, &world);
        buffer_init(&out, run->arena);
        reply_print(&out, answer(&state, line));
        struct str text = str_trim(buffer_str(&out));
        if (last.at != NULL && str_eq(text, last))
            continue;
        printf("%s%.*s", last.at != NULL ? " | " : "", STR_ARG(text));
        last = text;
    } while (world_next(&world));
    putchar('\n');
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_create(out_of_memory);
    struct arena *passing = arena_create(out_of_memory);
    struct config config;
    struct str error;
    char line[16384];

    if (argc != 5)
        return 2;
    struct config_input input = {
        .path = str_of(argv[1]),
        .platform = facts_platform(str_of(argv[2])),
        .host = {.hostname = str_of(argv[3]), .users = str_of(argv[4])},
    };
    if (!config_open(&config, arena, &input, &error)) {
        fprintf(stderr, "%.*s\n", STR_ARG(error));
        return 2;
    }
    const struct policy *policy = policy_open(arena, &config);
    struct address_run run = {policy->count > 0 ? policy->services : policy->all, passing};
    while (fgets(line, sizeof line, stdin) != NULL) {
        answer_all(&run, (struct str){line, strcspn(line, "\n")});
        arena_reset(passing);
    }
    arena_destroy(passing);
    arena_destroy(arena);
    return 0;
}
