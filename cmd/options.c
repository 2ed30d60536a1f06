#include "cmd/options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/report/report.h"

enum option_id {
    ID_PLATFORM = 256,
    ID_FROM,
    ID_TO,
    ID_HOSTNAME,
    ID_INTERFACES,
    ID_USERS,
    ID_FORMAT,
    ID_FAIL_ON,
    ID_COLOR,
    ID_FIX,
    ID_DIFF,
    ID_OUTPUT,
    ID_IN_PLACE,
    ID_DEFAULTS,
    ID_MANUAL,
    ID_HELP,
};

static const struct {
    struct option option;
    unsigned set; /* which commands take it; 0: all */
} table[] = {
    {{"platform", required_argument, NULL, ID_PLATFORM}, TAKES_PLATFORM},
    {{"from", required_argument, NULL, ID_FROM}, TAKES_FROM_TO},
    {{"to", required_argument, NULL, ID_TO}, TAKES_FROM_TO},
    {{"hostname", required_argument, NULL, ID_HOSTNAME}, TAKES_HOST},
    {{"interfaces", required_argument, NULL, ID_INTERFACES}, TAKES_HOST},
    {{"users", required_argument, NULL, ID_USERS}, TAKES_HOST},
    {{"format", required_argument, NULL, ID_FORMAT}, TAKES_REPORT},
    {{"fail-on", required_argument, NULL, ID_FAIL_ON}, TAKES_REPORT},
    {{"color", required_argument, NULL, ID_COLOR}, TAKES_REPORT},
    {{"fix", no_argument, NULL, ID_FIX}, TAKES_FIX},
    {{"diff", no_argument, NULL, ID_DIFF}, TAKES_OUTPUT},
    {{"output", required_argument, NULL, ID_OUTPUT}, TAKES_OUTPUT},
    {{"in-place", no_argument, NULL, ID_IN_PLACE}, TAKES_OUTPUT},
    {{"defaults", required_argument, NULL, ID_DEFAULTS}, TAKES_DEFAULTS},
    {{"manual", no_argument, NULL, ID_MANUAL}, TAKES_MANUAL},
    {{"help", no_argument, NULL, ID_HELP}, 0},
};

enum { TABLE_SIZE = sizeof table / sizeof *table };

