/*
 * address - how Postfix reads, rewrites and resolves an address, and whether its recipient exists
 *
 * trivial-rewrite(8) with its resolver, and the canonical and virtual mappings of cleanup(8) as far
 * as smtpd's recipient check uses them: ADDRESS_REWRITING_README, ADDRESS_CLASS_README.  As in
 * Postfix, the parameters are those of the rewrite service, not of the smtpd that asks.
 */
#ifndef SMTP_ADDRESS_ADDRESS_H
#define SMTP_ADDRESS_ADDRESS_H

#include "smtp/service/state.h"

enum address_class {
    ADDRESS_LOCAL,           /* mydestination, inet_interfaces, proxy_interfaces */
    ADDRESS_VIRTUAL_ALIAS,   /* virtual_alias_domains */
    ADDRESS_VIRTUAL_MAILBOX, /* virtual_mailbox_domains */
    ADDRESS_RELAY,           /* relay_domains */
    ADDRESS_DEFAULT,         /* everything else */
    ADDRESS_ERROR,           /* a table or the address does not work: smtpd answers 451 or 5xx */
};

/* the parameter that decided, and the line of its table; PARAM_NONE: nothing did */
struct route_cause {
    enum parameter_number parameter;
    struct span span;
};

struct resolved {
    struct str address; /* in its internal form: unquoted, with a domain */
    struct str domain;  /* after the last @, in lower case; "[192.0.2.1]" for literals */
    enum address_class class;
    bool routed;                   /* has source routing, % or !, which smtpd calls
                                      "sender-specified routing" */
    bool bad_syntax;               /* resolve's RESOLVE_FLAG_ERROR */
    struct str transport, nexthop; /* by transport_maps, relayhost and the class's transport */
    struct route_cause transport_cause, nexthop_cause;
    struct str unknown;   /* the table whose result would decide the route, and which cannot be
                             read; STR_NONE: none */
    struct str failure;   /* ADDRESS_ERROR: the table that does not work, and why; STR_NONE: another
                             reason */
    struct reply problem; /* ADDRESS_ERROR: smtpd's reply; code 0 otherwise */
};

/* longer ones are not read, and the world is cut; line_length_limit is 2048 by default */
enum { ADDRESS_LENGTH_MAX = 4096 };
/* is it too long?  Then the world is cut */
bool address_is_too_long(struct state *state, struct str address);

/*
 * RFC 5321's Path as smtpd reads it after MAIL FROM: and RCPT TO: (smtpd.c, extract_addr): PATH is
 * one word of the command, with its <> and quotes; *ADDRESS is the address in internal form,
 * without quotes, as smtpd's replies show it.  False: 501 5.1.7 or 5.1.3, "Bad ... address syntax".
 * STRICT is strict_rfc821_envelopes.  The caller must call address_is_acceptable() too.
 */
bool address_read_path(struct arena *arena, struct str path, bool empty_allowed, bool strict,
                       struct str *address);

/* smtpd_check_addr(): false, the same 501, if the address resolves to an invalid domain, or without
   SMTPUTF8 to one that is not ASCII */
bool address_is_acceptable(struct state *state, struct str address, bool smtputf8);

/* the complete form: a local part gets @$myorigin, a host name .$mydomain, ... */
struct str address_rewrite(struct state *state, struct str address);

/* ADDRESS in internal form; it is rewritten first, as smtpd_resolve_addr does */
struct resolved address_resolve(struct state *state, struct str sender, struct str address);

enum existence {
    EXISTS_YES,
    EXISTS_NO,
    EXISTS_ERROR,     /* a table does not work: 451 4.3.0 */
    EXISTS_UNCHECKED, /* the class has no table of its recipients */
};

/*
 * Is the recipient listed (reject_unlisted_recipient, check_rcpt_maps in smtpd_check.c)?  On
 * EXISTS_NO and EXISTS_ERROR *REPLY is what smtpd says: "550 5.1.1 <x>: Recipient address rejected:
 * User unknown in local recipient table".  SENDER: the same for a sender (reject_unlisted_sender).
 */
enum existence address_exists(struct state *state, const struct resolved *resolved,
                              struct str as_written, bool sender, struct reply *reply);

/* splits user+extension at recipient_delimiter; false: LOCAL has no extension */
bool address_split(struct state *state, struct str local, struct str *user, struct str *extension);

#endif
