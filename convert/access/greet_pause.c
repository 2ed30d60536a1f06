/*
 * greet_pause - who speaks before the greeting is turned away
 *
 * Sendmail waits before its greeting and refuses the client that says something by then
 * (sendmail/srvrsmtp.c; feature/greet_pause.m4).  postscreen(8) does, before it hands the client on
 * to smtpd(8).  What postconf(5) offers under "sleep" does not: smtpd looks whether the client
 * speaks before it sleeps, not behind that.
 *
 * Every daemon pauses but those that begin with TLS.  The access table is asked for the client's
 * name and then for its address; postscreen knows the address alone, and one time for all.
 */
#include "convert/access/access.h"
#include "convert/access/modules.h"

enum { PAUSE_MAX = 300 }; /* seconds: Sendmail waits no longer */

struct pause {
    struct draft *draft;
    struct access access;
    const struct sendmail_item *feature;
    long usual;   /* seconds that clients without a line wait; 0: none */
    long waits;   /* postscreen_greet_wait; 0: nobody waits */
    bool excepts; /* somebody need not wait */
};

/* --- times ------------------------------------------------------------------------------------ */

/* seconds_of - milliseconds as strtol() reads them; a second that has begun counts as one */
static long seconds_of(struct str text)
{
    long milliseconds = 0;
    size_t at = str_span(text, 0, " \t");

    for (; at < text.len && text.at[at] >= '0' && text.at[at] <= '9'; at++)
        if (milliseconds <= PAUSE_MAX * 1000L)
            milliseconds = 10 * milliseconds + (text.at[at] - '0');
    return milliseconds >= PAUSE_MAX * 1000L ? PAUSE_MAX : (milliseconds + 999) / 1000;
}

static bool is_line(const struct access_line *line)
{
    return line->tag == ACCESS_GREET_PAUSE && line->never == NULL;
}

/* find_times - where all wait the same, or none, that is postscreen's time; else the longest */
static void find_times(struct pause *pause)
{
    pause->usual = seconds_of(str_trim(sendmail_argument(pause->feature, 0)));
    pause->waits = pause->usual;
    for (size_t i = 0; i < pause->access.count; i++) {
        const struct access_line *line = &pause->access.lines[i];
        if (pause->usual == 0 && is_line(line) && line->kind == ACCESS_NETWORK &&
            seconds_of(line->text) > pause->waits)
            pause->waits = seconds_of(line->text);
    }
}

/* --- lines ------------------------------------------------------------------------------------ */

static void put(struct pause *pause, const struct access_line *line, struct str key, bool waits)
{
    struct draft *draft = pause->draft;
    struct draft_table *table = draft_table(draft, "greet_pause", DRAFT_CIDR);

    pause->excepts = true;
    draft_entry(draft, table, line != NULL ? line->item : pause->feature, key,
                str_of(waits ? "dunno" : "permit"));
}

/* say_time - the line's client waits as long as all do */
static void say_time(struct pause *pause, const struct access_line *line)
{
    struct draft *draft = pause->draft;
    long seconds = seconds_of(line->text);

    if (seconds == pause->waits)
        draft_fate(draft, line->item, FATE_MAPPED, "postscreen_greet_wait = %lds", pause->waits);
    else if (seconds < pause->waits)
        draft_fate(draft, line->item, FATE_MAPPED,
                   "postscreen_greet_wait = %lds: it waits as long as the others, not %lds",
                   pause->waits, seconds);
    else
        draft_open_point(draft, line->item,
                         "raise postscreen_greet_wait if all clients may wait so long",
                         "it waits %lds as the others do, not %lds: postscreen has one time for "
                         "all",
                         pause->waits, seconds);
}

/* the host itself, which is 127.0.0.1 and ::1 whatever asks for its name */
static bool is_self(struct str name)
{
    return str_is(name, "localhost") || str_is(name, "localhost.localdomain");
}

