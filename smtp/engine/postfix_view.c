/*
 * postfix_view - the root directory of the private Postfix
 *
 * A tmpfs that has the directories of the installation, such as /usr and /etc, and nothing that
 * runs: no queue, no /run, and of the devices only those that every program needs.  The directories
 * are read-only overlays and not bind mounts, since a socket or a FIFO in a bind mount leads to the
 * program of the machine that listens at it; those in an overlay lead nowhere.
 *
 * The old root is gone from the mount namespace, and with it every other path to a file.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/path.h"
#include "parser/text/source.h"
#include "parser/text/token.h"
#include "smtp/engine/postfix.h"

enum {
    READ_ONLY = MS_RDONLY | MS_NOSUID | MS_NODEV,
};

/* of the installation; /var is shown only in part, as it has the queue */
static const char *const shown[] = {"bin", "sbin", "lib", "lib32", "lib64", "libx32", "usr",
                                    "etc", "opt",  "srv", "nix",   "gnu",   "var/lib"};
static const char *const devices[] = {"null", "zero", "full", "random", "urandom"};

/* where the view is made, in the new mount namespace alone: BASE is covered by a tmpfs */
static const char base[] = "/tmp";
static const char made[] = "/tmp/root";

struct view {
    struct arena *arena;
    struct str *error;
};

/* fail - WHAT could not be done, for the reason in errno */
static bool fail(const struct view *view, const char *what, const char *path)
{
    *view->error = arena_printf(view->arena, "%s %s: %s", what, path, strerror(errno));
    return false;
}

static const char *in_view(const struct view *view, const char *below)
{
    return arena_printf(view->arena, "%s/%s", made, below).at;
}

/* --- the directories of the installation -------------------------------------------------- */

/* mount_overlay - of the directory NAME below the current one.  A read-only overlay needs a second
   directory below it, which is empty */
static bool mount_overlay(const struct view *view, const char *name)
{
    struct str options = arena_printf(view->arena, "lowerdir=./%s:%s/none", name, base);

    return mount("postmend", in_view(view, name), "overlay", READ_ONLY, options.at) == 0;
}

/* show_directory - one that the installation may lack; links such as /bin are made again */
static bool show_directory(const struct view *view, const char *name)
{
    char target[PATH_MAX];
    struct stat status;
    ssize_t len;

    if (lstat(name, &status) != 0)
        return true;
    if (S_ISLNK(status.st_mode)) {
        len = readlink(name, target, sizeof target - 1);
        if (len < 0)
            return fail(view, "cannot read", name);
        target[len] = '\0';
        return symlink(target, in_view(view, name)) == 0 || fail(view, "cannot make", name);
    }
    if (!S_ISDIR(status.st_mode))
        return true;
    if (mkdir(in_view(view, name), 0755) != 0)
        return fail(view, "cannot make", name);
    return mount_overlay(view, name) || fail(view, "cannot mount an overlay of", name);
}

/* unescape - "\040" is a space in mountinfo */
static struct str unescape(struct arena *arena, struct str text)
{
    struct buffer out;

    buffer_init(&out, arena);
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '\\' && i + 3 < text.len) {
            buffer_add_char(&out, (char)((text.at[i + 1] - '0') * 64 + (text.at[i + 2] - '0') * 8 +
                                         (text.at[i + 3] - '0')));
            i += 3;
        } else {
            buffer_add_char(&out, text.at[i]);
        }
    }
    return buffer_str(&out);
}

/* is_inside_shown - is NAME below one of the directories that are shown? */
static bool is_inside_shown(struct str name)
{
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (path_below(name, str_of(shown[i])).len > 0)
            return true;
    return false;
}

/*
 * show_mounts - the file systems below those directories, such as /usr/local.  One that cannot be
 * shown is left out: its directory is empty then.  MOUNTS is proc_pid_mountinfo(5), ROOT the
 * directory of the installation.
 */
