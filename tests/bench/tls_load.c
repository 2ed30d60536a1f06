/*
 * tls_load MODE PORT PARALLEL COUNT - COUNT sessions with TLS to 127.0.0.1, PARALLEL at a time
 *
 * MODE: implicit (TLS, greeting, QUIT), starttls (greeting, EHLO, STARTTLS, TLS, QUIT), or line
 * (TLS, one line and its answer, as "openssl s_server -rev" gives).  No session is resumed.  Prints
 * the sessions a second.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct load {
    SSL_CTX *context;
    const char *mode;
    int port;
    long count;
    atomic_long begun, failed;
};

static bool hear(int socket, const char *end)
{
    char text[4096];
    size_t len = 0;

    while (len < sizeof text - 1) {
        ssize_t got = recv(socket, text + len, sizeof text - 1 - len, 0);
        if (got <= 0)
            return false;
        len += (size_t)got;
        text[len] = '\0';
        const char *last = strstr(text, end);
        if (last != NULL && text[len - 1] == '\n')
            return true;
    }
    return false;
}

static bool start_tls(int socket)
{
    static const char hello[] = "EHLO load.example\r\n", command[] = "STARTTLS\r\n";

    return hear(socket, "220 ") && send(socket, hello, sizeof hello - 1, 0) > 0 &&
           hear(socket, "250 ") && send(socket, command, sizeof command - 1, 0) > 0 &&
           hear(socket, "220 ");
}

static bool exchange(SSL *ssl, bool greeted)
{
    char text[4096];

    return (!greeted || SSL_read(ssl, text, sizeof text) > 0) &&
           SSL_write(ssl, "QUIT\r\n", 6) == 6 && SSL_read(ssl, text, sizeof text) > 0;
}

static bool run_session(const struct load *load)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)load->port)};
    int file = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;
    bool good = false;

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (file < 0)
        return false;
    setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (connect(file, (struct sockaddr *)&address, sizeof address) == 0 &&
        (strcmp(load->mode, "starttls") != 0 || start_tls(file))) {
        SSL *ssl = SSL_new(load->context);
        SSL_set_fd(ssl, file);
        good = SSL_connect(ssl) == 1 && exchange(ssl, strcmp(load->mode, "implicit") == 0);
        SSL_shutdown(ssl);
        SSL_free(ssl);
        ERR_clear_error();
    }
    close(file);
    return good;
}

static void *worker(void *argument)
{
    struct load *load = argument;

    while (atomic_fetch_add(&load->begun, 1) < load->count)
        if (!run_session(load))
            atomic_fetch_add(&load->failed, 1);
    return NULL;
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* number_of - a number from 1 to MAX, or 0 */
static long number_of(const char *text, long max)
{
    char *end;

    errno = 0;
    long number = strtol(text, &end, 10);
    return errno == 0 && *end == '\0' && number >= 1 && number <= max ? number : 0;
}

int main(int count, char **arguments)
{
    long port = count == 5 ? number_of(arguments[2], 65535) : 0;
    long parallel = count == 5 ? number_of(arguments[3], 100000) : 0;
    long sessions = count == 5 ? number_of(arguments[4], LONG_MAX) : 0;

    if (port == 0 || parallel == 0 || sessions == 0) {
        fprintf(stderr, "usage: tls_load implicit|starttls|line PORT PARALLEL COUNT\n");
        return 2;
    }
    struct load load = {.context = SSL_CTX_new(TLS_client_method()),
                        .mode = arguments[1],
                        .port = (int)port,
                        .count = sessions};
    pthread_t *threads = calloc((size_t)parallel, sizeof *threads);
    pthread_attr_t attributes;

    signal(SIGPIPE, SIG_IGN);
    SSL_CTX_set_session_cache_mode(load.context, SSL_SESS_CACHE_OFF);
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, 128 * 1024);
    double begin = now();
    for (long i = 0; i < parallel; i++)
        if (pthread_create(&threads[i], &attributes, worker, &load) != 0)
            return 2;
    for (long i = 0; i < parallel; i++)
        pthread_join(threads[i], NULL);
    printf("%.0f\n", (double)load.count / (now() - begin));
    if (load.failed > 0)
        fprintf(stderr, "tls_load: %ld of %ld sessions failed\n", (long)load.failed, load.count);
    free(threads);
    SSL_CTX_free(load.context);
    return load.failed > 0;
}
