/* the result of a probe: text for people, JSON for programs */
#include "cmd/probe_print.h"

#include <stdio.h>

#include "base/json.h"
#include "base/terminal.h"

struct str probe_keyword(struct str keywords, const char *keyword)
{
    for (size_t at = 0; at < keywords.len;) {
        size_t end = str_find(keywords, '\n', at);
        struct str line = str_slice(keywords, at, end);
        if (str_eq_nocase(str_slice(line, 0, str_find(line, ' ', 0)), str_of(keyword)))
            return line;
        at = end + 1;
    }
    return STR_NONE;
}

static const char *name_mode(enum client_tls tls)
{
    return tls == CLIENT_IMPLICIT ? "implicit" : tls == CLIENT_STARTTLS ? "starttls" : "none";
}

/* clean_text - text from the server, made safe for a terminal; LF becomes ", " */
static struct str clean_text(struct arena *arena, struct str text)
{
    struct buffer out;

    buffer_init(&out, arena);
    while (text.len > 0) {
        size_t end = str_find(text, '\n', 0);
        terminal_add(&out, str_slice(text, 0, end));
        if (end < text.len)
            buffer_add_cstr(&out, ", ");
        text = str_slice(text, end + 1, text.len);
    }
    return buffer_str(&out);
}

/* --- text --------------------------------------------------------------------------------- */

static void print_row(struct arena *arena, const char *name, struct str text)
{
    struct str shown = clean_text(arena, text);

    if (shown.len > 0)
        printf("  %-12s %.*s\n", name, STR_ARG(shown));
}

static void print_chain(struct arena *arena, const struct client_report *report)
{
    for (size_t i = 0; i < report->chain_count; i++) {
        const struct client_certificate *certificate = &report->chain[i];
        print_row(arena, i == 0 ? "certificate" : "signed by",
                  arena_printf(arena, "%.*s, %.*s to %.*s", STR_ARG(certificate->subject),
                               STR_ARG(certificate->not_before), STR_ARG(certificate->not_after)));
        if (i == 0)
            print_row(arena, "names", certificate->names);
        if (i + 1 == report->chain_count)
            print_row(arena, "issuer", certificate->issuer);
    }
    print_row(arena, "trust",
              arena_printf(arena, "%s%s%.*s", client_trust_name(report->trust),
                           report->trust_detail.len > 0 ? ": " : "",
                           STR_ARG(report->trust_detail)));
}

static void print_auth(struct arena *arena, const struct probe_result *result)
{
    struct str before = probe_keyword(result->before, "AUTH");
    struct str after = probe_keyword(result->after, "AUTH");
    struct str none = STR("not offered");

    if (result->before.at != NULL)
        print_row(arena, "AUTH before", before.at != NULL ? before : none);
    if (result->after.at != NULL)
        print_row(arena, "AUTH in TLS", after.at != NULL ? after : none);
}

void probe_print_text(struct arena *arena, struct str host, const struct probe_result *result)
{
    const struct client_report *report = &result->report;

    printf("%.*s port %d, %s\n", STR_ARG(host), result->port,
           result->tls == CLIENT_IMPLICIT   ? "implicit TLS"
           : result->tls == CLIENT_STARTTLS ? "STARTTLS"
                                            : "no TLS");
    print_row(arena, "reachable", str_of(result->reachable ? "yes" : "no"));
    if (result->greeting.code != 0)
        print_row(arena, "greeting",
                  arena_printf(arena, "%d %.*s%s%.*s", result->greeting.code,
                               STR_ARG(result->greeting.enhanced),
                               result->greeting.enhanced.len > 0 ? " " : "",
                               STR_ARG(result->greeting.text)));
    print_row(arena, "before TLS", result->before);
    if (report->protocol.len > 0) {
        print_row(arena, "TLS",
                  arena_printf(arena, "%.*s, %.*s, %d bits", STR_ARG(report->protocol),
                               STR_ARG(report->cipher), report->bits));
        print_chain(arena, report);
    }
    print_row(arena, "in TLS", result->after);
    print_auth(arena, result);
    for (size_t i = 0; i < result->count; i++) {
        print_row(arena, "finding",
                  arena_printf(arena, "%s: %.*s", result->findings[i].kind,
                               STR_ARG(result->findings[i].what)));
        print_row(arena, "advice", result->findings[i].advice);
    }
}

