/* trace - one session through the configuration, with every outcome that the files do not decide */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "cmd/command.h"
#include "cmd/report/place.h"
#include "cmd/report/start.h"
#include "smtp/policy/users.h"
#include "smtp/session/session.h"
#include "smtp/tls/tls.h"

static const char help[] =
    "usage: postmend trace [--client IP] [--client-name NAME] [--port N | --service NAME]\n"
    "                      [--tls] [--auth USER] [--helo NAME] [--from A] [--to A] [--size N]\n"
    "                      [--assume A]... [--platform P] [--format text|json] PATH\n"
    "\n"
    "Traces one SMTP session through the configuration in PATH: each restriction, its result\n"
    "and the reason, and which one decided, with file and line.\n"
    "  --client IP    the address of the client (default: 198.51.100.7, a stranger)\n"
    "  --port N       the port of the service (default: 25); --service NAME: its name\n"
    "  --tls          the client uses TLS\n"
    "  --auth USER    the client has logged in as USER\n"
    "  --from, --to   the envelope; an empty --from is the null sender\n"
    "  --assume A     what cannot be determined from the files: dns=ok, recipient=exists,\n"
    "                 table:mysql:/etc/postfix/x.cf=none, service=dunno; every possible\n"
    "                 outcome of the rest is tried\n"
    "Exit status: 0 the session is accepted in every case in which the host has what the\n"
    "configuration needs (its certificate, Dovecot, milters), 1 it is not, 2 wrong use.\n";

/* one command of the session and how it was answered */
struct exchange {
    struct str command; /* empty for the greeting */
    struct reply reply; /* code 0: none */
    const char *ending; /* what happens instead of a reply, or NULL */
    size_t first, last; /* its steps in the trace: first .. last - 1 */
};

enum { EXCHANGES_MAX = 10 };

static const char closed_text[] = "the server closes the connection without a reply";
static const char silent_text[] = "the server does not reply, and waits";

static const char usual_client[] = "198.51.100.7"; /* a stranger */

/* the session in one world */
struct trace_walk {
    struct exchange exchanges[EXCHANGES_MAX];
    size_t count;
    struct trace trace;
    bool refused;
};

/* the session that the options describe */
struct trace_request {
    const struct policy_service *service;
    struct session_client client;
    struct str commands[EXCHANGES_MAX];
    size_t count;
    size_t tls_after; /* the handshake follows this many commands; SIZE_MAX: none */
    bool can_tls;
    struct str_list tls_needs;
    struct users users;
};

/* --- the session ------------------------------------------------------------------------- */

static void add_command(struct trace_request *request, struct str command)
{
    request->commands[request->count++] = command;
}

static struct str choose_text(struct str given, const char *otherwise)
{
    return given.at != NULL ? given : str_of(otherwise);
}

static void request_session(struct trace_request *request, struct arena *arena,
                            const struct options *options)
{
    struct str ehlo =
        arena_printf(arena, "EHLO %.*s", STR_ARG(choose_text(options->helo, "client.example")));
    struct str size = options->size.at == NULL
                          ? str_of("")
                          : arena_printf(arena, " SIZE=%.*s", STR_ARG(options->size));

    request->client = (struct session_client){
        .address = choose_text(options->client, usual_client),
        .port = STR("40000"),
        .server_address = STR("127.0.0.1"),
        .server_port = arena_printf(arena, "%d", request->service->port),
        .name = options->client_name,
        .reverse_name = options->client_name,
    };
    request->can_tls = start_offers_tls(request->service) &&
                       tls_server_works(arena, request->service, &request->tls_needs);
    request->tls_after = (size_t)-1;
    add_command(request, ehlo);
    if (options->tls && !policy_flag(request->service, PARAM_SMTPD_TLS_WRAPPERMODE)) {
        add_command(request, str_of("STARTTLS"));
        request->tls_after = request->count;
        add_command(request, ehlo);
    }
    if (options->auth.at != NULL) {
        users_add(&request->users, arena, options->auth, str_of("trace"));
        /* everyone has this password: see request_session() */
        add_command(request, arena_printf(arena, "AUTH PLAIN %.*s",
                                          STR_ARG(users_plain_response(arena, options->auth,
                                                                       str_of("trace")))));
    }
    add_command(request, arena_printf(arena, "MAIL FROM:<%.*s>%.*s",
                                      STR_ARG(choose_text(options->sender, "stranger@example.org")),
                                      STR_ARG(size)));
    add_command(request,
                arena_printf(arena, "RCPT TO:<%.*s>",
                             STR_ARG(choose_text(options->recipient, "someone@example.net"))));
    add_command(request, str_of("DATA"));
}

