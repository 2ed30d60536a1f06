/*
 * greet_pause - rejects clients that speak before the greeting
 *
 * Sendmail waits before its greeting and rejects a client that sends data during that time
 * (sendmail/srvrsmtp.c; feature/greet_pause.m4).  postscreen(8) does the same before it hands the
 * client to smtpd(8).  The restriction "sleep" of postconf(5) does not: smtpd checks for early data
 * before it sleeps, not after.
 *
 * Every daemon pauses except those that start with TLS.  Sendmail looks up the name of the client
 * in the access table and then its address; postscreen knows only the address, and has one time for
 * all clients.
 */
#include "convert/access/access.h"
#include "convert/access/modules.h"

enum { PAUSE_MAX = 300 }; /* seconds: the maximum in Sendmail */

struct pause {
    struct draft *draft;
    struct access access;
    const struct sendmail_item *feature;
    long usual;   /* seconds for clients without a line; 0: none */
    long waits;   /* postscreen_greet_wait; 0: no client waits */
    bool excepts; /* some clients do not wait */
};

/* --- times ------------------------------------------------------------------------------------ */

/* read_seconds - milliseconds as strtol() reads them, rounded up to seconds */
static long read_seconds(struct str text)
{
    long milliseconds = 0;
    size_t at = str_span(text, 0, " \t");

    for (; at < text.len && text.at[at] >= '0' && text.at[at] <= '9'; at++)
        if (milliseconds <= PAUSE_MAX * 1000L)
            milliseconds = 10 * milliseconds + (text.at[at] - '0');
    return milliseconds >= PAUSE_MAX * 1000L ? PAUSE_MAX : (milliseconds + 999) / 1000;
}

static bool is_pause_line(const struct access_line *line)
{
    return line->tag == ACCESS_GREET_PAUSE && line->never == NULL;
}

/* find_times - the common time if there is one, else the longest */
static void find_times(struct pause *pause)
{
    pause->usual = read_seconds(str_trim(sendmail_argument(pause->feature, 0)));
    pause->waits = pause->usual;
    for (size_t i = 0; i < pause->access.count; i++) {
        const struct access_line *line = &pause->access.lines[i];
        if (pause->usual == 0 && is_pause_line(line) && line->kind == ACCESS_NETWORK &&
            read_seconds(line->text) > pause->waits)
            pause->waits = read_seconds(line->text);
    }
}

/* --- lines ------------------------------------------------------------------------------------ */

static void put_entry(struct pause *pause, const struct access_line *line, struct str key,
                      bool waits)
{
    struct draft *draft = pause->draft;
    struct draft_table *table = draft_table(draft, "greet_pause", DRAFT_CIDR);

    pause->excepts = true;
    draft_entry(draft, table, line != NULL ? line->item : pause->feature, key,
                str_of(waits ? "dunno" : "permit"));
}

/* decide_time - the client of the line waits as long as all others */
static void decide_time(struct pause *pause, const struct access_line *line)
{
    struct draft *draft = pause->draft;
    long seconds = read_seconds(line->text);

    if (seconds == pause->waits)
        draft_fate(draft, line->item, FATE_MAPPED, "postscreen_greet_wait = %lds", pause->waits);
    else if (seconds < pause->waits)
        draft_fate(draft, line->item, FATE_MAPPED,
                   "postscreen_greet_wait = %lds for all clients, instead of %lds for this one",
                   pause->waits, seconds);
    else
        draft_open_point(draft, line->item,
                         "increase postscreen_greet_wait if all clients may wait that long",
                         "the client waits %lds like all others, instead of %lds: postscreen has "
                         "one time for all clients",
                         pause->waits, seconds);
}

/* is_localhost - names of this host, whose addresses are always 127.0.0.1 and ::1 */
static bool is_localhost(struct str name)
{
    return str_is(name, "localhost") || str_is(name, "localhost.localdomain");
}

static void map_name(struct pause *pause, const struct access_line *line)
{
    struct draft *draft = pause->draft;
    bool waits = read_seconds(line->text) > 0;

    if (waits && pause->usual > 0) {
        decide_time(pause, line);
    } else if (!waits && pause->usual == 0) {
        draft_fate(draft, line->item, FATE_ALREADY, "the client does not wait");
    } else if (is_localhost(line->key)) {
        put_entry(pause, line, str_of("127.0.0.1"), waits);
        put_entry(pause, line, str_of("::1"), waits);
        draft_fate(draft, line->item, FATE_MAPPED, "postscreen_access_list: 127.0.0.1, ::1 %s",
                   waits ? "dunno" : "permit");
    } else {
        draft_open_point(
            draft, line->item,
            arena_printf(draft->arena,
                         "add the addresses of the client to the table greet_pause, with \"%s\"",
                         waits ? "dunno" : "permit")
                .at,
            "postscreen identifies clients by address only: %.*s %s", STR_ARG(line->key),
            waits ? "does not wait, like all others" : "has to wait like all others");
    }
}

static void map_network(struct pause *pause, const struct access_line *line)
{
    bool waits = read_seconds(line->text) > 0;

    put_entry(pause, line, line->key, waits);
    draft_fate(pause->draft, line->item, FATE_MAPPED, "postscreen_access_list: %.*s %s",
               STR_ARG(line->key), waits ? "dunno" : "permit");
    if (waits)
        decide_time(pause, line);
}

static void map_line(struct pause *pause, const struct access_line *line)
{
    if (line->kind == ACCESS_DOMAIN || line->kind == ACCESS_BELOW)
        map_name(pause, line);
    else
        draft_fate(pause->draft, line->item, FATE_MEANINGLESS, "no client matches this key");
}

