/*
 * postfix_keeper - the process that runs a private Postfix: see smtp/engine/postfix.h
 *
 * It polls the control socket, whose end stops everything; the datagram socket of the log, to which
 * Postfix's programs write as to postlogd(8); the socket of the password server, and its
 * connections; and it checks regularly whether master(8) still runs.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
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
    CONNECTIONS = 256, /* of smtpd processes to the password server */
    LINE_MAX_BYTES = 8192,
    STOP_SECONDS = 5,
    POLL_MS = 100,
    FIRST_CONNECTION = 3, /* after control, log and password server */
};

struct auth_connection {
    struct postfix_auth auth;
    char line[LINE_MAX_BYTES];
    size_t len;
};

struct keeper {
    const struct postfix *postfix;
    struct arena *arena; /* for replies; reset after each one */
    struct pollfd polled[FIRST_CONNECTION + CONNECTIONS];
    struct auth_connection *connections[CONNECTIONS];
    int log;      /* the log file */
    pid_t master; /* 0: not started; -1: it ended */
};

static _Noreturn void exit_out_of_memory(void)
{
    _exit(1);
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

static void write_all(int fd, struct str text)
{
    while (text.len > 0) {
        ssize_t len = write(fd, text.at, text.len);
        if (len <= 0)
            return;
        text = str_slice(text, (size_t)len, text.len);
    }
}

static void read_log(struct keeper *keeper)
{
    char line[LINE_MAX_BYTES];
    ssize_t len;

    while ((len = recv(keeper->polled[1].fd, line, sizeof line - 1, 0)) > 0) {
        if (line[len - 1] != '\n')
            line[len++] = '\n';
        write_all(keeper->log, (struct str){line, (size_t)len});
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
    int fd = accept4(keeper->polled[2].fd, NULL, NULL, SOCK_CLOEXEC);
    struct buffer reply;

    if (fd < 0)
        return;
    for (size_t i = 0; i < CONNECTIONS; i++) {
        if (keeper->polled[FIRST_CONNECTION + i].fd >= 0)
            continue;
        keeper->polled[FIRST_CONNECTION + i] = (struct pollfd){.fd = fd, .events = POLLIN};
        if (keeper->connections[i] == NULL)
            keeper->connections[i] = malloc(sizeof *keeper->connections[i]);
        if (keeper->connections[i] == NULL)
            exit_out_of_memory();
        keeper->connections[i]->len = 0;
        buffer_init(&reply, keeper->arena);
        postfix_auth_begin(&reply);
        send_reply(keeper, i, &reply);
        return;
    }
    close(fd);
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

static void run_master(const struct postfix *postfix)
{
    struct str program =
        arena_printf(postfix->arena, "%.*s/master", STR_ARG(postfix->installed.daemon_directory));
    const char *config = postfix_inside(postfix, "/config").at;
    sigset_t none;

    /* master creates its own session and process group */
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    postfix_close_others(-1, -1);
    postfix_enter(postfix);
    setenv("POSTLOG_SERVICE", postfix_inside(postfix, "/queue/public/postlog").at, 1);
    execl(program.at, program.at, "-c", config, (char *)NULL);
    _exit(127);
}

static void start_master(struct keeper *keeper)
{
    pid_t pid = fork();

    if (pid == 0)
        run_master(keeper->postfix);
    keeper->master = pid;
}

/* check_master - reports on the control socket if it has ended */
static void check_master(struct keeper *keeper)
{
    pid_t pid;

    while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
        if (pid == keeper->master) {
            keeper->master = -1;
            read_log(keeper);
            if (write(keeper->polled[0].fd, "X", 1) != 1)
                return;
        }
}

/* wait_for_group - for all processes of master's group, which become children of the keeper */
static bool wait_for_group(pid_t group)
{
    static const struct timespec moment = {.tv_nsec = 5 * 1000 * 1000};

    for (int i = 0; i < STOP_SECONDS * 200; i++) {
        while (waitpid(-1, NULL, WNOHANG) > 0)
            ;
        if (kill(-group, 0) != 0 && errno == ESRCH)
            return true;
        nanosleep(&moment, NULL);
    }
    return false;
}

static void stop_master(pid_t master)
{
    if (master <= 0)
        return;
    kill(master, SIGTERM);
    if (wait_for_group(master))
        return;
    kill(-master, SIGKILL);
    wait_for_group(master);
}

/* --- the keeper ---------------------------------------------------------------------- */

static void run_loop(struct keeper *keeper)
{
    for (;;) {
        int ready = poll(keeper->polled, FIRST_CONNECTION + CONNECTIONS, POLL_MS);
        char command;
        if (ready > 0 && keeper->polled[1].revents != 0)
            read_log(keeper);
        if (ready > 0 && keeper->polled[0].revents != 0) {
            if (read(keeper->polled[0].fd, &command, 1) != 1)
                return;
        }
        if (ready > 0 && keeper->polled[2].revents != 0)
            accept_connection(keeper);
        for (size_t i = 0; ready > 0 && i < CONNECTIONS; i++)
            if (keeper->polled[FIRST_CONNECTION + i].fd >= 0 &&
                keeper->polled[FIRST_CONNECTION + i].revents != 0)
                read_connection(keeper, i);
        check_master(keeper);
    }
}

static void detach(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE, SIGTSTP};
    int null = open("/dev/null", O_RDWR);

    /* a key at the terminal is for the parent process, whose end closes the control socket */
    setsid();
    for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
        signal(ignored[i], SIG_IGN);
    for (int fd = 0; null >= 0 && fd < 3; fd++)
        dup2(null, fd);
}

/* open_files - the log and the sockets; relative names, since socket addresses are short */
static bool open_files(struct keeper *keeper)
{
    if (chdir(keeper->postfix->outside.at) != 0)
        return false;
    keeper->log = open("log", O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    keeper->polled[1].fd = listen_at("queue/public/postlog", SOCK_DGRAM);
    keeper->polled[2].fd = listen_at("queue/private/livetest-auth", SOCK_STREAM);
    return keeper->log >= 0 && keeper->polled[1].fd >= 0 && keeper->polled[2].fd >= 0;
}

static void run_keeper(const struct postfix *postfix, int control)
{
    struct keeper *keeper = calloc(1, sizeof *keeper);
    char command;

    if (keeper == NULL)
        _exit(1);
    detach();
    postfix_close_others(control, -1);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    keeper->postfix = postfix;
    keeper->arena = arena_create(exit_out_of_memory);
    for (size_t i = 0; i < FIRST_CONNECTION + CONNECTIONS; i++)
        keeper->polled[i] = (struct pollfd){.fd = -1, .events = POLLIN};
    keeper->polled[0].fd = control;
    /* the first byte is sent when the directories exist */
    if (read(control, &command, 1) == 1 && open_files(keeper)) {
        start_master(keeper);
        run_loop(keeper);
    }
    stop_master(keeper->master);
    postfix_remove_place(postfix->outside.at);
    _exit(0);
}

bool postfix_keep(struct postfix *postfix, struct str *error)
{
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0 ||
        (postfix->keeper = fork()) < 0) {
        *error = arena_printf(postfix->arena, "cannot start the keeper: %s", strerror(errno));
        return false;
    }
    if (postfix->keeper == 0)
        run_keeper(postfix, ends[1]);
    close(ends[1]);
    postfix->control = ends[0];
    return true;
}

bool postfix_go(struct postfix *postfix)
{
    return send(postfix->control, "S", 1, MSG_NOSIGNAL) == 1;
}

bool postfix_ended(struct postfix *postfix)
{
    char answer;
    ssize_t len = recv(postfix->control, &answer, 1, MSG_DONTWAIT | MSG_PEEK);

    return len == 0 || len == 1;
}

void postfix_release(struct postfix *postfix)
{
    if (postfix->control >= 0)
        close(postfix->control);
    postfix->control = -1;
    while (postfix->keeper > 0 && waitpid(postfix->keeper, NULL, 0) < 0)
        if (errno != EINTR)
            break;
    postfix->keeper = 0;
}
