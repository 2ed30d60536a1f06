/*
 * postfix - a real Postfix in a directory of its own, for engine_postfix
 *
 * Everything that it reads and writes lies in one directory PLACE made for it:
 *
 *     config/   the configuration, with paths, ports and deliveries changed (postfix_copy.c)
 *     queue/    queue_directory
 *     data/     data_directory
 *     mail/     a maildir: what it would have delivered
 *     log       what it logged
 *
 * With a ROOT, Postfix runs by chroot(2) in that directory, in which PLACE then lies: paths that
 * Postfix sees are without it, "outside" ones are ours.
 *
 * A process of its own, the keeper (postfix_keeper.c), runs master(8), takes its log, answers its
 * questions about passwords, and at the end stops it and removes PLACE: also when whoever asked
 * for it was killed, since the end of its control socket is the sign.
 */
#ifndef SMTP_ENGINE_POSTFIX_H
#define SMTP_ENGINE_POSTFIX_H

#include <stdio.h>
#include <sys/types.h>

#include "smtp/engine/engine.h"

/* what the installed Postfix says of itself (postconf -d) */
struct postfix_installed {
    struct str version, config_directory, daemon_directory, command_directory;
    struct str meta_directory, shlib_directory, mail_owner, setgid_group, catcher;
    struct str_list types; /* of tables: postconf -m */
    uid_t owner, catcher_uid;
    gid_t owner_group, postdrop_group, catcher_group;
};

struct postfix_port {
    const struct policy_service *service;
    int port;     /* on 127.0.0.1 */
    int hold;     /* a socket that keeps others from choosing the port; -1: none */
    bool answers; /* an smtpd runs there */
};

struct postfix {
    struct arena *arena;
    const struct engine_request *request;
    struct str root;    /* "" for the machine's own */
    struct str place;   /* as Postfix sees it */
    struct str outside; /* as we see it */
    struct postfix_installed installed;
    struct postfix_port *ports; /* of request->policy's services, in their order */
    pid_t keeper;
    int control; /* to the keeper; -1: none */
};

/* --- postfix_root.c */

/* path of a thing below PLACE: "/config/main.cf" */
struct str postfix_outside(const struct postfix *postfix, const char *below);
struct str postfix_inside(const struct postfix *postfix, const char *below);
/* asks postconf; on false *ERROR is one line */
bool postfix_find(struct postfix *postfix, struct str *error);
/* makes PLACE, with nothing in it, and then what Postfix needs in it */
bool postfix_make_place(struct postfix *postfix, struct str *error);
bool postfix_make_directories(struct postfix *postfix, struct str *error);
void postfix_remove_place(const char *outside);
/*
 * Runs a program of the installation and waits; ARGUMENTS ends in NULL.  Returns its exit status,
 * -1 where it could not be run.  *OUT (may be NULL) is what it printed to standard output, *ERR
 * what it printed to standard error.
 */
int postfix_run(const struct postfix *postfix, const char *const *arguments, struct str *out,
                struct str *err);
/* for the child of a fork: into the root, with an environment of few names; exits on failure */
void postfix_enter(const struct postfix *postfix);
/* closes what a child process has no business with, but for these two; -1 is none */
void postfix_close_others(int keep, int keep_too);

/* --- postfix_files.c */

/* TEXT with the platform's configuration directory replaced by the private one */
struct str postfix_map_paths(const struct postfix *postfix, struct str text);
/* a private file of our own making, readable for Postfix */
bool postfix_write_file(const struct postfix *postfix, const char *below, struct str text,
                        unsigned mode);
/* --- postfix_copy.c, postfix_tables.c and postfix_certificate.c */

bool postfix_write_files(struct postfix *postfix, struct str *error);
/* builds the indexed tables of the copy */
void postfix_build_tables(const struct postfix *postfix);
/* -o settings for a service whose certificate or CA file is not to be had here, else empty */
struct str postfix_certificate(const struct postfix *postfix, const struct policy_service *service);

/* --- postfix_keeper.c and postfix_auth.c */

/* starts the keeper, which waits */
bool postfix_keep(struct postfix *postfix, struct str *error);
/* the keeper starts master */
bool postfix_go(struct postfix *postfix);
/* did master end? */
bool postfix_ended(struct postfix *postfix);
void postfix_release(struct postfix *postfix);

/*
 * One connection of Dovecot's authentication protocol, as Postfix's xsasl_dovecot_server.c speaks
 * it; PLAIN and LOGIN.
 */
struct postfix_auth {
    bool login; /* LOGIN, not PLAIN */
    bool has_name;
    char name[256]; /* LOGIN: the name, once it was given */
    size_t name_len;
};
void postfix_auth_begin(struct buffer *out);
/* one line of the client's, without its line end; false: hang up */
bool postfix_auth_line(struct postfix_auth *auth, const struct users *users, struct str line,
                       struct buffer *out);

#endif
