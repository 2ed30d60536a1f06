/*
 * restriction - smtpd's restriction lists: whether a step of a session is let through
 *
 * Does what Postfix's smtpd_check.c does in the release of the configuration: smtpd_delay_reject,
 * the order of the lists, smtpd_relay_before_recipient_restrictions, warn_if_reject,
 * defer_if_permit, restriction classes, every built-in restriction, access(5) tables with their
 * results, unlisted recipients and the message size limit.  See postconf(5), access(5),
 * SMTPD_ACCESS_README and RESTRICTION_CLASS_README.
 */
#ifndef SMTP_POLICY_RESTRICTION_H
#define SMTP_POLICY_RESTRICTION_H

#include "smtp/service/state.h"

/*
 * The reply of smtpd's restrictions at this stage; code 0: they permit it, and the session gives
 * its usual reply.  421 and 521 end the session.  The state has the data of the stage: helo,
 * sender, recipient, etrn_name, vrfy_name, message_size at STAGE_MAIL.
 *
 * The world is asked about what cannot be determined from the files (--assume).  These are the
 * questions and their answers, with the usual answer first:
 *
 *   dns "192.0.2.1 PTR"                  ok none fail     does the client have a name?
 *   dns "example.com"                    ok none fail nullmx
 *   dns "example.com MX"                 ok backup fail   permit_mx_backup: is this a backup MX?
 *   dns "example.com MX in hash:/x"      ok listed        check_*_mx_access, _ns_, _a_
 *   dnsbl "192.0.2.1 at zone.example"    none listed fail
 *   service "inet:127.0.0.1:10023"       dunno ok reject defer_if_permit fail
 *   verify "user@example.com"            ok bounce defer
 *   table "mysql:/x user@example.com"    none ok reject fail
 */
struct reply restriction_check(struct state *state, enum stage stage);

/*
 * Why smtpd does not start with the lists of the service: "in parameter smtpd_relay_restrictions
 * or ...".  Empty: it starts.  If it does not, a client connects and gets no greeting (measured
 * with 3.7: master(8) keeps the socket open and restarts smtpd again and again).
 * restriction_check() answers 421 with the reason at every stage.
 */
struct str restriction_start_error(const struct policy_service *service);

/* forgets the transaction: at RSET, a new HELO, and the end of data */
void restriction_reset(struct state *state);

/*
 * access(5): the search order of an indexed table.  Each calls table_find() for its keys in order,
 * until one is found or the lookup fails.
 */
struct lookup access_address(struct state *state, const struct table *table, struct str address);
struct lookup access_domain(struct state *state, const struct table *table, struct str domain);
struct lookup access_network(struct state *state, const struct table *table, struct str address);

#endif
