/*
 * session - speaks SMTP on standard input and output by session.c, for tests against the real smtpd
 *
 *     session [-t] [-x] [-h HOSTNAME] [-u USERS] PLATFORM DIRECTORY SERVICE CLIENT-ADDRESS
 *             CLIENT-NAME
 *
 * -t: there is a certificate; -x: XCLIENT is offered.  TLS is only told of: after STARTTLS, and at
 * once in wrapper mode, the session counts as encrypted.  Messages are thrown away.
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "smtp/session/session.h"

struct input {
    char bytes[256 * 1024];
    size_t at, len;
    bool ended;
};

static void no_memory(void)
{
    abort();
}

/* fill - waits for more; false at the end */
static bool fill(struct input *input)
{
    if (input->at > 0) {
        memmove(input->bytes, input->bytes + input->at, input->len - input->at);
        input->len -= input->at;
        input->at = 0;
    }
    if (input->len == sizeof input->bytes)
        return false;
    ssize_t got = read(STDIN_FILENO, input->bytes + input->len, sizeof input->bytes - input->len);
    if (got <= 0)
        return false;
    input->len += (size_t)got;
    return true;
}

static bool is_waiting(const struct input *input)
{
    struct pollfd ready = {.fd = STDIN_FILENO, .events = POLLIN};

    return input->at < input->len || (poll(&ready, 1, 0) > 0 && (ready.revents & POLLIN) != 0);
}

/* next_line - with its LF; false at the end of the input */
static bool next_line(struct input *input, struct str *line)
{
    for (;;) {
        char *from = input->bytes + input->at;
        char *end = memchr(from, '\n', input->len - input->at);
        if (end != NULL) {
            *line = (struct str){from, (size_t)(end - from) + 1};
            input->at += line->len;
            return true;
        }
        if (!fill(input))
            return false;
    }
}

static bool ends_crlf(struct str line)
{
    return line.len >= 2 && line.at[line.len - 2] == '\r';
}

/* read_message - up to its end */
static bool read_message(struct input *input, struct content *content)
{
    for (bool end = false; !end;) {
        struct str bytes = {input->bytes + input->at, input->len - input->at};
        if (bytes.len == 0 && !fill(input))
            return false;
        bytes = (struct str){input->bytes + input->at, input->len - input->at};
        input->at += content_add(content, bytes, NULL, &end);
    }
    return true;
}

static bool read_chunk(struct input *input, struct content *content, long left, bool kept)
{
    while (left > 0) {
        bool end;
        if (input->at == input->len && !fill(input))
            return false;
        struct str bytes = {input->bytes + input->at, input->len - input->at};
        bytes = str_slice(bytes, 0, (size_t)left);
        if (kept)
            content_add(content, bytes, NULL, &end);
        input->at += bytes.len;
        left -= (long)bytes.len;
    }
    return true;
}

static void print(struct arena *arena, struct reply reply)
{
    struct buffer out;

    if (reply.code == 0)
        return;
    buffer_init(&out, arena);
    reply_print(&out, reply);
    fwrite(out.at, 1, out.len, stdout);
    fflush(stdout);
}

static enum content_problem problem_of(const struct session *session, const struct content *content)
{
    struct session_limits limits = session_limits(session);
    long size = content->size;

    if (content->bare_newline && limits.bare_newline == BARE_NEWLINE_REJECT)
        return CONTENT_BARE_NEWLINE;
    return limits.message_size > 0 && size > limits.message_size ? CONTENT_TOO_LARGE : CONTENT_GOOD;
}

/* follow - what comes after STEP; false when the session is over */
static bool follow(struct session *session, struct arena *arena, struct input *input,
                   struct session_step *step)
{
    static const struct state_tls tls = {.protocol = STR("TLSv1.3"),
                                         .cipher = STR("TLS_AES_256_GCM_SHA384"),
                                         .bits = 256,
                                         .algorithm_bits = 256};
    static struct content content;
    static bool in_chunks;
    struct str line, id = str_of("QUEUEID");
    enum bare_newline mode = session_limits(session).bare_newline;
    bool kept = session_chunk_is_kept(session);

    print(arena, step->reply);
    print(arena, step->last);
    switch (step->next) {
    case NEXT_CLOSE:
        return false;
    case NEXT_TLS:
        input->at = input->len = 0;
        session_tls(session, &tls);
        if (session_is_wrapped(session))
            *step = session_greeting(session);
        else
            step->next = NEXT_COMMAND, step->reply.code = step->last.code = 0;
        return true;
    case NEXT_DATA:
        content_init(&content, mode, 0);
        if (!read_message(input, &content))
            return false;
        *step = session_end_of_data(session, content.size, problem_of(session, &content), id);
        return true;
    case NEXT_CHUNK:
        if (!in_chunks || session_state(session)->sender.at == NULL)
            content_init_chunked(&content, mode, 0);
        in_chunks = kept && !session_chunk_is_last(session);
        if (!read_chunk(input, &content, step->chunk_size, kept))
            return false;
        if (kept && !in_chunks)
            content_finish(&content, NULL);
        *step = session_end_of_chunk(session, content.size, problem_of(session, &content), id);
        return true;
    default:
        if (!next_line(input, &line))
            return false;
        session_input(session, is_waiting(input));
        bool crlf = ends_crlf(line);
        *step = session_line(session, str_slice(line, 0, line.len - (crlf ? 2 : 1)), !crlf);
        return true;
    }
}

static void speak(struct arena *arena, const struct policy_service *service,
                  const struct session_client *client, const struct session_options *options)
{
    static struct input input;
    struct world world;

    world_init(&world, arena, NULL);
    struct session *session = session_begin(arena, service, &world, client, options);
    session_input(session, !session_is_wrapped(session) && is_waiting(&input));
    struct session_step step = session_greeting(session);
    while (follow(session, arena, &input, &step))
        ;
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_create(no_memory);
    struct config config;
    struct config_input input = {0};
    struct users users = {0};
    struct session_options options = {.users = &users};
    struct str error = STR_NONE;
    int option;

    while ((option = getopt(argc, argv, "th:u:x")) != -1) {
        if (option == 't')
            options.can_tls = true;
        else if (option == 'x')
            options.xclient = true;
        else if (option == 'h')
            input.host.hostname = str_of(optarg);
        else if (option != 'u' || !users_read(&users, arena, str_of(optarg), &error))
            return 2;
    }
    if (argc - optind != 5)
        return 2;
    input.platform = facts_platform(str_of(argv[optind]));
    input.path = str_of(argv[optind + 1]);
    if (input.platform == NULL || !config_open(&config, arena, &input, &error)) {
        fprintf(stderr, "%.*s\n", STR_ARG(error));
        return 2;
    }
    const struct policy *policy = policy_open(arena, &config);
    const struct policy_service *service = policy_service_named(policy, str_of(argv[optind + 2]));
    if (service == NULL)
        return 2;
    struct session_client client = {.address = str_of(argv[optind + 3]),
                                    .name = str_of(argv[optind + 4]),
                                    .port = str_of("4711"),
                                    .server_address = str_of("127.0.0.1")};
    speak(arena, service, &client, &options);
    arena_destroy(arena);
    return 0;
}
