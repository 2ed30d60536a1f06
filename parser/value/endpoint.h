/*
 * endpoint - where milters, policy servers and the filter in front of the queue listen
 *
 * An endpoint is "inet:host:port", "unix:path" or "local:path" (milter8.c, auto_clnt.c); after
 * "inet:" the host may be left out, the port may not (host_port.c).  A milter and a policy server
 * may have settings of their own, "{ inet:host:port, connect_timeout=5s }" (attr_override.c).
 *
 * FAULT has, when a check begins, the effect and the failure of the shape.  Where a program accepts
 * the text and fails later, the check changes the effect to VALUE_FAILS.
 */
#ifndef PARSER_VALUE_ENDPOINT_H
#define PARSER_VALUE_ENDPOINT_H

#include "parser/value/value.h"

/* a list of milters: smtpd_milters */
bool milters_valid(struct arena *arena, const struct config *config, struct str list,
                   struct value_fault *fault);
/* the endpoint of a server without its braces and settings; empty if it has none */
struct str endpoint_address(struct str server);
/* a setting of the server's own, such as "default_action"; STR_NONE if it has none of that name */
struct str endpoint_own_setting(struct str server, const char *name);
/* the policy servers in a list of restrictions, after check_policy_service */
bool policy_servers_valid(struct arena *arena, const struct config *config, struct str restrictions,
                          struct value_fault *fault);
/* smtpd_sasl_path: the path of a socket or a name, or inet:host:port */
bool login_server_valid(struct arena *arena, const struct config *config, struct str text,
                        struct value_fault *fault);
/* smtpd_proxy_filter, where "inet:" may be left out */
bool proxy_filter_valid(struct arena *arena, const struct config *config, struct str text,
                        struct value_fault *fault);

#endif
