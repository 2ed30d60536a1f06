/*
 * postfix_keeper - the first process of the private Postfix's namespaces: see smtp/engine/postfix.h
 *
 * It makes the root directory and the network, reports to the control socket, and waits for the
 * path of master(8), which is sent when all files are there.  Then it starts master(8) and polls:
 * the control socket, whose end stops everything; the datagram sockets of the log, to which
 * Postfix's programs write as to postlogd(8) or syslogd(8); and the socket of the password server
 * with its connections.  When it ends, the kernel kills what is left.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "smtp/engine/postfix.h"

enum {
    LINE_MAX_BYTES = 64 * 1024, /* smtpd_sasl_response_limit is 12288 by default */
    POLL_MS = 100,
    STACK_BYTES = 512 * 1024,
};

/* what is polled */
enum { CONTROL, LOG, SYSLOG, LOGINS, FIRST_CONNECTION };

/* what the keeper reports once */
struct keeper_report {
    bool good;
    dev_t device; /* of its root directory: to see that /proc leads to it */
    ino_t inode;
    char error[512];
};

struct auth_connection {
    struct postfix_auth auth;
    char line[LINE_MAX_BYTES];
    size_t len;
};

struct keeper {
    const struct postfix *postfix;
    struct arena *arena;   /* for replies; reset after each one */
    struct pollfd *polled; /* FIRST_CONNECTION, then those of smtpd processes */
    struct auth_connection **connections;
    size_t room;            /* for connections to the password server */
    int log;                /* the log file */
    bool missing;           /* see POSTFIX_MISSING */
    char program[PATH_MAX]; /* master(8), inside */
    pid_t master;
};

static _Noreturn void exit_out_of_memory(void)
{
    _exit(1);
}

