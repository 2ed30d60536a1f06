/* virtual_mailbox_owner - virtual(8) delivers, and has no user or no group to deliver as */
#include "parser/value/nexthop.h"
#include "rules/rule/rule.h"

/* find_virtual - the service of virtual_transport, if it runs virtual(8) */
static const struct service *find_virtual(const struct check *check)
{
    struct str transport = check_value(check, NULL, PARAM_VIRTUAL_TRANSPORT);
    struct str name = str_slice(transport, 0, str_find(transport, ':', 0));
    const struct service *service = transport_service(check->config, name);

    return service != NULL && service_runs(service, "virtual") ? service : NULL;
}

/* is_empty - what cannot be determined is not */
static bool is_empty(const struct check *check, const struct service *service,
                     enum parameter_number number)
{
    int flags = 0;
    struct str value = config_value(check->config, service, number, &flags, NULL);

    return value.at != NULL && value.len == 0 && flags == 0;
}

static void report_owner(struct check *check, const struct service *service,
                         enum parameter_number number)
{
    bool is_set = check_is_set(check, service, number);

    check_reportf(
        check,
        is_set ? check_span(check, service, number)
               : check_span(check, NULL, PARAM_VIRTUAL_MAILBOX_DOMAINS),
        arena_printf(check->arena, "set %.*s = static: and a number",
                     STR_ARG(parameter_name(number)))
            .at,
        "mail for virtual mailboxes stays in the queue: virtual(8) delivers, and %.*s is empty",
        STR_ARG(parameter_name(number)));
}

static void check_owner(struct check *check)
{
    const struct service *service = find_virtual(check);

    if (service == NULL || !check_is_set(check, NULL, PARAM_VIRTUAL_MAILBOX_DOMAINS) ||
        is_empty(check, NULL, PARAM_VIRTUAL_MAILBOX_DOMAINS) ||
        !is_empty(check, NULL, PARAM_TRANSPORT_MAPS)) /* they may name another transport */
        return;
    if (is_empty(check, service, PARAM_VIRTUAL_UID_MAPS))
        report_owner(check, service, PARAM_VIRTUAL_UID_MAPS);
    else if (is_empty(check, service, PARAM_VIRTUAL_GID_MAPS))
        report_owner(check, service, PARAM_VIRTUAL_GID_MAPS);
}

static const struct example examples[] = {
    {.title = "virtual mailboxes without an owner",
     .platform = "debian12",
     .main_cf = "virtual_mailbox_domains = example.com\n"
                "virtual_mailbox_maps = lmdb:/etc/postfix/vmailbox\n"
                "virtual_mailbox_base = /var/mail/vhosts\n",
     .master_cf = "virtual unix - n n - - virtual\n",
     .findings = {{1, "example.com"}}},
    {.title = "a user, and no group",
     .platform = "debian12",
     .main_cf = "virtual_mailbox_domains = example.com\n"
                "virtual_uid_maps = static:5000\n"
                "virtual_gid_maps =\n",
     .master_cf = "virtual unix - n n - - virtual\n",
     .findings = {{3, ""}}},
    {.title = "a user and a group of the service",
     .platform = "debian12",
     .main_cf = "virtual_mailbox_domains = example.com\n",
     .master_cf = "virtual unix - n n - - virtual\n"
                  "  -o virtual_uid_maps=static:5000\n"
                  "  -o virtual_gid_maps=static:5000\n"},
    {.title = "another program delivers",
     .platform = "debian12",
     .main_cf = "virtual_mailbox_domains = example.com\n"
                "virtual_transport = lmtp:unix:private/dovecot-lmtp\n",
     .master_cf = "lmtp unix - - y - - lmtp\n"},
};

const struct rule rule_virtual_mailbox_owner = {
    .name = "virtual-mailbox-owner",
    .summary = "virtual mailboxes without a user or a group",
    .why = "virtual(8) asks virtual_uid_maps and virtual_gid_maps for the owner of each mailbox.  "
           "Without an answer it logs \"recipient ...: not found in virtual_uid_maps\" and defers "
           "the mail with 4.3.5.",
    .source = "virtual(8); src/virtual/mailbox.c, deliver_mailbox()",
    .severity = SEVERITY_ERROR,
    .check = check_owner,
    RULE_EXAMPLES(examples),
};
