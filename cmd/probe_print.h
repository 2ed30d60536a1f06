/*
 * probe_print - the result of a probe, as text or JSON
 */
#ifndef CMD_PROBE_PRINT_H
#define CMD_PROBE_PRINT_H

#include "smtp/client/client.h"

/* one thing that is wrong */
struct probe_finding {
    const char *kind; /* "plain-not-tls", "expired", "auth-before-tls" */
    struct str what, advice;
};

enum { PROBE_FINDINGS_MAX = 5 }; /* each check of a port has at most one */

/* one port */
struct probe_result {
    int port;
    enum client_tls tls;
    bool reachable;
    struct reply greeting;
    struct str before,
        after; /* EHLO keywords without and with TLS, separated by LF; STR_NONE: not asked */
    struct client_report report;
    struct probe_finding findings[PROBE_FINDINGS_MAX];
    size_t count;
};

/* "AUTH PLAIN LOGIN" among EHLO's keywords, or STR_NONE */
struct str probe_keyword(struct str keywords, const char *keyword);
void probe_print_text(struct arena *arena, struct str host, const struct probe_result *result);
void probe_print_json(struct arena *arena, struct str host, const struct probe_result *results,
                      size_t count);

#endif
