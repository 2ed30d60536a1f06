/* server - listens, and runs the event loop: see server.h and connection.h */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "smtp/server/connection.h"
#include "smtp/server/privileges.h"
#include "smtp/start/start.h"

enum {
    USUAL_CONNECTIONS = 10000,
    SPARE_FILES = 64, /* for messages, listening sockets and libraries */
    ACCEPT_AT_ONCE = 128,
    TICK_MS = 100,  /* for time limits and the log */
    STOP_MS = 5000, /* for sessions in a message, when the server stops */
    USUAL_TIMEOUT = 300,
    TIMEOUT_MAX = 100000000, /* seconds: three years; a longer one never ends either */
};

/* --- accepting --------------------------------------------------------------------------- */

static struct timeval make_timeval(long ms)
{
    return (struct timeval){.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000};
}

static void set_accepting(struct server *server, bool accepting)
{
    if (server->accepting == accepting)
        return;
    for (size_t i = 0; i < server->count; i++) {
        if (accepting)
            event_add(&server->listening[i].event, NULL);
        else
            event_del(&server->listening[i].event);
    }
    server->accepting = accepting;
}

/* wait_for_files - until other connections are closed */
static void wait_for_files(struct listening_socket *listening)
{
    struct server *server = listening->server;
    struct timeval wait = make_timeval(100);

    server_log(listening, "warning: accept connection: %s", strerror(errno));
    set_accepting(server, false);
    server->accept_waits = true;
    event_add(server->again, &wait);
}

