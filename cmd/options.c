#include "cmd/options.h"

#include <getopt.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/report/report.h"

/*
 * A text or a flag is stored in the member at OFFSET, any other value by SET; on false *EXPECTED
 * says which values are valid.
 */
struct option_row {
    const char *name;
    int argument;  /* required_argument or no_argument */
    unsigned sets; /* the commands that take it; 0: all */
    size_t offset;
    bool (*set)(struct options *options, struct arena *arena, struct str value,
                struct str *expected);
};

/* --- values ------------------------------------------------------------------------------ */

static bool set_fail_on(struct options *options, struct arena *arena, struct str value,
                        struct str *expected)
{
    (void)arena;
    options->fail_never = str_is(value, "never");
    if (options->fail_never || severity_of(value, &options->fail_on))
        return true;
    *expected = str_of("error, warning, advice or never");
    return false;
}

static bool set_format(struct options *options, struct arena *arena, struct str value,
                       struct str *expected)
{
    return reports_choose(&options->reports, arena, value, expected);
}

static bool set_defaults(struct options *options, struct arena *arena, struct str value,
                         struct str *expected)
{
    (void)arena;
    options->keep_defaults = str_is(value, "keep");
    if (options->keep_defaults || str_is(value, "adopt"))
        return true;
    *expected = str_of("keep or adopt");
    return false;
}

static bool set_color(struct options *options, struct arena *arena, struct str value,
                      struct str *expected)
{
    (void)arena;
    if (str_is(value, "auto"))
        return true;
    options->reports.style.color = str_is(value, "always");
    if (options->reports.style.color || str_is(value, "never"))
        return true;
    *expected = str_of("auto, always or never");
    return false;
}

static bool set_jobs(struct options *options, struct arena *arena, struct str value,
                     struct str *expected)
{
    (void)arena;
    *expected = str_of("a number from 1 to 256");
    if (!str_is_digits(value) || value.len > 3)
        return false;
    options->jobs = 0;
    for (size_t i = 0; i < value.len; i++)
        options->jobs = options->jobs * 10 + (value.at[i] - '0');
    return options->jobs >= 1 && options->jobs <= 256;
}

static bool set_short_format(struct options *options, struct arena *arena, struct str value,
                             struct str *expected)
{
    (void)arena;
    options->format = value;
    *expected = str_of("text or json");
    return str_is(value, "text") || str_is(value, "json");
}

static bool set_assumption(struct options *options, struct arena *arena, struct str value,
                           struct str *expected)
{
    return assumption_add(&options->assumptions, arena, value, expected);
}

/* parse_port - 1 to 65535, or 0 */
static int parse_port(struct str value)
{
    int port = str_is_digits(value) && value.len < 6 ? (int)strtol(value.at, NULL, 10) : 0;

    return port < 65536 ? port : 0;
}

static bool set_port(struct options *options, struct arena *arena, struct str value,
                     struct str *expected)
{
    (void)arena;
    options->port = parse_port(value);
    *expected = str_of("a port from 1 to 65535");
    return options->port > 0;
}

static bool set_base_port(struct options *options, struct arena *arena, struct str value,
                          struct str *expected)
{
    (void)arena;
    options->base_port = parse_port(value);
    *expected = str_of("a port from 1 to 65535");
    return options->base_port > 0;
}

static bool set_select(struct options *options, struct arena *arena, struct str value,
                       struct str *expected)
{
    return choice_add(&options->choice.select, arena, value, expected);
}

static bool set_ignore(struct options *options, struct arena *arena, struct str value,
                       struct str *expected)
{
    return choice_add(&options->choice.ignore, arena, value, expected);
}

#define TEXT(member) required_argument, .offset = offsetof(struct options, member)
#define FLAG(member) no_argument, .offset = offsetof(struct options, member)

