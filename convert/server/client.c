/* client - CLIENT_OPTIONS: the address that the client uses, and its features; see op.me,
   ClientPortOptions */
#include <string.h>

#include "convert/sendmail/session.h"
#include "convert/sendmail/value.h"
#include "convert/server/modules.h"
#include "parser/text/token.h"

static bool is_client(const struct sendmail_item *item)
{
    if (item->overridden || item->stock)
        return false;
    return (item->kind == ITEM_MACRO && str_is(item->name, "CLIENT_OPTIONS")) ||
           (item->kind == ITEM_DEFINE && str_is(item->name, "confCLIENT_OPTIONS")) ||
           (item->kind == ITEM_OPTION && str_is_nocase(item->name, "ClientPortOptions"));
}

static void map_address(struct draft *draft, const struct sendmail_item *item, struct str text)
{
    struct str address = sendmail_pair(text, 'A'), port = sendmail_pair(text, 'P');
    bool ipv6 = str_is_nocase(sendmail_pair(text, 'F'), "inet6");

    if (str_starts(address, "IPv6:"))
        address = str_slice(address, 5, address.len);
    bool numeric =
        address.len > 0 &&
        str_span(address, 0, ipv6 ? "0123456789abcdefABCDEF:." : "0123456789.") == address.len;
    if (address.len == 0 || str_is(address, "0.0.0.0") || str_is(address, "::"))
        draft_fate(draft, item, FATE_ALREADY, "the client may use any address");
    else if (numeric)
        draft_map(draft, item, ipv6 ? PARAM_SMTP_BIND_ADDRESS6 : PARAM_SMTP_BIND_ADDRESS, "%.*s",
                  STR_ARG(address));
    else
        draft_open_point(draft, item, "set smtp_bind_address to the address of that host",
                         "smtp_bind_address does not accept a name: \"%.*s\"", STR_ARG(address));
    if (port.len > 0 && !str_is(port, "0"))
        draft_open_point(draft, item, "identify the client by its address in firewall rules",
                         "Postfix's client has no fixed port: \"%.*s\"", STR_ARG(port));
}

static void map_modifier(struct draft *draft, const struct sendmail_item *item, char letter)
{
    switch (letter) {
    case 'A':
        draft_map(draft, item, PARAM_SMTP_SASL_AUTH_ENABLE, "no");
        break;
    case 'S':
        draft_map(draft, item, PARAM_SMTP_TLS_SECURITY_LEVEL, "none");
        break;
    case 'D':
        if (str_is(draft_value(draft, PARAM_SMTP_TLS_SECURITY_LEVEL), "dane"))
            draft_map(draft, item, PARAM_SMTP_TLS_SECURITY_LEVEL, "may");
        else
            draft_fate(draft, item, FATE_ALREADY, "DANE is not used (M=D)");
        break;
    case 'M':
        draft_fate(draft, item, FATE_ALREADY, "Postfix does not use MTA-STS by itself (M=M)");
        break;
    case 'h':
        draft_open_point(draft, item, "set smtp_helo_name to the name of the outgoing address",
                         "the client sends the name of its own address in EHLO (M=h)");
        break;
    default:
        if (!is_space(letter))
            draft_fate(draft, item, FATE_MEANINGLESS, "Sendmail's client has no modifier %c",
                       letter);
    }
}

static void map_client(struct draft *draft, const struct sendmail_item *item)
{
    struct str text = session_item_value(draft, item);
    struct str modifiers = sendmail_pair(text, 'M');

    map_address(draft, item, text);
    for (size_t i = 0; i < modifiers.len; i++)
        map_modifier(draft, item, modifiers.at[i]);
    if (sendmail_pair(text, 'S').at != NULL || sendmail_pair(text, 'R').at != NULL)
        draft_fate(draft, item, FATE_MEANINGLESS, "the kernel adjusts the size of buffers");
}

void client_convert(struct draft *draft)
{
    for (size_t i = 0; i < draft->sendmail->directive_count; i++)
        if (is_client(&draft->sendmail->items[i]))
            map_client(draft, &draft->sendmail->items[i]);
}
