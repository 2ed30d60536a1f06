#include "facts/programs.h"
#include "parser/text/token.h"
#include "parser/value/protocols.h"
#include "rules/release/install_path.h"
#include "rules/rule/rule.h"

/* --- which defaults count ------------------------------------------------------------------ */

/* is_package_path - a path of the package: always that of the new platform */
static bool is_package_path(const struct parameter *parameter)
{
    return parameter->type == PARAMETER_INSTALL || is_install_path(parameter->number) ||
           str_ends(parameter->name, "_directory") || str_ends(parameter->name, "_path");
}

/* is_crypto - a choice of TLS versions or ciphers, which is best left to the newer release */
static bool is_crypto(struct str name)
{
    static const char *const ends[] = {"_protocols", "_ciphers", "_cipherlist",
                                       "_curves",    "_groups",  "_grade"};

    if (str_search(name, "tls_") == name.len)
        return false;
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (str_ends(name, ends[i]))
            return true;
    return false;
}

/* names_table - does the value name the type of a table file? */
static bool names_table(struct str value)
{
    struct str word;

    if (facts_table_type(value) != NULL ||
        str_search(value, "$default_database_type") < value.len ||
        str_search(value, "$default_cache_db_type") < value.len)
        return true;
    while (token_next(&value, TOKEN_COMMAS, &word)) {
        size_t colon = str_find(word, ':', 0);
        const struct table_type *type = facts_table_type(str_slice(word, 0, colon));
        if (colon < word.len && type != NULL && type->kind == TABLE_INDEXED)
            return true;
    }
    return false;
}

/* --- one parameter under two releases ------------------------------------------------------ */

struct default_change {
    const struct config *old, *new;
    enum parameter_number number;
    struct str name;
    struct str old_text, new_text;   /* the defaults */
    struct str old_value, new_value; /* the same, expanded in this configuration */
    bool determined;                 /* the old value is known completely */
};

/* same_versions - do two lists of TLS protocols, in the old syntax or the new, allow the same? */
static bool same_versions(struct str a, struct str b)
{
    struct tls_protocols of_a, of_b;
    struct str word;

    return tls_protocols_read(a, true, &of_a, &word) && tls_protocols_read(b, true, &of_b, &word) &&
           tls_protocols_allowed(&of_a) == tls_protocols_allowed(&of_b);
}

static bool same_meaning(const struct default_change *change)
{
    if (str_eq(change->old_value, change->new_value))
        return true;
    return is_crypto(change->name) && str_ends(change->name, "_protocols") &&
           same_versions(change->old_value, change->new_value);
}

/* compare_defaults - fills CHANGE; false if the default stays the same, or is not reported here */
static bool compare_defaults(struct default_change *change, const struct parameter *parameter)
{
    int flags = 0, new_flags = 0;

    if (config_entry(change->new, parameter->number) != NULL ||
        !platform_has(change->old->platform, parameter) ||
        !platform_has(change->new->platform, parameter) ||
        (parameter->note != NULL && parameter->note->of_release) ||
        parameter->type == PARAMETER_READ_ONLY || is_package_path(parameter))
        return false;
    struct setting old = config_default(change->old, parameter->number);
    struct setting new = config_default(change->new, parameter->number);
    change->number = parameter->number;
    change->name = parameter->name;
    change->old_text = old.value;
    change->new_text = new.value;
    if (old.origin == ORIGIN_HOST || new.origin == ORIGIN_HOST || old.value.at == NULL ||
        new.value.at == NULL || str_eq(old.value, new.value) || names_table(old.value) ||
        names_table(new.value))
        return false;
    change->old_value = config_expand(change->old, NULL, old.value, &flags, NULL);
    change->new_value = config_expand(change->new, NULL, new.value, &new_flags, NULL);
    change->determined = flags == 0;
    return !((flags | new_flags) & EXPAND_FAILED) && !same_meaning(change);
}

/* --- what has no effect -------------------------------------------------------------------- */

static bool is_on(struct str value)
{
    return value.len > 0 && !str_is_nocase(value, "no");
}

/* is_used - does main.cf or a service turn the parameter on? */
static bool is_used(const struct config *config, enum parameter_number number)
{
    const struct main_cf_entry *entry = config_entry(config, number);

    if (entry != NULL && is_on(entry->value))
        return true;
    for (size_t i = 0; i < config->master_cf.count; i++) {
        const struct master_override *o = service_override(config->master_cf.services[i], number);
        if (o != NULL && is_on(o->value))
            return true;
    }
    return false;
}

/* is_any_used - is one of the parameters, up to PARAM_NONE, in use? */
static bool is_any_used(const struct config *config, const enum parameter_number *numbers)
{
    for (; *numbers != PARAM_NONE; numbers++)
        if (is_used(config, *numbers))
            return true;
    return false;
}

/* has_reader - does a service, or a program that is not a service, read the parameter?  proxymap(8)
   does not count: it reads lists only to know which tables it may open */
