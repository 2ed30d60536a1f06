/* restrictions that are deprecated or removed, in smtpd_*_restrictions and restriction classes */
#include "parser/postfix/names.h"
#include "parser/text/token.h"
#include "rules/names/deprecation.h"

/* a word of a list of restrictions */
struct restriction_word {
    const struct written *written;
    struct str text;
    struct str before; /* the word before it, or STR_NONE */
};

/* --- lists --------------------------------------------------------------------------------- */

static bool is_list(const struct check *check, const struct written *written)
{
    if (written->parameter != NULL)
        return str_ends(written->name, "_restrictions");
    return config_is_class(check->config, written->service, written->name);
}

/* find_deprecation - the fact about a restriction, whose name may be in upper or lower case */
static const struct deprecation *find_deprecation(struct str word)
{
    const struct restriction *restriction = facts_restriction(word);
    const struct deprecation *deprecation =
        restriction != NULL ? facts_deprecation(restriction->name) : NULL;

    return deprecation != NULL && deprecation->kind == DEPRECATION_RESTRICTION ? deprecation : NULL;
}

/* --- equivalents --------------------------------------------------------------------------- */

/* choose_separator - what separates two restrictions there */
static const char *choose_separator(const struct restriction_word *word, const char *in_main)
{
    return word->written->service != NULL ? "," : in_main;
}

/* replace_lists - for reject_maps_rbl: one reject_rbl_client for each list in maps_rbl_domains */
static struct str replace_lists(const struct check *check, const struct restriction_word *word)
{
    struct str lists = check_value(check, word->written->service, PARAM_MAPS_RBL_DOMAINS);
    struct str list;
    struct buffer out;
    size_t count = 0;

    buffer_init(&out, check->arena);
    while (token_next_plain(&lists, TOKEN_COMMAS, &list))
        buffer_printf(&out, "%sreject_rbl_client%s%.*s",
                      count++ > 0 ? choose_separator(word, ", ") : "", choose_separator(word, " "),
                      STR_ARG(list));
    if (count == 0 || (count > 1 && str_is_nocase(word->before, "warn_if_reject")))
        return STR_NONE;
    return buffer_str(&out);
}

/* replace_relaying - for check_relay_domains, if relay_domains is empty */
static struct str replace_relaying(const struct check *check, const struct restriction_word *word)
{
    int flags;
    struct str domains =
        config_value(check->config, word->written->service, PARAM_RELAY_DOMAINS, &flags, NULL);

    if (flags != 0 || domains.at == NULL || str_trim(domains).len > 0 ||
        str_is_nocase(word->before, "warn_if_reject"))
        return STR_NONE;
    return arena_printf(check->arena, "reject_unauth_destination%spermit",
                        choose_separator(word, ", "));
}

static struct str find_replacement(const struct check *check, const struct restriction_word *word)
{
    if (str_is_nocase(word->text, "reject_maps_rbl"))
        return replace_lists(check, word);
    if (str_is_nocase(word->text, "check_relay_domains"))
        return replace_relaying(check, word);
    return STR_NONE;
}

/* --- findings ------------------------------------------------------------------------------ */

static void report_restriction(struct check *check, const struct restriction_word *word,
                               const struct deprecation *deprecation, bool removed)
{
    struct finding *finding = check_report(
        check, line_span(word->written->line, word->text),
        arena_printf(check->arena,
                     removed ? "Postfix %.*s answers \"451 Server configuration error\" when it "
                               "reaches %.*s, which has been removed"
                             : "Postfix %.*s warns that support for restriction %.*s will be "
                               "removed",
                     STR_ARG(check->config->release->series), STR_ARG(word->text)),
        deprecation_advice(check->arena, deprecation));
    struct str text = find_replacement(check, word);

    if (removed)
        finding->severity = SEVERITY_ERROR;
    else if (deprecation->warns_since > check->config->release->index)
        finding->severity = SEVERITY_ADVICE;
    if (finding->severity == SEVERITY_ADVICE)
        finding->message = arena_printf(
            check->arena, "support for restriction %.*s will be removed", STR_ARG(word->text));
    if (text.at != NULL)
        finding_edit(check, finding, line_span(word->written->line, word->text), text);
}

static void check_list(struct check *check, const struct written *written, void *context)
{
    const bool *removed = context;
    struct str rest = written->value;
    struct restriction_word word = {.written = written};
    struct str text;

    if (!is_list(check, written))
        return;
    for (; token_next(&rest, TOKEN_COMMAS, &text); word.before = text) {
        const struct deprecation *deprecation = find_deprecation(text);
        word.text = text;
        if (deprecation != NULL && deprecation_removed(check->config, deprecation) == *removed)
            report_restriction(check, &word, deprecation, *removed);
    }
}

void deprecation_check_restrictions(struct check *check, bool removed)
{
    written_each(check, check_list, &removed);
}
