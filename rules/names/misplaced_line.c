/* misplaced_line - lines that belong to another setting or service than they seem to */
#include "facts/facts.h"
#include "rules/names/written.h"

enum {
    SUFFIX_MIN = 8, /* letters of a name that is found inside a word */
};

static bool is_name_letter(char c)
{
    return is_alnum(c) || c == '_';
}

/* --- main.cf: a setting in the value of another ----------------------------------------------- */

/* read_name - the name before the "=" at AT of TEXT; white space may be between them */
static struct str read_name(struct str text, size_t at)
{
    size_t end = at, begin;

    while (end > 0 && (text.at[end - 1] == ' ' || text.at[end - 1] == '\t'))
        end--;
    for (begin = end; begin > 0 && is_name_letter(text.at[begin - 1]);)
        begin--;
    return str_slice(text, begin, end);
}

/* is_line_start - is NAME the first word of one of the lines that continue the setting? */
static bool is_line_start(const struct line *line, struct str name)
{
    size_t at = (size_t)(name.at - line->text.at);

    for (size_t i = 1; i < line->piece_count; i++) {
        size_t from = line->pieces[i].text_at;
        if (from <= at && str_span(line->text, from, " \t") == at)
            return true;
    }
    return false;
}

/* find_glued - the longest parameter that WORD, which is none, ends with; WORD has "_" in it */
static struct str find_glued(struct str word)
{
    for (size_t i = 1; i + SUFFIX_MIN <= word.len; i++) {
        struct str name = str_slice(word, i, word.len);
        if (str_find(name, '_', 0) < name.len && facts_parameter(name) != NULL)
            return name;
    }
    return STR_NONE;
}

static void report_setting(struct check *check, const struct written *written, struct str name,
                           bool indented)
{
    check_reportf(check, line_span(written->line, name),
                  indented ? "start the line in the first column"
                           : "start a new line before the name",
                  indented ? "an indented line continues the line before it: %.*s is not set, and "
                             "its text is a part of the value of %.*s"
                           : "a line end is missing here: %.*s is not set, and its text is a part "
                             "of the value of %.*s",
                  STR_ARG(name), STR_ARG(written->name));
}

/* is_in_expression - is the word before the "=" a part of "${name?...}" or of "{ name = value }"?
 */
static bool is_in_expression(struct str value, size_t begin)
{
    while (begin > 0 && value.at[begin - 1] == ' ')
        begin--;
    return begin > 0 && (value.at[begin - 1] == '$' || value.at[begin - 1] == '{' ||
                         value.at[begin - 1] == '(' || value.at[begin - 1] == '\\');
}

/* check_equals - the "=" at AT of the value: is there a setting before it?  True: it is reported */
static bool check_equals(struct check *check, const struct written *written, size_t at)
{
    struct str value = written->value;
    struct str word = read_name(value, at);
    size_t begin = (size_t)(word.at - value.at);
    bool known = word.len > 0 && facts_parameter(word) != NULL;
    bool indented = known && is_line_start(written->line, word);

    if (word.len == 0 || is_in_expression(value, begin))
        return false;
    if (!indented && str_find(word, '_', 0) == word.len)
        return false;
    if (!known)
        word = find_glued(word);
    else if (!indented && begin == 0)
        return false;
    if (word.len > 0)
        report_setting(check, written, word, indented);
    return word.len > 0;
}

static void check_setting(struct check *check, const struct written *written, void *context)
{
    struct str value = written->value;

    (void)context;
    for (size_t i = str_find(value, '=', 0); i < value.len; i = str_find(value, '=', i + 1))
        if (written->entry != NULL && check_equals(check, written, i))
            return;
}

/* --- master.cf: options below a service that is commented out ----------------------------------
 */

/* read_comment - the name and the type of the service in a comment "#name type ..."; false: none */
static bool read_comment(struct str text, struct str *name, struct str *type)
{
    static const char *const types[] = {"inet", "unix", "fifo", "pass", "unix-dgram"};
    size_t fields = 1;

    text = str_trim(str_slice(text, str_span(text, 0, "#"), text.len));
    *name = str_slice(text, 0, str_span_not(text, 0, " \t"));
    text = str_trim(str_slice(text, name->len, text.len));
    *type = str_slice(text, 0, str_span_not(text, 0, " \t"));
    for (size_t i = str_span_not(text, 0, " \t"); i < text.len;
         i = str_span_not(text, str_span(text, i, " \t"), " \t"))
        fields++;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (str_is(*type, types[i]))
            return fields >= MASTER_FIELD_COUNT - 1;
    return false;
}

/* find_commented - the last service that is commented out between FROM and TO; false: there is none
 */
static bool find_commented(struct str bytes, size_t from, size_t to, struct str *name,
                           struct str *type)
{
    struct str found_name, found_type;
    bool found = false;