static bool has_reader(const struct config *config, enum parameter_number number)
{
    const struct master_cf *master_cf = &config->master_cf;

    if (master_cf->source == NULL || !facts_only_services_read(number))
        return true;
    for (size_t i = 0; i < master_cf->count; i++) {
        struct str name = service_process_name(master_cf->services[i]);
        const struct program *program = facts_program(name);
        if (program != NULL && program_reads(program, number) && !str_is(name, "proxymap"))
            return true;
    }
    return false;
}

static bool has_effect(const struct config *config, const struct parameter *parameter)
{
    const struct default_note *note = parameter->note;

    if (!has_reader(config, parameter->number))
        return false;
    if (note == NULL)
        return true;
    return (note->used_by == NULL || is_any_used(config, note->used_by)) &&
           (note->replaced_by == PARAM_NONE || config_entry(config, note->replaced_by) == NULL);
}

/* --- how to keep the old default ----------------------------------------------------------- */

/* escape_dollars - VALUE with each "$" doubled, so that it is not expanded */
static struct str escape_dollars(struct arena *arena, struct str value)
{
    struct buffer out;

    buffer_init(&out, arena);
    for (size_t i = 0; i < value.len; i++) {
        if (value.at[i] == '$')
            buffer_add_char(&out, '$');
        buffer_add_char(&out, value.at[i]);
    }
    return buffer_str(&out);
}

/*
 * find_old_default - the old text if it has the same value in the new release, else its old value;
 * STR_NONE if that depends on the machine
 */
static struct str find_old_default(const struct check *check, const struct default_change *change)
{
    int flags;
    struct str value = config_expand(change->new, NULL, change->old_text, &flags, NULL);

    if (!(flags & (EXPAND_FAILED | EXPAND_HAS_UNDEFINED)) && str_eq(value, change->old_value))
        return change->old_text;
    return change->determined ? escape_dollars(check->arena, change->old_value) : STR_NONE;
}

/* --- findings ------------------------------------------------------------------------------ */

/* can_keep - an older release may not support the default of a newer one */
static bool can_keep(const struct default_change *change, struct str old)
{
    return old.at != NULL && facts_parameter_at(change->number)->deprecation == NULL &&
           change->old->release->index <= change->new->release->index;
}

static void report_change(struct check *check, const struct default_change *change)
{
    static const struct default_note no_note = {.meaning = STR("")};
    const struct parameter *parameter = facts_parameter_at(change->number);
    const struct default_note *note = parameter->note != NULL ? parameter->note : &no_note;
    struct str old = find_old_default(check, change);
    struct str setting =
        arena_printf(check->arena, "%.*s =%s%.*s", STR_ARG(change->name), old.len > 0 ? " " : "",
                     (int)old.len, old.at != NULL ? old.at : "");
    bool keep = check->keep_defaults && !note->hardened && can_keep(change, old);
    struct str advice =
        keep ? arena_printf(
                   check->arena,
                   "the fix sets the old default in main.cf; remove the line to use the new one")
        : old.at == NULL
            ? (struct str)STR("find out its value on the old host, and set that if needed")
            : arena_printf(check->arena, "set \"%.*s\" if the old default is needed",
                           STR_ARG(setting));
    struct finding *finding =
        check_reportf(check, check_span(check, NULL, change->number), advice.at,
                      "%.*s is not set, and its default changes from \"%.*s\" to \"%.*s\"%s%.*s",
                      STR_ARG(change->name), STR_ARG(change->old_value), STR_ARG(change->new_value),
                      note->meaning.len > 0 ? ": " : "", STR_ARG(note->meaning));

    if (note->guard && !keep)
        finding->severity = SEVERITY_WARNING;
    if (keep)
        finding_append_main(check, finding, setting);
}

/* report_crypto - one finding for all TLS defaults */
static void report_crypto(struct check *check, const struct buffer *names)
{
    if (names->len == 0)
        return;
    check_reportf(check, check_span(check, NULL, PARAM_SMTPD_TLS_MANDATORY_PROTOCOLS),
                  "no action is needed, unless very old clients or servers have to be supported",
                  "these TLS defaults change with the release, and should not be overridden: %.*s",
                  STR_ARG(buffer_str(names)));
}

static void check_parameters(struct check *check, struct default_change *change)
{
    struct buffer crypto;

    buffer_init(&crypto, check->arena);
    for (int number = PARAM_NONE + 1; number < PARAM_END; number++) {
        const struct parameter *parameter = facts_parameter_at((enum parameter_number)number);
        if (!compare_defaults(change, parameter) || !has_effect(change->new, parameter))
            continue;
        if (is_crypto(change->name))
            buffer_printf(&crypto, "%s%.*s", crypto.len > 0 ? ", " : "", STR_ARG(change->name));
        else
            report_change(check, change);
    }
    report_crypto(check, &crypto);
}

/* check_level - from a release without compatibility levels to one that has them */
static void check_level(struct check *check)
{
    static const char level[] = "compatibility_level";

    if (release_has(check->from->release, FEATURE_COMPATIBILITY_LEVEL) ||
        !release_has(check->config->release, FEATURE_COMPATIBILITY_LEVEL) ||
        check_is_set(check, NULL, PARAM_COMPATIBILITY_LEVEL))
        return;
    check_reportf(
        check, check_span(check, NULL, PARAM_COMPATIBILITY_LEVEL),
        "read COMPATIBILITY_README, then set it",
        "%s is not set: Postfix uses old defaults if it still has them, and logs each use", level);
}

