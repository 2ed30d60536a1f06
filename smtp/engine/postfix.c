/* engine_postfix - runs the real Postfix: see smtp/engine/postfix.h */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "parser/text/source.h"
#include "smtp/engine/postfix.h"

enum {
    START_SECONDS = 20,
    SILENT_SECONDS = 3,
    GREETING_MS = 12000, /* for a "sleep" restriction, or a name server that does not answer */
    FAILING_MS = 300,    /* until an smtpd that cannot start has logged the reason */
    LOOK_MS = 50,
    ATTEMPTS = 3, /* another program may bind to the port */
};

/* --- ports --------------------------------------------------------------------------- */

static struct sockaddr_in make_loopback(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* reserve_port - a socket bound to a free port; -1: there is none.  master(8) can still bind to the
   port, since it uses SO_REUSEADDR, or SO_REUSEPORT in later releases; a program that asks the
   kernel for any free port does not get it */
static int reserve_port(int *port)
{
    static const int on = 1;
    struct sockaddr_in address = make_loopback(0);
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return fd;
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) == 0 &&
        setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) == 0 &&
        bind(fd, (struct sockaddr *)&address, sizeof address) == 0 &&
        getsockname(fd, (struct sockaddr *)&address, &size) == 0) {
        *port = ntohs(address.sin_port);
        return fd;
    }
    int failure = errno;
    close(fd);
    errno = failure;
    return -1;
}

static void release_ports(struct postfix *postfix)
{
    for (size_t i = 0; postfix->ports != NULL && i < postfix->request->policy->count; i++)
        if (postfix->ports[i].hold >= 0)
            close(postfix->ports[i].hold);
    postfix->ports = NULL;
}

/* choose_ports - reserved until the end of the test */
static bool choose_ports(struct postfix *postfix, struct str *error)
{
    const struct policy *policy = postfix->request->policy;

    postfix->ports = arena_alloc(postfix->arena, (policy->count + 1) * sizeof *postfix->ports);
    for (size_t i = 0; i < policy->count; i++)
        postfix->ports[i] = (struct postfix_port){.service = &policy->services[i], .hold = -1};
    for (size_t i = 0; i < policy->count; i++) {
        postfix->ports[i].hold = reserve_port(&postfix->ports[i].port);
        if (postfix->ports[i].hold < 0) {
            *error = arena_printf(postfix->arena, "no free port: %s", strerror(errno));
            return false;
        }
    }
    return true;
}

/* --- does it run? -------------------------------------------------------------------- */

/* find_fatal - a fatal error in the log, without date and process; WHOSE: "smtpd[", or "" */
static struct str find_fatal(const struct postfix *postfix, const char *whose)
{
    static const char *const marks[] = {"]: fatal: ", "]: panic: "};
    const struct source *log = source_read(postfix->arena, postfix_outside(postfix, "/log"));
    struct str text = log == NULL ? (struct str)STR("") : log->bytes;

    while (text.len > 0) {
        size_t end = str_find(text, '\n', 0);
        struct str line = str_slice(text, 0, end);
        for (size_t i = 0; i < sizeof marks / sizeof *marks; i++) {
            size_t at = str_search(line, marks[i]);
            if (at < line.len && str_search(str_slice(line, 0, at), whose) < at)
                return str_slice(line, at + 3, line.len);
        }
        text = str_slice(text, end + 1, text.len);
    }
    return (struct str)STR("");
}

static bool is_port_in_use(const struct postfix *postfix)
{
    struct str reason = find_fatal(postfix, "master[");

    return str_search(reason, "Address already in use") < reason.len;
}

static bool can_connect(int port)
{
    struct sockaddr_in address = make_loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool good = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;

    if (fd >= 0)
        close(fd);
    return good;
}