/* add_exchange - without a reply, the session ends too */
static void add_exchange(struct trace_walk *walk, struct str command,
                         const struct session_step *step, size_t first)
{
    const char *ending = step->reply.code != 0        ? NULL
                         : step->next == NEXT_CLOSE   ? closed_text
                         : step->next == NEXT_SILENCE ? silent_text
                                                      : NULL;

    walk->exchanges[walk->count++] =
        (struct exchange){command, step->reply, ending, first, walk->trace.count};
    walk->refused |= step->reply.code >= 400 || ending != NULL;
}

/* run_session - the request in one world, up to the first rejection */
static void run_session(struct trace_walk *walk, struct arena *arena,
                        const struct trace_request *request, bool with_tls, struct world *world)
{
    struct session_step step;

    const struct state_tls tls = {.active = true,
                                  .protocol = STR("TLSv1.3"),
                                  .cipher = STR("TLS_AES_256_GCM_SHA384"),
                                  .bits = 256,
                                  .algorithm_bits = 256};
    const struct session_options options = {
        .users = &request->users,
        .trace = &walk->trace,
        .can_tls = request->can_tls,
        .tls_needs = request->tls_needs,
    };
    struct session *session =
        session_begin(arena, request->service, world, &request->client, &options);

    *walk = (struct trace_walk){.trace.arena = arena};
    step = session_greeting(session);
    if (step.next == NEXT_TLS && with_tls) {
        session_tls(session, &tls);
        step = session_greeting(session);
    }
    add_exchange(walk, str_of(""), &step, 0);
    for (size_t i = 0; i < request->count && !walk->refused; i++) {
        size_t first = walk->trace.count;
        if (i == request->tls_after)
            session_tls(session, &tls);
        step = session_line(session, request->commands[i], false);
        add_exchange(walk, request->commands[i], &step, first);
    }
}

/* --- text ------------------------------------------------------------------------------------ */

static void print_place(struct buffer *out, struct span span)
{
    if (span.source == NULL) {
        buffer_add_cstr(out, "default");
        return;
    }
    struct position place = source_position(span.source, span.at);
    buffer_printf(out, "%.*s:%zu:%zu", STR_ARG(span.source->path), place.line, place.column);
}

static void print_step(struct buffer *out, const struct trace_step *step)
{
    buffer_printf(out, "    %*s%.*s: %.*s%s\n", 2 * step->depth, "", STR_ARG(step->restriction),
                  STR_ARG(step->said), step->decided ? "  <- decided" : "");
    buffer_printf(out, "    %*s  ", 2 * step->depth, "");
    if (step->span.source == NULL && str_is(step->said, "no reply")) {
        buffer_printf(out, "%.*s\n", STR_ARG(step->why));
        return;
    }
    print_place(out, step->span);
    if (step->table_span.source != NULL) {
        buffer_add_cstr(out, ", ");
        print_place(out, step->table_span);
    }
    if (step->why.len > 0)
        buffer_printf(out, ": %.*s", STR_ARG(step->why));
    buffer_add_char(out, '\n');
}

static void print_walk(struct buffer *out, struct arena *arena, const struct trace_walk *walk)
{
    for (size_t i = 0; i < walk->count; i++) {
        const struct exchange *exchange = &walk->exchanges[i];
        struct buffer reply;
        if (exchange->command.len > 0)
            buffer_printf(out, "> %.*s\n", STR_ARG(exchange->command));
        for (size_t k = exchange->first; k < exchange->last; k++)
            print_step(out, &walk->trace.steps[k]);
        buffer_init(&reply, arena);
        if (exchange->ending != NULL)
            buffer_printf(out, "%s\n", exchange->ending);
        else
            reply_print(&reply, exchange->reply);
        for (struct str rest = buffer_str(&reply); rest.len > 0;) {
            size_t end = str_find(rest, '\r', 0);
            buffer_printf(out, "< %.*s\n", STR_ARG(str_slice(rest, 0, end)));
            rest = str_slice(rest, end + 2, rest.len);
        }
    }
}

