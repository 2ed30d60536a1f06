#include "smtp/tls/client_policy.h"

#include "parser/text/hostname.h"
#include "parser/text/token.h"
#include "parser/value/value.h"

/* how an attribute may be used */
enum attribute_use {
    ATTRIBUTE_ONCE,
    ATTRIBUTE_AGAIN,    /* several times; the last one, or all of them, count */
    ATTRIBUTE_EXTERNAL, /* of a resolver of MTA-STS policies: needs a policy_type */
    ATTRIBUTE_EXTERNAL_AGAIN,
};

struct attribute {
    const char *name;
    enum attribute_use use;
    bool nonempty;
};

static const struct attribute attributes[] = {
    {"ciphers", ATTRIBUTE_ONCE, true},
    {"protocols", ATTRIBUTE_ONCE, false},
    {"servername", ATTRIBUTE_ONCE, false},
    {"match", ATTRIBUTE_AGAIN, true},
    {"exclude", ATTRIBUTE_ONCE, false},
    {"tafile", ATTRIBUTE_AGAIN, true},
    {"enable_rpk", ATTRIBUTE_AGAIN, false},
    {"connection_reuse", ATTRIBUTE_AGAIN, false},
    {"policy_type", ATTRIBUTE_ONCE, false},
    {"policy_ttl", ATTRIBUTE_EXTERNAL, false},
    {"policy_domain", ATTRIBUTE_EXTERNAL, false},
    {"policy_string", ATTRIBUTE_EXTERNAL_AGAIN, false},
    {"mx_host_pattern", ATTRIBUTE_EXTERNAL_AGAIN, false},
    {"policy_failure", ATTRIBUTE_EXTERNAL, false},
};

enum { ATTRIBUTE_COUNT = sizeof attributes / sizeof *attributes };

/* a policy that is being read */
struct policy_reading {
    struct arena *arena;
    struct tls_client_policy *policy;
    bool seen[ATTRIBUTE_COUNT];
    struct str *part;
    const char **what;
};

static bool fail(const struct policy_reading *reading, struct str part, const char *what)
{
    *reading->part = part;
    *reading->what = what;
    return false;
}

static void join(struct arena *arena, struct str *all, const char *separator, struct str value)
{
    *all = all->at == NULL
               ? value
               : arena_printf(arena, "%.*s%s%.*s", STR_ARG(*all), separator, STR_ARG(value));
}

static bool is_yes_or_no(struct str value)
{
    return str_is_nocase(value, "yes") || str_is_nocase(value, "no");
}

/* check_value - of attributes that not every level, or not every value, goes with */
static bool check_value(const struct policy_reading *reading, struct str name, struct str value)
{
    struct tls_client_policy *policy = reading->policy;
    enum security_level level = policy->level;
    bool verifies = level == TLS_VERIFY || level == TLS_SECURE;

    if (str_is_nocase(name, "match")) {
        if (!verifies && level != TLS_FINGERPRINT)
            return fail(reading, name, "is not an attribute of this security level");
        join(reading->arena, &policy->match, level == TLS_FINGERPRINT ? "|" : ":", value);
    } else if (str_is_nocase(name, "tafile")) {
        if (!verifies)
            return fail(reading, name, "is not an attribute of this security level");
        join(reading->arena, &policy->trust_files, " ", value);
    } else if (str_is_nocase(name, "servername")) {
        if (hostname_fault(value, false) != NULL)
            return fail(reading, value, "is not a host name");
    } else if ((str_is_nocase(name, "enable_rpk") || str_is_nocase(name, "connection_reuse")) &&
               !is_yes_or_no(value)) {
        return fail(reading, value, "is neither yes nor no");
    }
    return true;
}

static bool read_attribute(struct policy_reading *reading, struct str word)
{
    struct str name, value, text = word;

    if (str_starts(word, "{") && token_unbrace(word, true, &text) != NULL)
        return fail(reading, word, "is not name=value");
    if (split_name_value(text, &name, &value) != NULL)
        return fail(reading, word, "is not name=value");
    for (size_t i = 0; i < ATTRIBUTE_COUNT; i++) {
        bool once = attributes[i].use == ATTRIBUTE_ONCE || attributes[i].use == ATTRIBUTE_EXTERNAL;
        if (!str_is_nocase(name, attributes[i].name))
            continue;
        if (attributes[i].nonempty && value.len == 0)
            return fail(reading, name, "has no value");
        if (once && reading->seen[i])
            return fail(reading, name, "is there more than once");
        reading->seen[i] = true;
        return check_value(reading, name, value);
    }
    return fail(reading, name, "is not an attribute of a policy");
}

/* check_external - attributes of an MTA-STS resolver without its policy_type */
static bool check_external(const struct policy_reading *reading, struct str text)
{
    bool has_type = false;

    for (size_t i = 0; i < ATTRIBUTE_COUNT; i++)
        has_type |= reading->seen[i] && str_is(str_of(attributes[i].name), "policy_type");
    for (size_t i = 0; i < ATTRIBUTE_COUNT && !has_type; i++)
        if (reading->seen[i] && attributes[i].use >= ATTRIBUTE_EXTERNAL)
            return fail(reading, text, "has policy attributes without policy_type=");
    return true;
}

bool tls_client_policy_read(struct arena *arena, struct str text, struct tls_client_policy *policy,
                            struct str *part, const char **what)
{
    struct policy_reading reading = {.arena = arena, .policy = policy, .part = part, .what = what};
    struct str rest = text, word;

    *policy = (struct tls_client_policy){.level = TLS_UNDECIDED};
    if (!token_next(&rest, TOKEN_COMMAS, &word))
        return fail(&reading, text, "is empty");
    policy->level = tls_level_named(word);
    if (policy->level == TLS_UNDECIDED)
        return fail(&reading, word, "is not a security level");
    if (policy->level == TLS_NONE)
        return true;
    while (token_next(&rest, TOKEN_COMMAS, &word))
        if (!read_attribute(&reading, word))
            return false;
    return check_external(&reading, text);
}
