/*
 * folder - a directory that is opened once, and from then on read and written through that
 *
 * A path can lead to another directory a moment later; a descriptor cannot.  Names below it are
 * resolved by openat2(2) without leaving it: no "..", no absolute link, no link that leads out.
 * Where the kernel has no openat2(2), no link at all is followed.
 */
#ifndef PARSER_FILES_FOLDER_H
#define PARSER_FILES_FOLDER_H

#include "parser/text/source.h"

struct folder {
    struct str path; /* as the user wrote it, for messages */
    int fd;
};

enum folder_links {
    FOLDER_LINKS_INSIDE, /* links that stay inside are followed */
    FOLDER_NO_LINKS,     /* a link anywhere in the name is ELOOP */
};

/* PATH itself may be a link: it is what the user said.  NULL with errno set; the arena closes it */
const struct folder *folder_open(struct arena *arena, struct str path);

/* a descriptor of NAME, which is relative; -1 with errno set: EXDEV where it leads out */
int folder_open_name(int folder, const char *name, int flags, enum folder_links links);

/* as source_read(), by its name in the folder; PATH is for messages */
const struct source *folder_read(const struct folder *folder, struct arena *arena, struct str name,
                                 struct str path);

#endif
