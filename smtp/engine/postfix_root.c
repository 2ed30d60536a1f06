/* postfix_root - finds the installed Postfix, creates its directories, and runs its programs */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "parser/text/token.h"
#include "smtp/engine/postfix.h"

struct str postfix_outside(const struct postfix *postfix, const char *below)
{
    return arena_printf(postfix->arena, "%.*s%s", STR_ARG(postfix->outside), below);
}

struct str postfix_inside(const struct postfix *postfix, const char *below)
{
    return arena_printf(postfix->arena, "%.*s%s", STR_ARG(postfix->place), below);
}

/* --- programs ------------------------------------------------------------------------ */

void postfix_close_others(int keep, int keep_too)
{
    long limit = sysconf(_SC_OPEN_MAX);

    for (int fd = 3; fd < (limit > 0 && limit < 65536 ? (int)limit : 65536); fd++)
        if (fd != keep && fd != keep_too)
            close(fd);
}

void postfix_enter(const struct postfix *postfix)
{
    if (postfix->root.len > 0 && chroot(arena_cstr(postfix->arena, postfix->root)) != 0)
        _exit(127);
    if (chdir("/") != 0)
        _exit(127);
    umask(022);
    clearenv();
    setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin:/usr/local/sbin:/usr/local/bin", 1);
    setenv("LC_ALL", "C", 1);
}

static void run_child(const struct postfix *postfix, const char *const *arguments, int out, int err)
{
    /* the prototype of execvp() lacks const */
    char *const *words;
    int null = open("/dev/null", O_RDONLY);

    memcpy(&words, &arguments, sizeof words);
    dup2(null, 0);
    dup2(out, 1);
    dup2(err, 2);
    postfix_close_others(-1, -1);
    postfix_enter(postfix);
    execvp(arguments[0], words);
    _exit(127);
}

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

/* --- what is installed --------------------------------------------------------------- */

/* find_value - of NAME in lines "name = value" */
static struct str find_value(struct str lines, const char *name)
{
    size_t len = strlen(name);

    while (lines.len > 0) {
        size_t end = str_find(lines, '\n', 0);
        struct str line = str_slice(lines, 0, end);
        if (str_starts(line, name) && str_starts(str_slice(line, len, line.len), " ="))
            return str_trim(str_slice(line, len + 2, line.len));
        lines = str_slice(lines, end + 1, lines.len);
    }
    return (struct str)STR("");
}

/* open_list - the users or groups of the root */
static FILE *open_list(const struct postfix *postfix, const char *path)
{
    return fopen(arena_printf(postfix->arena, "%.*s%s", STR_ARG(postfix->root), path).at, "re");
}

static bool find_user(const struct postfix *postfix, struct str name, uid_t *uid, gid_t *gid)
{
    const char *text = arena_cstr(postfix->arena, name);
    struct passwd *entry = NULL;

    if (postfix->root.len == 0) {
        entry = getpwnam(text);
    } else {
        FILE *file = open_list(postfix, "/etc/passwd");
        while (file != NULL && (entry = fgetpwent(file)) != NULL)
            if (strcmp(entry->pw_name, text) == 0)
                break;
        if (file != NULL)
            fclose(file);
    }
    if (entry == NULL)
        return false;
    *uid = entry->pw_uid;
    *gid = entry->pw_gid;
    return true;
}

static bool find_group(const struct postfix *postfix, struct str name, gid_t *gid)
{
    const char *text = arena_cstr(postfix->arena, name);
    struct group *entry = NULL;

    if (postfix->root.len == 0) {
        entry = getgrnam(text);
    } else {
        FILE *file = open_list(postfix, "/etc/group");
        while (file != NULL && (entry = fgetgrent(file)) != NULL)
            if (strcmp(entry->gr_name, text) == 0)
                break;
        if (file != NULL)
            fclose(file);
    }
    if (entry == NULL)
        return false;
    *gid = entry->gr_gid;
    return true;
}

static struct str_list split_words(struct arena *arena, struct str text)
{
    struct str *items = NULL;
    struct str word;
    size_t count = 0;
    size_t capacity = 0;

    while (token_next_plain(&text, TOKEN_BLANKS, &word)) {
        items = arena_grow(arena, items, count, &capacity, sizeof *items);
        items[count++] = word;
    }
    return (struct str_list){items, count};
}

