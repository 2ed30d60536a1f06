/* serve - the reference SMTP server, on loopback */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/json.h"
#include "cmd/command.h"
#include "cmd/report/start.h"
#include "smtp/server/server.h"

static const char help[] =
    "usage: postmend serve [--base-port N] [--maildir DIR] [--logins FILE] [--assume A]...\n"
    "                      [--format text|json] [--platform P] [--hostname NAME]\n"
    "                      [--interfaces ADDR,...] [--users FILE] PATH\n"
    "\n"
    "Answers SMTP on 127.0.0.1 as the configuration in PATH says, for each inet service\n"
    "that runs smtpd, until it receives SIGINT or SIGTERM.  Standard output lists the\n"
    "services and their ports; the log, in Postfix's format, goes to standard error.\n"
    "  --base-port N   a service listens on N plus its own port; with 20000, the default,\n"
    "                  smtp is on 20025, submissions on 20465 and submission on 20587.\n"
    "                  Ports above 1023, and addresses that share a port, get N + 1024 plus\n"
    "                  their position in master.cf.\n"
    "  --maildir DIR   where to store mail, one file per message with Return-Path: and\n"
    "                  Delivered-To: headers; default: mail is accepted and discarded\n"
    "  --logins FILE   who may log in: lines of the form name:password\n"
    "  --assume A      what cannot be determined from the files: dns=ok, recipient=exists, ...\n";

enum { USUAL_BASE_PORT = 20000 };

/* --- where it listens -------------------------------------------------------------------- */

static const char *name_mode(const struct server_listener *listener)
{
    return listener->wrapped ? "implicit" : listener->starttls ? "starttls" : "none";
}

static void print_table(const struct server_listener *listeners, size_t count)
{
    int width = (int)sizeof "service" - 1;

    for (size_t i = 0; i < count; i++)
        if ((int)listeners[i].name.len > width)
            width = (int)listeners[i].name.len;
    printf("%-*s  %5s  %-21s  %-8s  certificate\n", width, "service", "port", "listens at", "TLS");
    for (size_t i = 0; i < count; i++) {
        char place[32], port[16] = "?";
        snprintf(place, sizeof place, "127.0.0.1:%d", listeners[i].local_port);
        if (listeners[i].port > 0)
            snprintf(port, sizeof port, "%d", listeners[i].port);
        printf("%-*.*s  %5s  %-21s  %-8s  %.*s\n", width, STR_ARG(listeners[i].name), port, place,
               name_mode(&listeners[i]),
               STR_ARG(listeners[i].certificate.len > 0 ? listeners[i].certificate : str_of("-")));
    }
}

static void print_json(struct arena *arena, const struct server_listener *listeners, size_t count)
{
    json_t *list = json_array();

    for (size_t i = 0; i < count; i++) {
        json_t *item = json_object();
        json_object_set_new(item, "service", json_text(arena, listeners[i].name));
        json_object_set_new(item, "port", json_integer(listeners[i].port));
        json_object_set_new(item, "host", json_string("127.0.0.1"));
        json_object_set_new(item, "local_port", json_integer(listeners[i].local_port));
        json_object_set_new(item, "tls", json_string(name_mode(&listeners[i])));
        json_object_set_new(item, "certificate", json_text(arena, listeners[i].certificate));
        json_array_append_new(list, item);
    }
    json_t *whole = json_object();
    json_object_set_new(whole, "listeners", list);
    json_dumpf(whole, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(whole);
}

/* hold_stop_signals - the reader of the table may stop us at once: server_run() unblocks them */
static void hold_stop_signals(void)
{
    sigset_t signals;

    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
}

/* --- the command ------------------------------------------------------------------------- */

/* report_dead - says which services would not start; true where Postfix itself would not */
static bool report_dead(struct arena *arena, const struct policy *policy)
{
    const struct policy_service *service;
    const struct start_fault *fault;

    for (size_t at = 0; start_fault_next(policy, &at, &service, &fault);) {
        complain("serve", "%.*s", STR_ARG(start_report_line(arena, service, fault)));
        if (fault->problem == START_MASTER)
            return true;
    }
    return false;
}

static int run_serve(struct arena *arena, struct options *options)
{
    struct config *config = arena_alloc(arena, sizeof *config);
    struct users users = {0};
    struct str error = STR_NONE;
    size_t count;

    if (options->operand_count != 1) {
        complain("serve", "expected one configuration directory or file");
        return STATUS_WRONG_USE;
    }
    if (!command_open_live(config, arena, options, options->operands[0], options->platform))
        return STATUS_WRONG_USE;
    if (options->logins.len > 0 && !users_read(&users, arena, options->logins, &error)) {
        complain("serve", "%.*s", STR_ARG(error));
        return STATUS_WRONG_USE;
    }
    const struct policy *policy = policy_open(arena, config);
    if (report_dead(arena, policy))
        return STATUS_FINDINGS;
    if (policy->count == 0) {
        complain("serve", "%.*s has no inet service that runs smtpd", STR_ARG(config->path));
        return STATUS_WRONG_USE;
    }
    struct server_options server_options = {
        .base_port = options->base_port > 0 ? options->base_port : USUAL_BASE_PORT,
        .maildir = options->maildir,
        .users = &users,
        .assumptions = &options->assumptions,
        .hostname = config->host.hostname,
        .log = stderr,
    };
    static char log_buffer[64 * 1024]; /* written whenever the server waits */
    setvbuf(stderr, log_buffer, _IOFBF, sizeof log_buffer);
    hold_stop_signals();
    struct server *server = server_create(arena, policy, &server_options, &error);
    if (server == NULL) {
        complain("serve", "%.*s", STR_ARG(error));
        return STATUS_WRONG_USE;
    }
    const struct server_listener *listeners = server_listeners(server, &count);
    if (str_is(options->format, "json"))
        print_json(arena, listeners, count);
    else
        print_table(listeners, count);
    fflush(stdout);
    fflush(stderr);
    server_run(server);
    server_destroy(server);
    return STATUS_GOOD;
}

const struct command command_serve = {
    .name = "serve",
    .summary = "answer SMTP on loopback as a configuration says",
    .help = help,
    .takes = TAKES_PLATFORM | TAKES_HOST | TAKES_FORMAT | TAKES_ASSUME | TAKES_SERVER,
    .run = run_serve,
};
