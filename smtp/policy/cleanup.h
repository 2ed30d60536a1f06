/*
 * cleanup - does cleanup(8) accept a message?
 *
 * After smtpd has accepted sender and recipients, cleanup looks them up in tables of its own.  If
 * one of these does not work, the end of the message is answered with 451 4.3.0: cleanup_map1n.c,
 * cleanup_map11.c, cleanup_addr.c, cleanup_message.c.  The effect of entries on the message is not
 * considered.
 */
#ifndef SMTP_POLICY_CLEANUP_H
#define SMTP_POLICY_CLEANUP_H

#include "smtp/service/state.h"

/* false: "queue file write error" */
bool cleanup_accepts(struct state *state, const struct str *recipients, size_t count);

#endif
