/*
 * match_list - a parsed list of patterns
 *
 * The syntax is that of match_list(3), which match.h describes.  In a list that depends on the
 * machine ("mydestination = $myhostname, localhost"), such an item is kept as unknown, so that the
 * other items can still match.
 */
#ifndef SMTP_ADDRESS_MATCH_LIST_H
#define SMTP_ADDRESS_MATCH_LIST_H

#include "base/map.h"
#include "smtp/address/match.h"

enum match_item_kind {
    MATCH_ITEM_TEXT,    /* a name, an address, a network */
    MATCH_ITEM_TABLE,   /* type:table */
    MATCH_ITEM_BROKEN,  /* a file that cannot be read, or "!" alone: an error in Postfix */
    MATCH_ITEM_FILE,    /* a file outside the directory that was opened */
    MATCH_ITEM_UNKNOWN, /* has a $name that depends on the machine */
    MATCH_ITEM_LIMIT,   /* what is not looked at; TEXT: "more than 8 files inside each other" */
};

enum match_item_network {
    NETWORK_NONE, /* only the text is compared */
    NETWORK_GOOD,
    NETWORK_BAD, /* an invalid network: an error in Postfix */
};

struct match_item {
    enum match_item_kind kind;
    bool negated;
    struct str text;     /* without "!"; a MATCH_ITEM_TEXT in lower case */
    struct str stand_in; /* MATCH_ITEM_UNKNOWN: used in its place, see match_stand_in() */
    const struct table *table;
    enum match_item_network network_state;
    struct network network;
};

/* where the names of a long list are: to the first item that is the name */
struct match_index {
    struct map texts; /* items that are text */
    struct map keys;  /* in tables that have keys alone */
    const struct match_item **others;
    size_t other_count;
};

struct match_list {
    struct str text; /* the value, and the parameter */
    enum parameter_number parameter;
    bool parent;    /* "example.com" means its subdomains too */
    bool undefined; /* nothing is known of the value */
    struct match_item *items;
    size_t count, capacity;
    struct match_index *index; /* NULL: the list is short */
};

/* the list that the service keeps of this text, parsed where it is not kept yet; see match.h */
const struct match_list *match_list_of(struct state *state, struct str text,
                                       enum parameter_number parameter);
/* match_string() in a list of PARAM_NONE, or match_domain(), in a list that the caller has */
enum match match_string_in(struct state *state, const struct match_list *list, struct str text);
enum match match_domain_in(struct state *state, const struct match_list *list, struct str domain);
/* the list that the service keeps of this text; NULL: it has not been parsed */
const struct match_list *match_list_kept(struct state *state, struct str text,
                                         enum parameter_number parameter);
/* kept for the service, or in the state's arena if the service keeps too many */
const struct match_list *match_list_parse(struct state *state, struct str text,
                                          enum parameter_number parameter, bool parent);

/* the items of the parameter's list, for who does not match: it reads the files and opens the
   tables that the list names.  Nothing is kept here, but see config_keep(); in the state's arena */
const struct match_list *match_list_read(struct state *state, enum parameter_number parameter);

/* the value, in which a "$name" that depends on the machine is kept; *SURE (may be NULL): there is
   none.  STR_NONE: the value is undetermined */
struct str match_parameter(const struct policy_service *service, enum parameter_number name,
                           bool *sure);

/* TEXT with each "$name" replaced by "name.invalid", a domain that does not exist (RFC 2606), and
   that is always the same */
struct str match_stand_in(struct arena *arena, struct str text);

/* the local users, by name; NULL: not known */
const struct map *match_users(struct state *state);

/* TEXT in lower case; not copied if it is already in lower case */
struct str match_lower(struct arena *arena, struct str text);

/* the next item of a list, as Postfix reads it; false: the end of the list, or a comment */
bool match_next(const struct release *release, struct str *rest, struct str *item);

/* mynetworks if it is not set and the interfaces are not known; TEXT is the client's address */
enum match match_default_networks(struct state *state, struct str text);

#endif