static const struct option_row table[] = {
    {"platform", TEXT(platform), .sets = TAKES_PLATFORM | TAKES_PROBE},
    {"from", TEXT(from), .sets = TAKES_FROM_TO | TAKES_ENGINE},
    {"to", TEXT(to), .sets = TAKES_FROM_TO | TAKES_CONVERT},
    {"hostname", TEXT(host.hostname), .sets = TAKES_HOST},
    {"interfaces", TEXT(host.interfaces), .sets = TAKES_HOST},
    {"users", TEXT(host.users), .sets = TAKES_HOST},
    {"format", required_argument, .sets = TAKES_REPORT, .set = set_format},
    {"format", required_argument, .sets = TAKES_FORMAT, .set = set_short_format},
    {"fail-on", required_argument, .sets = TAKES_REPORT, .set = set_fail_on},
    {"color", required_argument, .sets = TAKES_REPORT, .set = set_color},
    {"fix", FLAG(fix), .sets = TAKES_FIX},
    {"diff", FLAG(diff), .sets = TAKES_OUTPUT},
    {"output", TEXT(output), .sets = TAKES_OUTPUT | TAKES_ENGINE | TAKES_CONVERT},
    {"in-place", FLAG(in_place), .sets = TAKES_OUTPUT},
    {"defaults", required_argument, .sets = TAKES_DEFAULTS, .set = set_defaults},
    {"manual", FLAG(manual), .sets = TAKES_MANUAL},
    {"assume", required_argument, .sets = TAKES_ASSUME, .set = set_assumption},
    {"base-port", required_argument, .sets = TAKES_SERVER, .set = set_base_port},
    {"maildir", TEXT(maildir), .sets = TAKES_SERVER},
    {"logins", TEXT(logins), .sets = TAKES_SERVER},
    {"engine", TEXT(engine), .sets = TAKES_ENGINE},
    {"against", TEXT(against), .sets = TAKES_ENGINE},
    {"server", TEXT(server), .sets = TAKES_ENGINE},
    {"postfix-root", TEXT(postfix_root), .sets = TAKES_ENGINE},
    {"client", TEXT(client), .sets = TAKES_SESSION | TAKES_ROUTE},
    {"client-name", TEXT(client_name), .sets = TAKES_SESSION},
    {"service", TEXT(service), .sets = TAKES_SESSION | TAKES_ROUTE},
    {"port", required_argument, .sets = TAKES_SESSION | TAKES_PROBE | TAKES_ROUTE, .set = set_port},
    {"tls", FLAG(tls), .sets = TAKES_SESSION},
    {"tls", TEXT(tls_mode), .sets = TAKES_PROBE},
    {"auth", TEXT(auth), .sets = TAKES_SESSION},
    {"helo", TEXT(helo), .sets = TAKES_SESSION},
    {"from", TEXT(sender), .sets = TAKES_SESSION | TAKES_ROUTE},
    {"to", TEXT(recipient), .sets = TAKES_SESSION},
    {"size", TEXT(size), .sets = TAKES_SESSION},
    {"name", TEXT(name), .sets = TAKES_PROBE},
    {"ca-file", TEXT(ca_file), .sets = TAKES_PROBE},
    {"select", required_argument, .sets = TAKES_CHOICE, .set = set_select},
    {"ignore", required_argument, .sets = TAKES_CHOICE, .set = set_ignore},
    {"baseline", TEXT(baseline), .sets = TAKES_CHOICE},
    {"update-baseline", FLAG(update_baseline), .sets = TAKES_CHOICE},
    {"verbose", FLAG(verbose), .sets = TAKES_VERBOSE},
    {"help", FLAG(help)},
};

enum {
    TABLE_SIZE = sizeof table / sizeof *table,
    ID_FIRST = 256, /* getopt_long returns this plus the number of the row */
};

/* set_option - on false *EXPECTED says which values are valid */
static bool set_option(struct options *options, struct arena *arena, const struct option_row *row,
                       struct str value, struct str *expected)
{
    char *member = (char *)options + row->offset;

    if (row->set != NULL)
        return row->set(options, arena, value, expected);
    if (row->argument == no_argument)
        *(bool *)(void *)member = true;
    else
        *(struct str *)(void *)member = value;
    return true;
}

/* set_view - -n -d -M -P -F; false for a second one */
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
            options->request.merged = letter == 'P' && *view == POSTCONF_PARAMETERS;
            *view = views[i].view;
        }
    return true;
}

/* --- the command line ---------------------------------------------------------------------- */

/* the options that getopt_long accepts */
struct accepted {
    struct option options[TABLE_SIZE + 1];
    char letters[16];
};

