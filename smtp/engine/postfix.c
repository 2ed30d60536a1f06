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

#include "smtp/engine/postfix_config.h"

enum {
    START_SECONDS = 20,
    GREETING_MS = 12000, /* for a "sleep" restriction, or a name server that does not answer */
    FAILING_MS = 300,    /* until an smtpd that cannot start has logged the reason */
    LOOK_MS = 50,
    MOMENT_MS = 2000,
    FIRST_PORT = 20000, /* the network of the private Postfix has nobody else */
};

static struct sockaddr_in make_loopback(int port)
{
    return (struct sockaddr_in){.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)port),
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

/* --- does it run? -------------------------------------------------------------------- */

/* read_log - the log so far: the file is open, since it has no name when Postfix has ended */
static struct str read_log(const struct postfix *postfix)
{
    struct buffer text;
    char bytes[16384];
    ssize_t len;

    buffer_init(&text, postfix->arena);
    while (postfix->log >= 0 &&
           (len = pread(postfix->log, bytes, sizeof bytes, (off_t)text.len)) > 0)
        buffer_add(&text, (struct str){bytes, (size_t)len});
    return buffer_str(&text);
}

/* find_line - the first line of the log with one of MARKS, without date and process */
static struct str find_line(struct str log, const char *const *marks)
{
    while (log.len > 0) {
        size_t end = str_find(log, '\n', 0);
        struct str line = str_slice(log, 0, end);
        for (size_t i = 0; marks[i] != NULL; i++) {
            size_t at = str_search(line, marks[i]);
            if (at < line.len)
                return str_slice(line, at + 3, line.len);
        }
        log = str_slice(log, end + 1, log.len);
    }
    return (struct str)STR("");
}

/* find_reason - why Postfix ended or does not answer, as it logged it; empty: nothing was logged */
static struct str find_reason(const struct postfix *postfix)
{
    static const char *const marks[][3] = {{"]: fatal: ", "]: panic: ", NULL},
                                           {POSTFIX_MISSING, NULL},
                                           {"]: error: ", "]: warning: ", NULL}};
    struct str log = read_log(postfix);
    struct str reason = STR("");

    for (size_t i = 0; reason.len == 0 && i < sizeof marks / sizeof *marks; i++)
        reason = find_line(log, marks[i]);
    return reason;
}

