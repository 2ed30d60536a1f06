#include <stdio.h>

#include "cmd/command.h"
#include "parser/text/token.h"
#include "rules/engine/engine.h"

static const char help[] =
    "usage: postmend explain RULE | PARAMETER\n"
    "\n"
    "Explains why a rule exists, with examples, or prints what is known about a\n"
    "parameter.\n";

enum { COLUMNS = 78 };

/* print_paragraph - text in lines of at most COLUMNS */
static void print_paragraph(struct str text, const char *indent)
{
    struct str word;
    size_t column = 0;

    while (token_next_plain(&text, TOKEN_BLANKS, &word)) {
        if (column > 0 && column + 1 + word.len > COLUMNS) {
            putchar('\n');
            column = 0;
        }
        column += (size_t)printf("%s%.*s", column == 0 ? indent : " ", STR_ARG(word));
    }
    putchar('\n');
}

/* print_paragraphs - a text whose paragraphs are separated by empty lines */
static void print_paragraphs(struct str text, const char *indent)
{
    for (size_t at = 0; at < text.len;) {
        struct str rest = str_slice(text, at, text.len);
        struct str paragraph = str_slice(rest, 0, str_search(rest, "\n\n"));
        printf("%s", at > 0 ? "\n" : "");
        print_paragraph(paragraph, indent);
        at += paragraph.len + strlen("\n\n");
    }
}

/* print_file - an example's file, indented */
static void print_file(const char *heading, const char *text)
{
    if (text == NULL)
        return;
    printf("    %s:\n", heading);
    while (*text != '\0') {
        int len = (int)strcspn(text, "\n");
        printf("      %.*s\n", len, text);
        text += len + (text[len] == '\n');
    }
}

static void print_example(const struct example *example)
{
    printf("\n  Example (%s%s%s): %s\n", example->from ? example->from : "",
           example->from ? " to " : "", example->platform, example->title);
    print_file("main.cf", example->main_cf);
    print_file("master.cf", example->master_cf);
    print_file("sendmail.mc", example->sendmail_mc);
    print_file("main.cf after the fix", example->fixed_main_cf);
    print_file("master.cf after the fix", example->fixed_master_cf);
    print_file("sendmail.mc after the fix", example->fixed_sendmail_mc);
    if (example->findings[0].line == 0)
        printf("    no findings\n");
}

static void explain_rule(const struct rule *rule)
{
    printf("%s (%s): %s\n\n", rule->name, severity_name(rule->severity), rule->summary);
    print_paragraphs(str_of(rule->why), "  ");
    printf("\n  Source: %s\n", rule->source);
    for (size_t i = 0; i < rule->example_count; i++)
        print_example(&rule->examples[i]);
}

static void print_defaults(const struct parameter *parameter)
{
    size_t count;
    const struct release *releases = facts_releases(&count);

    if (parameter->host_default)
        printf("  default: taken from the machine\n");
    for (size_t i = 0; i < parameter->default_count; i++) {
        struct str value = parameter->defaults[i].value;
        printf("  default since Postfix %.*s: %.*s\n",
               STR_ARG(releases[parameter->defaults[i].since].series),
               STR_ARG(value.len > 0 ? value : str_of("(empty)")));
    }
}

static void explain_parameter(const struct parameter *parameter)
{
    size_t count;
    const struct release *releases = facts_releases(&count);
    const struct deprecation *deprecation = parameter->deprecation;

    printf("%.*s (%s)\n", STR_ARG(parameter->name), parameter_type_names[parameter->type]);
    if (parameter->first > 0)
        printf("  since Postfix %.*s\n", STR_ARG(releases[parameter->first].series));
    if (parameter->last < releases[count - 1].index)
        printf("  last in Postfix %.*s\n", STR_ARG(releases[parameter->last].series));
    if (parameter->has_min && parameter->min != 0)
        printf("  at least %ld\n", parameter->min);
    if (parameter->has_max && parameter->max != 0)
        printf("  at most %ld\n", parameter->max);
    print_defaults(parameter);
    if (deprecation != NULL)
        printf("  deprecated: %.*s\n", STR_ARG(deprecation->advice));
}

static int run_explain(struct arena *arena, struct options *options)
{
    (void)arena;
    if (options->operand_count != 1) {
        complain("explain", "expected one rule or parameter; \"postmend rules\" lists the rules");
        return STATUS_WRONG_USE;
    }
    struct str name = options->operands[0];
    const struct rule *rule = rule_named(name);
    const struct parameter *parameter = facts_parameter(name);
    const struct deprecation *deprecation = facts_deprecation(name);

    if (rule != NULL)
        explain_rule(rule);
    else if (parameter != NULL)
        explain_parameter(parameter);
    else if (deprecation != NULL)
        printf("%.*s\n  deprecated: %.*s\n", STR_ARG(name), STR_ARG(deprecation->advice));
    else
        complain("explain", "no rule or Postfix parameter is named \"%.*s\"", STR_ARG(name));
    return rule || parameter || deprecation ? STATUS_GOOD : STATUS_WRONG_USE;
}

const struct command command_explain = {.name = "explain",
                                        .summary = "explain a rule or a parameter",
                                        .help = help,
                                        .run = run_explain};