/* the first matching network is in effect, so the smallest come first */
static void map_lines(struct pause *pause)
{
    struct access *access = &pause->access;

    for (int bits = 128; bits >= 0; bits--)
        for (size_t i = 0; i < access->count; i++) {
            const struct access_line *line = &access->lines[i];
            if (is_pause_line(line) && line->kind == ACCESS_NETWORK && line->bits == bits)
                map_network(pause, line);
        }
    for (size_t i = 0; i < access->count; i++)
        if (is_pause_line(&access->lines[i]) && access->lines[i].kind != ACCESS_NETWORK)
            map_line(pause, &access->lines[i]);
    if (pause->usual == 0) {
        put_entry(pause, NULL, str_of("0.0.0.0/0"), false);
        put_entry(pause, NULL, str_of("::/0"), false);
    }
}

static void decide_lines(struct pause *pause, enum sendmail_fate fate, const char *text)
{
    for (size_t i = 0; i < pause->access.count; i++)
        if (is_pause_line(&pause->access.lines[i]))
            draft_fate(pause->draft, pause->access.lines[i].item, fate, "%s", text);
}

/* --- services --------------------------------------------------------------------------------- */

/* make_inner_name - the name of the smtpd service behind postscreen: "smtpd" for smtp, else derived
   from the service's */
static const char *make_inner_name(struct draft *draft, const struct draft_service *service)
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

static struct str find_override(const struct draft_service *service, const char *name)
{
    for (size_t i = 0; i < service->override_count; i++)
        if (str_is(service->overrides[i].name, name))
            return service->overrides[i].value;
    return STR_NONE;
}

/* add_screen - postscreen takes over the service's socket, and the service moves behind it */
static void add_screen(struct pause *pause, struct draft_service *service)
{
    struct draft *draft = pause->draft;
    const char *name = make_inner_name(draft, service);
    struct draft_service *inner = draft_service(draft, service->item, name, "pass", "smtpd");
    struct str outer_name = service->name, log_name = find_override(service, "syslog_name");
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
        draft_override(draft, service, pause->feature, PARAM_SYSLOG_NAME, "%.*s",
                       STR_ARG(log_name));
    if (!str_is(str_of(name), "smtpd"))
        draft_override(draft, service, pause->feature, PARAM_SMTPD_SERVICE_NAME, "%s", name);
}

static void add_screens(struct pause *pause)
{
    struct draft *draft = pause->draft;
    size_t count = draft->service_count;

    for (size_t i = 0; i < count; i++) {
        struct draft_service *service = draft->services[i];
        if (str_is(service->type, "inet") && str_is(service->command, "smtpd") &&
            !service->disabled && !str_is(find_override(service, "smtpd_tls_wrappermode"), "yes"))
            add_screen(pause, service);
    }
}

static void set_parameters(struct pause *pause)
{
    struct draft *draft = pause->draft;
    const struct sendmail_item *feature = pause->feature;

    draft_set(draft, feature, PARAM_POSTSCREEN_GREET_WAIT, "%lds", pause->waits);
    draft_set(draft, feature, PARAM_POSTSCREEN_GREET_ACTION, "drop");
    draft_reason(draft, PARAM_POSTSCREEN_GREET_ACTION,
                 "clients that speak before the greeting are rejected");
    draft_set(draft, feature, PARAM_POSTSCREEN_CACHE_MAP, "%s", "");
    draft_reason(draft, PARAM_POSTSCREEN_CACHE_MAP,
                 "clients wait at every connection, even if they waited before");
    draft_set(draft, feature, PARAM_POSTSCREEN_GREET_TTL, "1s");
    draft_reason(draft, PARAM_POSTSCREEN_GREET_TTL,
                 "the minimum: only simultaneous connections share a result");
    draft_set(draft, feature, PARAM_POSTSCREEN_ACCESS_LIST, "%.*s",
              STR_ARG(pause->excepts
                          ? draft_table_ref(draft, draft_table(draft, "greet_pause", DRAFT_CIDR))
                          : str_of("")));
    draft_reason(draft, PARAM_POSTSCREEN_ACCESS_LIST, "clients that do not wait for the greeting");
    draft_set(draft, NULL, PARAM_POSTSCREEN_CLIENT_CONNECTION_COUNT_LIMIT, "0");
    draft_reason(draft, PARAM_POSTSCREEN_CLIENT_CONNECTION_COUNT_LIMIT,
                 "the smtpd service limits the connections of a client");
}

/* --- the module ------------------------------------------------------------------------------- */

static void decide_feature(struct pause *pause)
{
    struct str text = str_trim(sendmail_argument(pause->feature, 0));
    bool whole = read_seconds(text) == 0 || str_ends(text, "000");

    draft_fate(pause->draft, pause->feature, FATE_MAPPED,
               "postscreen runs in front of the SMTP server: postscreen_greet_wait = %lds, "
               "postscreen_greet_action = drop; it starts its greeting immediately and completes "
               "it after the pause",
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
                     "without FEATURE(`greet_pause') nothing looks it up");
        return;
    }
    if (pause.access.feature != NULL && pause.feature->number < pause.access.feature->number) {
        decide_lines(
            &pause, FATE_MEANINGLESS,
            "FEATURE(`greet_pause') is above FEATURE(`access_db') and does not look up the table");
        pause.access.count = 0;
    }
    find_times(&pause);
    if (pause.waits == 0) {
        decide_lines(&pause, FATE_ALREADY, "no client has to wait");
        draft_fate(draft, pause.feature, FATE_ALREADY, "no client has to wait");
        return;
    }
    map_lines(&pause);
    set_parameters(&pause);
    add_screens(&pause);
    decide_feature(&pause);
}
