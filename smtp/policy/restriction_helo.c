/*
 * restriction_helo - restrictions on the name in HELO or EHLO
 */
#include "parser/text/hostname.h"
#include "smtp/policy/restriction_builtin.h"
#include "smtp/policy/restriction_walk.h"

/* strip_dot - "example.com." without its last dot */
static struct str strip_dot(struct str name)
{
    if (name.len > 1 && name.at[name.len - 1] == '.' && name.at[name.len - 2] != '.')
        name.len--;
    return name;
}

/* is_ipv4 - four octets; only 0.0.0.0 may begin with 0 */
static bool is_ipv4(struct str text)
{
    int octets = 0, value = 0;
    bool in_octet = false;

    for (size_t i = 0; i < text.len; i++) {
        char c = text.at[i];
        if (c >= '0' && c <= '9') {
            octets += !in_octet;
            value = (in_octet ? value * 10 : 0) + (c - '0');
            in_octet = true;
            if (value > 255)
                return false;
        } else if (c != '.' || !in_octet || i + 1 == text.len) {
            return false;
        } else {
            if (octets == 1 && value == 0 && str_span(text, 0, "0.") < text.len)
                return false;
            in_octet = false;
        }
    }
    return octets == 4;
}

/* is_ipv6 - eight fields of up to four digits, "::" for some of them, or IPv4 at the end */
static bool is_ipv6(struct str text)
{
    static const char digits[] = "0123456789abcdefABCDEF";
    int field = 0, null_field = 0;
    size_t at = 0, length = 0;

    for (;;) {
        if (at == text.len)
            return field >= 2 && (length > 0 || null_field == field - 1);
        if (text.at[at] == '.')
            return field >= 2 && field <= 6 && is_ipv4(str_slice(text, at - length, text.len));
        if (text.at[at] == ':') {
            if ((field == 0 && length == 0 && at + 1 < text.len && is_alnum(text.at[at + 1])) ||
                ++field > 7)
                return false;
            length = 0;
            if (++at < text.len && text.at[at] == ':') {
                if (null_field > 0)
                    return false;
                null_field = field;
            }
            continue;
        }
        length = str_span(text, at, digits) - at;
        if (length == 0 || length > 4)
            return false;
        at += length;
    }
}

bool restriction_valid_address(struct str text)
{
    return str_find(text, ':', 0) < text.len ? is_ipv6(text) : is_ipv4(text);
}

bool restriction_literal_address(struct str text, struct str *address)
{
    bool v6 = text.len >= 5 && str_is_nocase(str_slice(text, 0, 5), "IPv6:");

    *address = v6 ? str_slice(text, 5, text.len) : text;
    return v6 ? is_ipv6(*address) : is_ipv4(*address);
}

/* reject_invalid_literal - "[192.0.2.1]", "[IPv6:2001:db8::1]" */
static enum restriction_status reject_invalid_literal(struct restriction_walk *walk)
{
    struct str name = walk->state->helo, text = name, address;

    if (text.len > 2 && restriction_is_literal(text))
        text = str_slice(text, 1, text.len - 1);
    if (restriction_literal_address(text, &address))
        return RESTRICTION_DUNNO;
    return restriction_reject(walk, ERROR_POLICY,
                              restriction_code(walk, PARAM_INVALID_HOSTNAME_REJECT_CODE), "5.5.2",
                              "<%.*s>: %s rejected: invalid ip address", STR_ARG(name), class_helo);
}

static bool has_literal(const struct restriction_walk *walk)
{
    return walk->state->helo.len > 0 && walk->state->helo.at[0] == '[';
}

static enum restriction_status reject_invalid_helo_hostname(struct restriction_walk *walk)
{
    struct str helo = walk->state->helo;

