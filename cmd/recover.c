#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "cmd/command.h"
#include "parser/files/write.h"

static const char help[] =
    "usage: postmend recover DIR\n"
    "\n"
    "Completes or takes back what an interrupted \"lint --fix\", \"upgrade\" or \"convert\" left "
    "in\n"
    "or beside the directory DIR, and prints which.  Every other command does the same first.\n"
    "Exit status: 0 nothing is left, 2 it could not be completed or taken back.\n";

/* recover_new - DIR does not exist: an interrupted run may have left the beginning of it beside it
 */
static enum write_recovery recover_new(struct arena *arena, struct str path, struct str *message)
{
    struct write_set *set = write_begin(arena, path, true, message);

    if (set == NULL)
        return RECOVERY_FAILED;
    *message = write_recovered(set);
    write_abandon(set);
    return message->at != NULL ? RECOVERY_DONE : RECOVERY_NONE;
}

static int run_recover(struct arena *arena, struct options *options)
{
    struct stat status;
    struct str message;

    if (options->operand_count != 1) {
        complain("recover", "expected one directory");
        return STATUS_WRONG_USE;
    }
    struct str path = options->operands[0];
    bool found = stat(arena_cstr(arena, path), &status) == 0;
    if (found ? !S_ISDIR(status.st_mode) : errno != ENOENT) {
        complain("recover", "%.*s: %s", STR_ARG(path), found ? "not a directory" : strerror(errno));
        return STATUS_WRONG_USE;
    }
    enum write_recovery recovery =
        found ? write_recover(arena, path, &message) : recover_new(arena, path, &message);
    if (recovery == RECOVERY_FAILED) {
        complain("recover", "%.*s", STR_ARG(message));
        return STATUS_WRONG_USE;
    }
    if (recovery == RECOVERY_NONE)
        printf("%.*s: nothing was interrupted\n", STR_ARG(path));
    else
        printf("%.*s\n", STR_ARG(message));
    return STATUS_GOOD;
}

const struct command command_recover_directory = {
    .name = "recover",
    .summary = "complete or take back an interrupted change",
    .help = help,
    .takes = 0,
    .run = run_recover,
};
