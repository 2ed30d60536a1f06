/* engine_builtin - runs the reference server of smtp/server/server.h in a process of its own */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "smtp/engine/engine.h"
#include "smtp/engine/postfix.h"
#include "smtp/engine/server_directory.h"
#include "smtp/server/server.h"

enum { STOP_SECONDS = 10 };

struct builtin_engine {
    struct arena *arena;
    const struct engine_request *request;
    struct server_directory directory; /* with mail/ and log */
    pid_t pid;
    int lifeline; /* the child ends when it is closed */
};

/* what the child sends for each listener, after their number */
struct listener_message {
    size_t service; /* index of the policy's */
    int local_port;
};

/* --- the child ----------------------------------------------------------------------- */

/* wait_for_parent - until the server, which is the parent process, has ended */
static bool wait_for_parent(pid_t server)
{
    static const struct timespec moment = {.tv_nsec = 5 * 1000 * 1000};

    for (int i = 0; i < STOP_SECONDS * 200; i++) {
        if (getppid() != server)
            return true;
        nanosleep(&moment, NULL);
    }
    return false;
}

/*
 * wait_for_end - a process that stops the server when the pipe is closed, that is when the process
 * that asked for the server ends.  It removes the directory, since the server may be killed.
 */
static void wait_for_end(struct builtin_engine *builtin, int lifeline, pid_t server)
{
    char byte;

    signal(SIGTERM, SIG_IGN);
    postfix_close_others((const int[]){lifeline, builtin->directory.lock, -1});
    while (read(lifeline, &byte, 1) < 0 && errno == EINTR)
        ;
    if (getppid() == server)
        kill(server, SIGTERM);
    if (!wait_for_parent(server))
        kill(server, SIGKILL);
    server_directory_remove(&builtin->directory);
    _exit(0);
}

static bool send_listeners(int to, const struct builtin_engine *builtin,
                           const struct server *server)
{
    const struct policy *policy = builtin->request->policy;
    size_t count;
    const struct server_listener *listeners = server_listeners(server, &count);

    if (write(to, &count, sizeof count) != sizeof count)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct listener_message message = {(size_t)(listeners[i].service - policy->services),
                                           listeners[i].local_port};
        if (write(to, &message, sizeof message) != sizeof message)
            return false;
    }
    return true;
}

static void run_server(struct builtin_engine *builtin, int to, int lifeline)
{
    const struct engine_request *request = builtin->request;
    struct arena *arena = builtin->arena;
    struct str error = STR("");
    struct server_options options = {
        .maildir = arena_printf(arena, "%.*s/mail", STR_ARG(builtin->directory.path)),
        .users = request->users,
        .assumptions = request->assumptions,
        .hostname = request->config->host.hostname,
        .xclient = true,
        .no_delays = true,
    };

    postfix_close_others((const int[]){to, lifeline, builtin->directory.lock, -1});
    /* a key at the terminal is for the parent process, whose end closes the pipe */
    signal(SIGINT, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    pid_t self = getpid();
    if (fork() == 0)
        wait_for_end(builtin, lifeline, self);
    options.log = fopen(arena_printf(arena, "%.*s/log", STR_ARG(builtin->directory.path)).at, "we");
    struct server *server = server_create(arena, request->policy, &options, &error);
    /* not before: a change of the user resets it */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    size_t none = 0;
    if (server == NULL) {
        if (write(to, &none, sizeof none) == sizeof none && write(to, error.at, error.len) < 0)
            _exit(1);
        _exit(1);
    }
    if (send_listeners(to, builtin, server)) {
        close(to);
        server_run(server);
    }
    server_destroy(server);
    _exit(0);
}

/* --- the parent ---------------------------------------------------------------------- */

static bool read_all(int from, void *to, size_t size)
{
    char *at = to;

    while (size > 0) {
        ssize_t len = read(from, at, size);
        if (len < 0 && errno == EINTR)
            continue;
        if (len <= 0)
            return false;
        at += len;
        size -= (size_t)len;
    }
    return true;
}

/* read_endpoints - the listeners of the child, or its error */
static bool read_endpoints(struct engine_run *run, const struct builtin_engine *builtin, int from,
                           struct str *error)
{
    const struct policy *policy = builtin->request->policy;
    struct engine_endpoint *endpoints =
        arena_alloc(builtin->arena, (policy->count + 1) * sizeof *endpoints);
    struct listener_message message;
    char reason[512];
    size_t count = 0;

    if (!read_all(from, &count, sizeof count) || count == 0 || count > policy->count) {
        ssize_t len = read(from, reason, sizeof reason);
        *error = len > 0 ? arena_copy(builtin->arena, (struct str){reason, (size_t)len})
                         : str_of("the reference server cannot be started");
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!read_all(from, &message, sizeof message) || message.service >= policy->count)
            return false;
        const struct policy_service *service = &policy->services[message.service];
        endpoints[i] = (struct engine_endpoint){.service = service->listener->name,
                                                .port = service->port,
                                                .host = STR("127.0.0.1"),
                                                .local_port = message.local_port};
    }
    run->target = (struct engine_target){
        .endpoints = endpoints,
        .endpoint_count = count,
        .xclient = true,
        .maildir = arena_printf(builtin->arena, "%.*s/mail", STR_ARG(builtin->directory.path)),
        .timeout_ms = 10000};
    return true;
}

