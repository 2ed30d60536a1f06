/*
 * server_directory - a directory for the files of one server, removed when the server ends
 *
 * The directory is locked as long as a process of the server runs.  One that nobody has locked was
 * left behind by a run that was killed, and the next run removes it.
 */
#ifndef SMTP_ENGINE_SERVER_DIRECTORY_H
#define SMTP_ENGINE_SERVER_DIRECTORY_H

#include "base/arena.h"

struct server_directory {
    struct str path;
    int lock; /* kept open by the processes of the server; -1: none */
};

/* makes a directory in PARENT, in which it first removes what others left behind; on false
 *ERROR is one line */
bool server_directory_make(struct server_directory *directory, struct arena *arena,
                           const char *parent, struct str *error);
void server_directory_remove(struct server_directory *directory);

#endif
