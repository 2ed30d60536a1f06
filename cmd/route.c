/* route - where mail for addresses goes, with every outcome that the files do not decide */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "cmd/command.h"
#include "cmd/report/place.h"
#include "smtp/delivery/delivery.h"

static const char help[] =
    "usage: postmend route [--from SENDER] [--client IP] [--port N | --service NAME]\n"
    "                      [--assume A]... [--platform P] [--format text|json] [PATH] ADDRESS...\n"
    "\n"
    "Prints where mail for each ADDRESS goes by the configuration in PATH (default: "
    "/etc/postfix):\n"
    "what canonical, alias and transport tables turn it into, by which transport, to which host,\n"
    "with or without TLS, and as whom Postfix logs in there; with file and line.\n"
    "  ADDRESS          one with an @; - reads addresses from standard input, one a line, and\n"
    "                   prints one line for each place that their mail goes to\n"
    "  --from SENDER    the sender (default: the null sender, which bounces have)\n"
    "  --client IP      the client that smtpd(8) gets it from (default: this host), for the\n"
    "                   restrictions, their refusals and actions such as FILTER and REDIRECT\n"
    "  --port N         the port of the smtpd(8) that gets the mail (default: 25)\n"
    "  --service NAME   the service that gets it: \"submission\", \"pickup\" (sendmail(1))\n"
    "  --assume A       what cannot be determined from the files: recipient=exists,\n"
    "                   table:mysql:/etc/postfix/x.cf=none; every possible outcome of the rest\n"
    "                   is tried\n"
    "Exit status: 0 all mail is delivered in every case, 1 some is not, or that cannot be\n"
    "determined, 2 wrong use.\n";

static const char usual_path[] = "/etc/postfix";

/* what is asked about each address */
struct route_run {
    struct options *options;
    const struct policy_service *entry;
    struct arena *arena; /* of one address; reset after it */
    json_t *list;        /* of JSON; NULL: text */
    bool brief;          /* one line for each delivery */
    bool failed;         /* some mail is not delivered */
    struct map seen;     /* the outcomes of the address that were printed: each once */
};

/* --- text --------------------------------------------------------------------------------------
 */

static void print_place(struct buffer *out, struct span span, const char *otherwise)
{
    if (span.source == NULL) {
        buffer_add_cstr(out, otherwise);
        return;
    }
    struct position place = source_position(span.source, span.at);
    buffer_printf(out, "%.*s:%zu:%zu", STR_ARG(span.source->path), place.line, place.column);
}

static void print_step(struct buffer *out, const struct delivery_step *step)
{
    int indent = 4 + 2 * step->depth;

    buffer_printf(out, "%*s", indent, "");
    if (step->what.len > 0)
        buffer_printf(out, "%.*s: ", STR_ARG(step->what));
    buffer_printf(out, "%.*s\n", STR_ARG(step->said));
    if (step->span.source == NULL && step->table_span.source == NULL)
        return;
    buffer_printf(out, "%*s  ", indent, "");
    print_place(out, step->span, "default");
    if (step->table_span.source != NULL) {
        buffer_add_cstr(out, ", ");
        print_place(out, step->table_span, "");
    }
    buffer_add_char(out, '\n');
}

static void print_delivery(struct buffer *out, const struct delivery_walk *walk,
                           const struct mail_delivery *delivery)
{
    for (size_t i = delivery->first_step; i < delivery->last_step; i++)
        print_step(out, &walk->steps[i]);
    for (size_t i = 0; i < delivery->notes.count; i++)
        buffer_printf(out, "  note: %.*s\n", STR_ARG(delivery->notes.items[i]));
    buffer_printf(out, "  %.*s: %.*s\n", STR_ARG(delivery->recipient), STR_ARG(delivery->sentence));
}

/* print_sentences - the outcome alone, one line for each delivery */
static void print_sentences(struct buffer *out, const struct delivery_walk *walk,
                            const char *indent)
{
    for (size_t i = 0; i < walk->count; i++)
        buffer_printf(out, "%s%.*s: %.*s\n", indent, STR_ARG(walk->deliveries[i].recipient),
                      STR_ARG(walk->deliveries[i].sentence));
}

static void print_walk(struct buffer *out, const struct delivery_walk *walk, struct str address,
                       struct str assuming)
{
    buffer_printf(out, "> %.*s\n", STR_ARG(address));
    for (size_t i = 0; i < walk->count; i++)
        print_delivery(out, walk, &walk->deliveries[i]);
    if (assuming.len > 0)
        buffer_printf(out, "assuming %.*s\n", STR_ARG(assuming));
}

/* --- JSON --------------------------------------------------------------------------------------
 */

