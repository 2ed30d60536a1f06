/*
 * modules - the SMTP server and client: see convert/convert.h
 */
#ifndef CONVERT_SERVER_MODULES_H
#define CONVERT_SERVER_MODULES_H

#include "convert/draft/draft.h"

/* certificates, protocols, ciphers: op.me, STARTTLS; sendmail/tls.c; cf/README, STARTTLS;
   TLS_README */
void tls_convert(struct draft *draft);

/* AUTH in the server, its mechanisms and who may relay: op.me, AuthOptions; cf/README, SMTP
   AUTHENTICATION; m4/proto.m4, Relay_ok; SASL_README */
void auth_convert(struct draft *draft);

/* the passwords of the client, FEATURE(`authinfo'), AuthInfo:, DefaultAuthInfo: cf/README, SMTP
   AUTHENTICATION; m4/proto.m4, Sauthinfo */
void authinfo_convert(struct draft *draft);

/* mail filters, their order, macros and timeouts: op.me, Mail Filter (Milter) Definitions;
   m4/cfhead.m4; MILTER_README */
void milter_convert(struct draft *draft);

/* what the server reveals, and to whom: op.me, PrivacyOptions; postconf(5) */
void privacy_convert(struct draft *draft);

/* the number and the rate of a client's connections: cf/README, FEATURES, conncontrol,
   ratecontrol; postconf(5) */
void limits_convert(struct draft *draft);

/* names and greeting, processes, copies of bounces, fallback relays: cf/README, TWEAKING
   CONFIGURATION OPTIONS; op.me; postconf(5) */
void server_convert(struct draft *draft);

/* where the server listens: op.me, DaemonPortOptions; sendmail/daemon.c; m4/proto.m4 */
void daemon_convert(struct draft *draft);

/* how the client connects: op.me, ClientPortOptions */
void client_convert(struct draft *draft);

#endif
