/*
 * remote_parts - the parts of remote.c: remote_tls.c and remote_login.c
 */
#ifndef SMTP_DELIVERY_REMOTE_PARTS_H
#define SMTP_DELIVERY_REMOTE_PARTS_H

#include "smtp/address/find.h"
#include "smtp/delivery/remote.h"

/* a parameter of smtp(8), and the same of lmtp(8) */
struct client_parameter {
    enum parameter_number smtp, lmtp;
};

#define CLIENT_PARAMETER(name) ((struct client_parameter){PARAM_SMTP_##name, PARAM_LMTP_##name})

/* one next hop that is being looked at */
struct remote_work {
    struct state *state;
    struct arena *arena;
    struct remote *remote;
    bool lmtp;
    struct str sender; /* in internal form */
};

enum parameter_number client_number(const struct remote_work *work,
                                    struct client_parameter parameter);
struct str client_str(const struct remote_work *work, struct client_parameter parameter);
bool client_flag(const struct remote_work *work, struct client_parameter parameter);
/* looks KEY up in the tables of a parameter, and adds that to the steps */
struct address_found client_find(struct remote_work *work, struct client_parameter maps,
                                 struct str key);
void remote_note(struct remote_work *work, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void remote_step(struct remote_work *work, enum parameter_number parameter, struct str said,
                 struct span span);

/* sets level, effective, tls, wrapped, is_verified and tls_text */
void remote_set_tls(struct remote_work *work, struct remote_hop *hop);
/* sets user and key; after remote_set_tls() */
void remote_set_login(struct remote_work *work, struct remote_hop *hop);

#endif
