/*
 * postfix - runs a real Postfix of its own, for engine_postfix
 *
 * It runs in namespaces (namespaces(7)): of mounts, processes, System V IPC and the network, which
 * has a loopback interface alone.  Its root directory has the installed programs and files,
 * read-only, and nothing of the machine that runs: no queue, no socket, no other process
 * (postfix_view.c).  What its configuration names outside of that is not there.  All that it writes
 * is in one directory, PLACE, which is in memory:
 *
 *     config/   the configuration with other paths, ports and deliveries (postfix_copy.c)
 *     queue/    queue_directory
 *     data/     data_directory
 *     mail/     a maildir with the mail that it would have delivered
 *     log       its log
 *
 * "Inside" paths are those that Postfix sees; "outside" paths lead to the same files by /proc.
 *
 * The first process of the namespaces is the keeper (postfix_keeper.c): it runs master(8), receives
 * its log and answers its SASL requests.  When it ends, the kernel ends all other processes of the
 * namespaces, and nothing is left of their files.  It ends when its control socket is closed, even
 * if the process that started it was killed.
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
    int port;     /* on 127.0.0.1 of its network; 0: the private Postfix does not have it */
    bool answers; /* an smtpd answers */
};

#define POSTFIX_PLACE "/livetest"
/* what a daemon logs if master.cf lacks a service that it needs: it would try for two minutes */
#define POSTFIX_MISSING "]: warning: connect #1 to subsystem "

struct postfix {
    struct arena *arena;
    const struct engine_request *request;
    struct str root; /* the outside path of its root directory */
    struct postfix_installed installed;
    struct postfix_port *ports; /* of request->policy's services, in their order */
    pid_t keeper;
    int control; /* to the keeper; -1: none */
    int network; /* the network that this process left; -1: it is in its own */
    int log;     /* still readable when all else is gone; -1: none */
};

/* --- postfix_view.c and postfix_network.c, both in the first process of the namespaces */

/* makes the root directory, with PLACE, and changes to it; on false *ERROR is one line */
bool postfix_enter_view(const struct postfix *postfix, struct str *error);
bool postfix_begin_network(const struct postfix *postfix, struct str *error);
/* in the process that asks: its sockets belong to the private network until it leaves */
bool postfix_enter_network(struct postfix *postfix);
void postfix_leave_network(struct postfix *postfix);

/* --- postfix_run.c and postfix_root.c */

/* the path of a file BELOW, such as "/config/main.cf", PLACE */
struct str postfix_outside(const struct postfix *postfix, const char *below);
struct str postfix_inside(const struct postfix *postfix, const char *below);
/* asks postconf; on false *ERROR is one line */
bool postfix_find(struct postfix *postfix, struct str *error);
/* creates the directories that Postfix needs in PLACE */
bool postfix_make_directories(struct postfix *postfix, struct str *error);
/*
 * Runs a program of the installation inside and waits; ARGUMENTS ends with NULL.  Returns its exit
 * status, or -1 if it could not be run.  *OUT and *ERR (may be NULL) are its standard output and
 * standard error, in which the reason is too.
 */
int postfix_run(const struct postfix *postfix, const char *const *arguments, struct str *out,
                struct str *err);
/* in a child process: a clean environment */
void postfix_clean_environment(void);
/* in a child process: closes all files but the standard ones and those of KEPT, which ends with -1
 */
void postfix_close_others(const int *kept);

/* --- postfix_files.c */

/* replaces the platform's configuration directory in TEXT by the private one */
struct str postfix_map_paths(const struct postfix *postfix, struct str text);
/* writes a file that Postfix can read */
bool postfix_write_file(const struct postfix *postfix, const char *below, struct str text,
                        unsigned mode);
/* --- postfix_copy.c, postfix_left_out.c, postfix_tables.c and postfix_certificate.c */

bool postfix_write_files(struct postfix *postfix, struct str *error);
/* adds what the private Postfix does not have */
void postfix_leave_out(const struct postfix *postfix, struct engine_run *run);
/* builds the indexed tables of the copy */
void postfix_build_tables(const struct postfix *postfix);
/* -o overrides for a service whose certificate or CA file is not available; may be empty */
struct str postfix_certificate(const struct postfix *postfix, const struct policy_service *service);

/* --- postfix_keeper.c and postfix_auth.c */

/* starts the keeper in its namespaces, which waits; on false *ERROR is one line */
bool postfix_keep(struct postfix *postfix, struct str *error);
/* tells the keeper to start master */
bool postfix_go(struct postfix *postfix);
/* did master end, or the keeper? */
bool postfix_ended(struct postfix *postfix);
/* ends the keeper, and with it all that it runs */
void postfix_release(struct postfix *postfix);

/*
 * A connection of Dovecot's authentication protocol, as used by xsasl_dovecot_server.c of Postfix;
 * PLAIN and LOGIN.
 */
struct postfix_auth {
    bool login; /* LOGIN; false: PLAIN */
    bool has_name;
    char name[USER_TEXT_MAX + 1]; /* LOGIN: the name, if has_name; no user has a longer one */
    size_t name_len;
};
void postfix_auth_begin(struct buffer *out);
/* answers one line, without its line end; false: close the connection */
bool postfix_auth_line(struct postfix_auth *auth, const struct users *users, struct str line,
                       struct buffer *out);

#endif
