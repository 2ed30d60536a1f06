/*
 * restriction_hosts - check_*_mx_access, check_*_ns_access and check_*_a_access, which look up the
 * hosts of a domain in an access table
 */
#include "smtp/policy/restriction_builtin.h"
#include "smtp/policy/restriction_walk.h"

/* "ok": the hosts are not in the table, or there are none */
static const char *const answers_hosts[] = {"ok", "listed"};

enum host_type { HOST_A, HOST_MX, HOST_NS };

/* listed_value - the result if a host is listed: that of the first entry */
static struct str listed_value(const struct table *table)
{
    const struct table_entry *entries;

    return table != NULL && table_entries(table, &entries) > 0 ? entries[0].value
                                                               : str_of("REJECT");
}

static enum restriction_status check_hosts(struct restriction_walk *walk, enum host_type type,
                                           struct str name, struct str reply_name,
                                           const char *reply_class)
{
    static const char *const type_names[] = {"A", "MX", "NS"};
    struct str domain = restriction_domain(name), address;
    const struct restriction_item *item = walk->argument;

    if (domain.at == NULL)
        domain = name;
    if (domain.len > 0 && domain.at[0] == '[') {
        bool asked = type == HOST_MX ||
                     (type == HOST_A && restriction_has_feature(walk, FEATURE_ACCESS_MAPS));
        if (!asked || !restriction_is_literal(domain) ||
            !restriction_literal_address(str_slice(domain, 1, domain.len - 1), &address))
            return RESTRICTION_DUNNO;
        return access_check(walk, ACCESS_NETWORK, address, STR_NONE, reply_name, reply_class);
    }
    if (item->table == NULL || item->table->status == LOOKUP_ERROR)
        return access_check(walk, ACCESS_EXACT, domain, STR_NONE, reply_name, reply_class);
    struct str subject = arena_printf(walk->arena, "%.*s %s in %.*s", STR_ARG(domain),
                                      type_names[type], STR_ARG(item->text));
    struct str answer = str_of(restriction_ask(walk, QUESTION_DNS, subject, answers_hosts, 2));
    if (str_is(answer, "ok"))
        return RESTRICTION_DUNNO;
    return access_apply_result(walk, item->text, listed_value(item->table), reply_name,
                               reply_class);
}

static bool is_unknown(struct str name)
{
    return str_is_nocase(name, "unknown");
}

static enum restriction_status check_client_hosts(struct restriction_walk *walk,
                                                  enum host_type type)
{
    struct str name = walk->state->client_name;

    if (is_unknown(name))
        return RESTRICTION_DUNNO;
    return restriction_forbid_permit(
        walk, check_hosts(walk, type, name, restriction_client(walk), class_client));
}

static enum restriction_status check_reverse_hosts(struct restriction_walk *walk,
                                                   enum host_type type)
{
    struct str name = walk->state->reverse_client_name;
    bool short_name = restriction_has_feature(walk, FEATURE_REVERSE_NAME_IN_REPLIES);

    if (is_unknown(name))
        return RESTRICTION_DUNNO;
    return restriction_forbid_permit(walk, check_hosts(walk, type, name,
                                                       short_name ? name : restriction_client(walk),
                                                       class_reverse_client));
}

static enum restriction_status check_helo_hosts(struct restriction_walk *walk, enum host_type type)
{
    struct str name = walk->state->helo;

    if (name.at == NULL)
        return RESTRICTION_DUNNO;
    return restriction_forbid_permit(walk, check_hosts(walk, type, name, name, class_helo));
}

static enum restriction_status check_address_hosts(struct restriction_walk *walk,
                                                   enum host_type type, bool sender)
{
    struct str name = sender ? walk->state->sender : walk->recipient;

    if (name.len == 0)
        return RESTRICTION_DUNNO;
    return restriction_forbid_permit(
        walk, check_hosts(walk, type, name, name, sender ? class_sender : class_recipient));
}

static enum restriction_status check_client_a_access(struct restriction_walk *walk)
{
    return check_client_hosts(walk, HOST_A);
}

static enum restriction_status check_client_mx_access(struct restriction_walk *walk)
{
    return check_client_hosts(walk, HOST_MX);
}

static enum restriction_status check_client_ns_access(struct restriction_walk *walk)
{
    return check_client_hosts(walk, HOST_NS);
}

static enum restriction_status check_reverse_client_hostname_a_access(struct restriction_walk *walk)
{
    return check_reverse_hosts(walk, HOST_A);
}

static enum restriction_status
check_reverse_client_hostname_mx_access(struct restriction_walk *walk)
{
    return check_reverse_hosts(walk, HOST_MX);
}

static enum restriction_status
check_reverse_client_hostname_ns_access(struct restriction_walk *walk)
{
    return check_reverse_hosts(walk, HOST_NS);
}

static enum restriction_status check_helo_a_access(struct restriction_walk *walk)
{
    return check_helo_hosts(walk, HOST_A);
}

static enum restriction_status check_helo_mx_access(struct restriction_walk *walk)
{
    return check_helo_hosts(walk, HOST_MX);
}

static enum restriction_status check_helo_ns_access(struct restriction_walk *walk)
{
    return check_helo_hosts(walk, HOST_NS);
}

static enum restriction_status check_sender_a_access(struct restriction_walk *walk)
{
    return check_address_hosts(walk, HOST_A, true);
}

static enum restriction_status check_sender_mx_access(struct restriction_walk *walk)
{
    return check_address_hosts(walk, HOST_MX, true);
}

static enum restriction_status check_sender_ns_access(struct restriction_walk *walk)
{
    return check_address_hosts(walk, HOST_NS, true);
}

static enum restriction_status check_recipient_a_access(struct restriction_walk *walk)
{
    return check_address_hosts(walk, HOST_A, false);
}

static enum restriction_status check_recipient_mx_access(struct restriction_walk *walk)
{
    return check_address_hosts(walk, HOST_MX, false);
}

static enum restriction_status check_recipient_ns_access(struct restriction_walk *walk)
{
    return check_address_hosts(walk, HOST_NS, false);
}

const struct restriction_builtin restrictions_hosts[] = {
    {"check_client_a_access", check_client_a_access},
    {"check_client_mx_access", check_client_mx_access},
    {"check_client_ns_access", check_client_ns_access},
    {"check_reverse_client_hostname_a_access", check_reverse_client_hostname_a_access},
    {"check_reverse_client_hostname_mx_access", check_reverse_client_hostname_mx_access},
    {"check_reverse_client_hostname_ns_access", check_reverse_client_hostname_ns_access},
    {"check_helo_a_access", check_helo_a_access},
    {"check_helo_mx_access", check_helo_mx_access},
    {"check_helo_ns_access", check_helo_ns_access},
    {"check_sender_a_access", check_sender_a_access},
    {"check_sender_mx_access", check_sender_mx_access},
    {"check_sender_ns_access", check_sender_ns_access},
    {"check_recipient_a_access", check_recipient_a_access},
    {"check_recipient_mx_access", check_recipient_mx_access},
    {"check_recipient_ns_access", check_recipient_ns_access},
    {NULL, NULL},
};
