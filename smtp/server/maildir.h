/*
 * maildir - writes messages reliably to a maildir
 *
 * Each message is a file that is written in tmp/, synced to disk (fsync) and moved to new/, which
 * is synced too; the reply 250 may be sent only after that.  If the process is killed, there is
 * either the whole file in new/, or at most a file in tmp/, which the next start removes: file
 * names have the id of the process that writes them.
 *
 * The caller writes the envelope at the start of the file: Return-Path:, a Delivered-To: for each
 * recipient, and Received:.  See maildir(5).
 */
#ifndef SMTP_SERVER_MAILDIR_H
#define SMTP_SERVER_MAILDIR_H

#include <sys/types.h>

#include "base/arena.h"

struct maildir {
    int tmp, new; /* open directories */
    struct str hostname;
    unsigned long count; /* of files, for their names */
};

/* a message that is being written */
struct delivery {
    int file;      /* -1: none */
    bool failed;   /* writing failed; the rest is ignored */
    int error;     /* errno of the first failure */
    char name[64]; /* in tmp/ */
    dev_t device;
    ino_t inode;
};

/*
 * Opens the maildir PATH, which is created if it is missing, and removes files that a killed
 * process left in tmp/.  File names have HOSTNAME.  On false *ERROR is one line.
 */
bool maildir_open(struct maildir *maildir, struct arena *arena, struct str path,
                  struct str hostname, struct str *error);
void maildir_close(struct maildir *maildir);

/* after a failure, these functions have no effect, and the last ones return false */
void delivery_begin(struct delivery *delivery, struct maildir *maildir);
void delivery_write(struct delivery *delivery, struct str text);
/* syncs the file in tmp/ to disk; false: it failed, and the file was removed */
bool delivery_sync(struct delivery *delivery, const struct maildir *maildir);
/* moves the file to new/; false: it failed, and the file was removed */
bool delivery_commit(struct delivery *delivery, const struct maildir *maildir);
/* removes the file, if there is one */
void delivery_abort(struct delivery *delivery, const struct maildir *maildir);

#endif