static void map_name(struct pause *pause, const struct access_line *line)
{
    struct draft *draft = pause->draft;
    bool waits = seconds_of(line->text) > 0;

    if (waits && pause->usual > 0) {
        say_time(pause, line);
    } else if (!waits && pause->usual == 0) {
        draft_fate(draft, line->item, FATE_ALREADY, "it need not wait");
    } else if (is_self(line->key)) {
        put(pause, line, str_of("127.0.0.1"), waits);
        put(pause, line, str_of("::1"), waits);
        draft_fate(draft, line->item, FATE_MAPPED, "postscreen_access_list: 127.0.0.1, ::1 %s",
                   waits ? "dunno" : "permit");
    } else {
        draft_open_point(
            draft, line->item,
            arena_printf(draft->arena,
                         "write the client's addresses into the table greet_pause, with \"%s\"",
                         waits ? "dunno" : "permit")
                .at,
            "postscreen knows clients by their addresses alone: %.*s %s", STR_ARG(line->key),
            waits ? "does not wait, as the others" : "has to wait as the others");
    }
}

static void map_network(struct pause *pause, const struct access_line *line)
{
    bool waits = seconds_of(line->text) > 0;

    put(pause, line, line->key, waits);
    draft_fate(pause->draft, line->item, FATE_MAPPED, "postscreen_access_list: %.*s %s",
               STR_ARG(line->key), waits ? "dunno" : "permit");
    if (waits)
        say_time(pause, line);
}

static void map_line(struct pause *pause, const struct access_line *line)
{
    if (line->kind == ACCESS_DOMAIN || line->kind == ACCESS_BELOW)
        map_name(pause, line);
    else
        draft_fate(pause->draft, line->item, FATE_MEANINGLESS, "no client looks like this key");
}

/* the first network that holds the client counts, so that the smallest stand first */
static void map_lines(struct pause *pause)
{
    struct access *access = &pause->access;

    for (int bits = 128; bits >= 0; bits--)
        for (size_t i = 0; i < access->count; i++) {
            const struct access_line *line = &access->lines[i];
            if (is_line(line) && line->kind == ACCESS_NETWORK && line->bits == bits)
                map_network(pause, line);
        }
    for (size_t i = 0; i < access->count; i++)
        if (is_line(&access->lines[i]) && access->lines[i].kind != ACCESS_NETWORK)
            map_line(pause, &access->lines[i]);
    if (pause->usual == 0) {
        put(pause, NULL, str_of("0.0.0.0/0"), false);
        put(pause, NULL, str_of("::/0"), false);
    }
}

static void decide_lines(struct pause *pause, enum sendmail_fate fate, const char *text)
{
    for (size_t i = 0; i < pause->access.count; i++)
        if (is_line(&pause->access.lines[i]))
            draft_fate(pause->draft, pause->access.lines[i].item, fate, "%s", text);
}

/* --- services --------------------------------------------------------------------------------- */

/* inner_name - smtpd behind the service smtp, else a name made of the service's */
static const char *inner_name(struct draft *draft, const struct draft_service *service)
{
    struct buffer name;

    if (str_is(service->name, "smtp"))
        return "smtpd";
    buffer_init(&name, draft->arena);
    buffer_add_cstr(&name, "smtpd-");
    for (size_t i = 0; i < service->name.len; i++)
        if (service->name.at[i] != '[' && service->name.at[i] != ']')
            buffer_add_char(&name, service->name.at[i] == ':' ? '-' : service->name.at[i]);
    return arena_cstr(draft->arena, buffer_str(&name));
}

static struct str override_of(const struct draft_service *service, const char *name)
{
    for (size_t i = 0; i < service->override_count; i++)
        if (str_is(service->overrides[i].name, name))
            return service->overrides[i].value;
    return STR_NONE;
}

