/* what replaces disable_dns_lookups; see src/smtp/smtp.c, smtp_dns_support */
#include "rules/names/deprecation.h"

static const enum parameter_number smtp_level = PARAM_SMTP_DNS_SUPPORT_LEVEL;
static const enum parameter_number lmtp_level = PARAM_LMTP_DNS_SUPPORT_LEVEL;
static const struct str disabled = STR("disabled");
static const struct str enabled = STR("enabled");

/* read_flag - 1, 0, or -1 if it cannot be determined */
static int read_flag(const struct config *config, const struct written *written)
{
    struct str value = config_expand(config, written->service, written->value, NULL, NULL);

    if (str_is_nocase(value, "yes"))
        return 1;
    return str_is_nocase(value, "no") ? 0 : -1;
}

/* is_level_set - does the level have a value, so that disable_dns_lookups is not used? */
static bool is_level_set(const struct check *check, const struct service *service,
                         enum parameter_number level)
{
    return check_value(check, service, level).len > 0;
}

/* set_level - replaces the setting with "LEVEL = VALUE" */
static void set_level(struct check *check, struct finding *finding, const struct written *written,
                      enum parameter_number level, struct str value)
{
    deprecation_edit(check, finding, written, FATE_RENAME, parameter_name(level));
    finding_edit(check, finding, line_span(written->line, written->value), value);
    finding->advice = arena_printf(check->arena, "replace with %.*s = %.*s",
                                   STR_ARG(parameter_name(level)), STR_ARG(value));
}

static void remove_setting(struct check *check, struct finding *finding,
                           const struct written *written)
{
    deprecation_edit(check, finding, written, FATE_REMOVE, STR_NONE);
    finding->advice = (struct str)STR("remove it: it has no effect here");
}

static void edit_main(struct check *check, struct finding *finding, const struct written *written,
                      bool yes)
{
    bool smtp = yes && !is_level_set(check, NULL, smtp_level);
    bool lmtp = yes && !is_level_set(check, NULL, lmtp_level);

    if (!smtp && !lmtp) {
        remove_setting(check, finding, written);
        return;
    }
    set_level(check, finding, written, smtp ? smtp_level : lmtp_level, disabled);
    if (!smtp || !lmtp)
        return;
    finding_insert_after(check, finding, written->line,
                         arena_printf(check->arena, "%.*s = %.*s",
                                      STR_ARG(parameter_name(lmtp_level)), STR_ARG(disabled)));
    finding->advice = arena_printf(check->arena, "replace with %.*s = %.*s, and set %.*s likewise",
                                   STR_ARG(parameter_name(smtp_level)), STR_ARG(disabled),
                                   STR_ARG(parameter_name(lmtp_level)));
}

static void edit_service(struct check *check, struct finding *finding,
                         const struct written *written, bool yes)
{
    bool lmtp = service_runs(written->service, "lmtp");
    enum parameter_number level = lmtp ? lmtp_level : smtp_level;
    bool everywhere = config_flag(check->config, NULL, written->parameter->number) == 1;

    if ((!lmtp && !service_runs(written->service, "smtp")) ||
        is_level_set(check, written->service, level) || (!yes && !everywhere))
        remove_setting(check, finding, written);
    else
        set_level(check, finding, written, level, yes ? disabled : enabled);
}

/* is_repeated - is it set more than once in main.cf or in the service?  Then nothing is fixed */
static bool is_repeated(const struct written *written)
{
    if (written->entry != NULL)
        return written->entry->earlier != NULL;
    return written->override->earlier != NULL;
}

void deprecation_dns_level(struct check *check, struct finding *finding,
                           const struct written *written)
{
    int yes = read_flag(check->config, written);

    if (yes < 0 || is_repeated(written) || written_is_referred_to(check->config, written->name))
        return;
    if (written->service == NULL)
        edit_main(check, finding, written, yes == 1);
    else
        edit_service(check, finding, written, yes == 1);
}