/* add_room - for twice as many connections */
static void add_room(struct keeper *keeper)
{
    size_t room = keeper->room == 0 ? 64 : keeper->room * 2;

    keeper->polled = realloc(keeper->polled, (FIRST_CONNECTION + room) * sizeof *keeper->polled);
    keeper->connections = realloc(keeper->connections, room * sizeof(struct auth_connection *));
    if (keeper->polled == NULL || keeper->connections == NULL)
        exit_out_of_memory();
    size_t from = keeper->room == 0 ? 0 : FIRST_CONNECTION + keeper->room;
    for (size_t i = from; i < FIRST_CONNECTION + room; i++)
        keeper->polled[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    for (; keeper->room < room; keeper->room++)
        keeper->connections[keeper->room] = NULL;
}

/* --- sockets ------------------------------------------------------------------------- */

static int listen_at(const char *path, int type)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -1;
    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    /* Postfix's user must connect; the directory excludes all others */
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || chmod(path, 0666) != 0 ||
        (type == SOCK_STREAM && listen(fd, 64) != 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

/* read_all - false at the end */
static bool read_all(int fd, void *to, size_t size)
{
    for (size_t got = 0; got < size;) {
        ssize_t len = read(fd, (char *)to + got, size - got);
        if (len <= 0 && (len == 0 || errno != EINTR))
            return false;
        got += len > 0 ? (size_t)len : 0;
    }
    return true;
}

static void write_all(int fd, struct str text)
{
    while (text.len > 0) {
        ssize_t len = write(fd, text.at, text.len);
        if (len <= 0)
            return;
        text = str_slice(text, (size_t)len, text.len);
    }
}

/* is_missing - does smtpd, or cleanup which smtpd waits for, lack a service? */
static bool is_missing(struct str line)
{
    return str_search(line, POSTFIX_MISSING) < line.len &&
           (str_search(line, "smtpd[") < line.len || str_search(line, "cleanup[") < line.len);
}

static void read_log(struct keeper *keeper, int socket)
{
    char line[LINE_MAX_BYTES];
    ssize_t len;

    while ((len = recv(keeper->polled[socket].fd, line, sizeof line, MSG_TRUNC)) > 0) {
        bool cut = (size_t)len > sizeof line;
        struct str text = {line, cut ? sizeof line : (size_t)len};
        write_all(keeper->log, text);
        if (cut || line[len - 1] != '\n')
            write_all(keeper->log, str_of(cut ? "...\n" : "\n"));
        keeper->missing = keeper->missing || is_missing(text);
    }
}

/* --- the password server ------------------------------------------------------------- */

static void send_reply(struct keeper *keeper, size_t index, const struct buffer *reply)
{
    write_all(keeper->polled[FIRST_CONNECTION + index].fd, buffer_str(reply));
    arena_reset(keeper->arena);
}

static void accept_connection(struct keeper *keeper)
{
    int fd = accept4(keeper->polled[LOGINS].fd, NULL, NULL, SOCK_CLOEXEC);
    struct buffer reply;

    if (fd < 0)
        return;
    size_t i = 0;
    while (i < keeper->room && keeper->polled[FIRST_CONNECTION + i].fd >= 0)
        i++;
    if (i == keeper->room)
        add_room(keeper);
    keeper->polled[FIRST_CONNECTION + i].fd = fd;
    if (keeper->connections[i] == NULL)
        keeper->connections[i] = malloc(sizeof *keeper->connections[i]);
    if (keeper->connections[i] == NULL)
        exit_out_of_memory();
    keeper->connections[i]->len = 0;
    buffer_init(&reply, keeper->arena);
    postfix_auth_begin(&reply);
    send_reply(keeper, i, &reply);
}

/* answer_lines - answers complete lines; false: close the connection */
static bool answer_lines(struct keeper *keeper, size_t index)
{
    struct auth_connection *connection = keeper->connections[index];
    struct str rest = {connection->line, connection->len};
    struct buffer reply;
    bool good = true;

    buffer_init(&reply, keeper->arena);
    for (size_t end; good && (end = str_find(rest, '\n', 0)) < rest.len;) {
        good = postfix_auth_line(&connection->auth, keeper->postfix->request->users,
                                 str_slice(rest, 0, end), &reply);
        rest = str_slice(rest, end + 1, rest.len);
    }
    memmove(connection->line, rest.at, rest.len);
    connection->len = rest.len;
    send_reply(keeper, index, &reply);
    if (connection->len == sizeof connection->line)
        dprintf(keeper->log, "postmend[1]: a line to the password server is longer than %d bytes\n",
                LINE_MAX_BYTES);
    return good && connection->len < sizeof connection->line;
}

static void read_connection(struct keeper *keeper, size_t index)
{
    struct auth_connection *connection = keeper->connections[index];
    int *fd = &keeper->polled[FIRST_CONNECTION + index].fd;
    ssize_t len =
        read(*fd, connection->line + connection->len, sizeof connection->line - connection->len);

    if (len > 0) {
        connection->len += (size_t)len;
        if (answer_lines(keeper, index))
            return;
    }
    close(*fd);
    *fd = -1;
}

/* --- master -------------------------------------------------------------------------- */

/* drop_capabilities - what Postfix does not need: to mount, to make devices, to trace, to open
   files by their handles, and whatever else leads out of namespaces */
static void drop_capabilities(void)
{
    static const unsigned char kept[] = {CAP_CHOWN,  CAP_DAC_OVERRIDE, CAP_FOWNER,
                                         CAP_FSETID, CAP_KILL,         CAP_NET_BIND_SERVICE,
                                         CAP_SETGID, CAP_SETUID,       CAP_SYS_CHROOT};

    for (int capability = 0; capability < 64; capability++)
        if (memchr(kept, capability, sizeof kept) == NULL)
            prctl(PR_CAPBSET_DROP, capability, 0, 0,
                  0); /* EINVAL: the kernel has no more of them */
}

static void run_master(const struct keeper *keeper)
{
    const struct postfix *postfix = keeper->postfix;
    const char *program = keeper->program;
    const char *config = postfix_inside(postfix, "/config").at;
    int log = keeper->log;
    sigset_t none;

    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    postfix_close_others((const int[]){log, -1});
    postfix_clean_environment();
    if (chdir("/") != 0)
        _exit(127);
    setenv("POSTLOG_SERVICE", postfix_inside(postfix, "/queue/public/postlog").at, 1);
    drop_capabilities();
    execl(program, program, "-c", config, (char *)NULL);
    dprintf(log, "postmend[1]: fatal: cannot execute %s: %s\n", program, strerror(errno));
    _exit(127);
}

static bool start_master(struct keeper *keeper)
{
    keeper->master = fork();
    if (keeper->master == 0)
        run_master(keeper);
    return keeper->master > 0;
}

/* has_ended - did master end?  Other processes of the namespaces end here too */
static bool has_ended(const struct keeper *keeper)
{
    pid_t pid;

    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        if (pid == keeper->master)
            return true;
    return false;
}

/* --- the keeper ---------------------------------------------------------------------- */

static void run_loop(struct keeper *keeper)
{
    while (!has_ended(keeper) && !keeper->missing) {
        int ready = poll(keeper->polled, FIRST_CONNECTION + keeper->room, POLL_MS);
        if (ready > 0 && keeper->polled[LOG].revents != 0)
            read_log(keeper, LOG);
        if (ready > 0 && keeper->polled[SYSLOG].revents != 0)
            read_log(keeper, SYSLOG);
        if (ready > 0 && keeper->polled[CONTROL].revents != 0)
            return;
        if (ready > 0 && keeper->polled[LOGINS].revents != 0)
            accept_connection(keeper);
        for (size_t i = 0; ready > 0 && i < keeper->room; i++)
            if (keeper->polled[FIRST_CONNECTION + i].fd >= 0 &&
                keeper->polled[FIRST_CONNECTION + i].revents != 0)
                read_connection(keeper, i);
    }
    read_log(keeper, LOG);
    read_log(keeper, SYSLOG);
}

/* detach - from the terminal, whose keys are for the parent process; it ends when that ends */
static void detach(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP};
    int null = open("/dev/null", O_RDWR);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    setsid();
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    for (int fd = 0; null >= 0 && fd < 3; fd++)
        dup2(null, fd);
}

/* open_files - the log and the sockets; relative names, since socket addresses are short */
static bool open_files(struct keeper *keeper)
{
    if (chdir(POSTFIX_PLACE) != 0)
        return false;
    keeper->log = open("log", O_WRONLY | O_APPEND | O_CLOEXEC);
    keeper->polled[LOG].fd = listen_at("queue/public/postlog", SOCK_DGRAM);
    keeper->polled[SYSLOG].fd = listen_at("/dev/log", SOCK_DGRAM);
    keeper->polled[LOGINS].fd = listen_at("queue/private/livetest-auth", SOCK_STREAM);
    return keeper->log >= 0 && keeper->polled[LOG].fd >= 0 && keeper->polled[SYSLOG].fd >= 0 &&
           keeper->polled[LOGINS].fd >= 0;
}

/* prepare - the namespaces, and the report of it */
static bool prepare(const struct postfix *postfix, int control)
{
    struct keeper_report report = {.good = false};
    struct str error = STR("unknown reason");
    struct stat status;

    if (postfix_enter_view(postfix, &error) && postfix_begin_network(postfix, &error) &&
        stat("/", &status) == 0) {
        report.good = true;
        report.device = status.st_dev;
        report.inode = status.st_ino;
    }
    if (error.len >= sizeof report.error)
        error.len = sizeof report.error - 1;
    memcpy(report.error, error.at, error.len);
    return write(control, &report, sizeof report) == sizeof report && report.good;
}

/* what the keeper needs of the process that starts it */
struct keeper_start {
    const struct postfix *postfix;
    int control;
};

static int run_keeper(void *argument)
{
    const struct keeper_start *start = argument;
    struct keeper *keeper = calloc(1, sizeof *keeper);

    if (keeper == NULL)
        _exit(1);
    detach();
    postfix_close_others((const int[]){start->control, -1});
    keeper->postfix = start->postfix;
    keeper->arena = arena_create(exit_out_of_memory);
    add_room(keeper);
    keeper->polled[CONTROL].fd = start->control;
    if (prepare(start->postfix, start->control) &&
        read_all(start->control, keeper->program, PATH_MAX) && open_files(keeper) &&
        start_master(keeper))
        run_loop(keeper);
    _exit(0);
}

/* --- the process that starts it ------------------------------------------------------ */

/* find_root - /proc leads to its root directory, unless that is another namespace's /proc */
static bool find_root(struct postfix *postfix, const struct keeper_report *report)
{
    struct stat status;

    postfix->root = arena_printf(postfix->arena, "/proc/%ld/root", (long)postfix->keeper);
    return stat(postfix->root.at, &status) == 0 && status.st_dev == report->device &&
           status.st_ino == report->inode;
}

static bool await_report(struct postfix *postfix, struct str *error)
{
    struct keeper_report report = {.good = false};

    if (!read_all(postfix->control, &report, sizeof report))
        memcpy(report.error, "its first process ended", sizeof "its first process ended");
    if (report.good && find_root(postfix, &report))
        return true;
    report.error[sizeof report.error - 1] = '\0';
    *error = arena_printf(postfix->arena, "cannot isolate Postfix: %s",
                          report.good ? "/proc does not show its processes" : report.error);
    return false;
}

bool postfix_keep(struct postfix *postfix, struct str *error)
{
    int ends[2];
    char *stack = arena_alloc(postfix->arena, STACK_BYTES);

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
        *error = arena_printf(postfix->arena, "cannot start the keeper: %s", strerror(errno));
        return false;
    }
    struct keeper_start start = {postfix, ends[1]};
    fflush(NULL);
    postfix->keeper =
        clone(run_keeper, stack + STACK_BYTES,
              CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNET | SIGCHLD, &start);
    int failure = errno;
    close(ends[1]);
    postfix->control = ends[0];
    if (postfix->keeper > 0)
        return await_report(postfix, error);
    *error = arena_printf(postfix->arena,
                          "cannot isolate Postfix: this machine does not allow namespaces here: %s",
                          strerror(failure));
    return false;
}

bool postfix_go(struct postfix *postfix)
{
    char program[PATH_MAX] = "";

    snprintf(program, sizeof program, "%.*s/master", STR_ARG(postfix->installed.daemon_directory));
    return send(postfix->control, program, sizeof program, MSG_NOSIGNAL) == sizeof program;
}

bool postfix_ended(struct postfix *postfix)
{
    char answer;

    return recv(postfix->control, &answer, 1, MSG_DONTWAIT | MSG_PEEK) == 0;
}

void postfix_release(struct postfix *postfix)
{
    if (postfix->control >= 0)
        close(postfix->control);
    postfix->control = -1;
    if (postfix->keeper > 0)
        kill(postfix->keeper, SIGKILL);
    while (postfix->keeper > 0 && waitpid(postfix->keeper, NULL, 0) < 0)
        if (errno != EINTR)
            break;
    postfix->keeper = 0;
}
