#include "base/path.h"
#include "parser/text/token.h"
#include "rules/rule/rule.h"
#include "smtp/address/network.h"

enum { SMTP_PORT = 25, SUBMISSION_PORT = 587, SUBMISSIONS_PORT = 465 };

/* is_on_loopback - does the service listen where no other host reaches it? */
static bool is_on_loopback(const struct check *check, const struct service *service)
{
    struct str interfaces = check_value(check, NULL, PARAM_INET_INTERFACES);

    if (service->host.len > 0)
        return network_is_loopback(service->host) || str_is_nocase(service->host, "localhost");
    return str_is_nocase(interfaces, "loopback-only") || str_is_nocase(interfaces, "localhost");
}

static struct str firewall_service(const struct platform *platform, int port)
{
    switch (port) {
    case SMTP_PORT:
        return platform->firewall_25;
    case SUBMISSION_PORT:
        return platform->firewall_587;
    case SUBMISSIONS_PORT:
        return platform->firewall_465;
    default:
        return STR_NONE;
    }
}

/* fill_in - COMMAND with the service in the place of "%s" */
static struct str fill_in(struct arena *arena, struct str command, struct str service)
{
    size_t at = str_search(command, "%s");

    return arena_printf(arena, "%.*s%.*s%.*s", (int)at, command.at, STR_ARG(service),
                        STR_ARG(str_slice(command, at + 2, command.len)));
}

/* port_command - what lets clients reach PORT, or STR_NONE where the platform has no firewall */
static struct str port_command(const struct check *check, int port)
{
    const struct platform *platform = check->config->platform;
    struct str name = firewall_service(platform, port);

    if (port == 0 || platform->firewall_commands.count == 0)
        return STR_NONE;
    if (name.len > 0)
        return fill_in(check->arena, platform->firewall_commands.items[0], name);
    return fill_in(check->arena, platform->firewall_port, arena_printf(check->arena, "%d", port));
}

/* open_port - the firewall's command for an SMTP service that others are to reach */
static bool open_port(struct check *check, const struct service *service)
{
    struct str command = port_command(check, service_port(service));

    if (command.at == NULL || is_on_loopback(check, service) ||
        (!service_runs(service, "smtpd") && !service_runs(service, "postscreen")))
        return false;
    check_step(check, STEP_FIREWALL, command,
               arena_printf(check->arena, "let clients reach the service %.*s (port %d)",
                            STR_ARG(service->name), service_port(service)));
    return true;
}

static void check_firewall(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;
    const struct str_list *commands = &check->config->platform->firewall_commands;
    bool opened = false;

    for (size_t i = 0; i < master_cf->count; i++)
        if (str_is(master_cf->services[i]->type, "inet"))
            opened |= open_port(check, master_cf->services[i]);
    for (size_t i = 1; opened && i < commands->count; i++)
        check_step(check, STEP_FIREWALL, commands->items[i],
                   (struct str)STR("the firewall takes up what was added"));
}

/* --- files that stand elsewhere ------------------------------------------------------------ */

/* is_key_name - does the parameter name a certificate or key of the host's own? */
static bool is_key_name(struct str name)
{
    static const char *const ends[] = {"cert_file", "key_file", "chain_files", "_param_file"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (str_ends(name, ends[i]) && str_search(name, "_tls_") < name.len)
            return true;
    return false;
}

/* copy_files - the runbook names what the configuration's directory does not hold */
static void copy_files(struct check *check, const struct service *service, struct str name,
                       struct str value)
{
    struct str directory = check->config->platform->config_directory;
    struct str word;

    if (!is_key_name(name))
        return;
    value = config_expand(check->config, service, value, NULL, NULL);
    while (token_next_plain(&value, TOKEN_COMMAS, &word))
        if (word.at[0] == '/' && path_below(word, directory).at == NULL)
            check_step(check, STEP_BEFORE, STR_NONE,
                       arena_printf(check->arena,
                                    "copy %.*s with its owner and mode: %.*s names it, and it lies "
                                    "outside %.*s",
                                    STR_ARG(word), STR_ARG(name), STR_ARG(directory)));
}

static void check_files(struct check *check)
{
    const struct config *config = check->config;

    for (size_t i = 0; i < config->main_cf.count; i++) {
        const struct main_cf_entry *entry = config->main_cf.entries[i];
        if (!entry->overridden)
            copy_files(check, NULL, entry->name, entry->value);
    }
    for (size_t i = 0; i < config->master_cf.count; i++) {
        const struct service *service = config->master_cf.services[i];
        for (const struct master_override *o = service->overrides; o != NULL; o = o->next)
            copy_files(check, service, o->name, o->value);
    }
}

static void check_new_host(struct check *check)
{
    if (check->from == NULL)
        return;
    check_files(check);
    check_firewall(check);
    check_step(check, STEP_CHECK, (struct str)STR("postfix check"),
               (struct str)STR("Postfix itself looks at the files, their owners and directories; "
                               "it must print nothing"));
    check_step(check, STEP_CHECK, (struct str)STR("postconf -n > /dev/null"),
               (struct str)STR("reads all settings; a warning here names what the new Postfix does "
                               "not understand"));
}

static const struct example examples[] = {
    {.title = "a server for mail programs on RHEL 10",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "inet_interfaces = all\n",
     .master_cf = "submissions inet n - n - - smtpd\n",
     .runbook = "--add-service=smtps"},
    {.title = "a port that the firewall has no name for",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "inet_interfaces = all\n",
     .master_cf = "5190 inet n - n - - smtpd\n",
     .runbook = "--add-port=5190/tcp"},
    {.title = "certificates lie elsewhere and must come along",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "smtpd_tls_chain_files = /etc/letsencrypt/live/mail/key.pem,\n"
                "    /etc/postfix/chain.pem\n",
     .runbook = "copy /etc/letsencrypt/live/mail/key.pem"},
    {.title = "a null client listens on loopback alone and needs no open port",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "inet_interfaces = loopback-only\n",
     .master_cf = "smtp inet n - n - - smtpd\n",
     .runbook = "postfix check"},
};

const struct rule rule_new_host = {
    .name = "new-host",
    .summary = "what a new host needs besides the files",
    .why = "A new host has its own firewall, and its own Postfix to ask.  This rule finds nothing "
           "wrong; it adds to the runbook of an upgrade which certificates and keys must come "
           "along, what opens the ports of the services that master.cf offers to others, and what "
           "lets Postfix check the result.",
    .source = "firewalld.service(5) and its service files; postfix(1), check",
    .severity = SEVERITY_ADVICE,
    .check = check_new_host,
    RULE_EXAMPLES(examples),
};