bool postfix_find(struct postfix *postfix, struct str *error)
{
    static const char *const ask[] = {"postconf", "-d", NULL};
    static const char *const ask_types[] = {"postconf", "-m", NULL};
    struct postfix_installed *installed = &postfix->installed;
    struct str out = STR(""), err = STR(""), types = STR("");

    if (postfix_run(postfix, ask, &out, &err) != 0 ||
        postfix_run(postfix, ask_types, &types, NULL) != 0) {
        *error = arena_printf(
            postfix->arena, "Postfix is not installed in \"%.*s/\": %s", STR_ARG(postfix->root),
            err.len > 0 ? arena_cstr(postfix->arena, str_trim(err)) : "cannot run postconf");
        return false;
    }
    installed->version = find_value(out, "mail_version");
    installed->config_directory = find_value(out, "config_directory");
    installed->daemon_directory = find_value(out, "daemon_directory");
    installed->command_directory = find_value(out, "command_directory");
    installed->meta_directory = find_value(out, "meta_directory");
    installed->shlib_directory = find_value(out, "shlib_directory");
    installed->mail_owner = find_value(out, "mail_owner");
    installed->setgid_group = find_value(out, "setgid_group");
    installed->catcher = find_value(out, "default_privs");
    installed->types = split_words(postfix->arena, types);
    if (find_user(postfix, installed->mail_owner, &installed->owner, &installed->owner_group) &&
        find_user(postfix, installed->catcher, &installed->catcher_uid,
                  &installed->catcher_group) &&
        find_group(postfix, installed->setgid_group, &installed->postdrop_group))
        return true;
    *error =
        arena_printf(postfix->arena, "Postfix requires the users %.*s and %.*s and the group %.*s",
                     STR_ARG(installed->mail_owner), STR_ARG(installed->catcher),
                     STR_ARG(installed->setgid_group));
    return false;
}

/* --- directories --------------------------------------------------------------------- */

static bool make_directory(const struct postfix *postfix, const char *below, uid_t uid, gid_t gid,
                           mode_t mode)
{
    const char *path = postfix_outside(postfix, below).at;

    return mkdir(path, 0700) == 0 && chown(path, uid, gid) == 0 && chmod(path, mode) == 0;
}

bool postfix_make_place(struct postfix *postfix, struct str *error)
{
    static const char template[] = "/tmp/postmend-livetest.XXXXXX";
    struct str pattern = arena_printf(postfix->arena, "%.*s%s", STR_ARG(postfix->root), template);
    char *made = arena_alloc(postfix->arena, pattern.len + 1);

    memcpy(made, pattern.at, pattern.len);
    struct str path = {made, pattern.len};
    if (mkdtemp(made) == NULL) {
        *error =
            arena_printf(postfix->arena, "cannot create %.*s: %s", STR_ARG(path), strerror(errno));
        return false;
    }
    postfix->outside = path;
    postfix->place = str_slice(path, postfix->root.len, path.len);
    return true;
}

/* the queue directories of postfix-files(5) */
bool postfix_make_directories(struct postfix *postfix, struct str *error)
{
    static const char *const owned[] = {"active",   "bounce", "corrupt", "defer",
                                        "deferred", "flush",  "hold",    "incoming",
                                        "private",  "saved",  "trace"};
    uid_t owner = postfix->installed.owner;
    gid_t group = postfix->installed.owner_group;
    uid_t catcher = postfix->installed.catcher_uid;
    gid_t postdrop = postfix->installed.postdrop_group;
    /* searchable, since the catcher runs neither as root nor as Postfix's user */
    bool good = chmod(postfix->outside.at, 0711) == 0;

    good = good && make_directory(postfix, "/config", 0, group, 0750) &&
           make_directory(postfix, "/queue", 0, 0, 0755) &&
           make_directory(postfix, "/data", owner, group, 0700) &&
           make_directory(postfix, "/mail", catcher, 0, 0700) &&
           make_directory(postfix, "/mail/tmp", catcher, 0, 0700) &&
           make_directory(postfix, "/mail/new", catcher, 0, 0700) &&
           make_directory(postfix, "/mail/cur", catcher, 0, 0700) &&
           make_directory(postfix, "/queue/pid", 0, 0, 0755) &&
           make_directory(postfix, "/queue/public", owner, postdrop, 0710) &&
           make_directory(postfix, "/queue/maildrop", owner, postdrop, 01730);
    for (size_t i = 0; good && i < sizeof owned / sizeof *owned; i++)
        good = make_directory(postfix, arena_printf(postfix->arena, "/queue/%s", owned[i]).at,
                              owner, 0, 0700);
    if (!good)
        *error = arena_printf(postfix->arena, "cannot create the directories in %.*s: %s",
                              STR_ARG(postfix->outside), strerror(errno));
    return good;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *where)
{
    (void)status;
    (void)where;
    if (type == FTW_DP)
        rmdir(path);
    else
        unlink(path);
    return 0;
}

void postfix_remove_place(const char *outside)
{
    nftw(outside, remove_one, 32, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}
