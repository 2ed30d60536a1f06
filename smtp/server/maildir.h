/*
 * maildir - mail that is on the disk before anyone is told so
 *
 * One file a message, written below tmp/, brought to the disk (fsync), moved into new/, and the
 * directory brought to the disk too; only then may 250 be answered.  A kill at any time leaves
 * either the whole file in new/ or at most a file in tmp/, which the next start takes away: the
 * names of our files there hold the process that writes them.
 *
 * The caller writes the envelope in front: Return-Path:, a Delivered-To: for each recipient, and
 * Received:.  See maildir(5).
 */
#ifndef SMTP_SERVER_MAILDIR_H
#define SMTP_SERVER_MAILDIR_H

#include <sys/types.h>

#include "base/arena.h"

struct maildir {
    int tmp, new; /* open directories */
    struct str hostname;
    unsigned long count; /* of files begun, for their names */
};

/* one message on its way */
struct delivery {
    int file;      /* -1: none */
    bool failed;   /* something could not be written; the rest is passed over */
    int error;     /* errno of the first failure */
    char name[64]; /* below tmp/ */
    dev_t device;
    ino_t inode;
};

/*
 * Opens the maildir PATH, made where it is missing, and takes away what a dead process of ours left
 * in tmp/.  HOSTNAME becomes part of the files' names.  On false *ERROR is one line.
 */
bool maildir_open(struct maildir *maildir, struct arena *arena, struct str path,
                  struct str hostname, struct str *error);
void maildir_close(struct maildir *maildir);

/* after a failure the functions below have no effect, and the last answers false */
void delivery_begin(struct delivery *delivery, struct maildir *maildir);
void delivery_write(struct delivery *delivery, struct str text);
/* to the disk, still in tmp/; false: it is not there, and not in tmp/ either */
bool delivery_sync(struct delivery *delivery, const struct maildir *maildir);
/* into new/; false: it is in neither */
bool delivery_commit(struct delivery *delivery, const struct maildir *maildir);
/* takes it away; without effect where there is none */
void delivery_abort(struct delivery *delivery, const struct maildir *maildir);

#endif
