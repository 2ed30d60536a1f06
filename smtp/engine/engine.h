/*
 * engine - the server of a live test: the reference server, or the real Postfix
 *
 * Both run in processes of their own, on ports of loopback, and remove their files at the end.  The
 * real Postfix has a network of its own, to which this process belongs from start to stop.
 */
#ifndef SMTP_ENGINE_ENGINE_H
#define SMTP_ENGINE_ENGINE_H

#include "smtp/policy/users.h"
#include "smtp/service/policy.h"
#include "smtp/service/world.h"

struct engine_request {
    const struct config *config;
    const struct policy *policy;
    const struct users *users;
    const struct assumption_list *assumptions;
    struct str root; /* postfix: the directory in which Postfix is installed, "" for / */
};

/* where a service can be reached */
struct engine_endpoint {
    struct str service; /* as in master.cf */
    int port;           /* the service's own */
    struct str host;
    int local_port; /* the one to connect to */
};

/* a server that answers: one that an engine started, or one that runs already */
struct engine_target {
    const struct engine_endpoint *endpoints;
    size_t endpoint_count;
    bool xclient;       /* the server accepts XCLIENT from this host */
    struct str maildir; /* where its mail arrives; empty: it cannot be read */
    int timeout_ms;
};

/* what the configuration uses and the server does not have, so that some questions cannot be asked
 */
struct engine_left_out {
    struct str what;    /* "milter inet:127.0.0.1:8891" */
    struct str service; /* whose; empty: of all */
    struct str reason;  /* the questions are the undetermined steps whose reason is this text, or
                           begins with it and a space; empty: none */
    bool all;           /* they are all questions to the service */
    bool usual;         /* every configuration uses it, so only its questions matter */
};

struct engine_run {
    const struct engine *engine;
    struct engine_target target; /* filled by start */
    struct engine_left_out *left_out;
    size_t left_out_count, left_out_capacity;
    void *own;
};

struct engine {
    const char *name; /* "builtin", "postfix" */
    const char *summary;
    /* on false *ERROR is one line, and no process is running */
    bool (*start)(struct engine_run *run, struct arena *arena, const struct engine_request *request,
                  struct str *error);
    /* why the server ended before it was stopped, one line; empty: it runs */
    struct str (*failure)(const struct engine_run *run);
    void (*stop)(struct engine_run *run);
};

extern const struct engine engine_builtin, engine_postfix;
const struct engine *engine_named(struct str name); /* NULL: there is none */

#endif
