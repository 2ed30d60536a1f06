/* server: over real sockets on loopback, the server in a process of its own */
#include "smtp/server/server.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

static const char main_cf[] = "compatibility_level = 3.6\n"
                              "myhostname = mail.example.com\n"
                              "mydestination = example.com\n"
                              "local_recipient_maps =\n"
                              "mynetworks = 192.0.2.0/24\n"
                              "smtpd_timeout = 1\n"
                              "smtpd_starttls_timeout = 1\n"
                              "smtpd_tls_security_level = may\n"
                              "smtpd_tls_loglevel = 1\n"
                              "smtpd_tls_cert_file = /etc/ssl/certs/none.pem\n"
                              "smtpd_tls_key_file = /etc/ssl/private/none.key\n";

static const char master_cf[] = "smtp inet n - n - - smtpd\n"
                                "submissions inet n - n - - smtpd\n"
                                "  -o smtpd_tls_wrappermode=yes\n"
                                "  -o syslog_name=postfix/submissions\n"
                                "127.0.0.1:10025 inet n - n - - smtpd\n"
                                "192.0.2.1:25 inet n - n - - smtpd\n";

/* what a test has: a running server */
struct running {
    struct arena *arena;
    struct config config;
    struct server *server;
    const struct server_listener *listeners;
    char directory[64];
    FILE *log;
    pid_t process;
};

static void start_with(struct running *running, void **state, size_t connections,
                       const char *more_main_cf)
{
    struct arena *arena = *state;
    struct str error = STR_NONE;
    size_t count;

    *running = (struct running){.arena = arena, .log = tmpfile()};
    strcpy(running->directory, "/tmp/postmend-server.XXXXXX");
    assert_non_null(mkdtemp(running->directory));
    assert_non_null(running->log);
    config_of(&running->config, arena, "postfix-3.10",
              arena_printf(arena, "%s%s", main_cf, more_main_cf).at, master_cf);
    struct server_options options = {.maildir = str_of(running->directory),
                                     .log = running->log,
                                     .keeps_root = true,
                                     .hostname = str_of("mail.example.com"),
                                     .connections = connections};
    running->server = server_create(arena, policy_open(arena, &running->config), &options, &error);
    if (running->server == NULL)
        fail_msg("%.*s", STR_ARG(error));
    running->listeners = server_listeners(running->server, &count);
    assert_int_equal(count, 4);
    running->process = fork();
    assert_true(running->process >= 0);
    if (running->process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves no server behind */
        server_run(running->server);
        server_destroy(running->server);
        _exit(0);
    }
}

static void start(struct running *running, void **state)
{
    start_with(running, state, 0, "");
}