static json_t *make_hop(struct arena *arena, const struct remote_hop *hop)
{
    static const char *const tls[] = {
        [REMOTE_PLAIN] = "none",        [REMOTE_OPPORTUNISTIC] = "opportunistic",
        [REMOTE_REQUIRED] = "required", [REMOTE_FAILS] = "fails",
        [REMOTE_UNKNOWN] = "unknown",
    };

    return json_pack("{s:o, s:b, s:b, s:s, s:s, s:o, s:b, s:b, s:b, s:b, s:o}", "destination",
                     json_text(arena, hop->text), "mx", hop->has_mx, "fallback", hop->is_fallback,
                     "level", tls_level_name(hop->level), "tls", tls[hop->tls], "tls_text",
                     json_text(arena, hop->tls_text), "wrapped", hop->wrapped, "verified",
                     hop->is_verified, "plain_with_tls", hop->plain_with_tls, "plain_without_tls",
                     hop->plain_without_tls, "login",
                     hop->user.at == NULL ? json_null() : json_text(arena, hop->user));
}

static json_t *make_texts(struct arena *arena, struct str_list texts)
{
    json_t *list = json_array();

    for (size_t i = 0; i < texts.count; i++)
        json_array_append_new(list, json_text(arena, texts.items[i]));
    return list;
}

static json_t *make_delivery(struct arena *arena, const struct delivery_walk *walk,
                             const struct mail_delivery *delivery)
{
    json_t *steps = json_array(), *hops = json_array();

    for (size_t i = delivery->first_step; i < delivery->last_step; i++) {
        const struct delivery_step *step = &walk->steps[i];
        json_array_append_new(steps, json_pack("{s:o, s:o, s:i, s:o, s:o}", "what",
                                               json_text(arena, step->what), "said",
                                               json_text(arena, step->said), "depth", step->depth,
                                               "place", place_json(arena, step->span),
                                               "table_place", place_json(arena, step->table_span)));
    }
    for (size_t i = 0; delivery->remote != NULL && i < delivery->remote->count; i++)
        json_array_append_new(hops, make_hop(arena, &delivery->remote->hops[i]));
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "recipient",
        json_text(arena, delivery->recipient), "transport", json_text(arena, delivery->transport),
        "nexthop", json_text(arena, delivery->nexthop), "daemon",
        json_text(arena, delivery->daemon), "end", delivery_end_name(delivery->end), "what",
        json_text(arena, delivery->what), "sentence", json_text(arena, delivery->sentence),
        "destinations", hops, "steps", steps, "notes", make_texts(arena, delivery->notes));
}

static json_t *make_walk(struct arena *arena, const struct delivery_walk *walk, struct str address,
                         struct str assuming)
{
    json_t *deliveries = json_array();

    for (size_t i = 0; i < walk->count; i++)
        json_array_append_new(deliveries, make_delivery(arena, walk, &walk->deliveries[i]));
    return json_pack("{s:o, s:o, s:o}", "address", json_text(arena, address), "assuming",
                     json_text(arena, assuming), "deliveries", deliveries);
}

/* --- what is assumed ---------------------------------------------------------------------------
 */

/* describe_tables - the tables that are taken to have no entry, each once */
static void describe_tables(struct buffer *out, struct arena *arena, const struct world *world)
{
    struct map seen;

    map_init(&seen, arena);
    for (size_t i = 0; i < world->count; i++) {
        const struct question *question = &world->questions[i];
        struct str table = str_slice(question->subject, 0, str_find(question->subject, ' ', 0));
        if (question->kind != QUESTION_TABLE || question->taken != 0 || question->assumed ||
            map_get(&seen, table) != NULL)
            continue;
        map_put(&seen, table, &seen);
        buffer_printf(out, "%s%.*s", out->len > 0 ? ", " : "no entry in ", STR_ARG(table));
    }
}

/* describe_world - the first world as a whole, of others what is not the usual answer */
static struct str describe_world(const struct world *world, struct arena *arena)
{
    struct buffer out;

    buffer_init(&out, arena);
    if (world->ways == 0)
        describe_tables(&out, arena, world);
    for (size_t i = 0; i < world->count; i++) {
        const struct question *question = &world->questions[i];
        bool is_usual = question->taken == 0;
        if (question->assumed || (world->ways > 0 && is_usual) ||
            (world->ways == 0 && is_usual && question->kind == QUESTION_TABLE))
            continue;
        buffer_printf(&out, "%s%s of %.*s: %s", out.len > 0 ? ", " : "",
                      world_kind_name(question->kind), STR_ARG(question->subject),
                      question->answers[question->taken]);
    }
    return out.len > 0 ? buffer_str(&out) : str_of("");
}

/* --- one address -------------------------------------------------------------------------------
 */

/* is_delivered - does the mail get anywhere? */
static bool is_delivered(const struct delivery_walk *walk)
{
    for (size_t i = 0; i < walk->count; i++) {
        const struct mail_delivery *delivery = &walk->deliveries[i];
        if (delivery->end > DELIVERY_DISCARD ||
            (delivery->remote != NULL && (delivery->remote->hops[0].tls == REMOTE_FAILS ||
                                          delivery->remote->hops[0].tls == REMOTE_UNKNOWN)))
            return false;
    }
    return true;
}

