/* small servers of many kinds for the client's tests, each a process on loopback */
#ifndef TESTS_UNIT_SMTP_STUB_H
#define TESTS_UNIT_SMTP_STUB_H

#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

enum kind {
    SMTP,          /* greets, offers STARTTLS where it has a context, takes AUTH and mail */
    WRAPPED,       /* the same, behind TLS from the first byte */
    SILENT,        /* accepts, and never says a word */
    CLOSES,        /* accepts, and hangs up */
    SSH,           /* says another protocol's greeting */
    HTTP,          /* waits for a request, and answers it in plain text */
    ALERT,         /* sends an alert of TLS instead of a greeting */
    INJECTS,       /* a reply behind that to STARTTLS, in the same packet */
    INJECTS_LATER, /* ... and instead of the handshake */
    REFUSES,       /* offers STARTTLS, and answers it 454 */
    SLOW,          /* greets late, but it does */
};

enum { STUB_LIFE = 60 /* seconds */ };

struct stub {
    enum kind kind;
    SSL_CTX *context; /* NULL: no TLS */
    int port;
    pid_t process;
};

struct end {
    int socket;
    SSL *ssl;
};

static inline void say(struct end *end, const char *text)
{
    if (end->ssl != NULL)
        SSL_write(end->ssl, text, (int)strlen(text));
    else if (send(end->socket, text, strlen(text), MSG_NOSIGNAL) < 0)
        _exit(0);
}

/* hear - a line of the client, without its end; false at the end */
static inline bool hear(struct end *end, char *line, size_t size)
{
    size_t len = 0;

    for (;;) {
        char c;
        long got = end->ssl != NULL ? SSL_read(end->ssl, &c, 1) : recv(end->socket, &c, 1, 0);
        if (got <= 0)
            return false;
        if (c == '\n')
            break;
        if (c != '\r' && len < size - 1)
            line[len++] = c;
    }
    line[len] = '\0';
    return true;
}

static inline void begin_tls(struct end *end, SSL_CTX *context)
{
    end->ssl = SSL_new(context);
    SSL_set_fd(end->ssl, end->socket);
    if (SSL_accept(end->ssl) != 1)
        _exit(0);
}

/* take_message - as a server without dots would: counts lines that it was sent */
static inline void take_message(struct end *end)
{
    char line[256], reply[300];
    int lines = 0, dots = 0;

    say(end, "354 go on\r\n");
    while (hear(end, line, sizeof line) && strcmp(line, ".") != 0) {
        lines++;
        dots += line[0] == '.' && line[1] == '.';
    }
    snprintf(reply, sizeof reply, "250 2.0.0 %d lines, %d dots\r\n", lines, dots);
    say(end, reply);
}

static inline void starttls(const struct stub *stub, struct end *end)
{
    switch (stub->kind) {
    case REFUSES:
        say(end, "454 4.7.0 TLS not available due to local problem\r\n");
        break;
    case INJECTS:
        say(end, "220 2.0.0 Ready to start TLS\r\n250 2.0.0 injected\r\n");
        sleep(5);
        _exit(0);
    case INJECTS_LATER:
        say(end, "220 2.0.0 Ready to start TLS\r\n");
        usleep(100000);
        say(end, "250 2.0.0 injected\r\n");
        sleep(5);
        _exit(0);
    default:
        say(end, "220 2.0.0 Ready to start TLS\r\n");
        begin_tls(end, stub->context);
    }
}

static inline void converse(const struct stub *stub, struct end *end)
{
    bool offers = stub->context != NULL || stub->kind == REFUSES || stub->kind == INJECTS ||
                  stub->kind == INJECTS_LATER;
    char line[512];

    say(end, "220 mail.example.com ESMTP\r\n");
    while (hear(end, line, sizeof line)) {
        if (strncmp(line, "EHLO", 4) == 0)
            say(end, end->ssl != NULL ? "250-mail.example.com\r\n250 AUTH PLAIN LOGIN\r\n"
                     : offers         ? "250-mail.example.com\r\n250-STARTTLS\r\n250 SIZE 10\r\n"
                                      : "250-mail.example.com\r\n250 SIZE 10\r\n");
        else if (strcmp(line, "STARTTLS") == 0)
            starttls(stub, end);
        else if (strcmp(line, "DATA") == 0)
            take_message(end);
        else if (strcmp(line, "AUTH PLAIN AHVzZXIAc2VjcmV0") == 0)
            say(end, "235 2.7.0 Authentication successful\r\n");
        else if (strcmp(line, "AUTH LOGIN") == 0)
            say(end, "334 VXNlcm5hbWU6\r\n");
        else if (strcmp(line, "dXNlcg==") == 0)
            say(end, "334 UGFzc3dvcmQ6\r\n");
        else if (strcmp(line, "c2VjcmV0") == 0)
            say(end, "235 2.7.0 logged in\r\n");
        else if (strcmp(line, "WIDE") == 0)
            for (bool first = true;; first = false)
                say(end, first ? "250-" : "and so on ");
        else if (strcmp(line, "ENDLESS") == 0)
            for (;;)
                say(end, "250-and so on\r\n");
        else
            say(end, "502 5.5.2 Error: command not recognized\r\n");
    }
}

static inline void serve(const struct stub *stub, struct end *end)
{
    char line[256];

    switch (stub->kind) {
    case SILENT:
        while (hear(end, line, sizeof line))
            ;
        break;
    case CLOSES:
        break;
    case SSH:
        say(end, "SSH-2.0-OpenSSH_9.2\r\n");
        sleep(5);
        break;
    case HTTP:
        if (recv(end->socket, line, sizeof line, 0) > 0)
            say(end, "HTTP/1.1 400 Bad Request\r\n\r\n");
        break;
    case ALERT:
        if (send(end->socket, "\x15\x03\x03\x00\x02\x02\x28", 7, MSG_NOSIGNAL) == 7)
            sleep(5);
        break;
    case WRAPPED:
        begin_tls(end, stub->context);
        converse(stub, end);
        break;
    case SLOW:
        usleep(2500000);
        converse(stub, end);
        break;
    default:
        converse(stub, end);
    }
}

static inline void accept_all(const struct stub *stub, int listener)
{
    signal(SIGCHLD, SIG_IGN);
    alarm(STUB_LIFE); /* a test that fails leaves nothing behind for long */
    for (;;) {
        struct end end = {.socket = accept(listener, NULL, NULL)};
        if (end.socket < 0)
            _exit(0);
        if (fork() == 0) {
            close(listener);
            alarm(STUB_LIFE);
            serve(stub, &end);
            _exit(0);
        }
        close(end.socket);
    }
}

static inline int listen_on_loopback(int *port)
{
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;

    assert_true(listener >= 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&address, len), 0);
    assert_int_equal(listen(listener, 8), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&address, &len), 0);
    *port = ntohs(address.sin_port);
    return listener;
}

static inline void stub_start(struct stub *stub, enum kind kind, SSL_CTX *context)
{
    *stub = (struct stub){.kind = kind, .context = context};
    int listener = listen_on_loopback(&stub->port);
    stub->process = fork();
    assert_true(stub->process >= 0);
    if (stub->process == 0) {
        setpgid(0, 0);
        accept_all(stub, listener);
    }
    setpgid(stub->process, stub->process);
    close(listener);
}

static inline void stub_stop(struct stub *stub)
{
    kill(-stub->process, SIGKILL);
    waitpid(stub->process, NULL, 0);
    SSL_CTX_free(stub->context);
}

#endif
