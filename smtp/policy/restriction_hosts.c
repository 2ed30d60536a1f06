/*
 * check_*_mx_access, check_*_ns_access, check_*_a_access: access tables that are asked for the
 * hosts that DNS names.
 */
#include "smtp/policy/check_walk.h"
#include "smtp/policy/restriction.h"

/* "ok": the hosts are in no table, or there are none */
static const char *const answers_hosts[] = {"ok", "listed"};

enum host_type { HOST_A, HOST_MX, HOST_NS };

/* listed_value - what the table says where a host is in it: the first thing that it can say */
static struct str listed_value(const struct table *table)
{
    const struct table_entry *entries;

    return table != NULL && table_entries(table, &entries) > 0 ? entries[0].value
                                                               : str_of("REJECT");
}

static enum check_status check_hosts(struct check *check, enum host_type type, struct str name,
                                     struct str reply_name, const char *reply_class)
{
    static const char *const type_names[] = {"A", "MX", "NS"};
    struct str domain = check_domain(name), address;
    const struct check_word *word = check->argument;

    if (domain.at == NULL)
        domain = name;
    if (domain.len > 0 && domain.at[0] == '[') {
        bool asked = type == HOST_MX || (type == HOST_A && check_has(check, "access-maps"));
        if (!asked || !check_is_literal(domain) ||
            !restriction_literal_address(str_slice(domain, 1, domain.len - 1), &address))
            return CHECK_DUNNO;
        return access_check(check, ACCESS_NETWORK, address, STR_NONE, reply_name, reply_class);
    }
    if (word->table == NULL || word->table->status == LOOKUP_ERROR)
        return access_check(check, ACCESS_EXACT, domain, STR_NONE, reply_name, reply_class);
    struct str subject = arena_printf(check->arena, "%.*s %s in %.*s", STR_ARG(domain),
                                      type_names[type], STR_ARG(word->text));
    struct str answer = str_of(check_ask(check, QUESTION_DNS, subject, answers_hosts, 2));
    if (str_is(answer, "ok"))
        return CHECK_DUNNO;
    return access_result(check, word->text, listed_value(word->table), reply_name, reply_class);
}

static bool is_unknown(struct str name)
{
    return str_is_nocase(name, "unknown");
}

static enum check_status check_client_hosts(struct check *check, enum host_type type)
{
    struct str name = check->state->client_name;

    if (is_unknown(name))
        return CHECK_DUNNO;
    return restriction_forbid_permit(
        check, check_hosts(check, type, name, check_client(check), class_client));
}

static enum check_status check_reverse_hosts(struct check *check, enum host_type type)
{
    struct str name = check->state->reverse_client_name;
    bool short_name = check_has(check, "reverse-name-in-replies");

    if (is_unknown(name))
        return CHECK_DUNNO;
    return restriction_forbid_permit(check, check_hosts(check, type, name,
                                                        short_name ? name : check_client(check),
                                                        class_reverse_client));
}

static enum check_status check_helo_hosts(struct check *check, enum host_type type)
{
    struct str name = check->state->helo;

    if (name.at == NULL)
        return CHECK_DUNNO;
    return restriction_forbid_permit(check, check_hosts(check, type, name, name, class_helo));
}

static enum check_status check_address_hosts(struct check *check, enum host_type type, bool sender)
{
    struct str name = sender ? check->state->sender : check->recipient;

    if (name.len == 0)
        return CHECK_DUNNO;
    return restriction_forbid_permit(
        check, check_hosts(check, type, name, name, sender ? class_sender : class_recipient));
}

static enum check_status check_client_a_access(struct check *check)
{
    return check_client_hosts(check, HOST_A);
}

static enum check_status check_client_mx_access(struct check *check)
{
    return check_client_hosts(check, HOST_MX);
}

static enum check_status check_client_ns_access(struct check *check)
{
    return check_client_hosts(check, HOST_NS);
}

static enum check_status check_reverse_client_hostname_a_access(struct check *check)
{
    return check_reverse_hosts(check, HOST_A);
}

static enum check_status check_reverse_client_hostname_mx_access(struct check *check)
{
    return check_reverse_hosts(check, HOST_MX);
}

static enum check_status check_reverse_client_hostname_ns_access(struct check *check)
{
    return check_reverse_hosts(check, HOST_NS);
}

static enum check_status check_helo_a_access(struct check *check)
{
    return check_helo_hosts(check, HOST_A);
}

static enum check_status check_helo_mx_access(struct check *check)
{
    return check_helo_hosts(check, HOST_MX);
}

static enum check_status check_helo_ns_access(struct check *check)
{
    return check_helo_hosts(check, HOST_NS);
}

static enum check_status check_sender_a_access(struct check *check)
{
    return check_address_hosts(check, HOST_A, true);
}

static enum check_status check_sender_mx_access(struct check *check)
{
    return check_address_hosts(check, HOST_MX, true);
}

static enum check_status check_sender_ns_access(struct check *check)
{
    return check_address_hosts(check, HOST_NS, true);
}

static enum check_status check_recipient_a_access(struct check *check)
{
    return check_address_hosts(check, HOST_A, false);
}

static enum check_status check_recipient_mx_access(struct check *check)
{
    return check_address_hosts(check, HOST_MX, false);
}

static enum check_status check_recipient_ns_access(struct check *check)
{
    return check_address_hosts(check, HOST_NS, false);
}

const struct builtin restrictions_hosts[] = {
    {"check_client_a_access", ARGUMENT_TABLE, check_client_a_access},
    {"check_client_mx_access", ARGUMENT_TABLE, check_client_mx_access},
    {"check_client_ns_access", ARGUMENT_TABLE, check_client_ns_access},
    {"check_reverse_client_hostname_a_access", ARGUMENT_TABLE,
     check_reverse_client_hostname_a_access},
    {"check_reverse_client_hostname_mx_access", ARGUMENT_TABLE,
     check_reverse_client_hostname_mx_access},
    {"check_reverse_client_hostname_ns_access", ARGUMENT_TABLE,
     check_reverse_client_hostname_ns_access},
    {"check_helo_a_access", ARGUMENT_TABLE, check_helo_a_access},
    {"check_helo_mx_access", ARGUMENT_TABLE, check_helo_mx_access},
    {"check_helo_ns_access", ARGUMENT_TABLE, check_helo_ns_access},
    {"check_sender_a_access", ARGUMENT_TABLE, check_sender_a_access},
    {"check_sender_mx_access", ARGUMENT_TABLE, check_sender_mx_access},
    {"check_sender_ns_access", ARGUMENT_TABLE, check_sender_ns_access},
    {"check_recipient_a_access", ARGUMENT_TABLE, check_recipient_a_access},
    {"check_recipient_mx_access", ARGUMENT_TABLE, check_recipient_mx_access},
    {"check_recipient_ns_access", ARGUMENT_TABLE, check_recipient_ns_access},
    {NULL, ARGUMENT_NONE, NULL},
};