    if (helo.at == NULL)
        return RESTRICTION_DUNNO;
    if (has_literal(walk))
        return reject_invalid_literal(walk);
    struct str name = strip_dot(helo);
    if (hostname_fault(name, false) == NULL || restriction_valid_address(name))
        return RESTRICTION_DUNNO;
    return restriction_reject(walk, ERROR_POLICY,
                              restriction_code(walk, PARAM_INVALID_HOSTNAME_REJECT_CODE), "5.5.2",
                              "<%.*s>: %s rejected: Invalid name", STR_ARG(helo), class_helo);
}

bool restriction_is_fqdn(struct restriction_walk *walk, struct str name)
{
    name = strip_dot(name);
    return hostname_fault(name, walk->state->smtputf8) == NULL && str_find(name, '.', 0) < name.len;
}

static enum restriction_status reject_non_fqdn_helo_hostname(struct restriction_walk *walk)
{
    struct str helo = walk->state->helo;

    if (helo.at == NULL)
        return RESTRICTION_DUNNO;
    if (has_literal(walk))
        return reject_invalid_literal(walk);
    if (restriction_is_fqdn(walk, helo))
        return RESTRICTION_DUNNO;
    return restriction_reject(
        walk, ERROR_POLICY, restriction_code(walk, PARAM_NON_FQDN_REJECT_CODE), "5.5.2",
        "<%.*s>: %s rejected: need fully-qualified hostname", STR_ARG(helo), class_helo);
}

static enum restriction_status reject_unknown_helo_hostname(struct restriction_walk *walk)
{
    struct str helo = walk->state->helo;

    if (helo.at == NULL)
        return RESTRICTION_DUNNO;
    if (has_literal(walk))
        return reject_invalid_literal(walk);
    const char *answer = restriction_ask_domain(walk, helo);
    if (str_is(str_of(answer), "none"))
        return restriction_reject(
            walk, ERROR_POLICY, restriction_code(walk, PARAM_UNKNOWN_HOSTNAME_REJECT_CODE), "4.7.1",
            "<%.*s>: %s rejected: Host not found", STR_ARG(helo), class_helo);
    if (str_is(str_of(answer), "fail"))
        return restriction_defer_if_permit(
            walk, restriction_only_if_permit(walk, PARAM_UNKNOWN_HELO_HOSTNAME_TEMPFAIL_ACTION),
            450, "4.7.1", "<%.*s>: %s rejected: Host not found", STR_ARG(helo), class_helo);
    return RESTRICTION_DUNNO;
}

static enum restriction_status check_helo_access(struct restriction_walk *walk)
{
    struct str helo = walk->state->helo;

    if (helo.at == NULL)
        return RESTRICTION_DUNNO;
    return access_check(walk, ACCESS_DOMAIN, helo, STR_NONE, helo, class_helo);
}

/* permit_naked_ip_address - removed in a later release: facts/restrictions.yaml */
static enum restriction_status permit_naked_ip_address(struct restriction_walk *walk)
{
    struct str helo = walk->state->helo;

    if (restriction_is_gone(walk, "permit_naked_ip_address"))
        return restriction_server_error(walk);
    if (helo.at == NULL || str_span(helo, 0, "0123456789.:") < helo.len)
        return RESTRICTION_DUNNO;
    enum restriction_status status = reject_invalid_literal(walk);
    return status == RESTRICTION_DUNNO ? RESTRICTION_OK : status;
}

const struct restriction_builtin restrictions_helo[] = {
    {"check_helo_access", check_helo_access},
    {"reject_invalid_helo_hostname", reject_invalid_helo_hostname},
    {"reject_invalid_hostname", reject_invalid_helo_hostname},
    {"reject_unknown_helo_hostname", reject_unknown_helo_hostname},
    {"reject_unknown_hostname", reject_unknown_helo_hostname},
    {"reject_non_fqdn_helo_hostname", reject_non_fqdn_helo_hostname},
    {"reject_non_fqdn_hostname", reject_non_fqdn_helo_hostname},
    {"permit_naked_ip_address", permit_naked_ip_address},
    {NULL, NULL},
};
