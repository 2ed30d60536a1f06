/* a session against a configuration of texts, for the tests of restrictions */
#ifndef TESTS_UNIT_RESTRICTION_FIXTURE_H
#define TESTS_UNIT_RESTRICTION_FIXTURE_H

#include "smtp/policy/restriction.h"
#include "tests/unit/unit.h"

struct restriction_fixture {
    struct arena *arena;
    struct config config;
    const struct policy *policy;
    const struct policy_service *service;
    struct assumption_list assumptions;
    struct world world;
    struct state state;
    struct trace trace;
};

static inline void set_client(struct restriction_fixture *fixture, const char *address,
                              const char *name)
{
    struct state *state = &fixture->state;

    state_init(state, fixture->service, fixture->arena, &fixture->world);
    state->trace = &fixture->trace;
    state->client_address = str_of(address);
    state->client_name = state->reverse_client_name = str_of(name);
    state->client_name_status = state->reverse_client_name_status = NAME_OK;
}

/* a stranger in front of a server for example.org; MORE is appended to its main.cf */
static inline struct restriction_fixture *fixture_of(struct arena *arena, const char *platform,
                                                     const char *more)
{
    struct restriction_fixture *fixture = arena_alloc(arena, sizeof *fixture);
    const char *text =
        arena_cstr(arena, arena_printf(arena,
                                       "compatibility_level = 2\nmyhostname = mail.example.org\n"
                                       "myorigin = example.org\n"
                                       "mydomain = example.org\nmydestination = example.org\n"
                                       "inet_interfaces = 192.0.2.1\nproxy_interfaces =\n"
                                       "mynetworks = 192.0.2.0/24\nlocal_recipient_maps =\n"
                                       "relay_domains = relay.example\nvirtual_alias_maps =\n%s",
                                       more));

    fixture->arena = fixture->trace.arena = arena;
    config_of(&fixture->config, arena, platform, text, "smtp inet n - n - - smtpd\n");
    fixture->policy = policy_open(arena, &fixture->config);
    fixture->service = policy_service_named(fixture->policy, str_of("smtp"));
    assert_non_null(fixture->service);
    world_init(&fixture->world, arena, &fixture->assumptions);
    set_client(fixture, "198.51.100.1", "mail.example.net");
    fixture->state.helo = str_of("mail.example.net");
    return fixture;
}

static inline const char *answer(struct restriction_fixture *fixture, enum stage stage)
{
    struct reply reply = restriction_check(&fixture->state, stage);

    if (reply.code == 0)
        return "ok";
    return arena_cstr(fixture->arena, arena_printf(fixture->arena, "%d %.*s %.*s", reply.code,
                                                   STR_ARG(reply.enhanced), STR_ARG(reply.text)));
}

static inline const char *mail(struct restriction_fixture *fixture, const char *sender)
{
    fixture->state.sender = str_of(sender);
    return answer(fixture, STAGE_MAIL);
}

static inline const char *rcpt(struct restriction_fixture *fixture, const char *recipient)
{
    fixture->state.recipient = str_of(recipient);
    const char *said = answer(fixture, STAGE_RCPT);
    fixture->state.recipient = STR_NONE;
    if (strcmp(said, "ok") == 0)
        fixture->state.recipient_count++;
    return said;
}

/* from SENDER to RECIPIENT, in a server with MORE in its main.cf */
static inline const char *sent(struct arena *arena, const char *platform, const char *more,
                               const char *sender, const char *recipient)
{
    struct restriction_fixture *fixture = fixture_of(arena, platform, more);
    const char *said = mail(fixture, sender);

    return strcmp(said, "ok") != 0 ? said : rcpt(fixture, recipient);
}

#endif