/* put_screen - postscreen listens in the service's place, which is behind it from now on */
static void put_screen(struct pause *pause, struct draft_service *service)
{
    struct draft *draft = pause->draft;
    const char *name = inner_name(draft, service);
    struct draft_service *inner = draft_service(draft, service->item, name, "pass", "smtpd");
    struct str outer_name = service->name, log_name = override_of(service, "syslog_name");
    struct str fields[5] = {str_of("-"), str_of("-"), str_of("-"), str_of("-"), str_of("1")};

    *inner = *service;
    inner->name = arena_copy(draft->arena, str_of(name));
    inner->type = str_of("pass");
    *service = (struct draft_service){.name = outer_name,
                                      .type = str_of("inet"),
                                      .command = str_of("postscreen"),
                                      .item = inner->item};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        service->fields[i] = fields[i];
    if (log_name.at != NULL)
        draft_override(draft, service, pause->feature, "syslog_name", "%.*s", STR_ARG(log_name));
    if (!str_is(str_of(name), "smtpd"))
        draft_override(draft, service, pause->feature, "smtpd_service_name", "%s", name);
}

static void put_screens(struct pause *pause)
{
    struct draft *draft = pause->draft;
    size_t count = draft->service_count;

    for (size_t i = 0; i < count; i++) {
        struct draft_service *service = draft->services[i];
        if (str_is(service->type, "inet") && str_is(service->command, "smtpd") &&
            !service->disabled && !str_is(override_of(service, "smtpd_tls_wrappermode"), "yes"))
            put_screen(pause, service);
    }
}

static void set_parameters(struct pause *pause)
{
    struct draft *draft = pause->draft;
    const struct sendmail_item *feature = pause->feature;

    draft_set(draft, feature, "postscreen_greet_wait", "%lds", pause->waits);
    draft_set(draft, feature, "postscreen_greet_action", "drop");
    draft_reason(draft, "postscreen_greet_action", "who speaks before the greeting is refused");
    draft_set(draft, feature, "postscreen_cache_map", "%s", "");
    draft_reason(draft, "postscreen_cache_map", "clients wait each time, also who waited before");
    draft_set(draft, feature, "postscreen_greet_ttl", "1s");
    draft_reason(draft, "postscreen_greet_ttl",
                 "the shortest there is: connections side by side share what one of them passed");
    draft_set(draft, feature, "postscreen_access_list", "%.*s",
              STR_ARG(pause->excepts
                          ? draft_table_ref(draft, draft_table(draft, "greet_pause", DRAFT_CIDR))
                          : str_of("")));
    draft_reason(draft, "postscreen_access_list", "who need not wait for the greeting");
    draft_set(draft, NULL, "postscreen_client_connection_count_limit", "0");
    draft_reason(draft, "postscreen_client_connection_count_limit",
                 "smtpd behind it counts the connections of a client");
}

/* --- all of it -------------------------------------------------------------------------------- */

static void say_feature(struct pause *pause)
{
    struct str text = str_trim(sendmail_argument(pause->feature, 0));
    bool whole = seconds_of(text) == 0 || str_ends(text, "000");

    draft_fate(pause->draft, pause->feature, FATE_MAPPED,
               "postscreen stands in front of the SMTP server: postscreen_greet_wait = %lds, "
               "postscreen_greet_action = drop; it begins its greeting at once, and ends it when "
               "the time is over",
               pause->waits);
    if (!whole)
        draft_fate(pause->draft, pause->feature, FATE_MAPPED,
                   "%.*s milliseconds are rounded up to whole seconds", STR_ARG(text));
}

void greet_pause_convert(struct draft *draft)
{
    struct pause pause = {.draft = draft};

    access_read(&pause.access, draft);
    pause.feature = sendmail_feature(draft->sendmail, "greet_pause");
    if (pause.feature == NULL) {
        decide_lines(&pause, FATE_MEANINGLESS,
                     "without FEATURE(`greet_pause') nothing asks for it");
        return;
    }
    if (pause.access.feature != NULL && pause.feature->number < pause.access.feature->number) {
        decide_lines(&pause, FATE_MEANINGLESS,
                     "FEATURE(`greet_pause') stands before FEATURE(`access_db'), and does not ask "
                     "the table");
        pause.access.count = 0;
    }
    find_times(&pause);
    if (pause.waits == 0) {
        decide_lines(&pause, FATE_ALREADY, "nobody has to wait");
        draft_fate(draft, pause.feature, FATE_ALREADY, "nobody has to wait");
        return;
    }
    map_lines(&pause);
    set_parameters(&pause);
    put_screens(&pause);
    say_feature(&pause);
}