/* --- JSON --------------------------------------------------------------------------------- */

static json_t *make_keywords(struct arena *arena, struct str keywords)
{
    json_t *list;

    if (keywords.at == NULL)
        return json_null();
    list = json_array();
    for (size_t at = 0; at < keywords.len;) {
        size_t end = str_find(keywords, '\n', at);
        json_array_append_new(list, json_text(arena, str_slice(keywords, at, end)));
        at = end + 1;
    }
    return list;
}

static json_t *make_chain(struct arena *arena, const struct client_report *report)
{
    json_t *list = json_array();

    for (size_t i = 0; i < report->chain_count; i++) {
        const struct client_certificate *certificate = &report->chain[i];
        json_t *item = json_object();
        json_object_set_new(item, "subject", json_text(arena, certificate->subject));
        json_object_set_new(item, "issuer", json_text(arena, certificate->issuer));
        json_object_set_new(item, "names", json_text(arena, certificate->names));
        json_object_set_new(item, "not_before", json_text(arena, certificate->not_before));
        json_object_set_new(item, "not_after", json_text(arena, certificate->not_after));
        json_object_set_new(item, "sha256", json_text(arena, certificate->sha256));
        json_array_append_new(list, item);
    }
    return list;
}

static json_t *make_tls(struct arena *arena, const struct client_report *report)
{
    json_t *tls;

    if (report->protocol.len == 0)
        return json_null();
    tls = json_object();
    json_object_set_new(tls, "protocol", json_text(arena, report->protocol));
    json_object_set_new(tls, "cipher", json_text(arena, report->cipher));
    json_object_set_new(tls, "bits", json_integer(report->bits));
    json_object_set_new(tls, "chain", make_chain(arena, report));
    json_object_set_new(tls, "trust", json_string(client_trust_name(report->trust)));
    json_object_set_new(tls, "trust_detail", json_text(arena, report->trust_detail));
    return tls;
}

static json_t *make_findings(struct arena *arena, const struct probe_result *result)
{
    json_t *list = json_array();

    for (size_t i = 0; i < result->count; i++) {
        json_t *item = json_object();
        json_object_set_new(item, "kind", json_string(result->findings[i].kind));
        json_object_set_new(item, "what", json_text(arena, result->findings[i].what));
        json_object_set_new(item, "advice", json_text(arena, result->findings[i].advice));
        json_array_append_new(list, item);
    }
    return list;
}

static json_t *make_greeting(struct arena *arena, struct reply greeting)
{
    json_t *object;

    if (greeting.code == 0)
        return json_null();
    object = json_object();
    json_object_set_new(object, "code", json_integer(greeting.code));
    json_object_set_new(object, "enhanced", json_text(arena, greeting.enhanced));
    json_object_set_new(object, "text", json_text(arena, greeting.text));
    return object;
}

void probe_print_json(struct arena *arena, struct str host, const struct probe_result *results,
                      size_t count)
{
    json_t *ports = json_array(), *whole = json_object();

    for (size_t i = 0; i < count; i++) {
        const struct probe_result *result = &results[i];
        json_t *item = json_object();
        json_object_set_new(item, "port", json_integer(result->port));
        json_object_set_new(item, "mode", json_string(name_mode(result->tls)));
        json_object_set_new(item, "reachable", json_boolean(result->reachable));
        json_object_set_new(item, "greeting", make_greeting(arena, result->greeting));
        json_object_set_new(item, "before_tls", make_keywords(arena, result->before));
        json_object_set_new(item, "in_tls", make_keywords(arena, result->after));
        json_object_set_new(item, "tls", make_tls(arena, &result->report));
        json_object_set_new(item, "findings", make_findings(arena, result));
        json_array_append_new(ports, item);
    }
    json_object_set_new(whole, "host", json_text(arena, host));
    json_object_set_new(whole, "ports", ports);
    json_dumpf(whole, stdout, JSON_INDENT(2));
    putchar('\n');
    json_decref(whole);
}
