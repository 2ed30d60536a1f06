/*
 * any bytes to a session, as the server hands them over: lines, messages, chunks; and the same
 * bytes to content.c in pieces, which must change nothing
 *
 * The first byte chooses the mode of bare line feeds and the size of the pieces.
 */
#include <string.h>

#include "smtp/policy/users.h"
#include "smtp/session/session.h"
#include "tests/fuzz/fuzz.h"

static const char main_cf[] = "compatibility_level = 3.6\n"
                              "myhostname = mail.example.com\n"
                              "mydestination = example.com\n"
                              "local_recipient_maps =\n"
                              "mynetworks = 127.0.0.0/8\n"
                              "smtpd_sasl_auth_enable = yes\n"
                              "smtpd_tls_security_level = may\n"
                              "smtpd_recipient_restrictions = reject_unknown_sender_domain\n";

/* whole - all of IN at once, or in pieces of SIZE */
static size_t whole(struct content *content, struct str in, size_t size, struct buffer *out,
                    bool *end)
{
    size_t at = 0;

    *end = false;
    while (at < in.len && !*end)
        at += content_add(content, str_slice(in, at, at + size), out, end);
    if (!*end)
        content_finish(content, out);
    return at;
}

static const char *pieces_change_nothing(struct arena *arena, struct str in, enum bare_newline mode,
                                         size_t size)
{
    struct content one, many, blind;
    struct buffer one_out, many_out;
    bool one_end, many_end, blind_end;

    buffer_init(&one_out, arena);
    buffer_init(&many_out, arena);
    content_init(&one, mode, 64);
    content_init(&many, mode, 64);
    content_init(&blind, mode, 64);
    size_t taken = whole(&one, in, in.len + 1, &one_out, &one_end);
    if (whole(&many, in, size, &many_out, &many_end) != taken || one_end != many_end ||
        whole(&blind, in, size, NULL, &blind_end) != taken || blind_end != one_end)
        return "the end is elsewhere";
    if (!str_eq(buffer_str(&one_out), buffer_str(&many_out)) || one.size != many.size ||
        one.bare_newline != many.bare_newline)
        return "the message is another";
    if (mode != BARE_NEWLINE_ACCEPT && one_end && taken >= 5 && taken > 3 &&
        memcmp(in.at + taken - 5, "\r\n.\r\n", 5) != 0)
        return "something else than CR LF . CR LF ended the message";
    return NULL;
}

/* take - what the server does with bytes; returns how many were taken */
static size_t take(struct session *session, struct session_step *step, struct content *content,
                   struct str in)
{
    struct session_limits limits = session_limits(session);
    bool end = false;

    if (step->next == NEXT_DATA) {
        size_t taken = content_add(content, in, NULL, &end);
        if (end)
            *step = session_end_of_data(session, content->size, CONTENT_GOOD, str_of("ABCDEF"));
        return taken;
    }
    if (step->next == NEXT_CHUNK) {
        size_t taken = in.len < (size_t)step->chunk_size ? in.len : (size_t)step->chunk_size;
        step->chunk_size -= (long)taken;
        if (step->chunk_size == 0)
            *step = session_end_of_chunk(session, (long)taken, CONTENT_GOOD, str_of("ABCDEF"));
        return taken;
    }
    size_t newline = str_find(in, '\n', 0);
    bool bare = newline == 0 || in.at[newline - 1] != '\r';
    struct str line = str_slice(in, 0, bare ? newline : newline - 1);
    session_input(session, newline + 1 < in.len);
    *step = session_line(session, str_slice(line, 0, limits.line_length + 1), bare);
    if (step->next == NEXT_DATA)
        content_init(content, limits.bare_newline, 0);
    return newline < in.len ? newline + 1 : in.len;
}

static void play(struct arena *arena, struct config *config, struct str in)
{
    const struct policy *policy = policy_open(arena, config);
    struct session_client client = {.address = str_of("192.0.2.1"), .name = str_of("unknown")};
    struct users users = {0};
    struct session_options options = {.users = &users, .can_tls = true, .xclient = true};
    struct content content;
    struct world world;

    users_add(&users, arena, str_of("a"), str_of("b"));
    world_init(&world, arena, NULL);
    struct session *session = session_begin(arena, &policy->services[0], &world, &client, &options);
    struct session_step step = session_greeting(session);
    content_init(&content, BARE_NEWLINE_NORMALIZE, 0);
    for (size_t at = 0; at < in.len && step.next != NEXT_CLOSE;) {
        if (step.next == NEXT_TLS) {
            struct state_tls tls = {
                .active = true, .protocol = str_of("TLSv1.3"), .cipher = str_of("x")};
            session_tls(session, &tls);
            step.next = NEXT_COMMAND;
        }
        if (step.reply.code != 0 && (step.reply.code < 200 || step.reply.code > 599))
            fuzz_demand("a reply with a strange code");
        at += take(session, &step, &content, str_slice(in, at, in.len));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_create(abort);
    struct str in = fuzz_input(data, size);
    struct config config;
    struct str error;
    struct config_input input = {
        .path = str_of("/nonexistent"),
        .platform = facts_platform(str_of("postfix-3.10")),
        .main_source = fuzz_source(arena, "main.cf", str_of(main_cf)),
        .master_source = fuzz_source(arena, "master.cf", str_of("smtp inet n - n - - smtpd\n")),
    };

    if (size > 1) {
        int choice = data[0];
        in = arena_copy(arena, str_slice(in, 1, in.len));
        fuzz_demand(pieces_change_nothing(arena, in, choice & 3, (size_t)(choice >> 2) + 1));
        if (config_open(&config, arena, &input, &error))
            play(arena, &config, in);
    }
    arena_destroy(arena);
    return 0;
}
