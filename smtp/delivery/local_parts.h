/*
 * local_parts - the parts of local(8): local.c has recipients and aliases, local_user.c users
 */
#ifndef SMTP_DELIVERY_LOCAL_PARTS_H
#define SMTP_DELIVERY_LOCAL_PARTS_H

#include "smtp/delivery/parts.h"

/* where an address comes from, for allow_mail_to_commands and allow_mail_to_files */
enum expanded { EXPANDED_NOT, EXPANDED_ALIAS, EXPANDED_INCLUDE };

/* a recipient; those of its aliases are copies */
struct local_recipient {
    struct delivery_walker *walker;
    const struct message *message;
    const struct agent_request *request;
    const struct policy_service *service;
    struct state *view;
    struct str address;   /* user+extension@domain */
    struct str local;     /* user+extension, in lower case */
    struct str user;      /* without the extension */
    struct str extension; /* STR_NONE: none */
    struct str unmatched; /* the extension that the results of aliases get; STR_NONE: none */
    struct str owner;     /* who gets errors; STR_NONE: the sender */
    struct str sender;
    struct str delivered; /* for Delivered-To: of forwarded mail; STR_NONE: not set yet */
    struct str from;      /* the alias that is being expanded; STR_NONE: none */
    enum expanded expanded;
    unsigned request_number; /* what was done is remembered for each */
    int level;
    bool plain; /* "\name": no aliases */
};

struct arena *local_arena(const struct local_recipient *recipient);
void local_end(const struct local_recipient *recipient, enum delivery_end end, struct str what);
/* is the parameter not empty, or not known? */
bool local_is_set(const struct local_recipient *recipient, enum parameter_number parameter);
/* was WHAT of this KIND done before, for the same request of qmgr(8)?  It is remembered */
bool local_was_done(const struct local_recipient *recipient, const char *kind, struct str what);

/* an address of an alias: here if it is local, or else in a new message */
void local_resolve(struct local_recipient recipient, struct str address);
/* to the mailbox of a user; false: there is no such user */
bool local_deliver_user(const struct local_recipient *recipient);
/* fallback_transport, luser_relay, or back to the sender */
void local_deliver_unknown(const struct local_recipient *recipient);

#endif
