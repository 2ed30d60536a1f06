/*
 * programs - what Postfix's programs read when they start, and what values they take
 *
 * From facts/programs.yaml and facts/values.yaml.  A program is what the last column of a service
 * in master.cf names: "smtpd".
 */
#ifndef FACTS_PROGRAMS_H
#define FACTS_PROGRAMS_H

#include <stdint.h>

#include "facts/facts.h"

/* what a value that is not valid does */
enum value_effect {
    VALUE_EXITS,    /* each program that reads it when it starts exits */
    VALUE_CONNECTS, /* the program starts, and exits when a client connects */
    VALUE_LOOKS_UP, /* the program starts, and exits at its first look-up */
    VALUE_FAILS,    /* the program starts, and what needs the value fails: mail waits */
    VALUE_NO_MATCH, /* a part of the list matches nothing, and Postfix does not say so */
    VALUE_WARNS,    /* the program logs a warning, and goes on with another value or none */
};

enum shape_kind {
    SHAPE_WORD,
    SHAPE_WORDS,
    SHAPE_ACTION,
    SHAPE_HOST_NAME,
    SHAPE_TLS_PROTOCOLS,
    SHAPE_NETWORKS,
    SHAPE_INTERFACES,
    SHAPE_NEXT_HOP,
    SHAPE_NEXT_HOPS,
    SHAPE_TRANSPORT,
    SHAPE_MAPS,
    SHAPE_MAP,
    SHAPE_MILTERS,
    SHAPE_POLICY_SERVERS,
    SHAPE_PROXY_FILTER,
    SHAPE_LOGIN_SERVER,
    SHAPE_DNSBL_SITES,
    SHAPE_CLIENT_ACCESS,
    SHAPE_MATCH_WORDS,
    SHAPE_PATHS,
    SHAPE_REPLY_CODE,
    SHAPE_RANDOM_SOURCE,
    SHAPE_COUNT,
    SHAPE_CIPHERS,
    SHAPE_ACCOUNT,
    SHAPE_USER_IDS,
    SHAPE_GROUP_IDS,
    SHAPE_DOMAINS,
    SHAPE_ADDRESS,
    SHAPE_UNQUOTED,
    SHAPE_ORIGIN,
    SHAPE_LOG_FILE,
    SHAPE_DIRECTORY,
    SHAPE_ENVIRONMENT,
    SHAPE_HEADER,
    SHAPE_MACROS,
};

/* what the value of a parameter may be, beyond its type and its bounds */
struct value_shape {
    struct str name; /* of its entry in values.yaml */
    enum shape_kind kind;
    enum value_effect effect;
    struct str_list words;
    struct str_list weak; /* taken with a warning, for WEAK_AS */
    struct str weak_as;
    bool any_case;
    bool nonempty;
    bool number;        /* a hexadecimal number will do too */
    struct str failure; /* VALUE_FAILS: what fails; may be empty */
    struct str
        unread_with; /* a parameter: if main.cf sets it, nobody reads the value; may be empty */
    struct str_list spared; /* programs that read the value and do not use it when they start */
};

/* NULL: the type says all that is known */
const struct value_shape *parameter_shape(enum parameter_number number);

enum relation_kind {
    RELATION_NOT_BELOW, /* a limit, where 0 means none, is no less than another, which is one too */
    RELATION_DIFFERS,
    RELATION_NEEDS,  /* a yes, and the other is not empty */
    RELATION_ONE_OF, /* one of WORDS where the other is yes */
};

/* what must hold between the values of two parameters when a program starts */
struct value_relation {
    struct str name;
    enum parameter_number parameter, other;
    enum relation_kind kind;
    struct str_list words;
    struct str program; /* empty: every program */
    struct str advice;  /* of RELATION_DIFFERS; empty for the others */
};

const struct value_relation *facts_relations(size_t *count);

struct program {
    struct str name;
    int process_limit;          /* the only one with which it starts; -1: any */
    bool privileged;            /* does not start where its line says "unprivileged" */
    bool unprivileged;          /* exits when a client connects where its line does not say so */
    bool arguments;             /* takes arguments beside its options */
    struct str_list attributes; /* the names of those, "user" of "user=nobody"; none: any */
    struct str_list macros;     /* that its command, argv, may refer to */
    struct str flags;           /* the letters of "flags="; empty: any */
    struct str
        jail; /* what it looks for in the chroot jail, and does not find there; may be empty */
    const uint16_t *reads; /* by parameter_number: its place in the order of reading, or 0 */
};

/* by the name in master.cf; NULL: not one of Postfix's */
const struct program *facts_program(struct str name);
/* master(8): what it reads is what every program and command reads, and its own */
const struct program *facts_master(void);
bool program_reads(const struct program *program, enum parameter_number number);
/*
 * Does it know OTHER when it reads NUMBER, even if main.cf does not set OTHER?  Only if it has read
 * that before: else "$other" is empty.
 */
bool program_knows(const struct program *program, enum parameter_number number,
                   enum parameter_number other);
/* does any program of a service read it, as far as we know? */
bool facts_is_read(enum parameter_number number);
/* is it read by programs of services in master.cf, and, as far as we know, by nothing else? */
bool facts_only_services_read(enum parameter_number number);

#endif
