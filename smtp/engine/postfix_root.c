/* postfix_root - finds the installed Postfix, and creates the directories of the private one */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "parser/text/token.h"
#include "smtp/engine/postfix.h"

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

/* is_machine - is the installed Postfix that of this machine? */
static bool is_machine(const struct postfix *postfix)
{
    return postfix->request->root.len == 0 || str_is(postfix->request->root, "/");
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

    if (is_machine(postfix)) {
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

    if (is_machine(postfix)) {
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

/* last_line - what a program said last, which is why it ended */
static struct str last_line(struct str text)
{
    text = str_trim(text);
    for (size_t at; (at = str_find(text, '\n', 0)) < text.len;)
        text = str_slice(text, at + 1, text.len);
    return text;
}

bool postfix_find(struct postfix *postfix, struct str *error)
{
    static const char *const ask[] = {"postconf", "-d", NULL};
    static const char *const ask_types[] = {"postconf", "-m", NULL};
    struct postfix_installed *installed = &postfix->installed;
    struct str out = STR(""), err = STR(""), types = STR("");

    if (postfix_run(postfix, ask, &out, &err) != 0 ||
        postfix_run(postfix, ask_types, &types, &err) != 0) {
        struct str root = is_machine(postfix) ? str_of("this machine") : postfix->request->root;
        *error = arena_printf(postfix->arena, "postconf of %.*s fails: %.*s", STR_ARG(root),
                              STR_ARG(err.len > 0 ? last_line(err) : str_of("no reason is given")));
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
    bool good = make_directory(postfix, "/config", 0, group, 0750) &&
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
        *error = arena_printf(postfix->arena, "cannot create the directories of Postfix: %s",
                              strerror(errno));
    return good;
}