static void list_accepted(struct accepted *accepted, unsigned takes)
{
    size_t count = 0;

    memset(accepted, 0, sizeof *accepted);
    for (size_t i = 0; i < TABLE_SIZE; i++)
        if (table[i].sets == 0 || (table[i].sets & takes))
            accepted->options[count++] =
                (struct option){table[i].name, table[i].argument, NULL, ID_FIRST + (int)i};
    snprintf(accepted->letters, sizeof accepted->letters, ":h%s%s%s",
             takes & TAKES_JOBS ? "j:" : "", takes & TAKES_VERBOSE ? "v" : "",
             takes & TAKES_VIEW ? "ndMPFx" : "");
}

/* find_spelling - the option that getopt rejected, as the user wrote it */
static const char *find_spelling(char **argv, char short_option[3])
{
    if (optopt > 0 && optopt < 256) {
        short_option[0] = '-';
        short_option[1] = (char)optopt;
        short_option[2] = '\0';
        return short_option;
    }
    return argv[optind - 1];
}

/* take_option - one result of getopt_long; on false it has printed what is wrong */
static bool take_option(struct options *options, struct arena *arena, int id, char **argv)
{
    struct str expected;
    char spelling[3];

    if (id == '?' || id == ':') {
        complain(options->command,
                 id == '?' ? "unknown option %s; see \"postmend %s --help\""
                           : "option %s requires a value; see \"postmend %s --help\"",
                 find_spelling(argv, spelling), options->command);
        return false;
    }
    if (id == 'x') {
        options->request.expand = true;
        return true;
    }
    if (id == 'h' || id == 'v') {
        *(id == 'h' ? &options->help : &options->verbose) = true;
        return true;
    }
    if (id == 'j') {
        if (set_jobs(options, arena, str_of(optarg), &expected))
            return true;
        complain(options->command, "-j: invalid value \"%s\" (expected %.*s)", optarg,
                 STR_ARG(expected));
        return false;
    }
    if (id < ID_FIRST) {
        if (set_view(options, id))
            return true;
        complain(options->command, "-n, -d, -M, -P and -F cannot be used together");
        return false;
    }
    if (set_option(options, arena, &table[id - ID_FIRST], str_of(optarg), &expected))
        return true;
    complain(options->command, "--%s: invalid value \"%s\" (expected %.*s)",
             table[id - ID_FIRST].name, optarg, STR_ARG(expected));
    return false;
}

/* say_minor - what is known of NAME is known of the platform that it is an update of */
static void say_minor(const struct options *options, struct str name)
{
    const struct platform *platform = name.at != NULL ? facts_platform(name) : NULL;

    if (platform != NULL && platform_is_minor(platform, name))
        complain(options->command, "%.*s is taken for %.*s with its last Postfix, %.*s",
                 STR_ARG(name), STR_ARG(platform->name), STR_ARG(platform->postfix));
}

bool options_read(struct options *options, struct arena *arena, int argc, char **argv,
                  unsigned takes)
{
    struct accepted accepted;
    int id;

    *options = (struct options){.command = argv[0],
                                .format = STR_NONE,
                                .fail_on = SEVERITY_WARNING,
                                .keep_defaults = true,
                                .problem = STR_NONE};
    options->reports.style.color = isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL;
    list_accepted(&accepted, takes);
    optind = 0;
    opterr = 0;
    while ((id = getopt_long(argc, argv, accepted.letters, accepted.options, NULL)) != -1)
        if (!take_option(options, arena, id, argv))
            return false;
    say_minor(options, options->platform);
    say_minor(options, options->from);
    say_minor(options, options->to);
    options->operand_count = (size_t)(argc - optind);
    options->operands = arena_alloc(arena, ((size_t)(argc - optind) + 1) * sizeof(struct str));
    for (int i = optind; i < argc; i++)
        options->operands[i - optind] = str_of(argv[i]);
    return true;
}

int options_status(const struct options *options, const size_t by_severity[3])
{
    if (options->fail_never)
        return STATUS_GOOD;
    for (int level = (int)options->fail_on; level <= SEVERITY_ERROR; level++)
        if (by_severity[level] > 0)
            return STATUS_FINDINGS;
    return STATUS_GOOD;
}