/* --- JSON ------------------------------------------------------------------------------------ */

static json_t *make_step(struct arena *arena, const struct trace_step *step)
{
    return json_pack("{s:o, s:o, s:o, s:i, s:o, s:o, s:b}", "restriction",
                     json_text(arena, step->restriction), "said", json_text(arena, step->said),
                     "why", json_text(arena, step->why), "depth", step->depth, "place",
                     place_json(arena, step->span), "table_place",
                     place_json(arena, step->table_span), "decided", step->decided);
}

static json_t *make_walk(struct arena *arena, const struct trace_walk *walk, struct str assuming)
{
    json_t *list = json_array();

    for (size_t i = 0; i < walk->count; i++) {
        const struct exchange *exchange = &walk->exchanges[i];
        json_t *steps = json_array();
        for (size_t k = exchange->first; k < exchange->last; k++)
            json_array_append_new(steps, make_step(arena, &walk->trace.steps[k]));
        json_array_append_new(list, json_pack("{s:o, s:o, s:i, s:o, s:o}", "command",
                                              json_text(arena, exchange->command), "steps", steps,
                                              "code", exchange->reply.code, "enhanced",
                                              json_text(arena, exchange->reply.enhanced), "text",
                                              json_text(arena, exchange->reply.text)));
    }
    return json_pack("{s:o, s:o}", "assuming", json_text(arena, assuming), "exchanges", list);
}

/* --- the command ----------------------------------------------------------------------------- */

/* print_last_reply - how the session ended in this world */
static struct str print_last_reply(struct arena *arena, const struct trace_walk *walk)
{
    const struct exchange *last = &walk->exchanges[walk->count - 1];
    struct buffer out;

    if (last->ending != NULL)
        return str_of(last->ending);
    buffer_init(&out, arena);
    reply_print(&out, last->reply);
    return str_trim(buffer_str(&out));
}

/* run_worlds - the session in every world, into OUT or, unless it is NULL, into LIST */
static bool run_worlds(struct buffer *out, json_t *list, struct arena *arena,
                       const struct trace_request *request, const struct options *options)
{
    bool refused = false;
    struct world world;
    struct trace_walk walk;

    world_init(&world, arena, &options->assumptions);
    do {
        run_session(&walk, arena, request, options->tls, &world);
        struct str assuming = world_describe(&world, arena);
        refused |= walk.refused && !world_lacks_need(&world);
        if (list != NULL) {
            json_array_append_new(list, make_walk(arena, &walk, assuming));
        } else if (world.ways == 0) {
            print_walk(out, arena, &walk);
            if (assuming.len > 0)
                buffer_printf(out, "assuming %.*s\n", STR_ARG(assuming));
        } else {
            buffer_printf(out, "if %.*s:\n  %.*s\n", STR_ARG(assuming),
                          STR_ARG(print_last_reply(arena, &walk)));
        }
    } while (world_next(&world));
    if (world.cut.len > 0)
        complain("trace", "not every outcome was tried: %.*s; use --assume to reduce their number",
                 STR_ARG(world.cut));
    return refused;
}

/* find_service - the one that the options name, or NULL */
static const struct policy_service *find_service(const struct policy *policy,
                                                 const struct options *options)
{
    const struct policy_service *service = NULL;
    int port = options->port > 0 ? options->port : 25;

    if (options->service.at != NULL)
        service = policy_service_named(policy, options->service);
    else if ((service = policy_service_at_port(policy, port)) == NULL && options->port == 0 &&
             policy->count > 0)
        service = &policy->services[0];
    if (service == NULL && options->service.at == NULL && policy->count == 0 &&
        policy->config->master_cf.source == NULL)
        service = policy->all;
    return service;
}

