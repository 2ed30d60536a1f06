/* postfix_run - paths of the private Postfix, and its programs */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "smtp/engine/postfix.h"

struct str postfix_outside(const struct postfix *postfix, const char *below)
{
    return arena_printf(postfix->arena, "%.*s" POSTFIX_PLACE "%s", STR_ARG(postfix->root), below);
}

struct str postfix_inside(const struct postfix *postfix, const char *below)
{
    return arena_printf(postfix->arena, POSTFIX_PLACE "%s", below);
}

static bool is_kept(const int *kept, int fd)
{
    while (*kept >= 0 && *kept != fd)
        kept++;
    return *kept == fd;
}

void postfix_close_others(const int *kept)
{
    long limit = sysconf(_SC_OPEN_MAX);

    for (int fd = 3; fd < (limit > 0 && limit < 65536 ? (int)limit : 65536); fd++)
        if (!is_kept(kept, fd))
            close(fd);
}

void postfix_clean_environment(void)
{
    umask(022);
    clearenv();
    setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin", 1);
    setenv("LC_ALL", "C", 1);
}

/* --- in the child process ---------------------------------------------------------------- */

static _Noreturn void give_up(const char *what)
{
    dprintf(2, "%s: %s\n", what, strerror(errno));
    _exit(127);
}

/* enter_namespaces - those of the keeper; children belong to its namespace of processes */
static void enter_namespaces(const struct postfix *postfix)
{
    static const struct {
        const char *name;
        int type;
    } spaces[] = {
        {"ipc", CLONE_NEWIPC}, {"net", CLONE_NEWNET}, {"pid", CLONE_NEWPID}, {"mnt", CLONE_NEWNS}};
    int files[sizeof spaces / sizeof *spaces];

    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++) {
        const char *path =
            arena_printf(postfix->arena, "/proc/%ld/ns/%s", (long)postfix->keeper, spaces[i].name)
                .at;
        files[i] = open(path, O_RDONLY | O_CLOEXEC);
        if (files[i] < 0)
            give_up(path);
    }
    for (size_t i = 0; i < sizeof spaces / sizeof *spaces; i++)
        if (setns(files[i], spaces[i].type) != 0)
            give_up("cannot enter the namespaces of Postfix");
}

static _Noreturn void run_program(const char *const *arguments)
{
    /* the prototype of execvp() lacks const */
    char *const *words;

    memcpy(&words, &arguments, sizeof words);
    execvp(arguments[0], words);
    give_up(arguments[0]);
}

static _Noreturn void run_child(const struct postfix *postfix, const char *const *arguments,
                                int out, int err)
{
    int null = open("/dev/null", O_RDONLY);
    int status = 0;

    dup2(null, 0);
    dup2(out, 1);
    dup2(err, 2);
    postfix_close_others((const int[]){-1});
    enter_namespaces(postfix);
    if (chdir("/") != 0)
        give_up("/");
    postfix_clean_environment();
    pid_t pid = fork();
    if (pid < 0)
        give_up("fork");
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        run_program(arguments);
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            give_up("wait");
    _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 126);
}

/* --- in the process that asks --------------------------------------------------------------- */

/* read_pipe - false at its end */
static bool read_pipe(struct buffer *to, int fd)
{
    char bytes[4096];
    ssize_t len = read(fd, bytes, sizeof bytes);

    if (len > 0)
        buffer_add(to, (struct str){bytes, (size_t)len});
    return len > 0 || (len < 0 && errno == EINTR);
}

/* read_both - to the end of both pipes */
static void read_both(struct buffer to[2], const int from[2])
{
    struct pollfd polled[2] = {{.fd = from[0], .events = POLLIN},
                               {.fd = from[1], .events = POLLIN}};

    while (polled[0].fd >= 0 || polled[1].fd >= 0) {
        if (poll(polled, 2, -1) < 0 && errno != EINTR)
            return;
        for (size_t i = 0; i < 2; i++)
            if (polled[i].fd >= 0 && polled[i].revents != 0 && !read_pipe(&to[i], polled[i].fd))
                polled[i].fd = -1;
    }
}

int postfix_run(const struct postfix *postfix, const char *const *arguments, struct str *out,
                struct str *err)
{
    int pipes[2][2];
    struct buffer texts[2];
    int status;

    for (size_t i = 0; i < 2; i++) {
        buffer_init(&texts[i], postfix->arena);
        if (pipe2(pipes[i], O_CLOEXEC) != 0)
            return -1;
    }
    pid_t pid = fork();
    if (pid == 0)
        run_child(postfix, arguments, pipes[0][1], pipes[1][1]);
    close(pipes[0][1]);
    close(pipes[1][1]);
    if (pid > 0)
        read_both(texts, (int[]){pipes[0][0], pipes[1][0]});
    close(pipes[0][0]);
    close(pipes[1][0]);
    if (out != NULL)
        *out = buffer_str(&texts[0]);
    if (err != NULL)
        *err = buffer_str(&texts[1]);
    while (pid > 0 && waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}
