/*
 * match_list - a list of patterns, taken apart once
 *
 * The syntax of match_list(3): what match.h describes.  A list that names what only the machine
 * knows ("mydestination = $myhostname, localhost") keeps that item as unknown, so that the others
 * still decide.
 */
#ifndef SMTP_ADDRESS_MATCH_LIST_H
#define SMTP_ADDRESS_MATCH_LIST_H

#include "base/map.h"
#include "smtp/address/match.h"

enum match_item_kind {
    MATCH_ITEM_TEXT,    /* a name, an address, a network */
    MATCH_ITEM_TABLE,   /* type:table */
    MATCH_ITEM_BROKEN,  /* a file that can't be read, "!" alone: Postfix can't tell */
    MATCH_ITEM_FILE,    /* a file outside the directory that was opened */
    MATCH_ITEM_UNKNOWN, /* holds a $name that the machine decides */
};

enum match_item_network {
    NETWORK_NONE, /* the text is compared as it is, and that is all */
    NETWORK_GOOD,
    NETWORK_BAD, /* Postfix takes it for one, and can't read it */
};

struct match_item {
    enum match_item_kind kind;
    bool negated;
    struct str text;     /* without the "!"; of a TEXT in lower case */
    struct str stand_in; /* of UNKNOWN: what stands for it in addresses */
    const struct table *table;
    enum match_item_network network_state;
    struct network network;
};

struct match_list {
    struct str text; /* what it was made of, and the parameter */
    const char *parameter;
    bool parent;    /* "example.com" means its subdomains too */
    bool undefined; /* nothing at all is known of the value */
    struct match_item *items;
    size_t count, capacity;
};

/* the list that the service keeps of this text; NULL: it has not been parsed */
const struct match_list *match_list_kept(struct state *state, struct str text,
                                         const char *parameter);
/* kept for the service, or made in the state's arena where the service keeps too many */
const struct match_list *match_list_parse(struct state *state, struct str text,
                                          const char *parameter, bool parent);

/* the value, with "$name" where the machine decides; *SURE (may be NULL) tells that there is none.
   STR_NONE where the whole is undetermined */
struct str match_parameter(const struct policy_service *service, const char *name, bool *sure);

/* TEXT with its "$name" as "name.invalid": a domain of a machine that we don't know, and that is
   the same wherever it stands */
struct str match_stand_in(struct arena *arena, struct str text);

/* the local users that we were told, by name; NULL where we were not */
const struct map *match_users(struct state *state);

/* TEXT in lower case; TEXT itself where it has no capital letters, as most has */
struct str match_lower(struct arena *arena, struct str text);

/* the items of a list, as Postfix's tokenizer takes them; false at the end or at a comment */
bool match_next(const struct release *release, struct str *rest, struct str *item);

/* with mynetworks not set and the machine's interfaces not known; TEXT is the client's address */
enum match match_default_networks(struct state *state, struct str text);

#endif
