/*
 * postfix - runs a real Postfix in a private directory, for engine_postfix
 *
 * All files that it reads and writes are in one directory, PLACE:
 *
 *     config/   the configuration with other paths, ports and deliveries (postfix_copy.c)
 *     queue/    queue_directory
 *     data/     data_directory
 *     mail/     a maildir with the mail that it would have delivered
 *     log       its log
 *
 * With a ROOT, Postfix runs after chroot(2) to that directory, which contains PLACE: "inside" paths
 * are those that Postfix sees, "outside" paths have ROOT before them.
 *
 * A separate process, the keeper (postfix_keeper.c), runs master(8), receives its log and answers
 * its SASL requests.  When its control socket is closed, even if the process that started it was
 * killed, it stops master and removes PLACE.
 */
#ifndef SMTP_ENGINE_POSTFIX_H
#define SMTP_ENGINE_POSTFIX_H

#include <stdio.h>
#include <sys/types.h>

#include "smtp/engine/engine.h"

/* the installed Postfix (postconf -d) */
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
    int hold;     /* a socket that reserves the port; -1: none */
    bool answers; /* an smtpd answers */
};

struct postfix {
    struct arena *arena;
    const struct engine_request *request;
    struct str root;    /* "" for the machine's own */
    struct str place;   /* the inside path */
    struct str outside; /* the outside path */
    struct postfix_installed installed;
    struct postfix_port *ports; /* of request->policy's services, in their order */
    pid_t keeper;
    int control; /* to the keeper; -1: none */
};

/* --- postfix_root.c */

/* the path of a file BELOW, such as "/config/main.cf", PLACE */
struct str postfix_outside(const struct postfix *postfix, const char *below);
struct str postfix_inside(const struct postfix *postfix, const char *below);
/* asks postconf; on false *ERROR is one line */
bool postfix_find(struct postfix *postfix, struct str *error);
/* creates PLACE, and then the directories that Postfix needs in it */
bool postfix_make_place(struct postfix *postfix, struct str *error);
bool postfix_make_directories(struct postfix *postfix, struct str *error);
void postfix_remove_place(const char *outside);
/*
 * Runs a program of the installation and waits; ARGUMENTS ends with NULL.  Returns its exit status,
 * or -1 if it could not be run.  *OUT and *ERR (may be NULL) are its standard output and standard
 * error.
 */
int postfix_run(const struct postfix *postfix, const char *const *arguments, struct str *out,
                struct str *err);
/* in a child process: changes the root, and clears the environment; exits on failure */
void postfix_enter(const struct postfix *postfix);
/* in a child process: closes all files but standard ones and these two; -1: none */
void postfix_close_others(int keep, int keep_too);

/* --- postfix_files.c */

/* replaces the platform's configuration directory in TEXT by the private one */
struct str postfix_map_paths(const struct postfix *postfix, struct str text);
/* writes a file that Postfix can read */
bool postfix_write_file(const struct postfix *postfix, const char *below, struct str text,
                        unsigned mode);
/* --- postfix_copy.c, postfix_tables.c and postfix_certificate.c */

bool postfix_write_files(struct postfix *postfix, struct str *error);
/* builds the indexed tables of the copy */
void postfix_build_tables(const struct postfix *postfix);
/* -o overrides for a service whose certificate or CA file is not available; may be empty */
struct str postfix_certificate(const struct postfix *postfix, const struct policy_service *service);

/* --- postfix_keeper.c and postfix_auth.c */

/* starts the keeper, which waits */
bool postfix_keep(struct postfix *postfix, struct str *error);
/* tells the keeper to start master */
bool postfix_go(struct postfix *postfix);
/* did master end? */
bool postfix_ended(struct postfix *postfix);
void postfix_release(struct postfix *postfix);

/*
 * A connection of Dovecot's authentication protocol, as used by xsasl_dovecot_server.c of Postfix;
 * PLAIN and LOGIN.
 */
struct postfix_auth {
    bool login; /* LOGIN; false: PLAIN */
    bool has_name;
    char name[256]; /* LOGIN: the name, if has_name */
    size_t name_len;
};
void postfix_auth_begin(struct buffer *out);
/* answers one line, without its line end; false: close the connection */
bool postfix_auth_line(struct postfix_auth *auth, const struct users *users, struct str line,
                       struct buffer *out);

#endif