/* print_outcome - of one world, unless the same was printed for another */
static void print_outcome(struct route_run *run, struct buffer *out,
                          const struct delivery_walk *walk, const struct world *world,
                          struct str address)
{
    struct arena *arena = run->arena;
    struct str assuming = describe_world(world, arena);
    struct buffer sentences;

    buffer_init(&sentences, arena);
    print_sentences(&sentences, walk, run->brief ? "" : "  ");
    struct str text = buffer_str(&sentences);
    if (map_get(&run->seen, text) != NULL)
        return;
    map_put(&run->seen, text, run);
    if (run->list != NULL) {
        json_array_append_new(run->list, make_walk(arena, walk, address, assuming));
    } else if (!run->brief && world->ways == 0) {
        print_walk(out, walk, address, assuming);
    } else {
        if (run->brief && assuming.len > 0)
            buffer_printf(out, "%.*s, if %.*s:\n", STR_ARG(address), STR_ARG(assuming));
        else if (!run->brief)
            buffer_printf(out, "if %.*s:\n", STR_ARG(assuming));
        buffer_add(out, text);
    }
}

static void route_address(struct route_run *run, struct str address)
{
    struct arena *arena = run->arena;

    if (str_starts(address, "<") && str_ends(address, ">") && address.len > 2)
        address = str_slice(address, 1, address.len - 1);
    struct delivery_walk walk = {.arena = arena, .brief = run->brief && run->list == NULL};
    const struct delivery_request request = {
        run->entry, run->options->sender.at == NULL ? str_of("") : run->options->sender, address,
        run->options->client};
    struct buffer out;
    struct world world;

    buffer_init(&out, arena);
    map_init(&run->seen, arena);
    world_init(&world, arena, &run->options->assumptions);
    do {
        delivery_walk(&walk, &request, &world);
        run->failed |= !is_delivered(&walk);
        print_outcome(run, &out, &walk, &world, address);
    } while (world_next(&world));
    print_to(stdout, buffer_str(&out));
    if (world.cut.len > 0)
        complain("route", "%.*s: not every outcome was tried: %.*s", STR_ARG(address),
                 STR_ARG(world.cut));
    arena_reset(arena);
}

static void route_input(struct route_run *run)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t length;

    run->brief = true;
    while ((length = getline(&line, &size, stdin)) > 0) {
        struct str address = str_trim((struct str){line, (size_t)length});
        if (address.len > 0)
            route_address(run, address);
    }
    free(line);
}

/* --- the command -------------------------------------------------------------------------------
 */

/* find_entry - the service that gets the mail; NULL: there is no such */
static const struct policy_service *find_entry(const struct policy *policy,
                                               const struct options *options)
{
    const struct policy_service *service = NULL;

    if (options->service.at != NULL) {
        service = policy_service_named(policy, options->service);
        return service != NULL ? service : delivery_entry(policy, options->service, "pickup");
    }
    service = policy_service_at_port(policy, options->port > 0 ? options->port : 25);
    if (service != NULL || options->port > 0)
        return service;
    if (policy->count > 0)
        return &policy->services[0];
    service = delivery_entry(policy, str_of("pickup"), "pickup");
    return service != NULL ? service : policy->all;
}

/* is_address - an operand that is not the PATH */
static bool is_address(struct str text)
{
    return str_is(text, "-") || (str_find(text, '@', 0) < text.len && str_find(text, '/', 0) > 0);
}

static int run_route(struct arena *arena, struct options *options)
{
    struct config config;
    size_t first = options->operand_count > 0 && !is_address(options->operands[0]) ? 1 : 0;
    struct route_run run = {.options = options};

    if (options->operand_count <= first) {
        complain("route", "expected an address");
        return STATUS_WRONG_USE;
    }
    if (!command_open_live(&config, arena, options,
                           first > 0 ? options->operands[0] : str_of(usual_path),
                           options->platform))
        return STATUS_WRONG_USE;
    const struct policy *policy = policy_open(arena, &config);
    run.entry = find_entry(policy, options);
    if (run.entry == NULL) {
        complain("route",
                 "%.*s: no such service of smtpd or pickup; \"postmend show -M\" lists "
                 "the services",
                 STR_ARG(config.path));
        return STATUS_WRONG_USE;
    }
    run.arena = arena_create(out_of_memory);
    run.list = str_is(options->format, "json") ? json_array() : NULL;
    for (size_t i = first; i < options->operand_count; i++)
        if (str_is(options->operands[i], "-"))
            route_input(&run);
        else
            route_address(&run, options->operands[i]);
    if (run.list != NULL) {
        json_dumpf(run.list, stdout, JSON_INDENT(2));
        putchar('\n');
        json_decref(run.list);
    }
    arena_destroy(run.arena);
    return run.failed ? STATUS_FINDINGS : STATUS_GOOD;
}

const struct command command_route = {
    .name = "route",
    .summary = "print where mail for an address goes, and how it is protected",
    .help = help,
    .takes = TAKES_PLATFORM | TAKES_HOST | TAKES_ROUTE | TAKES_ASSUME | TAKES_FORMAT,
    .run = run_route,
};
