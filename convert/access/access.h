/*
 * access - the lines of Sendmail's access table, and where its checks are in Postfix
 *
 * Sendmail looks up the table at three points: check_relay (the client, at connect), check_mail
 * (the sender), check_rcpt (the recipient, and the right to relay).  Each becomes a restriction
 * list of its own, so that an OK in one does not affect the others.  With FEATURE(`delay_checks')
 * the sender and the client are checked at RCPT in this order, and an OK for the sender exempts the
 * client: then both are in smtpd_sender_restrictions.
 *
 * Source: cf/README, ANTI-SPAM CONFIGURATION CONTROL; cf/m4/proto.m4 of 8.17, rulesets D, A, F, U,
 * check_relay, check_mail, check_rcpt, Relay_ok.  A key is looked up with its tag, then without,
 * from the complete name or address to ever shorter ones; the first match decides.
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
    ACCESS_AUTH_INFO, /* converted by authinfo */
    ACCESS_OTHER,     /* used only by local rulesets and rare features */
};

enum access_key_kind {
    ACCESS_EMPTY,   /* the tag alone: a default */
    ACCESS_NETWORK, /* 192.168, 10.0.0.1, IPv6:2001:db8 */
    ACCESS_DOMAIN,  /* a name and its subdomains */
    ACCESS_BELOW,   /* .domain: subdomains only (lookupdotdomain) */
    ACCESS_ADDRESS, /* user@domain */
    ACCESS_USER,    /* user@ */
    ACCESS_ODD, /* [192.168.1.1], user+*@domain: no Postfix table matches them as Sendmail does */
};

enum access_action {
    ACCESS_OK,
    ACCESS_RELAY,
    ACCESS_REJECT,
    ACCESS_DISCARD,
    ACCESS_SKIP,
    ACCESS_QUARANTINE, /* TEXT is the reason */
    ACCESS_ERROR,      /* TEXT is "550 5.7.1 words" */
    ACCESS_WORDS,      /* FRIEND, VERIFY:112, a number: known to some tags only; in TEXT */
};

struct access_line {
    const struct sendmail_item *item;
    enum access_tag tag;
    enum access_key_kind kind;
    struct str key; /* without the tag, in lower case; networks in Postfix's syntax: 10.0.0.0/8,
                       2001:db8::/32 */
    int bits;       /* prefix length of a network */
    bool ipv6;
    enum access_action action;
    struct str text;
    const char *never;        /* why Sendmail never finds this key, or NULL */
    struct access_line *next; /* a line with the same key and another tag */
};

struct access {
    struct draft *draft;
    bool exists;                         /* there is an access table */
    const struct sendmail_item *feature; /* access_db */
    struct access_line *lines;
    size_t count, lines_size; /* in bytes: what was allocated */
    struct map *keys;         /* the lines by key */
    bool delayed, blocks_recipients, skips, dot_keys, hosts_only, full_recipients;
    bool refuses; /* there is a REJECT, whose reply code is access_map_reject_code */
};

/* false if there is no access table; it is read once, and each caller gets a copy */
bool access_read(struct access *access, struct draft *draft);
void access_line_read(struct access_line *line, struct arena *arena,
                      const struct sendmail_item *item, bool skips, bool dot_keys);
/* "550 5.7.1 words" of "ERROR:5.7.1:550 words", "550 words", "words" */
struct str access_error_text(struct arena *arena, struct str value);
/* the line that decides about KEY for TAG: with the tag, else without one; or NULL */
const struct access_line *access_find(const struct access *access, struct str key,
                                      enum access_tag tag);
/* the same for the next larger domain or network that has a line; or NULL */
const struct access_line *access_parent(const struct access *access, const struct access_line *line,
                                        enum access_tag tag);
/* does the line apply to TAG, or does one with the tag take precedence? */
bool access_counts(const struct access *access, const struct access_line *line,
                   enum access_tag tag);

/* --- where the checks are --------------------------------------------------------------------- */

bool access_delayed(const struct draft *draft);
/* the argument of delay_checks: 'f' for friend, 'h' for hater, else 0 */
char access_delay_kind(const struct draft *draft);
/* the restriction list with the checks of clients, or of senders; INNER is the rank within
   check_relay */
const char *access_client_list(const struct draft *draft);
const char *access_sender_list(const struct draft *draft);
int access_client_rank(const struct draft *draft, int inner);

/* ranks within check_relay, in Sendmail's order */
enum access_rank {
    ACCESS_RANK_TABLE = 0,
    ACCESS_RANK_DNSBL = 20,
    ACCESS_RANK_RDNS = 40,
};

/* --- the tables, one for each use of the lines ------------------------------------------------ */

void access_map_clients(struct access *access);
void access_map_senders(struct access *access);
void access_map_recipients(struct access *access);
void access_map_spam(struct access *access);
void access_map_relay(struct access *access);
void access_map_tls(struct access *access);
/* a network in the syntax of mynetworks: "10.0.0.0/8", "[2001:db8::]/32" */
struct str access_network_text(struct arena *arena, const struct access_line *line);
/* the names of class w in the source, and confDOMAIN_NAME */
const struct str *access_local_names(const struct draft *draft, size_t *count);

#endif