static void on_accept(evutil_socket_t socket, short what, void *argument)
{
    struct listening_socket *listening = argument;
    struct server *server = listening->server;

    (void)what;
    server->now_ms = clock_ms();
    /* as many as the last time, or twice as many: if connections come one by one, accept4() rarely
       fails */
    int batch = listening->batch;
    listening->batch = batch < ACCEPT_AT_ONCE ? batch * 2 : ACCEPT_AT_ONCE;
    for (int i = 0; i < batch && server->connected < server->options.connections; i++) {
        struct sockaddr_in peer = {.sin_family = AF_INET};
        socklen_t len = sizeof peer;
        int client = accept4(socket, (struct sockaddr *)&peer, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (client >= 0) {
            arena_reset(server->scratch);
            buffer_init(&server->output, server->scratch);
            buffer_init(&server->text, server->scratch);
            connection_open(listening, client, &peer);
            continue;
        }
        listening->batch = i + 1;
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            wait_for_files(listening);
        if (errno != ECONNABORTED && errno != EINTR)
            return;
    }
    if (server->connected >= server->options.connections && server->accepting) {
        server_log(listening, "warning: %zu connections are open: other clients wait",
                   server->connected);
        set_accepting(server, false);
    }
}

static void on_again(evutil_socket_t socket, short what, void *argument)
{
    struct server *server = argument;

    (void)socket;
    (void)what;
    server->accept_waits = false;
}

static void on_tick(evutil_socket_t socket, short what, void *argument)
{
    struct server *server = argument;

    (void)socket;
    (void)what;
    server->now_ms = clock_ms();
    arena_reset(server->scratch);
    buffer_init(&server->output, server->scratch);
    buffer_init(&server->text, server->scratch);
    connection_expire_all(server);
    if (server->options.log != NULL)
        fflush(server->options.log);
}

static void on_stop(evutil_socket_t socket, short what, void *argument)
{
    struct server *server = argument;

    (void)socket;
    (void)what;
    server->stopping = true;
}

/* --- listening --------------------------------------------------------------------------- */

/* set_offsets - see server.h */
static void set_offsets(struct server *server)
{
    bool taken[SERVER_KNOWN_PORTS] = {false};

    for (size_t i = 0; i < server->count; i++) {
        struct server_listener *listener = &server->listeners[i];
        listener->offset = SERVER_KNOWN_PORTS + (int)i;
        if (listener->port > 0 && listener->port < SERVER_KNOWN_PORTS && !taken[listener->port]) {
            taken[listener->port] = true;
            listener->offset = listener->port;
        }
    }
}

/* bind_socket - false: errno is set */
static bool bind_socket(int file, struct server_listener *listener, int base_port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof address;
    int on = 1;

    setsockopt(file, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    /* inherited by accepted sockets: replies are sent immediately */
    setsockopt(file, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    listener->local_port = base_port == 0 ? 0 : base_port + listener->offset;
    address.sin_port = htons((uint16_t)listener->local_port);
    if (bind(file, (struct sockaddr *)&address, sizeof address) < 0 ||
        listen(file, SOMAXCONN) < 0 || getsockname(file, (struct sockaddr *)&address, &len) < 0)
        return false;
    listener->local_port = ntohs(address.sin_port);
    return true;
}

static bool open_listener(struct server *server, size_t number, struct str *error)
{
    struct server_listener *listener = &server->listeners[number];
    struct listening_socket *listening = &server->listening[number];
    int base_port = server->options.base_port;

    if (base_port != 0 && base_port + listener->offset > 65535) {
        *error =
            arena_printf(server->arena, "base port %d is too high for %.*s, which is %d above it",
                         base_port, STR_ARG(listener->name), listener->offset);
        return false;
    }
    listening->socket = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (listening->socket < 0 || !bind_socket(listening->socket, listener, base_port)) {
        *error = arena_printf(server->arena, "127.0.0.1:%d for %.*s: %s", listener->local_port,
                              STR_ARG(listener->name), strerror(errno));
        return false;
    }
    event_assign(&listening->event, server->base, listening->socket, EV_READ | EV_PERSIST,
                 on_accept, listening);
    return true;
}

static struct str find_hostname(const struct server *server, const struct policy_service *service)
{
    struct str name = policy_str(service, PARAM_MYHOSTNAME);

    return name.len > 0 ? name : server->options.hostname;
}

static void set_up_tls(struct server *server, size_t number)
{
    struct server_listener *listener = &server->listeners[number];
    struct listening_socket *listening = &server->listening[number];
    struct str error = STR_NONE;

    if (!tls_offered(listening->service))
        return;
    if (!start_offers_tls(listening->service)) {
        server_log(listening, "warning: tlsmgr(8) does not answer: disabling TLS support");
        return;
    }
    listening->can_tls = tls_server_create(&listening->tls, server->arena, listening->service,
                                           find_hostname(server, listening->service), &error);
    listener->certificate = listening->can_tls ? listening->tls.certificate : error;
    listener->starttls = listening->can_tls && !listener->wrapped;
    if (!listening->can_tls)
        server_log(listening, "warning: %.*s: disabling TLS support", STR_ARG(error));
}

static long long read_timeout(const struct policy_service *service, enum parameter_number name)
{
    long seconds = policy_number(service, name);

    return (seconds <= 0 ? USUAL_TIMEOUT : seconds < TIMEOUT_MAX ? seconds : TIMEOUT_MAX) * 1000LL;
}

static void set_up_service(struct server *server, size_t number)
{
    const struct policy_service *service = &server->policy->services[number];
    struct server_listener *listener = &server->listeners[number];
    struct listening_socket *listening = &server->listening[number];
    struct str log_name = policy_str(service, PARAM_SYSLOG_NAME);
    long line_limit = policy_number(service, PARAM_LINE_LENGTH_LIMIT);

    *listener = (struct server_listener){
        .service = service,
        .name = service->listener->name,
        .port = service->port,
        .wrapped = policy_flag(service, PARAM_SMTPD_TLS_WRAPPERMODE),
    };
    *listening = (struct listening_socket){
        .server = server,
        .service = service,
        .socket = -1,
        .batch = 1,
        .replaces_cr = policy_flag(server->policy->cleanup, PARAM_CLEANUP_REPLACE_STRAY_CR_LF),
        .timeout_ms = read_timeout(service, PARAM_SMTPD_TIMEOUT),
        .starttls_timeout_ms = read_timeout(service, PARAM_SMTPD_STARTTLS_TIMEOUT),
        .deadline = policy_flag(service, PARAM_SMTPD_PER_REQUEST_DEADLINE) ||
                    policy_flag(service, PARAM_SMTPD_PER_RECORD_DEADLINE),
        .logs_tls = policy_number(service, PARAM_SMTPD_TLS_LOGLEVEL) > 0,
        .long_ids = policy_flag(service, PARAM_ENABLE_LONG_QUEUE_IDS),
        .known_name = policy_flag(service, PARAM_SMTPD_PEERNAME_LOOKUP),
        .forbids_pipelining = policy_flag(service, PARAM_SMTPD_FORBID_UNAUTH_PIPELINING),
        .line_limit = line_limit > 0 ? (size_t)line_limit : 0,
        .log_name = arena_printf(server->arena, "%.*s/smtpd",
                                 STR_ARG(log_name.len > 0 ? log_name : str_of("postfix"))),
        .name = listener->name,
    };
}

/* --- beginning and end ------------------------------------------------------------------- */

/* raise_limits - of open files, which limits the connections */
static void raise_limits(struct server_options *options)
{
    struct rlimit files;

    if (options->connections == 0)
        options->connections = USUAL_CONNECTIONS;
    if (getrlimit(RLIMIT_NOFILE, &files) < 0)
        return;
    if (files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
        getrlimit(RLIMIT_NOFILE, &files);
    }
    /* a message that is stored needs another file */
    size_t most = files.rlim_cur == RLIM_INFINITY ? options->connections
                  : files.rlim_cur > 2 * SPARE_FILES
                      ? (size_t)(files.rlim_cur - SPARE_FILES) / (options->maildir.len > 0 ? 2 : 1)
                      : SPARE_FILES;
    if (options->connections > most)
        options->connections = most;
}

static bool make_events(struct server *server)
{
    struct event_config *config = event_config_new();

    if (config == NULL)
        return false;
    event_config_set_flag(config, EVENT_BASE_FLAG_NOLOCK);
    event_config_set_flag(config, EVENT_BASE_FLAG_EPOLL_USE_CHANGELIST);
    server->base = event_base_new_with_config(config);
    event_config_free(config);
    server->wake_socket = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (server->base == NULL || server->wake_socket < 0)
        return false;
    server->interrupt = evsignal_new(server->base, SIGINT, on_stop, server);
    server->terminate = evsignal_new(server->base, SIGTERM, on_stop, server);
    server->tick = event_new(server->base, -1, EV_PERSIST, on_tick, server);
    server->again = event_new(server->base, -1, 0, on_again, server);
    server->wake = event_new(server->base, server->wake_socket, EV_READ, on_stop, server);
    return server->interrupt != NULL && server->terminate != NULL && server->tick != NULL &&
           server->again != NULL && server->wake != NULL;
}

static void name_log(struct server *server)
{
    struct str name = find_hostname(server, server->policy->all);

    name = str_slice(name, 0, str_find(name, '.', 0));
    server->log_host = arena_copy(server->arena, name.len > 0 ? name : str_of("localhost"));
}

struct server *server_create(struct arena *arena, const struct policy *policy,
                             const struct server_options *options, struct str *error)
{
    struct server *server = arena_alloc(arena, sizeof *server);

    server->arena = arena;
    server->policy = policy;
    server->options = *options;
    server->scratch = arena_create(NULL);
    server->input = arena_alloc_raw(arena, INPUT_SIZE);
    server->maildir = (struct maildir){.tmp = -1, .new = -1};
    server->wake_socket = -1;
    raise_limits(&server->options);
    name_log(server);
    if (!make_events(server)) {
        *error = str_of("cannot initialize libevent");
        server_destroy(server);
        return NULL;
    }
    server->listeners = arena_alloc(arena, (policy->count + 1) * sizeof *server->listeners);
    server->listening = arena_alloc(arena, (policy->count + 1) * sizeof *server->listening);
    for (; server->count < policy->count; server->count++)
        set_up_service(server, server->count);
    set_offsets(server);
    bool good = true;
    for (size_t i = 0; i < server->count && good; i++) {
        set_up_tls(server, i);
        good = open_listener(server, i, error);
    }
    server->stores = good && options->maildir.len > 0;
    bool is_new = server->stores && access(arena_cstr(arena, options->maildir), F_OK) != 0;
    if (server->stores)
        good = server->stores = maildir_open(&server->maildir, arena, options->maildir,
                                             find_hostname(server, policy->all), error);
    if (good &&
        (options->keeps_root || privileges_drop(policy, server->stores ? &server->maildir : NULL,
                                                options->maildir, is_new, error)))
        return server;
    server_destroy(server);
    return NULL;
}

const struct server_listener *server_listeners(const struct server *server, size_t *count)
{
    *count = server->count;
    return server->listeners;
}

/* ignore_signals - errors of write() must not end the process */
static void ignore_signals(struct sigaction *pipe_before, struct sigaction *size_before)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    sigaction(SIGPIPE, &ignore, pipe_before);
    sigaction(SIGXFSZ, &ignore, size_before);
}

/* unblock_stop_signals - the caller may have blocked them until they are handled */
static void unblock_stop_signals(void)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    pthread_sigmask(SIG_UNBLOCK, &signals, NULL);
}

/* stop_sessions - sessions in a message have some time to complete it */
static void stop_sessions(struct server *server)
{
    set_accepting(server, false);
    server->now_ms = clock_ms();
    long long end = server->now_ms + STOP_MS;
    for (;;) {
        buffer_init(&server->output, server->scratch);
        buffer_init(&server->text, server->scratch);
        connection_stop_all(server);
        server->now_ms = clock_ms();
        if (server->first == NULL || server->now_ms >= end)
            break;
        event_base_loop(server->base, EVLOOP_ONCE);
    }
    while (server->first != NULL)
        connection_close(server->first);
    if (server->options.log != NULL)
        fflush(server->options.log);
}

unsigned long server_run(struct server *server)
{
    struct sigaction pipe_before, size_before;
    struct timeval tick = make_timeval(TICK_MS);

    server->process = getpid();
    ignore_signals(&pipe_before, &size_before);
    event_add(server->interrupt, NULL);
    event_add(server->terminate, NULL);
    event_add(server->wake, NULL);
    event_add(server->tick, &tick);
    unblock_stop_signals();
    while (!server->stopping) {
        set_accepting(server,
                      !server->accept_waits && server->connected < server->options.connections);
        if (event_base_loop(server->base, EVLOOP_ONCE) < 0)
            break;
    }
    stop_sessions(server);
    event_del(server->interrupt);
    event_del(server->terminate);
    event_del(server->wake);
    event_del(server->tick);
    sigaction(SIGPIPE, &pipe_before, NULL);
    sigaction(SIGXFSZ, &size_before, NULL);
    return server->sessions;
}

void server_stop(struct server *server)
{
    const uint64_t one = 1;

    if (write(server->wake_socket, &one, sizeof one) < 0)
        return; /* it is full: a stop was already requested */
}

static void free_event(struct event *event)
{
    if (event != NULL)
        event_free(event);
}

void server_destroy(struct server *server)
{
    if (server == NULL)
        return;
    for (size_t i = 0; i < server->count; i++) {
        if (server->listening[i].socket >= 0)
            close(server->listening[i].socket);
        if (server->listening[i].can_tls)
            tls_server_destroy(&server->listening[i].tls);
    }
    connection_free_pool(server);
    free_event(server->interrupt);
    free_event(server->terminate);
    free_event(server->tick);
    free_event(server->wake);
    free_event(server->again);
    if (server->base != NULL)
        event_base_free(server->base);
    if (server->wake_socket >= 0)
        close(server->wake_socket);
    maildir_close(&server->maildir);
    arena_destroy(server->scratch);
}
