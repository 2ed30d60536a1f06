/*
 * session_talk - one SMTP session in a test, without a socket
 *
 * talk_open() takes lines of main.cf and begins a session of the service "smtp", or of what
 * talk_open_service() has in master.cf; talk() sends one line and gives the reply as it goes over
 * the wire, without its last CR LF, and its lines separated by "|".
 */
#ifndef TESTS_UNIT_SESSION_TALK_H
#define TESTS_UNIT_SESSION_TALK_H

#include "smtp/session/session.h"
#include "tests/unit/unit.h"

struct talk {
    struct arena *arena;
    struct config config;
    struct world world;
    struct users users;
    struct session_options options;
    struct session *session;
    struct session_step step;
};

static inline const char *talk_reply(struct talk *talk)
{
    struct buffer out, shown;

    buffer_init(&out, talk->arena);
    buffer_init(&shown, talk->arena);
    if (talk->step.reply.code != 0)
        reply_print(&out, talk->step.reply);
    if (talk->step.last.code != 0)
        reply_print(&out, talk->step.last);
    struct str text = buffer_str(&out);
    for (size_t i = 0; i + 2 < text.len; i++)
        if (text.at[i] != '\r')
            buffer_add_char(&shown, text.at[i] == '\n' ? '|' : text.at[i]);
    return arena_cstr(talk->arena, buffer_str(&shown));
}

static inline void talk_begin(struct talk *talk)
{
    const struct policy *policy = policy_open(talk->arena, &talk->config);
    struct session_client client = {.address = str_of("192.0.2.7"),
                                    .name = str_of("client.example"),
                                    .port = str_of("4711"),
                                    .server_address = str_of("192.0.2.1"),
                                    .server_port = str_of("25")};

    world_init(&talk->world, talk->arena, NULL);
    users_add(&talk->users, talk->arena, str_of("bob"), str_of("secret"));
    talk->options.users = &talk->users;
    talk->options.can_tls = true;
    talk->session =
        session_begin(talk->arena, &policy->services[0], &talk->world, &client, &talk->options);
}

/* a client of mynetworks, so that restrictions let it through */
static inline const char *talk_open(struct talk *talk, struct arena *arena, const char *platform,
                                    const char *settings)
{
    struct str text = arena_printf(arena,
                                   "compatibility_level = 2\nmyhostname = mail.example.com\n"
                                   "mydomain = example.com\nmydestination = example.com\n"
                                   "local_recipient_maps =\nmynetworks = 192.0.2.0/24\n"
                                   "smtpd_forbid_bare_newline_exclusions =\n%s",
                                   settings);

    *talk = (struct talk){.arena = arena};
    config_of(&talk->config, arena, platform, arena_cstr(arena, text),
              "smtp inet n - n - - smtpd\n");
    talk_begin(talk);
    talk->step = session_greeting(talk->session);
    return talk_reply(talk);
}

static inline const char *talk_raw(struct talk *talk, struct str line, bool ended_lf)
{
    session_input(talk->session, false);
    talk->step = session_line(talk->session, line, ended_lf);
    return talk_reply(talk);
}

static inline const char *talk(struct talk *talk, const char *line)
{
    return talk_raw(talk, str_of(line), false);
}

static inline const char *talk_message(struct talk *talk, long size, enum content_problem problem)
{
    talk->step = session_end_of_data(talk->session, size, problem, str_of("4XYZ"));
    return talk_reply(talk);
}

static inline void talk_tls(struct talk *talk)
{
    static const struct state_tls tls = {.protocol = STR("TLSv1.3"),
                                         .cipher = STR("TLS_AES_256_GCM_SHA384"),
                                         .bits = 256,
                                         .algorithm_bits = 256};

    session_tls(talk->session, &tls);
}

#define assert_says(said, expected) assert_string_equal((said), (expected))

#endif