static void show_mounts(const struct view *view, struct str mounts, struct str root)
{
    while (mounts.len > 0) {
        size_t end = str_find(mounts, '\n', 0);
        struct str line = str_slice(mounts, 0, end);
        struct str word = STR("");
        mounts = str_slice(mounts, end + 1, mounts.len);
        for (int field = 0; field < 5; field++)
            if (!token_next_plain(&line, TOKEN_BLANKS, &word))
                word = (struct str)STR("");
        struct str name = unescape(view->arena, word);
        name = str_is(root, "/") ? str_slice(name, 1, name.len) : path_below(name, root);
        /* these have a meaning among the options of a mount */
        if (name.at == NULL || !is_inside_shown(name) || str_span_not(name, 0, ":,\\") < name.len)
            continue;
        mount_overlay(view, arena_cstr(view->arena, name));
    }
}

/* --- what is new -------------------------------------------------------------------------- */

static bool make_directory(const struct view *view, const char *name, mode_t mode)
{
    const char *path = in_view(view, name);

    return (mkdir(path, 0700) == 0 && chmod(path, mode) == 0) || fail(view, "cannot make", name);
}

/* make_devices - those of the machine, since mknod(2) may be forbidden */
static bool make_devices(const struct view *view)
{
    for (size_t i = 0; i < sizeof devices / sizeof *devices; i++) {
        const char *device = arena_printf(view->arena, "/dev/%s", devices[i]).at;
        const char *path = in_view(view, device + 1);
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd < 0)
            return fail(view, "cannot make", path);
        close(fd);
        if (mount(device, path, NULL, MS_BIND, NULL) != 0)
            return fail(view, "cannot mount", device);
    }
    return true;
}

/* begin_view - an empty root directory; no mount reaches the machine from here on */
static bool begin_view(const struct view *view)
{
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return fail(view, "cannot detach the mounts of", "/");
    if (mount("postmend", base, "tmpfs", MS_NOSUID | MS_NODEV, "mode=0755") != 0 ||
        mkdir(made, 0755) != 0 || mkdir(arena_printf(view->arena, "%s/none", base).at, 0755) != 0 ||
        mount(made, made, NULL, MS_BIND, NULL) != 0)
        return fail(view, "cannot mount a tmpfs at", base);
    return make_directory(view, "var", 0755) && make_directory(view, "dev", 0755) &&
           make_directory(view, "proc", 0555) && make_directory(view, "run", 0755) &&
           make_directory(view, "tmp", 01777) && make_directory(view, "var/tmp", 01777) &&
           make_directory(view, &POSTFIX_PLACE[1], 0711);
}

/* enter_view - its root becomes the only one */
static bool enter_view(const struct view *view)
{
    if (mount("proc", in_view(view, "proc"), "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) != 0)
        return fail(view, "cannot mount", "/proc");
    if (chdir(made) != 0 || syscall(SYS_pivot_root, ".", ".") != 0 ||
        umount2(".", MNT_DETACH) != 0 || chdir("/") != 0)
        return fail(view, "cannot change the root directory to", made);
    return true;
}

bool postfix_enter_view(const struct postfix *postfix, struct str *error)
{
    const struct view view = {postfix->arena, error};
    const char *root = arena_cstr(postfix->arena, postfix->request->root);
    char whole[PATH_MAX];

    /* the current directory stays what it is, whatever is mounted above it */
    if (chdir(root[0] != '\0' ? root : "/") != 0 || getcwd(whole, sizeof whole) == NULL)
        return fail(&view, "cannot enter", root);
    const struct source *mounts = source_read(postfix->arena, str_of("/proc/self/mountinfo"));
    if (mounts == NULL)
        return fail(&view, "cannot read", "/proc/self/mountinfo");
    umask(022);
    if (!begin_view(&view))
        return false;
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++)
        if (!show_directory(&view, shown[i]))
            return false;
    show_mounts(&view, mounts->bytes, str_of(whole));
    return make_devices(&view) && enter_view(&view);
}
