#include "smtp/server/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "smtp/server/read_ahead.h"

static const char user_name[] = "nobody"; /* unless the maildir has another owner */

enum { USUAL_ID = 65534 };

struct account {
    uid_t user;
    gid_t group;
};

/* --- the user ------------------------------------------------------------------------------ */

static bool set_error(const struct policy *policy, struct str *error, const char *what)
{
    *error = arena_printf(policy->arena, "%s: %s", what, strerror(errno));
    return false;
}

static struct account find_nobody(void)
{
    const struct passwd *entry = getpwnam(user_name);

    if (entry == NULL || entry->pw_uid == 0)
        return (struct account){USUAL_ID, USUAL_ID};
    return (struct account){entry->pw_uid, entry->pw_gid};
}

/* give_maildir - a new one, to ACCOUNT */
static bool give_maildir(const struct policy *policy, const struct maildir *maildir,
                         struct str path, struct account account)
{
    const char *top = arena_cstr(policy->arena, path);
    const char *cur = arena_printf(policy->arena, "%s/cur", top).at;

    return fchown(maildir->tmp, account.user, account.group) == 0 &&
           fchown(maildir->new, account.user, account.group) == 0 &&
           lchown(cur, account.user, account.group) == 0 &&
           lchown(top, account.user, account.group) == 0;
}

/* find_account - whom the server becomes */
static bool find_account(const struct policy *policy, const struct maildir *maildir,
                         struct str path, bool is_new, struct account *account, struct str *error)
{
    struct stat status;

    *account = find_nobody();
    if (maildir == NULL)
        return true;
    if (is_new)
        return give_maildir(policy, maildir, path, *account) ||
               set_error(policy, error, arena_cstr(policy->arena, path));
    if (fstat(maildir->new, &status) != 0)
        return set_error(policy, error, arena_cstr(policy->arena, path));
    if (status.st_uid == 0) {
        *error = arena_printf(policy->arena,
                              "%.*s belongs to root, and mail is not received as root: change its "
                              "owner, or name a directory that does not exist",
                              STR_ARG(path));
        return false;
    }
    *account = (struct account){status.st_uid, status.st_gid};
    return true;
}

bool privileges_drop(const struct policy *policy, const struct maildir *maildir, struct str path,
                     bool is_new, struct str *error)
{
    struct account account;

    if (geteuid() != 0)
        return true;
    if (!find_account(policy, maildir, path, is_new, &account, error))
        return false;
    read_ahead(policy);
    /* all capabilities go with the last user ID of root */
    if (setgroups(0, NULL) != 0 || setresgid(account.group, account.group, account.group) != 0 ||
        setresuid(account.user, account.user, account.user) != 0)
        return set_error(policy, error, "cannot become an unprivileged user");
    return true;
}
