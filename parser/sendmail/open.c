/* sendmail_open - opens a Sendmail configuration: see parser/sendmail/sendmail.h */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "base/path.h"
#include "parser/sendmail/cf.h"
#include "parser/sendmail/cf_model.h"
#include "parser/sendmail/mc.h"
#include "parser/sendmail/parts.h"

/* read_small - NULL with errno set, EFBIG beyond SENDMAIL_FILE_SIZE_MAX */
static const struct source *read_small(struct arena *arena, struct str path)
{
    struct stat status;

    /* not even read: it may take more memory than there is */
    if (!str_is(path, "-") && stat(arena_cstr(arena, path), &status) == 0 &&
        S_ISREG(status.st_mode) && status.st_size > (off_t)SENDMAIL_FILE_SIZE_MAX) {
        errno = EFBIG;
        return NULL;
    }
    const struct source *source = source_read(arena, path);
    if (source != NULL && source->bytes.len > SENDMAIL_FILE_SIZE_MAX) {
        errno = EFBIG;
        return NULL;
    }
    return source;
}

bool sendmail_open(struct sendmail *sendmail, struct arena *arena, struct str path,
                   struct str *error)
{
    const struct source *source = read_small(arena, path);

    *sendmail = (struct sendmail){.arena = arena};
    if (source == NULL) {
        struct str why = errno == EFBIG ? arena_printf(arena, "cannot read: larger than %u MiB",
                                                       SENDMAIL_FILE_SIZE_MAX >> 20)
                                        : source_problem(arena, errno);
        *error = arena_printf(arena, "%.*s: %.*s", STR_ARG(path), STR_ARG(why));
        return false;
    }
    struct str directory =
        str_is(path, "-") ? str_of(".") : arena_copy(arena, path_directory(path));
    return sendmail_read(sendmail, arena, source, directory, error);
}

bool sendmail_read(struct sendmail *sendmail, struct arena *arena, const struct source *source,
                   struct str directory, struct str *error)
{
    struct sendmail_own *own = arena_alloc(arena, sizeof *own);

    *sendmail =
        (struct sendmail){.arena = arena, .source = source, .directory = directory, .own = own};
    sendmail->is_cf = sendmail_cf_is(source->bytes);
    if (sendmail->is_cf) {
        sendmail_cf_read(sendmail, source);
    } else {
        struct m4_directories includes = {
            .paths = &directory, .count = 1, .size_max = M4_INCLUDE_SIZE_MAX};
        struct sendmail_mc *mc = arena_alloc(arena, sizeof *mc);
        bool good = sendmail_mc_parse(mc, arena, source, &includes);
        sendmail->mc = mc;
        sendmail_add_mc(sendmail, mc);
        bool readable = includes.unreadable.at == NULL;
        if (!good || !readable) {
            sendmail->directive_count = sendmail->count;
            sendmail_settle(sendmail);
            own->complete = true;
            *error = readable
                         ? mc->error
                         : arena_printf(arena, "%.*s: cannot read: %s",
                                        STR_ARG(includes.unreadable), strerror(includes.reason));
            return false;
        }
    }
    sendmail->directive_count = sendmail->count;
    sendmail_settle(sendmail);
    *error = sendmail_add_tables(sendmail);
    sendmail_settle(sendmail);
    own->complete = true;
    return error->at == NULL;
}