/* has_failed - did an smtpd log, after the first BYTES of the log, that it cannot start? */
static bool has_failed(const struct postfix *postfix, size_t bytes)
{
    static const char *const marks[] = {"smtpd[", NULL};
    struct str log = read_log(postfix);

    log = str_slice(log, bytes, log.len);
    for (struct str line = find_line(log, marks); line.len > 0; line = find_line(log, marks)) {
        if (str_search(line, "]: fatal: ") < line.len || str_search(line, "]: panic: ") < line.len)
            return true;
        log = str_slice(log, (size_t)(line.at + line.len - log.at), log.len);
    }
    return false;
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

/* wait_for_master - until master has bound its ports, of which the last is that of the last smtpd
 */
static bool wait_for_master(struct postfix *postfix)
{
    static const struct timespec moment = {.tv_nsec = 10 * 1000 * 1000};
    double end = read_clock() + START_SECONDS;
    int last = 0;

    for (size_t i = 0; i < postfix->request->policy->count; i++)
        if (postfix->ports[i].port > 0)
            last = postfix->ports[i].port;
    while (read_clock() < end && !postfix_ended(postfix)) {
        if (can_connect(last))
            return true;
        nanosleep(&moment, NULL);
    }
    return false;
}

/*
 * wait_for_smtpd - until smtpd sends a greeting, or waits for TLS.  If it cannot start, it logs the
 * reason, and master(8) keeps the connection open.
 */
static bool wait_for_smtpd(const struct postfix *postfix, size_t index, int most_ms)
{
    struct sockaddr_in address = make_loopback(postfix->ports[index].port);
    size_t logged = read_log(postfix).len;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool wrapped = policy_flag(postfix->ports[index].service, PARAM_SMTPD_TLS_WRAPPERMODE);
    bool good = fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    bool done = false;
    char byte;

    for (int waited = 0; good && !done && waited < most_ms; waited += LOOK_MS) {
        struct pollfd polled = {.fd = fd, .events = POLLIN};
        if (poll(&polled, 1, LOOK_MS) > 0) {
            good = recv(fd, &byte, 1, 0) == 1;
            done = true;
        } else if (waited >= FAILING_MS && has_failed(postfix, logged)) {
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
}

static struct str describe_failure(const struct postfix *postfix)
{
    struct str reason = find_reason(postfix);

    return reason.len > 0 ? arena_printf(postfix->arena, "Postfix: %.*s", STR_ARG(reason))
                          : str_of("Postfix does not answer, and logged no reason");
}

/* wait_for_services - for at least one; on false *ERROR is the reason that Postfix logged.  All
   services together have the time of one, but each has a moment */
static bool wait_for_services(struct postfix *postfix, struct str *error)
{
    size_t count = postfix->request->policy->count;
    bool good = false;

    if (wait_for_master(postfix)) {
        double end = read_clock() + GREETING_MS / 1000.0;
        for (size_t i = 0; i < count && !postfix_ended(postfix); i++) {
            if (postfix->ports[i].port == 0)
                continue;
            double left = (end - read_clock()) * 1000;
            postfix->ports[i].answers =
                wait_for_smtpd(postfix, i, left > MOMENT_MS ? (int)left : MOMENT_MS);
            good = good || postfix->ports[i].answers;
        }
    }
    if (good && !postfix_ended(postfix))
        return true;
    *error = describe_failure(postfix);
    return false;
}

/* choose_ports - false: there is no service to ask */
static bool choose_ports(struct postfix *postfix)
{
    const struct policy *policy = postfix->request->policy;
    bool good = false;

    postfix->ports = arena_alloc(postfix->arena, (policy->count + 1) * sizeof *postfix->ports);
    for (size_t i = 0; i < policy->count; i++) {
        const struct policy_service *service = &policy->services[i];
        bool refused =
            postfix_refuses_command(service->service) || postfix_refuses_command(service->listener);
        postfix->ports[i] =
            (struct postfix_port){.service = service, .port = refused ? 0 : FIRST_PORT + (int)i};
        good = good || !refused;
    }
    return good;
}

static bool open_log(struct postfix *postfix, struct str *error)
{
    postfix->log = open(postfix_outside(postfix, "/log").at,
                        O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (postfix->log < 0)
        *error = arena_printf(postfix->arena, "cannot create the log: %s", strerror(errno));
    return postfix->log >= 0;
}

static bool enter_network(struct postfix *postfix, struct str *error)
{
    if (postfix_enter_network(postfix))
        return true;
    *error =
        arena_printf(postfix->arena, "cannot enter the network of Postfix: %s", strerror(errno));
    return false;
}

static void end(struct postfix *postfix)
{
    postfix_leave_network(postfix);
    postfix_release(postfix);
    if (postfix->log >= 0)
        close(postfix->log);
    postfix->log = -1;
}

static bool start(struct engine_run *run, struct arena *arena, const struct engine_request *request,
                  struct str *error)
{
    struct postfix *postfix = arena_alloc(arena, sizeof *postfix);

    *postfix = (struct postfix){
        .arena = arena, .request = request, .control = -1, .network = -1, .log = -1};
    *run = (struct engine_run){.engine = &engine_postfix, .own = postfix};
    *error = (struct str)STR("Postfix cannot be started");
    if (geteuid() != 0) {
        *error = (struct str)STR("the engine postfix requires root");
        return false;
    }
    if (!choose_ports(postfix)) {
        *error = (struct str)STR("master.cf has no smtpd service that listens and whose command is "
                                 "a name");
        return false;
    }
    if (postfix_keep(postfix, error) && postfix_find(postfix, error) &&
        postfix_make_directories(postfix, error) && postfix_write_files(postfix, error) &&
        open_log(postfix, error) && enter_network(postfix, error) && postfix_go(postfix) &&
        wait_for_services(postfix, error)) {
        fill_target(run, postfix);
        postfix_leave_out(postfix, run);
        return true;
    }
    end(postfix);
    return false;
}

/* find_failure - only if it ended: what it logs while it runs is not a reason */
static struct str find_failure(const struct engine_run *run)
{
    struct postfix *postfix = run->own;

    return postfix_ended(postfix) ? describe_failure(postfix) : (struct str)STR("");
}

static void stop(struct engine_run *run)
{
    if (run->own != NULL)
        end(run->own);
    run->own = NULL;
}

const struct engine engine_postfix = {
    .name = "postfix",
    .summary = "the installed Postfix, in namespaces of its own",
    .start = start,
    .failure = find_failure,
    .stop = stop,
};