void complain(const char *command, const char *format, ...)
{
    va_list arguments;

    fflush(stdout);
    fprintf(stderr, "postmend%s%s: ", command[0] ? " " : "", command);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void print_to(FILE *stream, struct str text)
{
    if (text.len > 0)
        fwrite(text.at, 1, text.len, stream);
}

/* --- values ------------------------------------------------------------------------------ */

static bool set_fail_on(struct options *options, struct str value, struct str *wrong)
{
    options->fail_never = str_is(value, "never");
    if (options->fail_never || severity_of(value, &options->fail_on))
        return true;
    *wrong = str_of("error, warning, advice or never");
    return false;
}

static bool set_format(struct options *options, struct str value, struct str *wrong)
{
    options->format = value;
    if (report_format_named(value) != NULL)
        return true;
    *wrong = report_format_names();
    return false;
}

static bool set_defaults(struct options *options, struct str value, struct str *wrong)
{
    options->keep_defaults = str_is(value, "keep");
    if (options->keep_defaults || str_is(value, "adopt"))
        return true;
    *wrong = str_of("keep or adopt");
    return false;
}

static bool set_color(struct options *options, struct str value, struct str *wrong)
{
    if (str_is(value, "auto"))
        return true;
    options->color_given = true;
    options->color = str_is(value, "always");
    if (options->color || str_is(value, "never"))
        return true;
    *wrong = str_of("auto, always or never");
    return false;
}

static bool set_jobs(struct options *options, struct str value, struct str *wrong)
{
    *wrong = str_of("a number from 1 to 256");
    if (!str_is_digits(value) || value.len > 3)
        return false;
    options->jobs = 0;
    for (size_t i = 0; i < value.len; i++)
        options->jobs = options->jobs * 10 + (value.at[i] - '0');
    return options->jobs >= 1 && options->jobs <= 256;
}

/* set_option - one option; on false *WRONG says which values there are */
static bool set_option(struct options *options, int id, struct str value, struct str *wrong)
{
    switch (id) {
    case ID_PLATFORM:
        options->platform = value;
        return true;
    case ID_FROM:
        options->from = value;
        return true;
    case ID_TO:
        options->to = value;
        return true;
    case ID_HOSTNAME:
        options->host.hostname = value;
        return true;
    case ID_INTERFACES:
        options->host.interfaces = value;
        return true;
    case ID_USERS:
        options->host.users = value;
        return true;
    case ID_OUTPUT:
        options->output = value;
        return true;
    case ID_FORMAT:
        return set_format(options, value, wrong);
    case ID_FAIL_ON:
        return set_fail_on(options, value, wrong);
    case ID_COLOR:
        return set_color(options, value, wrong);
    case ID_DEFAULTS:
        return set_defaults(options, value, wrong);
    default:
        break;
    }
    options->fix |= id == ID_FIX;
    options->diff |= id == ID_DIFF;
    options->in_place |= id == ID_IN_PLACE;
    options->manual |= id == ID_MANUAL;
    options->help |= id == ID_HELP;
    return true;
}

/* set_view - -n -d -M -P -F; two of them contradict each other */
static bool set_view(struct options *options, int letter)
{
    static const struct {
        char letter;
        enum postconf_view view;
    } views[] = {{'n', POSTCONF_NONDEFAULT},
                 {'d', POSTCONF_DEFAULT},
                 {'M', POSTCONF_MASTER},
                 {'F', POSTCONF_FIELDS},
                 {'P', POSTCONF_PARAMETERS}};
    enum postconf_view *view = &options->request.view;

    for (size_t i = 0; i < sizeof views / sizeof *views; i++)
        if (views[i].letter == letter) {
            if (*view != POSTCONF_ALL && *view != views[i].view)
                return false;
            *view = views[i].view;
        }
    return true;
}

/* --- the command line ---------------------------------------------------------------------- */

/* what getopt_long is asked for */
struct question {
    struct option options[TABLE_SIZE + 1];
    char letters[16];
};

static void ask(struct question *question, unsigned takes)
{
    size_t count = 0;

    memset(question, 0, sizeof *question);
    for (size_t i = 0; i < TABLE_SIZE; i++)
        if (table[i].set == 0 || (table[i].set & takes))
            question->options[count++] = table[i].option;
    snprintf(question->letters, sizeof question->letters, ":h%s%s", takes & TAKES_JOBS ? "j:" : "",
             takes & TAKES_VIEW ? "ndMPFx" : "");
}

/* option_spelling - how the user wrote the option that getopt complains about */
static const char *option_spelling(char **argv, char short_option[3])
{
    if (optopt > 0 && optopt < 256) {
        short_option[0] = '-';
        short_option[1] = (char)optopt;
        short_option[2] = '\0';
        return short_option;
    }
    return argv[optind - 1];
}

/* take_option - one answer of getopt_long; false after it said what is wrong */
static bool take_option(struct options *options, int id, char **argv)
{
    struct str wrong;
    char spelling[3];

    if (id == '?' || id == ':') {
        complain(options->command,
                 id == '?' ? "unknown option %s; see postmend %s --help"
                           : "option %s needs a value; see postmend %s --help",
                 option_spelling(argv, spelling), options->command);
        return false;
    }
    if (id == 'x') {
        options->request.expand = true;
        return true;
    }
    if (id == 'h') {
        options->help = true;
        return true;
    }
    if (id == 'j') {
        if (set_jobs(options, str_of(optarg), &wrong))
            return true;
        complain(options->command, "-j %s: write %.*s", optarg, STR_ARG(wrong));
        return false;
    }
    if (id < 256) {
        if (set_view(options, id))
            return true;
        complain(options->command, "-n, -d, -M, -P and -F exclude each other");
        return false;
    }
    if (set_option(options, id, str_of(optarg), &wrong))
        return true;
    complain(options->command, "%s: write %.*s", optarg, STR_ARG(wrong));
    return false;
}

bool options_read(struct options *options, struct arena *arena, int argc, char **argv,
                  unsigned takes)
{
    struct question question;
    int id;

    *options = (struct options){.command = argv[0],
                                .fail_on = SEVERITY_WARNING,
                                .keep_defaults = true,
                                .color = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL};
    ask(&question, takes);
    optind = 0;
    opterr = 0;
    while ((id = getopt_long(argc, argv, question.letters, question.options, NULL)) != -1)
        if (!take_option(options, id, argv))
            return false;
    options->operand_count = (size_t)(argc - optind);
    options->operands = arena_alloc(arena, ((size_t)(argc - optind) + 1) * sizeof(struct str));
    for (int i = optind; i < argc; i++)
        options->operands[i - optind] = str_of(argv[i]);
    return true;
}