    while (from < to) {
        size_t end = str_find(bytes, '\n', from);
        struct str text = str_slice(bytes, from, end);
        if (str_starts(text, "#") && read_comment(text, &found_name, &found_type)) {
            found = true;
            *name = found_name;
            *type = found_type;
        }
        from = end + 1;
    }
    return found;
}

static void report_options(struct check *check, const struct service *service,
                           const struct line_piece *piece, struct str name)
{
    struct str text = str_slice(service->line.text, piece->text_at, service->line.text.len);
    size_t blanks = str_span(text, 0, " \t");
    struct str bytes = service->line.source->bytes;
    size_t at = piece->source_at + blanks;
    struct str rest = str_trim(str_slice(bytes, at, str_find(bytes, '\n', at)));
    size_t line = source_position(service->line.source, service->line.first_piece.source_at).line;

    check_reportf(
        check, (struct span){service->line.source, at, rest.len},
        "comment these options out, too, or remove the \"#\" before their service",
        "the service \"%.*s\" above this line is commented out, so that its options belong "
        "to the service \"%.*s\" of line %zu",
        STR_ARG(name), STR_ARG(service->name), line);
}

static void check_service(struct check *check, const struct service *service)
{
    const struct line *line = &service->line;
    struct str name, type;

    for (size_t i = 1; i < line->piece_count; i++) {
        size_t from = line->pieces[i - 1].source_at, to = line->pieces[i].source_at;
        if (!find_commented(line->source->bytes, from, to, &name, &type) ||
            (str_eq(name, service->name) && str_eq(type, service->type)))
            continue;
        report_options(check, service, &line->pieces[i], name);
        return;
    }
}

static void check_lines(struct check *check)
{
    const struct master_cf *master_cf = &check->config->master_cf;

    written_each(check, check_setting, NULL);
    for (size_t i = 0; i < master_cf->count; i++)
        check_service(check, master_cf->services[i]);
}

static const struct example examples[] = {
    {.title = "an indented setting, below a list, a comment and an empty line",
     .platform = "debian12",
     .main_cf = "mydestination = $myhostname, localhost,\n"
                "  smtpd_helo_required = yes\n"
                "biff = no\n"
                "# the provider\n"
                "\n"
                " relayhost = [mail.isp.example]\n",
     .findings = {{2, "smtpd_helo_required"}, {6, "relayhost"}}},
    {.title = "a line end is missing",
     .platform = "debian12",
     .main_cf = "smtpd_banner = $myhostname ESMTPsmtpd_helo_required = yes\n"
                "relayhost = [mail.isp.example]relay_domains = example.org\n"
                "message_size_limit = 52428800disable_vrfy_command=yes\n",
     .findings = {{1, "smtpd_helo_required"}, {2, "relay_domains"}, {3, "disable_vrfy_command"}}},
    {.title = "options of a service that is commented out",
     .platform = "debian12",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "#submissions inet n - y - - smtpd\n"
                  "#  -o syslog_name=postfix/submissions\n"
                  "  -o smtpd_tls_wrappermode=yes\n"
                  "  -o smtpd_sasl_auth_enable=yes\n",
     .findings = {{4, "-o smtpd_tls_wrappermode=yes"}}},
    {.title = "a service that is commented out with its options, and the former line of a service",
     .platform = "debian12",
     .master_cf = "smtp inet n - y - - smtpd\n"
                  "#smtp inet n - y - 1 postscreen\n"
                  "  -o smtpd_banner=$myhostname\n"
                  "#submissions inet n - y - - smtpd\n"
                  "#  -o smtpd_tls_wrappermode=yes\n"
                  "pickup unix n - y 60 1 pickup\n"
                  "# options of pickup inet or unix\n"
                  "  -o receive_override_options=\n"},
    {.title = "an equals sign that belongs to the value",
     .platform = "debian12",
     .main_cf = "import_environment = MAIL_CONFIG TZ { mail_version=x }\n"
                "smtpd_recipient_restrictions = reject_rbl_client zen.example=127.0.0.2\n"
                "mynetworks = 127.0.0.0/8,\n"
                "# smtpd_helo_required = yes\n"
                "  192.0.2.0/24\n"
                "my_level = ${{$compatibility_level} < {1} ? {a=b} : {c}}\n"},
};

const struct rule rule_misplaced_line = {
    .name = "misplaced-line",
    .summary = "a line that belongs to another setting or service than it seems to",
    .why =
        "A line that starts with white space continues the last line that does not, even across "
        "comments and empty lines.  An indented \"name = value\" is thus not a setting, but text "
        "in "
        "the value before it; and the options of a service whose first line is commented out are "
        "given to the service above it: -o smtpd_tls_wrappermode=yes then makes port 25 expect TLS "
        "before the greeting.",
    .source = "postconf(5) and master(5), introductions; measured with postconf of 3.7 and 3.10",
    .severity = SEVERITY_WARNING,
    .explains_line = true,
    .check = check_lines,
    RULE_EXAMPLES(examples),
};
