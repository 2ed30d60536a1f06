#include "convert/convert.h"

#include "convert/access/modules.h"
#include "convert/addresses/modules.h"
#include "convert/delivery/modules.h"
#include "convert/ldap/modules.h"
#include "convert/remaining/modules.h"
#include "convert/sendmail/session.h"
#include "convert/sendmail/value.h"
#include "convert/server/modules.h"
#include "convert/write/write.h"

/*
 * Each row says what it needs from the rows above it.  "Nothing" means that it may be anywhere
 * above the rows that need it.  Settings are written in the order in which they were made.
 */
static const struct convert_module modules[] = {
    /* nothing */
    {"domains", domains_convert},
    /* nothing; where domains relays the domain as well, both texts are joined */
    {"virthost", virthost_convert},
    /* nothing */
    {"virtusertable", virtusertable_convert},
    /* virtusertable: names that it routes (the table transport) are left alone */
    {"mailertable", mailertable_convert},
    /* nothing */
    {"generics", generics_convert},
    /* nothing */
    {"masquerade", masquerade_convert},
    /* nothing */
    {"aliases", aliases_convert},
    /* mailertable: routes of hosts that the directory names; virtusertable and aliases: whether
       they use a directory, which decides the fate of confLDAP_DEFAULT_SPEC */
    {"ldap", ldap_convert},
    /* mailertable: whether it uses procmail */
    {"local", local_convert},
    /* aliases: their entries; local: mailbox_transport and forward_path, which a hub overrides */
    {"relay", relay_convert},

    /* nothing */
    {"tls", tls_convert},
    /* nothing */
    {"auth", auth_convert},
    /* nothing */
    {"authinfo", authinfo_convert},
    /* relay: relayhost, which a null client overrides */
    {"nullclient", nullclient_convert},
    /* nothing */
    {"milter", milter_convert},
    /* nothing */
    {"privacy", privacy_convert},

    /* domains: mynetworks, apart from the networks of the access table itself; authinfo: the
       AuthInfo: lines that it has converted */
    {"access", access_convert},
    /* nothing: ranks place its restrictions among those of access */
    {"dnsbl", dnsbl_convert},
    /* nothing */
    {"limits", limits_convert},

    /* local and relay: how local mail is delivered, and smtp_fallback_relay, in which their hosts
       come first */
    {"server", server_convert},
    /* all that add to the smtpd restrictions or to the EHLO keywords that smtpd discards: a service
       with lists of its own copies them; tls and milter: settings that a service overrides; server:
       the process limit of smtp, which Children= overrides */
    {"daemon", daemon_convert},
    /* tls: whether DANE is used, which M=D turns off */
    {"client", client_convert},
    /* daemon: the services, which postscreen is put in front of */
    {"greet_pause", greet_pause_convert},

    /* all: it handles the lines that have no fate yet, and sets defaults that nobody has set */
    {"simple", simple_convert},
    /* all: a line without a fate is a local addition */
    {"rulesets", rulesets_convert},
    /* all: the lists, tables and services of the draft */
    {"remarks", remarks_convert},
};

enum { MODULE_COUNT = sizeof modules / sizeof *modules };

const struct convert_module *convert_modules(size_t *count)
{
    *count = MODULE_COUNT;
    return modules;
}

/* open_nested_values - the modules did not see what these values are in the end */
static void open_nested_values(struct draft *draft)
{
    for (size_t i = 0; i < draft->sendmail->count; i++) {
        const struct sendmail_item *item = &draft->sendmail->items[i];
        if (sendmail_value_is_cut(draft, item) || session_value_is_cut(draft, item))
            draft_open_point(draft, item,
                             "write the value itself instead of names of other defines",
                             "the value refers to itself, or to more than %d defines through each "
                             "other, or is longer than %d bytes",
                             SENDMAIL_REFERENCES_MAX, SENDMAIL_VALUE_MAX);
    }
}

void convert_sendmail(struct draft *draft)
{
    for (size_t i = 0; i < MODULE_COUNT; i++)
        modules[i].convert(draft);
    access_give_back(draft);
    open_nested_values(draft);
    draft_finish(draft);
    draft_write_steps(draft);
}