/* count_files - below DIRECTORY/BELOW; the last one's contents in *TEXT */
static int count_files(struct running *running, const char *below, struct str *text)
{
    struct str name = arena_printf(running->arena, "%s/%s", running->directory, below);
    DIR *list = opendir(arena_cstr(running->arena, name));
    const struct dirent *entry;
    int found = 0;

    assert_non_null(list);
    while ((entry = readdir(list)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        found++;
        struct str path = arena_printf(running->arena, "%.*s/%s", STR_ARG(name), entry->d_name);
        const struct source *source = source_read(running->arena, path);
        if (source != NULL)
            *text = source->bytes;
        unlink(arena_cstr(running->arena, path));
    }
    closedir(list);
    return found;
}

/* stop - the server ends well, and nothing is left; returns its log */
static const char *stop(struct running *running)
{
    static const char *const parts[] = {"tmp", "new", "cur"};
    static char log[65536];
    struct str text;
    int status;

    assert_int_equal(kill(running->process, SIGTERM), 0);
    assert_int_equal(waitpid(running->process, &status, 0), running->process);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_int_equal(count_files(running, "tmp", &text), 0);
    for (size_t i = 0; i < 3; i++) {
        count_files(running, parts[i], &text);
        rmdir(arena_cstr(running->arena,
                         arena_printf(running->arena, "%s/%s", running->directory, parts[i])));
    }
    assert_int_equal(rmdir(running->directory), 0);
    rewind(running->log);
    log[fread(log, 1, sizeof log - 1, running->log)] = '\0';
    fclose(running->log);
    server_destroy(running->server);
    return log;
}

/* --- a client ---------------------------------------------------------------------------- */

static int call(const struct running *running, size_t service)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    struct timeval wait = {.tv_sec = 10};
    int client = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(client >= 0);
    setsockopt(client, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons((uint16_t)running->listeners[service].local_port);
    assert_int_equal(connect(client, (struct sockaddr *)&address, sizeof address), 0);
    return client;
}

static void say(int client, const char *text)
{
    size_t len = strlen(text);

    assert_int_equal(send(client, text, len, MSG_NOSIGNAL), (ssize_t)len);
}

/* hear - all until the last line begins with LAST, or until the server hangs up (LAST is NULL) */
static const char *hear(int client, const char *last)
{
    static char text[65536];
    size_t len = 0;

    text[0] = '\0';
    while (len < sizeof text - 1) {
        ssize_t got = recv(client, text + len, sizeof text - 1 - len, 0);
        if (got <= 0) {
            assert_true(last == NULL);
            return text;
        }
        len += (size_t)got;
        text[len] = '\0';
        if (last == NULL || len < 2 || text[len - 1] != '\n')
            continue;
        const char *line = text + len - 1;
        while (line > text && line[-1] != '\n')
            line--;
        if (strncmp(line, last, strlen(last)) == 0)
            return text;
    }
    return text;
}

static SSL *shake_hands(int client)
{
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    SSL *ssl = SSL_new(context);

    SSL_CTX_free(context);
    assert_int_equal(SSL_set_fd(ssl, client), 1);
    assert_int_equal(SSL_connect(ssl), 1);
    return ssl;
}

/* --- tests ------------------------------------------------------------------------------- */

static void a_message_is_in_the_maildir_when_it_is_answered(void **state)
{
    struct running running;
    struct str text = STR_NONE;

    start(&running, state);
    int client = call(&running, 0);
    hear(client, "220 ");
    say(client, "EHLO client.example\r\n");
    assert_non_null(strstr(hear(client, "250 "), "PIPELINING"));
    say(client, "MAIL FROM:<a@b.example>\r\nRCPT TO:<x@example.com>\r\nDATA\r\n");
    const char *replies = hear(client, "354 ");
    assert_non_null(strstr(replies, "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n354 "));
    say(client, "Subject: hello\r\n\r\n..dot\r\n.\r\n");
    assert_non_null(strstr(hear(client, "250 "), "250 2.0.0 Ok: queued as "));
    assert_int_equal(count_files(&running, "new", &text), 1);
    assert_true(str_starts(text, "Return-Path: <a@b.example>\nDelivered-To: x@example.com\n"
                                 "Received: from client.example (localhost [127.0.0.1])\n"));
    assert_true(str_ends(text, "\nSubject: hello\n\n.dot\n"));
    say(client, "QUIT\r\n");
    assert_string_equal(hear(client, NULL), "221 2.0.0 Bye\r\n");
    close(client);
    const char *log = stop(&running);
    assert_non_null(strstr(log, "postfix/smtpd["));
    assert_non_null(strstr(log, ": disconnect from localhost[127.0.0.1] ehlo=1 mail=1 rcpt=1 "
                                "data=1 quit=1 commands=5\n"));
}

static void a_message_without_its_end_is_not_there(void **state)
{
    struct running running;
    struct str text;

    start(&running, state);
    int client = call(&running, 0);
    hear(client, "220 ");
    say(client, "HELO x\r\n");
    hear(client, "250 ");
    say(client, "MAIL FROM:<>\r\n");
    hear(client, "250 ");
    say(client, "RCPT TO:<x@example.com>\r\n");
    hear(client, "250 ");
    say(client, "DATA\r\n");
    hear(client, "354 ");
    say(client, "a: b\r\n\r\nhalf");
    close(client);
    client = call(&running, 0);
    hear(client, "220 ");
    say(client, "QUIT\r\n");
    hear(client, NULL);
    close(client);
    assert_int_equal(count_files(&running, "new", &text), 0);
    assert_non_null(strstr(stop(&running), "lost connection after DATA ("));
}

static void chunks_make_a_message(void **state)
{
    struct running running;
    struct str text = STR_NONE;

    start(&running, state);
    int client = call(&running, 0);
    hear(client, "220 ");
    say(client, "EHLO x\r\n");
    hear(client, "250 ");
    say(client,
        "MAIL FROM:<>\r\nRCPT TO:<x@example.com>\r\nBDAT 8\r\na: b\r\n\r\nBDAT 7 LAST\r\n.\r\nendQ"
        "NOOP\r\n");
    assert_non_null(strstr(hear(client, "250 2.0.0 Ok\r"), "bytes queued as "));
    assert_int_equal(count_files(&running, "new", &text), 1);
    assert_true(str_ends(text, "\na: b\n\n.\nendQ\n"));
    close(client);
    stop(&running);
}

static void what_came_before_the_handshake_is_thrown_away(void **state)
{
    struct running running;
    char answer[256];

    start(&running, state);
    int client = call(&running, 0);
    hear(client, "220 ");
    say(client, "EHLO x\r\n");
    hear(client, "250 ");
    say(client, "STARTTLS\r\nEHLO injected\r\nMAIL FROM:<evil@example.net>\r\n");
    assert_string_equal(hear(client, "220 "), "220 2.0.0 Ready to start TLS\r\n");
    SSL *ssl = shake_hands(client);
    SSL_write(ssl, "RCPT TO:<x@example.com>\r\n", 25);
    int got = SSL_read(ssl, answer, sizeof answer - 1);
    assert_true(got > 0);
    answer[got] = '\0';
    assert_string_equal(answer, "503 5.5.1 Error: need MAIL command\r\n");
    SSL_free(ssl);
    close(client);
    assert_non_null(strstr(stop(&running), "Anonymous TLS connection established from "
                                           "localhost[127.0.0.1]: TLSv1.3 with cipher TLS_"));
}

static void implicit_tls_greets_behind_the_handshake(void **state)
{
    struct running running;
    char answer[256] = "";

    start(&running, state);
    assert_true(running.listeners[1].wrapped);
    int client = call(&running, 1);
    SSL *ssl = shake_hands(client);
    int got = SSL_read(ssl, answer, sizeof answer - 1);
    assert_true(got > 0);
    assert_memory_equal(answer, "220 mail.example.com ", 21);
    SSL_free(ssl);
    close(client);
    client = call(&running, 1);
    say(client, "EHLO in-the-clear\r\n");
    assert_null(strstr(hear(client, NULL), "220 "));
    close(client);
    assert_non_null(strstr(stop(&running), "postfix/submissions/smtpd["));
}

static void who_says_nothing_or_too_slowly_is_sent_away(void **state)
{
    struct running running;

    start(&running, state);
    int silent = call(&running, 0), slow = call(&running, 0), handshake = call(&running, 1);
    hear(slow, "220 ");
    for (int i = 0; i < 12; i++) { /* a byte now and then does not help */
        struct timespec wait = {.tv_nsec = 150 * 1000 * 1000};
        if (send(slow, "N", 1, MSG_NOSIGNAL) < 0)
            break;
        nanosleep(&wait, NULL);
    }
    assert_non_null(strstr(hear(silent, NULL), "421 4.4.2 mail.example.com Error: timeout"));
    assert_non_null(strstr(hear(slow, NULL), "421 4.4.2 "));
    assert_string_equal(hear(handshake, NULL), "");
    close(silent);
    close(slow);
    close(handshake);
    assert_non_null(strstr(stop(&running), "timeout after CONNECT from localhost[127.0.0.1]"));
}

static void a_client_that_reads_nothing_stops_nobody_else(void **state)
{
    struct running running;

    start(&running, state);
    int deaf = call(&running, 0), small = 1024;
    setsockopt(deaf, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    hear(deaf, "220 ");
    say(deaf, "EHLO x\r\n");
    hear(deaf, "250 ");
    say(deaf, "MAIL FROM:<>\r\n");
    for (int i = 0; i < 20000; i++)
        if (send(deaf, "RCPT TO:<x@example.com>\r\n", 25, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
            break;
    int client = call(&running, 0);
    hear(client, "220 ");
    say(client, "NOOP\r\n");
    assert_string_equal(hear(client, "250 "), "250 2.0.0 Ok\r\n");
    close(client);
    close(deaf);
    stop(&running);
}

static void more_clients_than_allowed_wait_for_their_turn(void **state)
{
    struct running running;
    int clients[8];

    start_with(&running, state, 4, "");
    for (int i = 0; i < 8; i++)
        clients[i] = call(&running, 0);
    for (int i = 0; i < 8; i++) {
        hear(clients[i], "220 ");
        say(clients[i], "QUIT\r\n");
        assert_string_equal(hear(clients[i], NULL), "221 2.0.0 Bye\r\n");
        close(clients[i]);
    }
    assert_non_null(strstr(stop(&running), "warning: 4 connections are open: other clients wait"));
}

/* nest_classes - COUNT restriction classes inside each other, for the recipients */
static const char *nest_classes(struct arena *arena, int count)
{
    struct buffer text;

    buffer_init(&text, arena);
    buffer_add_cstr(&text, "smtpd_restriction_classes =");
    for (int i = 0; i <= count; i++)
        buffer_printf(&text, " c%d", i);
    for (int i = 0; i < count; i++)
        buffer_printf(&text, "\nc%d = c%d", i, i + 1);
    buffer_printf(&text, "\nc%d = reject\nsmtpd_recipient_restrictions = c0\n", count);
    return arena_cstr(arena, buffer_str(&text));
}

static void a_session_that_takes_too_much_memory_is_ended(void **state)
{
    struct running running;
    struct buffer batch;
    char reply[4096];

    buffer_init(&batch, *state);
    buffer_add_cstr(&batch, "MAIL FROM:<>\r\n");
    for (int i = 0; i < 500; i++)
        buffer_printf(&batch, "RCPT TO:<%d%0400d@example.com>\r\n", i, 0);
    buffer_add_cstr(&batch, "RSET\r\n");
    start_with(&running, state, 0, "smtpd_junk_command_limit = 1000000\n");
    int client = call(&running, 0);
    hear(client, "220 ");
    say(client, "EHLO x\r\n");
    hear(client, "250 ");
    for (int i = 0; i < 500; i++) {
        if (send(client, batch.at, batch.len, MSG_NOSIGNAL) < 0)
            break;
        while (recv(client, reply, sizeof reply, MSG_DONTWAIT) > 0)
            ;
    }
    close(client);
    assert_non_null(strstr(stop(&running), "uses more than 64 MB of memory"));
}

static void an_answer_that_is_not_decided_is_logged_with_the_reason(void **state)
{
    struct running running;

    start_with(&running, state, 0, nest_classes(*state, 150));
    int client = call(&running, 0);
    hear(client, "220 ");
    say(client, "EHLO x\r\n");
    hear(client, "250 ");
    say(client, "MAIL FROM:<>\r\n");
    hear(client, "250 ");
    say(client, "RCPT TO:<x@example.com>\r\n");
    hear(client, "451 ");
    close(client);
    assert_non_null(strstr(stop(&running),
                           "warning: the answer to localhost[127.0.0.1] after RCPT is not decided: "
                           "more than 100 classes inside each other"));
}

static void a_half_closed_socket_gets_its_answers(void **state)
{
    struct running running;

    start(&running, state);
    int client = call(&running, 0);
    hear(client, "220 ");
    say(client, "EHLO x\r\n");
    hear(client, "250 ");
    say(client, "RSET\r\nRSET\r\n");
    shutdown(client, SHUT_WR);
    assert_non_null(strstr(hear(client, NULL), "250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n"));
    close(client);
    stop(&running);
}

static void the_ports_depend_on_the_configuration_alone(void **state)
{
    static const int expected[] = {25, 465, 1026, 1027};
    struct arena *arena = *state;
    struct config config;
    struct str error = STR_NONE;
    struct server *server = NULL;
    size_t count = 0;
    int base = 0;

    config_of(&config, arena, "postfix-3.10", main_cf, master_cf);
    for (base = 31000; base < 60000 && server == NULL; base += 1733) {
        struct server_options options = {
            .base_port = base, .keeps_root = true, .hostname = str_of("x.example")};
        server = server_create(arena, policy_open(arena, &config), &options, &error);
        if (server != NULL)
            break;
    }
    assert_non_null(server);
    const struct server_listener *listeners = server_listeners(server, &count);
    assert_int_equal(count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(listeners[i].local_port, base + expected[i]);
    server_destroy(server);
    struct server_options options = {.base_port = 65000, .hostname = str_of("x.example")};
    assert_null(server_create(arena, policy_open(arena, &config), &options, &error));
    assert_true(str_starts(error, "base port 65000 is too high for"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        arena_test(a_message_is_in_the_maildir_when_it_is_answered),
        arena_test(a_message_without_its_end_is_not_there),
        arena_test(chunks_make_a_message),
        arena_test(what_came_before_the_handshake_is_thrown_away),
        arena_test(implicit_tls_greets_behind_the_handshake),
        arena_test(who_says_nothing_or_too_slowly_is_sent_away),
        arena_test(a_client_that_reads_nothing_stops_nobody_else),
        arena_test(more_clients_than_allowed_wait_for_their_turn),
        arena_test(a_session_that_takes_too_much_memory_is_ended),
        arena_test(an_answer_that_is_not_decided_is_logged_with_the_reason),
        arena_test(a_half_closed_socket_gets_its_answers),
        arena_test(the_ports_depend_on_the_configuration_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
