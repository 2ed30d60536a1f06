#include "convert/convert.h"

#include "convert/access/modules.h"
#include "convert/addresses/modules.h"
#include "convert/delivery/modules.h"
#include "convert/ldap/modules.h"
#include "convert/remaining/modules.h"
#include "convert/server/modules.h"
#include "convert/write/write.h"

/*
 * Each row says what it needs from the rows above it.  "Nothing" means that it may stand anywhere
 * above those that name it; settings come out in the order in which they were made.
 */
static const struct convert_module modules[] = {
    /* nothing */
    {"domains", domains_convert},
    /* nothing; the fate of a domain that domains relays too is added to the one it has */
    {"virthost", virthost_convert},
    /* nothing */
    {"virtusertable", virtusertable_convert},
    /* virtusertable: names that it routes (the table transport) are left to it */
    {"mailertable", mailertable_convert},
    /* nothing */
    {"generics", generics_convert},
    /* nothing */
    {"masquerade", masquerade_convert},
    /* nothing */
    {"aliases", aliases_convert},
    /* mailertable: routes of hosts that the directory names; virtusertable and aliases: whether
       they ask a directory, which is what becomes of confLDAP_DEFAULT_SPEC */
    {"ldap", ldap_convert},
    /* mailertable: whether it uses procmail */
    {"local", local_convert},
    /* aliases: their entries; local: mailbox_transport and forward_path, which a hub replaces */
    {"relay", relay_convert},

    /* nothing */
    {"tls", tls_convert},
    /* nothing */
    {"auth", auth_convert},
    /* nothing */
    {"authinfo", authinfo_convert},
    /* relay: relayhost, which a null client replaces */
    {"nullclient", nullclient_convert},
    /* nothing */
    {"milter", milter_convert},
    /* nothing */
    {"privacy", privacy_convert},

    /* domains: mynetworks without the networks of the access table itself; authinfo: the
       lines AuthInfo: that it took */
    {"access", access_convert},
    /* nothing: ranks place its restrictions among those of access */
    {"dnsbl", dnsbl_convert},
    /* nothing */
    {"limits", limits_convert},

    /* local and relay: what delivers local mail, and smtp_fallback_relay, whose hosts come first */
    {"server", server_convert},
    /* all that add to the restrictions of smtpd or to the EHLO keywords that it discards: a service
       with lists of its own starts from them; tls and milter: settings that a service overrides;
       server: the process limit of smtp, which Children= replaces */
    {"daemon", daemon_convert},
    /* tls: whether DANE is used, which M=D takes back */
    {"client", client_convert},
    /* daemon: the services, in front of which postscreen is put */
    {"greet_pause", greet_pause_convert},

    /* all: it takes the lines that have no fate yet, and defaults that are not set yet */
    {"simple", simple_convert},
    /* all: what has no fate yet is the site's own */
    {"rulesets", rulesets_convert},
    /* all: the lists, tables and services that the draft has */
    {"remarks", remarks_convert},
};

enum { MODULE_COUNT = sizeof modules / sizeof *modules };

const struct convert_module *convert_modules(size_t *count)
{
    *count = MODULE_COUNT;
    return modules;
}

void convert_sendmail(struct draft *draft)
{
    for (size_t i = 0; i < MODULE_COUNT; i++)
        modules[i].convert(draft);
    draft_finish(draft);
    draft_write_steps(draft);
}
