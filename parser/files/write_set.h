/*
 * write_set - what the files write*.c share; see write.h
 */
#ifndef PARSER_FILES_WRITE_SET_H
#define PARSER_FILES_WRITE_SET_H

#include "parser/files/write.h"

enum { WRITE_TRIES_MAX = 1000 }; /* names for one backup, less one */

/* a directory of the set; the first is the root */
struct write_directory {
    struct str name; /* relative to the root, "" for the root itself */
    int fd;          /* -1: it does not exist yet, and is made by the commit */
    size_t parent;
    const char *base; /* its name in its parent */
    bool made;
};

struct write_file {
    struct str name; /* relative to the root */
    size_t directory;
    const char *base; /* its name there */
    const char *slot; /* the name in the journal: first of the new content, then of the old */
    enum write_mode how;
    bool exists;          /* there is an old file, */
    struct stat before;   /* with this status when it was added, */
    struct str old_bytes; /* and this content; STR_NONE after a kill */
    struct stat staged;   /* the new file, when it was complete */
    bool swapped;
    const char *backup; /* the old file's name, once it is there */
    const char *edit;   /* the name of what another program made of the new file before it was
                           taken back, or NULL */
};

struct write_set {
    struct arena *arena;
    const char *root; /* for messages */
    bool open;
    int journal; /* -1: the set makes a new directory */
    /* of a new directory: where it is made, its name, and the name until it is complete */
    int parent;
    const char *base, *staging;
    struct str recovered;
    struct write_directory *directories;
    size_t directory_count, directory_capacity;
    struct write_file *files;
    size_t file_count, file_capacity;
};

/* *ERROR becomes the line "ROOT/NAME: WHAT: reason of errno", or without a reason where errno is 0;
   returns false */
bool write_fail(const struct write_set *set, struct str name, const char *what, struct str *error);
/* false, with the error that another process changed FILE after it was read */
bool write_fail_changed(const struct write_set *set, const struct write_file *file,
                        struct str *error);

/* --- directories: write_set.c --- */

size_t write_keep_directory(struct write_set *set, struct write_directory directory);
int write_directory_fd(const struct write_set *set, const struct write_file *file);
/* sets directory and base of FILE; directories that are missing are made, or noted in a journal */
bool write_open_directories(struct write_set *set, struct write_file *file, struct str *error);
/* sets errno to ELOOP where BASE is a symbolic link, whatever O_NOFOLLOW set it to */
void write_detect_link(int directory, const char *base);
bool write_sync_directories(const struct write_set *set, struct str *error);
void write_close(struct write_set *set);
/* removes everything in DIRECTORY, which this set or an interrupted one filled */
bool write_remove_all(int directory, int depth);

/* --- the plan: write_plan.c --- */

extern const char journal_name[], plan_name[];

/* synced, with all that the journal has */
bool journal_write_plan(const struct write_set *set, struct str *error);
/* fills the set; false: there is no plan, or it is not complete and nothing was done (*ERROR is
   STR_NONE), or it cannot be read */
bool journal_read_plan(struct write_set *set, struct str *error);

/* --- the journal: write_journal.c --- */

/* makes and locks .postmend-journal in the root, after recovering what is left in it */
bool journal_begin(struct write_set *set, struct str *error);
bool journal_commit(struct write_set *set, struct str *error);
void journal_abandon(struct write_set *set);

#endif