/* print_silence - no session at all; MEMBER of the JSON is OBJECT */
static int print_silence(const char *member, json_t *object, struct str line, bool json)
{
    if (json) {
        json_t *list = json_pack("[{s:s, s:o, s:[]}]", "assuming", "", member, object, "exchanges");
        json_dumpf(list, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(list);
    } else {
        json_decref(object);
        printf("%.*s\n", STR_ARG(line));
    }
    return STATUS_FINDINGS;
}

/* report_dead - the service, or Postfix itself, would not start */
static int report_dead(struct arena *arena, const struct trace_request *request,
                       const struct start_fault *fault, bool json)
{
    struct str line = start_report_line(arena, request->service, fault);

    return print_silence("not_started", start_report_object(arena, request->service, fault),
                         arena_printf(arena, "no greeting: %.*s", STR_ARG(line)), json);
}

/* find_obstacle - why the client gets no greeting from a service that starts; STR_NONE: it does */
static struct str find_obstacle(struct arena *arena, const struct policy_service *service,
                                const struct options *options)
{
    bool wrapped = policy_flag(service, PARAM_SMTPD_TLS_WRAPPERMODE);
    struct str why;

    if (!start_reaches(service, choose_text(options->client, usual_client), &why))
        return arena_printf(arena, "the client cannot connect: %.*s", STR_ARG(why));
    if (wrapped && !options->tls)
        return str_of("the service waits for a client that starts with TLS "
                      "(smtpd_tls_wrappermode = yes); use --tls");
    if (!wrapped && options->tls && service->port == SUBMISSIONS_PORT)
        return str_of("at this port, clients start with TLS, and the service does not "
                      "(smtpd_tls_wrappermode = no)");
    if (wrapped && !start_offers_tls(service))
        return str_of("the connection is closed: the service starts with TLS, and TLS does not "
                      "work");
    return STR_NONE;
}

static int report_obstacle(struct arena *arena, const struct policy_service *service,
                           struct str why, bool json)
{
    json_t *object = json_pack(
        "{s:o, s:i, s:o}", "service",
        json_text(arena, service->listener == NULL ? str_of("smtpd") : service->listener->name),
        "port", service->port, "why", json_text(arena, why));

    return print_silence("no_greeting", object,
                         arena_printf(arena, "no greeting: %.*s", STR_ARG(why)), json);
}

static int run_trace(struct arena *arena, struct options *options)
{
    struct config config;
    struct buffer out;

    if (options->operand_count != 1) {
        complain("trace", "expected one configuration directory");
        return STATUS_WRONG_USE;
    }
    if (!command_open_live(&config, arena, options, options->operands[0], options->platform))
        return STATUS_WRONG_USE;
    const struct policy *policy = policy_open(arena, &config);
    struct trace_request request = {.service = find_service(policy, options)};
    const struct start_fault *fault = request.service == NULL
                                          ? start_fault_of(policy, NULL)
                                          : start_fault_of_listener(request.service);
    if (request.service == NULL && fault == NULL) {
        complain("trace", "%.*s: no such smtpd service; \"postmend show -M\" lists the services",
                 STR_ARG(config.path));
        return STATUS_WRONG_USE;
    }
    if (fault != NULL)
        return report_dead(arena, &request, fault, str_is(options->format, "json"));
    struct str obstacle = find_obstacle(arena, request.service, options);
    if (obstacle.at != NULL)
        return report_obstacle(arena, request.service, obstacle, str_is(options->format, "json"));
    request_session(&request, arena, options);
    buffer_init(&out, arena);
    json_t *list = str_is(options->format, "json") ? json_array() : NULL;
    bool refused = run_worlds(&out, list, arena, &request, options);
    print_to(stdout, buffer_str(&out));
    if (list != NULL) {
        json_dumpf(list, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(list);
    }
    return refused ? STATUS_FINDINGS : STATUS_GOOD;
}

const struct command command_trace = {
    .name = "trace",
    .summary = "trace one SMTP session through the restrictions",
    .help = help,
    .takes = TAKES_PLATFORM | TAKES_HOST | TAKES_SESSION | TAKES_ASSUME | TAKES_FORMAT,
    .run = run_trace,
};