static double read_clock(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* has_logged - does the log have TEXT? */
static bool has_logged(const struct postfix *postfix, const char *text)
{
    const struct source *log = source_read(postfix->arena, postfix_outside(postfix, "/log"));

    return log != NULL && str_search(log->bytes, text) < log->bytes.len;
}

/*
 * wait_for_master - until master has bound its ports, or ended.  A connection to the port is not
 * enough, since another program may have bound to it; but some releases do not log the start.
 */
static bool wait_for_master(struct postfix *postfix)
{
    static const struct timespec moment = {.tv_nsec = 10 * 1000 * 1000};
    size_t count = postfix->request->policy->count;
    double begin = read_clock();

    while (read_clock() < begin + START_SECONDS && !postfix_ended(postfix)) {
        bool silent = read_clock() > begin + SILENT_SECONDS && !has_logged(postfix, "]: ");
        if ((silent || has_logged(postfix, "daemon started")) &&
            can_connect(postfix->ports[count - 1].port))
            return true;
        nanosleep(&moment, NULL);
    }
    return false;
}

/*
 * wait_for_smtpd - until smtpd sends a greeting, or waits for TLS.  If it cannot start, it logs the
 * reason, and master(8) keeps the connection open.
 */
static bool wait_for_smtpd(const struct postfix *postfix, size_t index)
{
    struct sockaddr_in address = make_loopback(postfix->ports[index].port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool wrapped = policy_flag(postfix->ports[index].service, PARAM_SMTPD_TLS_WRAPPERMODE);
    bool good = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    bool done = false;
    char byte;

    for (int waited = 0; good && !done && waited < GREETING_MS; waited += LOOK_MS) {
        struct pollfd polled = {.fd = fd, .events = POLLIN};
        if (poll(&polled, 1, LOOK_MS) > 0) {
            good = recv(fd, &byte, 1, 0) == 1;
            done = true;
        } else if (waited >= FAILING_MS && find_fatal(postfix, "smtpd[").len > 0) {
            good = false;
        } else if (wrapped && waited >= FAILING_MS) {
            done = true; /* no greeting in wrapper mode, and no failure */
        }
    }
    if (fd >= 0)
        close(fd);
    return good && done;
}

/* --- start and stop ------------------------------------------------------------------ */

static void fill_target(struct engine_run *run, const struct postfix *postfix)
{
    const struct policy *policy = postfix->request->policy;
    struct engine_endpoint *endpoints =
        arena_alloc(postfix->arena, (policy->count + 1) * sizeof *endpoints);
    size_t count = 0;

    for (size_t i = 0; i < policy->count; i++)
        if (postfix->ports[i].answers)
            endpoints[count++] =
                (struct engine_endpoint){.service = policy->services[i].listener->name,
                                         .port = policy->services[i].port,
                                         .host = STR("127.0.0.1"),
                                         .local_port = postfix->ports[i].port};
    run->target = (struct engine_target){.endpoints = endpoints,
                                         .endpoint_count = count,
                                         .xclient = true,
                                         .maildir = postfix_outside(postfix, "/mail"),
                                         .timeout_ms = 15000};
    run->log = postfix_outside(postfix, "/log");
}

/* wait_for_services - for at least one; on false *ERROR is the reason that Postfix logged */
static bool wait_for_services(struct postfix *postfix, struct str *error)
{
    size_t count = postfix->request->policy->count;
    bool good = false;

    if (wait_for_master(postfix))
        for (size_t i = 0; i < count; i++) {
            postfix->ports[i].answers = wait_for_smtpd(postfix, i);
            good = good || postfix->ports[i].answers;
        }
    if (good && !postfix_ended(postfix))
        return true;
    struct str reason = find_fatal(postfix, "");
    *error = reason.len > 0 ? arena_printf(postfix->arena, "Postfix: %.*s", STR_ARG(reason))
                            : arena_copy(postfix->arena, str_of("Postfix does not answer"));
    return false;
}

static bool try_start(struct postfix *postfix, struct str *error, bool *again)
{
    *again = false;
    if (!postfix_make_place(postfix, error))
        return false;
    if (!postfix_keep(postfix, error)) {
        postfix_remove_place(postfix->outside.at);
        return false;
    }
    if (postfix_make_directories(postfix, error) && choose_ports(postfix, error) &&
        postfix_write_files(postfix, error) && postfix_go(postfix) &&
        wait_for_services(postfix, error))
        return true;
    *again = is_port_in_use(postfix);
    postfix_release(postfix);
    release_ports(postfix);
    return false;
}

static bool start(struct engine_run *run, struct arena *arena, const struct engine_request *request,
                  struct str *error)
{
    struct postfix *postfix = arena_alloc(arena, sizeof *postfix);
    bool again = true;

    *postfix =
        (struct postfix){.arena = arena, .request = request, .root = request->root, .control = -1};
    if (str_is(postfix->root, "/") || postfix->root.at == NULL)
        postfix->root = (struct str)STR("");
    *run = (struct engine_run){.engine = &engine_postfix, .own = postfix};
    *error = (struct str)STR("Postfix cannot be started");
    if (geteuid() != 0) {
        *error = (struct str)STR("the engine postfix requires root");
        return false;
    }
    if (request->policy->count == 0) {
        *error = (struct str)STR("master.cf has no smtpd service that listens");
        return false;
    }
    if (!postfix_find(postfix, error))
        return false;
    for (size_t i = 0; again && i < ATTEMPTS; i++)
        if (try_start(postfix, error, &again)) {
            fill_target(run, postfix);
            return true;
        }
    return false;
}

static void stop(struct engine_run *run)
{
    if (run->own != NULL) {
        postfix_release(run->own);
        release_ports(run->own);
    }
    run->own = NULL;
}

const struct engine engine_postfix = {
    .name = "postfix",
    .summary = "the installed Postfix, in a private directory; requires root",
    .start = start,
    .stop = stop,
};
