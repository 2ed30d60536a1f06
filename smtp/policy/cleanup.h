/*
 * cleanup - whether cleanup(8) gets a message into the queue
 *
 * smtpd has said yes to sender and recipients; cleanup then asks tables of its own, and where one
 * of them does not work, the end of the message is answered 451 4.3.0: cleanup_map1n.c,
 * cleanup_map11.c, cleanup_addr.c, cleanup_message.c.  What an entry that is found does to the
 * message is not looked at.
 */
#ifndef SMTP_POLICY_CLEANUP_H
#define SMTP_POLICY_CLEANUP_H

#include "smtp/service/state.h"

/* false: "queue file write error".  RECIPIENTS: those of the transaction */
bool cleanup_takes(struct state *state, const struct str *recipients, size_t count);

#endif
