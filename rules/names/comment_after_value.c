#include "parser/text/token.h"
#include "rules/names/written.h"

/* --- finding the word ---------------------------------------------------------------------- */

enum { DEPTH_MAX = 20 };

/* has_patterns - do the braces after "type:" contain regular expressions, which may contain #? */
static bool has_patterns(struct str type)
{
    return str_is(type, "pcre") || str_is(type, "regexp");
}

static bool find_comment(struct str value, int depth, struct str *comment);

/* find_inside - find_comment() in the braces of WORD, "{...}" or "type:{...}" */
static bool find_inside(struct str word, int depth, struct str *comment)
{
    struct str inside;
    size_t brace = str_find(word, '{', 0);

    if (brace == word.len || depth == 0)
        return false;
    if (brace > 0 && (word.at[brace - 1] != ':' || word.at[0] == '$'))
        return false;
    size_t from = brace > 0 ? brace - 1 : 0;
    while (from > 0 && word.at[from - 1] != ':')
        from--;
    if (brace > 0 && has_patterns(str_slice(word, from, brace - 1)))
        return false;
    token_unbrace(str_slice(word, brace, word.len), false, &inside);
    return find_comment(inside, depth - 1, comment);
}

/* find_comment - from the first word that starts with "#" to the end of the text around it */
static bool find_comment(struct str value, int depth, struct str *comment)
{
    struct str word;

    while (token_next(&value, TOKEN_COMMAS, &word)) {
        if (word.at[0] == '#') {
            *comment = (struct str){word.at, (size_t)(value.at + value.len - word.at)};
            return true;
        }
        if (find_inside(word, depth, comment))
            return true;
    }
    return false;
}

/* --- the fix ------------------------------------------------------------------------------- */

/* is_editable - a word that another rule may want to edit: a table, a path, a reference */
static bool is_editable(struct str word)
{
    size_t colon = str_find(word, ':', 0);

    return word.at[0] == '/' || str_find(word, '$', 0) < word.len ||
           (colon < word.len && facts_table_type(str_slice(word, 0, colon)) != NULL);
}

static bool is_in_files(const struct config *config, struct str name)
{
    if (main_cf_get(&config->main_cf, name) != NULL)
        return true;
    for (size_t i = 0; i < config->master_cf.count; i++)
        if (service_override_named(config->master_cf.services[i], name) != NULL)
            return true;
    return false;
}

/* has_old_name - is an old name of NAME set too?  What replaces it depends on NAME's value */
static bool has_old_name(const struct config *config, struct str name)
{
    size_t count;
    const struct deprecation *deprecations = facts_deprecations(&count);

    for (size_t i = 0; i < count; i++)
        if (str_eq(deprecations[i].target, name) && is_in_files(config, deprecations[i].name))
            return true;
    return false;
}

/* is_untouched - will no other rule edit the comment, or the line as a whole? */
static bool is_untouched(const struct config *config, struct str name, struct str comment)
{
    struct str word;

    while (token_next_plain(&comment, ", \t\r\n(){}", &word))
        if (is_editable(word))
            return false;
    return facts_deprecation(name) == NULL && !has_old_name(config, name);
}

/* ends_line - is COMMENT the end of the logical line, and on one physical line? */
static bool ends_line(const struct line *line, struct str comment)
{
    size_t end = (size_t)(comment.at + comment.len - line->text.at);
    struct str rest = str_slice(line->text, end, line->text.len);
    struct span span = line_span(line, comment);
    struct str bytes = str_slice(line->source->bytes, span.at, span.at + span.len);

    return str_trim(rest).len == 0 && str_find(bytes, '\n', 0) == bytes.len;
}

/* find_start - the source offset at which the logical line starts */
static size_t find_start(const struct line *line)
{
    return line_at(line, line->text.at);
}

/* move_comment - from the end of the value to a line of its own above the setting */
static void move_comment(struct check *check, struct finding *finding, const struct line *line,
                         struct str comment)
{
    struct str bytes = line->source->bytes;
    struct span span = line_span(line, comment);
    size_t from = span.at;
    size_t newline = str_find(bytes, '\n', span.at);
    bool cr = newline < bytes.len && newline > 0 && bytes.at[newline - 1] == '\r';
    size_t start = find_start(line);

    while (from > start && (bytes.at[from - 1] == ' ' || bytes.at[from - 1] == '\t'))
        from--;
    finding_edit(
        check, finding, (struct span){line->source, start, 0},
        arena_printf(check->arena, "%.*s%s", STR_ARG(str_trim(comment)), cr ? "\r\n" : "\n"));
    finding_edit(check, finding, (struct span){line->source, from, span.at + span.len - from},
                 (struct str)STR(""));
}

/* is_on_own_line - is there only white space before the comment on its physical line? */
static bool is_on_own_line(const struct line *line, struct str comment)
{
    size_t at = line_at(line, comment.at);
    struct str bytes = line->source->bytes;

    while (at > 0 && (bytes.at[at - 1] == ' ' || bytes.at[at - 1] == '\t'))
        at--;
    return at > 0 && bytes.at[at - 1] == '\n';
}

/* --- findings ------------------------------------------------------------------------------ */

static void report_in_main(struct check *check, const struct written *written, struct str comment)
{
    struct finding *finding =
        check_report(check, line_span(written->line, comment),
                     (struct str)STR("this is part of the value, not a comment: # starts a comment "
                                     "only at the beginning of a line"),
                     (struct str)STR("put the comment on a line of its own"));

    if (ends_line(written->line, comment) && is_untouched(check->config, written->name, comment) &&
        !is_on_own_line(written->line, comment))
        move_comment(check, finding, written->line, comment);
}

