/*
 * A hostile server against the client, and what probe prints of it.
 *
 * The first byte says whether the client begins with TLS; then come the server's bytes, of which
 * each part behind a line "%%" is sent after another command.  Nothing is waited for: the server
 * has said all that it will say, and hung up.
 */
#include <jansson.h>
#include <sys/socket.h>
#include <unistd.h>

#include "cmd/probe_print.h"
#include "smtp/client/parts.h"
#include "tests/fuzz/conversion.h"
#include "tests/fuzz/fuzz.h"

static const char separator[] = "\n%%\n";

static struct str next_part(struct str *rest)
{
    size_t end = str_search(*rest, separator);
    struct str part = str_slice(*rest, 0, end);

    *rest = str_slice(*rest, end + sizeof separator - 1, rest->len);
    return part;
}

/* speak - the server's next part; after the last one it hangs up */
static void speak(int server, struct str *rest)
{
    struct str part = next_part(rest);

    if (part.len > 0 && send(server, part.at, part.len, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
        return;
    if (rest->len == 0)
        shutdown(server, SHUT_WR);
}

static struct reply demand_reply(struct arena *arena, struct reply reply)
{
    if (reply.code != 0 && (reply.code < 100 || reply.code > 999))
        fuzz_demand("a reply with a strange code");
    if (reply.code != 0)
        fuzz_demand(property_shown(arena, reply.text, 3));
    return reply;
}

/* talk - the commands that probe and livetest send */
static void talk(struct client *client, int server, struct str *rest, struct probe_result *result)
{
    struct arena *arena = client->arena;

    result->greeting = demand_reply(arena, client_reply(client));
    speak(server, rest);
    struct reply hello = demand_reply(arena, client_command(client, str_of("EHLO a.example")));
    result->before = hello.text;
    if (client->tls == CLIENT_STARTTLS) {
        speak(server, rest);
        demand_reply(arena, client_starttls(client));
    }
    speak(server, rest);
    demand_reply(arena, client_auth(client, str_of("PLAIN"), str_of("user"), str_of("secret")));
    speak(server, rest);
    demand_reply(arena, client_auth(client, str_of("LOGIN"), str_of("user"), str_of("secret")));
    speak(server, rest);
    demand_reply(arena, client_message(client, str_of("a: b\n\n.\nx")));
    result->reachable = true;
}

/* print - as probe prints it, and for programs */
static void print(struct arena *arena, const struct probe_result *result)
{
    FILE *terminal = stdout;
    char *text = NULL;
    size_t len = 0;
    struct str host = STR("mail.example.com");

    stdout = open_memstream(&text, &len);
    if (stdout == NULL)
        abort();
    probe_print_text(arena, host, result);
    fflush(stdout);
    fuzz_demand(property_shown(arena, (struct str){text, len}, 5));
    rewind(stdout);
    probe_print_json(arena, host, result, 1);
    fclose(stdout);
    stdout = terminal;
    json_t *root = json_loadb(text, len, JSON_ALLOW_NUL | JSON_DISABLE_EOF_CHECK, NULL);
    if (root == NULL)
        fuzz_demand("probe prints what is not JSON");
    json_decref(root);
    free(text);
}

static void finish(struct client *client, struct probe_result *result)
{
    enum client_failure failure = client_failure(client);

    if (failure != CLIENT_GOOD) {
        fuzz_demand(property_message(client->arena, client_detail(client)));
        result->findings[result->count++] =
            (struct probe_finding){client_failure_name(failure), client_detail(client),
                                   client_advice(failure, client->tls, client->options.port)};
    }
    result->report = *client_report(client);
    print(client->arena, result);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    int ends[2];

    if (size == 0)
        return 0;
    if (arena == NULL)
        arena = arena_create(abort);
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends) != 0)
        abort();
    struct client *client = arena_alloc(arena, sizeof *client);
    *client = (struct client){.arena = arena,
                              .options = {.host = str_of("mail.example.com"),
                                          .port = 25,
                                          .ca_directory = conversion_directory(),
                                          .plaintext_auth = true},
                              .tls = data[0] % 3,
                              .timeout_ms = 1, /* it has come, or never will */
                              .socket = ends[0],
                              .capabilities = STR_NONE,
                              .doing = str_of("the greeting")};
    struct probe_result result = {
        .port = 25, .tls = client->tls, .before = STR_NONE, .after = STR_NONE};
    struct str rest = fuzz_input(data + 1, size - 1);
    speak(ends[1], &rest);
    if (client->tls == CLIENT_IMPLICIT)
        shutdown(ends[1], SHUT_WR);
    client_step(client, client->doing);
    if (client->tls != CLIENT_IMPLICIT || client_handshake(client))
        talk(client, ends[1], &rest, &result);
    finish(client, &result);
    client_close(client);
    close(ends[1]);
    arena_reset(arena);
    return 0;
}
