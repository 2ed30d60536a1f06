/*
 * nullclient - a host that sends all its mail to another one, and submit.cf
 *
 * With FEATURE(`nullclient') there are no aliases and no mailboxes, and all addresses get the name
 * of the hub (cf/feature/nullclient.m4).  FEATURE(`msp') is submit.cf, which passes mail from local
 * programs to the server on this host; Postfix's sendmail and postdrop do that.
 */
#include "convert/delivery/modules.h"
#include "convert/delivery/relay.h"
#include "convert/sendmail/value.h"

/* strip_hop - "mail.example.com" for "[mail.example.com]:587" */
static struct str strip_hop(struct str host)
{
    if (host.len > 0 && host.at[0] == '[')
        return str_slice(host, 1, str_find(host, ']', 0));
    return str_slice(host, 0, str_find(host, ':', 0));
}

/* rename_host - outgoing addresses with the name of this host get the name of the hub */
static void rename_host(struct draft *draft, const struct sendmail_item *item, struct str name)
{
    if (!draft_has_table_type(draft, "inline")) {
        draft_open_point(draft, item, "add \"@this.host @hub\" to smtp_generic_maps",
                         "addresses with the name of this host are not rewritten");
        return;
    }
    draft_set(draft, item, PARAM_SMTP_GENERIC_MAPS, "inline:{ { @$myhostname = @%.*s } }",
              STR_ARG(name));
    draft_reason(draft, PARAM_SMTP_GENERIC_MAPS, "addresses of this host get the name of the hub");
    draft_add(draft, item, PARAM_VIRTUAL_ALIAS_MAPS, RANK_LAST,
              "inline:{ { @$myhostname = @%.*s } }", STR_ARG(name));
}

static void map_null_client(struct draft *draft, const struct sendmail_item *item)
{
    struct relay_hop hop = relay_hop_read(draft, str_trim(sendmail_argument(item, 0)));
    struct str name = strip_hop(hop.first);

    if (hop.problem != NULL) {
        draft_open_point(draft, item, "set relayhost and myorigin by hand",
                         "all mail is sent to one host, but %s", hop.problem);
        return;
    }
    draft_set(draft, item, PARAM_RELAYHOST, "%.*s", STR_ARG(hop.first));
    draft_reason(draft, PARAM_RELAYHOST, "all mail is sent to this host");
    draft_set(draft, item, PARAM_MYDESTINATION, "%s", "");
    draft_reason(draft, PARAM_MYDESTINATION, "no mail is delivered here");
    draft_set(draft, item, PARAM_MYORIGIN, "%.*s", STR_ARG(name));
    draft_set(draft, item, PARAM_LOCAL_TRANSPORT, "error:5.1.1 no mail is delivered here");
    rename_host(draft, item, name);
    draft_fate(draft, item, FATE_MAPPED, "relayhost = %.*s, mydestination empty, myorigin = %.*s",
               STR_ARG(hop.first), STR_ARG(name));
}

static void map_submission(struct draft *draft, const struct sendmail_item *item)
{
    struct str host = str_trim(sendmail_argument(item, 0));

    if (host.len == 0 || str_is(host, "[localhost]") || str_is(host, "[127.0.0.1]") ||
        str_is(host, "localhost") || str_is(host, "[::1]") || str_is(host, "[IPv6:::1]")) {
        draft_fate(draft, item, FATE_ALREADY,
                   "Postfix's sendmail and postdrop commands accept mail from programs; the local "
                   "server delivers it");
        return;
    }
    struct relay_hop hop = relay_hop_read(draft, host);
    bool to_submission = str_is(str_trim(sendmail_argument(item, 1)), "MSA");
    if (hop.problem != NULL) {
        draft_open_point(draft, item, "set relayhost by hand", "%s", hop.problem);
        return;
    }
    draft_set(draft, item, PARAM_RELAYHOST, "%.*s%s", STR_ARG(hop.first),
              to_submission ? ":587" : "");
    draft_set(draft, item, PARAM_MYDESTINATION, "%s", "");
    draft_set(draft, item, PARAM_INET_INTERFACES, "loopback-only");
    draft_fate(draft, item, FATE_MAPPED, "relayhost = %.*s%s: no mail is delivered here",
               STR_ARG(hop.first), to_submission ? ":587" : "");
}

void nullclient_convert(struct draft *draft)
{
    const struct sendmail_item *null = sendmail_feature(draft->sendmail, "nullclient");
    const struct sendmail_item *msp = sendmail_feature(draft->sendmail, "msp");
    const struct sendmail_item *use = sendmail_define(draft->sendmail, "confUSE_MSP");

    if (null != NULL)
        map_null_client(draft, null);
    if (msp != NULL)
        map_submission(draft, msp);
    if (use != NULL)
        draft_fate(draft, use, FATE_ALREADY,
                   "Postfix's sendmail and postdrop commands accept mail from programs");
}
