/*
 * access - Sendmail's access table, line by line, and where its checks stand in Postfix
 *
 * Sendmail asks the table at three points: check_relay (the client, at connect), check_mail (the
 * sender), check_rcpt (the recipient, and the right to relay).  Each of them becomes a list of its
 * own, so that an OK in one says nothing to the others.  With FEATURE(`delay_checks') the sender
 * and the client are asked at RCPT, in this order, and an OK for the sender spares the client:
 * there both stand in smtpd_sender_restrictions.
 *
 * Source: cf/README, ANTI-SPAM CONFIGURATION CONTROL; cf/m4/proto.m4, the rulesets D, A, F, U,
 * check_relay, check_mail, check_rcpt, Relay_ok, of 8.17.  A key is looked for with its tag, then
 * without, from the whole name or address to ever shorter ones; the first that is there decides.
 */
#ifndef CONVERT_ACCESS_ACCESS_H
#define CONVERT_ACCESS_ACCESS_H

#include "convert/draft/draft.h"
#include "convert/sendmail/feature.h"

enum access_tag {
    ACCESS_UNTAGGED,
    ACCESS_CONNECT,
    ACCESS_FROM,
    ACCESS_TO,
    ACCESS_SPAM,
    ACCESS_TLS_SERVER,
    ACCESS_TLS_CLIENT,
    ACCESS_TLS_RECIPIENT,
    ACCESS_TRY_TLS,
    ACCESS_SERVER_FEATURES,
    ACCESS_CLIENT_RATE,
    ACCESS_CLIENT_CONNECTIONS,
    ACCESS_GREET_PAUSE,
    ACCESS_AUTH_INFO, /* the auth module's */
    ACCESS_OTHER,     /* one that only a site's own rulesets or rare features ask for */
};

enum access_key_kind {
    ACCESS_EMPTY,   /* the tag alone: a default */
    ACCESS_NETWORK, /* 192.168, 10.0.0.1, IPv6:2001:db8 */
    ACCESS_DOMAIN,  /* a name, and what is below it */
    ACCESS_BELOW,   /* .domain: only what is below it (lookupdotdomain) */
    ACCESS_ADDRESS, /* user@domain */
    ACCESS_USER,    /* user@ */
    ACCESS_ODD, /* [192.168.1.1], user+*@domain: what no table of Postfix has as Sendmail does */
};

enum access_action {
    ACCESS_OK,
    ACCESS_RELAY,
    ACCESS_REJECT,
    ACCESS_DISCARD,
    ACCESS_SKIP,
    ACCESS_QUARANTINE, /* text: the reason */
    ACCESS_ERROR,      /* text: "550 5.7.1 words" */
    ACCESS_WORDS,      /* FRIEND, VERIFY:112, a number: what only some tags know; text: it */
};

struct access_line {
    const struct sendmail_item *item;
    enum access_tag tag;
    enum access_key_kind kind;
    struct str key; /* without the tag, in lower case; of networks as Postfix has it: 10.0.0.0/8,
                       2001:db8::/32 */
    int bits;       /* of networks */
    bool ipv6;
    enum access_action action;
    struct str text;
    const char *never;        /* why Sendmail never finds this key, or NULL */
    struct access_line *next; /* another one of this key, by another tag */
};

struct access {
    struct draft *draft;
    const struct sendmail_item *feature; /* access_db */
    struct access_line *lines;
    size_t count;
    struct map *keys; /* lines by their keys */
    bool delayed, blocks_recipients, skips, dot_keys, hosts_only, full_recipients;
    bool refuses; /* it gave a REJECT somewhere, whose number is access_map_reject_code */
};

/* false where there is no access table */
bool access_read(struct access *access, struct draft *draft);
void access_line_read(struct access_line *line, struct arena *arena,
                      const struct sendmail_item *item, bool skips, bool dot_keys);
/* "550 5.7.1 words" of "ERROR:5.7.1:550 words", "550 words", "words" */
struct str access_error_text(struct arena *arena, struct str value);
/* the line that decides for KEY when TAG is asked: with the tag, else without one; NULL: none */
const struct access_line *access_find(const struct access *access, struct str key,
                                      enum access_tag tag);
/* the same for the next larger domain or network that has a line; NULL: none */
const struct access_line *access_parent(const struct access *access, const struct access_line *line,
                                        enum access_tag tag);
/* does the line count when TAG is asked, so that no tagged line stands before it? */
bool access_counts(const struct access *access, const struct access_line *line,
                   enum access_tag tag);

/* --- where checks stand ----------------------------------------------------------------------- */

bool access_delayed(const struct draft *draft);
/* the argument of delay_checks: 'f' for friend, 'h' for hater, else 0 */
char access_delay_kind(const struct draft *draft);
/* the list that has the checks of the client, or of the sender; INNER is the rank there */
const char *access_client_list(const struct draft *draft);
const char *access_sender_list(const struct draft *draft);
int access_client_rank(const struct draft *draft, int inner);

/* ranks inside check_relay, in Sendmail's order */
enum access_rank {
    ACCESS_RANK_TABLE = 0,
    ACCESS_RANK_DNSBL = 20,
    ACCESS_RANK_RDNS = 40,
};

/* --- the tables, each for one use of the lines ------------------------------------------------ */

void access_map_clients(struct access *access);
void access_map_senders(struct access *access);
void access_map_recipients(struct access *access);
void access_map_spam(struct access *access);
void access_map_relay(struct access *access);
void access_map_tls(struct access *access);
/* a network as mynetworks and the like have it: "10.0.0.0/8", "[2001:db8::]/32" */
struct str access_network_text(struct arena *arena, const struct access_line *line);
/* the names of class w that the files give, and confDOMAIN_NAME */
const struct str *access_local_names(const struct draft *draft, size_t *count);

#endif
