/* chroot_without_jail - services in a chroot jail that the platform does not fill */
#include "rules/rule/rule.h"

/* uses_names - does the program look up hosts or services by their names? */
static bool uses_names(const struct service *service)
{
    return service_runs(service, "smtp") || service_runs(service, "lmtp") ||
           service_runs(service, "smtpd");
}

/* is_jailed - would the service miss the files? */
static bool is_jailed(const struct check *check, const struct service *service)
{
    return uses_names(service) && config_chroots(check->config, service);
}

/* leave_jail - the fix: n for each of them */
static void leave_jail(struct check *check, struct finding *finding)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    for (size_t i = 0; i < master_cf->count; i++)
        if (config_chroots(check->config, master_cf->services[i]))
            finding_edit(check, finding,
                         line_span(&master_cf->services[i]->line,
                                   master_cf->services[i]->fields[MASTER_CHROOT]),
                         (struct str)STR("n"));
}

/* is_filled - does the platform fill the jail, or is nothing known of its packages? */
static bool is_filled(const struct platform *platform)
{
    return platform->fills_jail || platform->family.len == 0 ||
           str_is(platform->family, "upstream");
}

static void check_jail(struct check *check)
{
    const struct platform *platform = check->config->platform;
    const struct master_cf *master_cf = &check->config->master_cf;
    size_t i = 0;

    while (i < master_cf->count && !is_jailed(check, master_cf->services[i]))
        i++;
    if (i == master_cf->count || is_filled(platform))
        return;
    const struct service *service = master_cf->services[i];
    bool by_default = str_is(service->fields[MASTER_CHROOT], "-");
    struct finding *finding = check_reportf(
        check, line_span(&service->line, service->fields[MASTER_CHROOT]),
        "write n in the fifth column (chroot)",
        "%.*s runs in the chroot jail%s, and %.*s copies no resolv.conf and services file there: "
        "it "
        "finds no host by its name, and mail stays in the queue",
        STR_ARG(service->command), by_default ? ", which is what \"-\" means here" : "",
        STR_ARG(platform->title));
    /* who wrote y may keep the jail himself, unless another platform did that for him */
    if (!by_default && (check->from == NULL || !check->from->fills_jail))
        finding->severity = SEVERITY_ADVICE;
    leave_jail(check, finding);
}

static const struct example examples[] = {
    {.title = "a master.cf from Debian",
     .platform = "rhel10",
     .from = "debian12",
     .main_cf = "compatibility_level = 3.8\n",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "cleanup unix n - y - 0 cleanup\n"
                  "smtp unix - - y - - smtp\n"
                  "local unix - n n - - local\n",
     .findings = {{1, "y"}},
     .fixed_master_cf = "smtp inet n - n - - smtpd\n"
                        "cleanup unix n - n - 0 cleanup\n"
                        "smtp unix - - n - - smtp\n"
                        "local unix - n n - - local\n"},
    {.title = "the default, before compatibility level 1",
     .platform = "rhel9",
     .main_cf = "",
     .master_cf = "smtp unix - - - - - smtp\n",
     .findings = {{1, "-"}},
     .fixed_master_cf = "smtp unix - - n - - smtp\n"},
    {.title = "the default of Postfix 2, which knows no levels",
     .platform = "rhel7",
     .main_cf = "compatibility_level = 2\n",
     .master_cf = "smtp unix - - - - - smtp\n",
     .findings = {{1, "-"}},
     .fixed_master_cf = "smtp unix - - n - - smtp\n"},
    {.title = "the default of today, and programs that ask for no names",
     .platform = "rhel10",
     .main_cf = "compatibility_level = 3.8\n",
     .master_cf = "smtp unix - - - - - smtp\n"
                  "cleanup unix n - y - 0 cleanup\n"},
    {.title = "a release of Postfix, of whose packages nothing is known",
     .platform = "postfix-3.10",
     .main_cf = "",
     .master_cf = "smtp unix - - - - - smtp\n"},
    {.title = "Debian's scripts fill the jail",
     .platform = "debian12",
     .main_cf = "",
     .master_cf = "smtp unix - - y - - smtp\n"},
};

const struct rule rule_chroot_without_jail = {
    .name = "chroot-without-jail",
    .summary = "services in a chroot jail that this platform does not fill",
    .why =
        "A service with y in the chroot column sees /var/spool/postfix as its whole file system. "
        "smtp(8) and smtpd(8) need copies of resolv.conf, services, hosts and some libraries "
        "there.  Debian's and Ubuntu's start scripts make these copies; those of other "
        "distributions do not, and their stock master.cf has n everywhere.  Without the copies the "
        "log says \"Host or domain name not found\" or \"unknown service: smtp/tcp\".\n"
        "\n"
        "\"-\" means y in Postfix 2, and later as long as compatibility_level is below 1.",
    .source = "master(5), chroot; COMPATIBILITY_README; facts/platforms.yaml, fills_jail",
    .severity = SEVERITY_WARNING,
    .check = check_jail,
    RULE_EXAMPLES(examples),
};
