#include "base/path.h"
#include "parser/postfix/written.h"
#include "parser/text/token.h"
#include "rules/rule/rule.h"

static struct str find_firewall_service(const struct platform *platform, int port)
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

/* fill_in - COMMAND with "%s" replaced by the service */
static struct str fill_in(struct arena *arena, struct str command, struct str service)
{
    size_t at = str_search(command, "%s");

    return arena_printf(arena, "%.*s%.*s%.*s", (int)at, command.at, STR_ARG(service),
                        STR_ARG(str_slice(command, at + 2, command.len)));
}

/* make_command - the command that opens PORT, or STR_NONE if the platform has no firewall */
static struct str make_command(const struct check *check, int port)
{
    const struct platform *platform = check->config->platform;
    struct str name = find_firewall_service(platform, port);

    if (port == 0 || platform->firewall_commands.count == 0)
        return STR_NONE;
    if (name.len > 0)
        return fill_in(check->arena, platform->firewall_commands.items[0], name);
    return fill_in(check->arena, platform->firewall_port, arena_printf(check->arena, "%d", port));
}

/* open_port - adds the firewall's command for an SMTP service that other hosts connect to */
static bool open_port(struct check *check, const struct service *service)
{
    struct str command = make_command(check, service_port(service));

    if (command.at == NULL || config_is_local(check->config, service) ||
        (!service_runs(service, "smtpd") && !service_runs(service, "postscreen")))
        return false;
    check_step(check, STEP_FIREWALL, command,
               arena_printf(check->arena, "allow clients to connect to the service %.*s (port %d)",
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
                   (struct str)STR("load the new rules of the firewall"));
}

/* --- files elsewhere ------------------------------------------------------------------------ */

/* is_key_name - does the parameter name a certificate or key of the host? */
static bool is_key_name(struct str name)
{
    static const char *const ends[] = {"cert_file", "key_file", "chain_files", "_param_file"};

    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (str_ends(name, ends[i]) && str_search(name, "_tls_") < name.len)
            return true;
    return false;
}

/* copy_files - adds a step for each file that is outside the configuration directory */
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
            check_step(
                check, STEP_BEFORE, STR_NONE,
                arena_printf(
                    check->arena,
                    "copy %.*s with its owner and mode: %.*s refers to it, and it is outside %.*s",
                    STR_ARG(word), STR_ARG(name), STR_ARG(directory)));
}

static void check_files(struct check *check)
{
    struct written_walk walk = {.config = check->config};
    struct written written;

    while (written_next(&walk, &written))
        copy_files(check, written.service, written.name, written.value);
}

static void check_new_host(struct check *check)
{
    if (check->from == NULL)
        return;
    check_files(check);
    check_firewall(check);
    check_step(
        check, STEP_CHECK, (struct str)STR("postfix check"),
        (struct str)STR(
            "Postfix checks its files, directories and their owners; this must print nothing"));
    check_step(
        check, STEP_CHECK, (struct str)STR("postconf -n > /dev/null"),
        (struct str)STR("reads all settings; warnings show what the new Postfix does not support"));
}

static const struct example examples[] = {
    {.title = "a submission server on RHEL 10",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "inet_interfaces = all\n",
     .master_cf = "submissions inet n - n - - smtpd\n",
     .runbook = "--add-service=smtps"},
    {.title = "a port for which the firewall has no service name",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "inet_interfaces = all\n",
     .master_cf = "5190 inet n - n - - smtpd\n",
     .runbook = "--add-port=5190/tcp"},
    {.title = "certificates outside the configuration directory have to be copied",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "smtpd_tls_chain_files = /etc/letsencrypt/live/mail/key.pem,\n"
                "    /etc/postfix/chain.pem\n",
     .runbook = "copy /etc/letsencrypt/live/mail/key.pem"},
    {.title = "a null client listens only on the loopback interface, and needs no open port",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "inet_interfaces = loopback-only\n",
     .master_cf = "smtp inet n - n - - smtpd\n",
     .runbook = "postfix check"},
};

const struct rule rule_new_host = {
    .name = "new-host",
    .summary = "what a new host needs in addition to the files",
    .why = "A new host needs more than the configuration directory: certificates and keys, open "
           "ports, and a check of the result.  This rule reports no problem; it adds steps to the "
           "runbook of an upgrade: which certificates and keys to copy, how to open the ports of "
           "the services in master.cf, and how to let Postfix check the result.",
    .source = "firewalld.service(5) and its service files; postfix(1), check",
    .severity = SEVERITY_ADVICE,
    .check = check_new_host,
    RULE_EXAMPLES(examples),
};