static void check_setting(struct check *check, const struct written *written, void *context)
{
    const struct parameter *parameter = written_parameter(check->config, written);
    struct str comment;

    (void)context;
    if (parameter == NULL || parameter->type == PARAMETER_RAW)
        return;
    if (find_comment(written->value, DEPTH_MAX, &comment)) {
        if (written->service == NULL)
            report_in_main(check, written, comment);
        else
            check_reportf(
                check, line_span(written->line, comment), "put the comment on a line of its own",
                "this is part of the value of %.*s, not a comment", STR_ARG(written->name));
        return;
    }
    struct str value = config_expand(check->config, written->service, written->value, NULL, NULL);
    if (value.at != written->value.at && value.at != NULL &&
        find_comment(value, DEPTH_MAX, &comment))
        check_reportf(check, line_span(written->line, written->value),
                      "put the comment, in the value that this one refers to, on a line of its own",
                      "the value of %.*s contains a word that starts with \"#\", through a $name: "
                      "it is part of the value, not a comment",
                      STR_ARG(written->name));
}

/* check_arguments - "# text" among the arguments of a daemon */
static void check_arguments(struct check *check, const struct service *service)
{
    for (size_t i = 0; i < service->argument_count; i++) {
        const struct master_argument *argument = &service->arguments[i];
        if (service_takes_option(service, argument) || argument->text.len == 0 ||
            argument->place.at[0] != '#')
            continue;
        check_reportf(check, line_span(&service->line, argument->place),
                      "put the comment on a line of its own",
                      "\"%.*s\" and what follows are arguments of %.*s, not a comment",
                      STR_ARG(argument->text), STR_ARG(service->command));
        return;
    }
}

static void check_comment_after_value(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    written_each(check, check_setting, NULL);
    for (size_t i = 0; i < master_cf->count; i++)
        check_arguments(check, master_cf->services[i]);
}

static const struct example examples[] = {
    {.title = "a comment after a value",
     .platform = "rhel10",
     .main_cf = "myhostname = mail.example.com\n"
                "smtpd_tls_security_level = may   # 25 offers STARTTLS; 587/465 require it\n"
                "biff = no\n",
     .findings = {{2, "# 25 offers STARTTLS; 587/465 require it"}},
     .fixed_main_cf = "myhostname = mail.example.com\n"
                      "# 25 offers STARTTLS; 587/465 require it\n"
                      "smtpd_tls_security_level = may\n"
                      "biff = no\n"},
    {.title = "after the last continuation line, with CR LF",
     .platform = "rhel10",
     .main_cf = "mydestination = $myhostname,\r\n"
                "    localhost #and that is all\r\n",
     .findings = {{2, "#and that is all"}},
     .fixed_main_cf = "#and that is all\r\n"
                      "mydestination = $myhostname,\r\n"
                      "    localhost\r\n"},
    {.title = "a comment that names a table may be edited by another rule, and is not moved",
     .platform = "rhel10",
     .main_cf = "alias_maps = lmdb:/etc/aliases # was hash:/etc/aliases\n",
     .findings = {{1, "# was hash:/etc/aliases"}}},
    {.title = "an old name of the parameter is set too: correct the value before the old name is "
              "replaced",
     .platform = "rhel10",
     .main_cf = "smtpd_use_tls = yes\n"
                "smtpd_tls_security_level = may # for now\n",
     .findings = {{2, "# for now"}}},
    {.title = "in the middle of a list, the rest may be intended",
     .platform = "rhel10",
     .main_cf = "mynetworks = 127.0.0.0/8, # here\n"
                "    192.0.2.0/24\n",
     .findings = {{1, NULL}}},
    {.title = "in master.cf",
     .platform = "rhel10",
     .master_cf = "smtp inet n - n - - smtpd # the front door\n"
                  "slow unix - - n - 1 smtp\n"
                  "  -o { smtp_fallback_relay = # none }\n",
     .findings = {{1, "#"}, {3, "# none"}}},
    {.title = "through a $name",
     .platform = "rhel10",
     .main_cf = "our_relays = 192.0.2.1 # the old one\n"
                "mynetworks = $our_relays\n",
     .findings = {{2, "$our_relays"}}},
    {.title = "not reported: # inside a word, in a pattern, in a text that Postfix does not split, "
              "and on a line of its own",
     .platform = "rhel10",
     .main_cf = "# networks\n"
                "mynetworks = 127.0.0.0/8,\n"
                "    # the office\n"
                "    192.0.2.0/24\n"
                "recipient_delimiter = +#\n"
                "header_checks = pcre:{{/^X: #spam/ REJECT}}\n"
                "default_rbl_reply = $rbl_code blocked # $rbl_domain\n"},
};

const struct rule rule_comment_after_value = {
    .name = "comment-after-value",
    .summary = "a comment after a value is part of the value",
    .why = "In main.cf and master.cf, \"#\" starts a comment only if it is the first character of "
           "a line other than white space.  Anywhere else it is text: \"yes # always\" is neither "
           "yes nor no, and in a list each word of the comment becomes an item; newer releases of "
           "Postfix ignore the list from the \"#\" on.  Since Postfix 3.8, postconf(1) warns: "
           "\"#comment after other text is not allowed\".\n\n"
           "The fix moves the comment to a line of its own, if nothing follows the comment.  If a "
           "list continues after it, only the administrator knows whether the rest is meant to be "
           "used.",
    .source = "postconf(5), introduction; RELEASE_NOTES-3.8, 20240406",
    .severity = SEVERITY_WARNING,
    .check = check_comment_after_value,
    RULE_EXAMPLES(examples),
};