/* find_failure - it is still a child process, and has not been waited for */
static struct str find_failure(const struct engine_run *run)
{
    const struct builtin_engine *builtin = run->own;
    siginfo_t ended = {.si_pid = 0};

    if (waitid(P_PID, (id_t)builtin->pid, &ended, WEXITED | WNOHANG | WNOWAIT) != 0 ||
        ended.si_pid == 0)
        return (struct str)STR("");
    return str_of("the reference server ended");
}

static void stop(struct engine_run *run)
{
    struct builtin_engine *builtin = run->own;

    if (builtin == NULL)
        return;
    if (builtin->lifeline >= 0)
        close(builtin->lifeline);
    if (builtin->pid > 0)
        kill(builtin->pid, SIGTERM);
    while (builtin->pid > 0 && waitpid(builtin->pid, NULL, 0) < 0)
        if (errno != EINTR)
            break;
    server_directory_remove(&builtin->directory);
    run->own = NULL;
}

static bool start_server(struct builtin_engine *builtin, int *from)
{
    int answer[2], lifeline[2];

    if (pipe2(answer, 0) != 0 || pipe2(lifeline, 0) != 0)
        return false;
    fflush(NULL);
    builtin->pid = fork();
    if (builtin->pid == 0) {
        close(answer[0]);
        close(lifeline[1]);
        run_server(builtin, answer[1], lifeline[0]);
    }
    close(answer[1]);
    close(lifeline[0]);
    *from = answer[0];
    builtin->lifeline = lifeline[1];
    return builtin->pid > 0;
}

static bool start(struct engine_run *run, struct arena *arena, const struct engine_request *request,
                  struct str *error)
{
    const char *temporary = getenv("TMPDIR");
    struct builtin_engine *builtin = arena_alloc(arena, sizeof *builtin);
    int from = -1;

    *builtin = (struct builtin_engine){.arena = arena, .request = request, .lifeline = -1};
    *run = (struct engine_run){.engine = &engine_builtin};
    *error = (struct str)STR("the reference server cannot be started");
    if (temporary == NULL || temporary[0] == '\0')
        temporary = "/tmp";
    if (!server_directory_make(&builtin->directory, arena, temporary, error))
        return false;
    run->own = builtin;
    bool good = start_server(builtin, &from) && read_endpoints(run, builtin, from, error);
    if (from >= 0)
        close(from);
    if (!good)
        stop(run);
    return good;
}

const struct engine engine_builtin = {
    .name = "builtin",
    .summary = "the reference server",
    .start = start,
    .failure = find_failure,
    .stop = stop,
};