static void check_changed_default(struct check *check)
{
    if (check->from == NULL || check->config->main_cf.source == NULL)
        return;
    struct config old = *check->config;
    config_reinterpret(&old, check->from, check->config->host);
    struct default_change change = {.old = &old, .new = check->config};
    check_level(check);
    check_parameters(check, &change);
}

static const struct example examples[] = {
    {.title = "from RHEL 7: strangers still cannot relay",
     .platform = "rhel10",
     .from = "rhel7",
     .main_cf = "compatibility_level = 0\n"
                "smtpd_forbidden_commands = CONNECT GET POST\n",
     .findings = {{3, ""}, {3, ""}},
     .fixed_main_cf = "compatibility_level = 0\n"
                      "smtpd_forbidden_commands = CONNECT GET POST\n"
                      "smtpd_relay_restrictions = permit_mynetworks, permit_sasl_authenticated, "
                      "defer_unauth_destination\n"},
    {.title = "the protection against SMTP smuggling is not turned off",
     .platform = "debian13",
     .from = "debian12",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_forbid_unauth_pipelining = yes\n"
                "smtpd_forbidden_commands = CONNECT\n",
     .findings = {{4, ""}, {4, ""}}},
    {.title = "a null client: parameters of the SMTP server have no effect",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_tls_ask_ccert = no\n",
     .master_cf = "smtp unix - - n - - smtp\n",
     .findings = {{3, ""}}},
    {.title = "the digest of fingerprints, with CR LF and no last line end",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "compatibility_level = 3.6\r\n"
                "smtpd_tls_fingerprint_digest = sha256\r\n"
                "smtp_tls_policy_maps = inline:{example.com=fingerprint}\r\n"
                "smtpd_forbidden_commands = CONNECT",
     .findings = {{4, ""}, {4, ""}},
     .fixed_main_cf = "compatibility_level = 3.6\r\n"
                      "smtpd_tls_fingerprint_digest = sha256\r\n"
                      "smtp_tls_policy_maps = inline:{example.com=fingerprint}\r\n"
                      "smtpd_forbidden_commands = CONNECT\r\n"
                      "smtp_tls_fingerprint_digest = md5"},
    {.title = "fingerprints are not used: the digest has no effect",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "compatibility_level = 3.6\n"
                "smtpd_tls_ask_ccert = no\n"
                "smtpd_forbidden_commands = CONNECT\n",
     .findings = {{4, ""}}},
    {.title = "an old compatibility level keeps the old digest",
     .platform = "rhel10",
     .from = "rhel9",
     .main_cf = "compatibility_level = 2\n"
                "smtpd_forbidden_commands = CONNECT\n",
     .findings = {{3, ""}}},
    {.title = "the same release: nothing changes",
     .platform = "rhel10",
     .from = "postfix-3.8",
     .main_cf = "compatibility_level = 3.8\n"},
    {.title = "a level that the old release did not know: its default of relay_domains is kept",
     .platform = "rhel10",
     .from = "rhel7",
     .main_cf = "compatibility_level = 2\n"
                "append_dot_mydomain = no\n"
                "mynetworks = 127.0.0.0/8\n"
                "smtpd_forbidden_commands = CONNECT GET POST\n",
     .findings = {{5, ""}, {5, ""}},
     .fixed_main_cf = "compatibility_level = 2\n"
                      "append_dot_mydomain = no\n"
                      "mynetworks = 127.0.0.0/8\n"
                      "smtpd_forbidden_commands = CONNECT GET POST\n"
                      "relay_domains = $mydestination\n"},
    {.title = "to an older release, which may not support the newer default",
     .platform = "rhel9",
     .from = "rhel10",
     .main_cf = "myhostname = mail.example.com\n",
     .findings = {{2, ""}, {2, ""}}},
    {.title = "without an upgrade there is nothing to compare",
     .platform = "rhel10",
     .main_cf = "compatibility_level = 3.6\n"},
};

const struct rule rule_changed_default = {
    .name = "changed-default",
    .summary = "the default of a parameter that is not set changes with the release",
    .why = "Most of what Postfix does is not in any file, but in the defaults of its release: when "
           "the release changes, so does the behaviour, although no line of main.cf does.  This "
           "rule compares the value of each default in this configuration before and after, and "
           "does not report a default that is only written differently.\n\n"
           "With --defaults keep, the fix sets the old default, if both releases have the "
           "parameter; with --defaults adopt, the change is only reported.  Some defaults are "
           "never kept: those whose new value closes a security hole (smtpd_forbid_bare_newline), "
           "the paths of a package, TLS versions and ciphers (old ones are no longer secure, and "
           "often no longer available), and lists that only grow with the features of Postfix.  "
           "The rule berkeley-db reports defaults that name a table type.",
    .source = "postconf -d of each release; COMPATIBILITY_README; RELEASE_NOTES",
    .severity = SEVERITY_ADVICE,
    .check = check_changed_default,
    RULE_EXAMPLES(examples),
};
