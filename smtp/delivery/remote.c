#include "smtp/delivery/remote_parts.h"

#include <stdarg.h>

#include "parser/text/token.h"
#include "smtp/address/form.h"
#include "smtp/address/token.h"

/* --- what the parts share ----------------------------------------------------------------------
 */

enum parameter_number client_number(const struct remote_work *work,
                                    struct client_parameter parameter)
{
    return work->lmtp ? parameter.lmtp : parameter.smtp;
}

struct str client_str(const struct remote_work *work, struct client_parameter parameter)
{
    return policy_str(work->state->service, client_number(work, parameter));
}

bool client_flag(const struct remote_work *work, struct client_parameter parameter)
{
    return policy_flag(work->state->service, client_number(work, parameter));
}

void remote_step(struct remote_work *work, enum parameter_number parameter, struct str said,
                 struct span span)
{
    struct remote *remote = work->remote;

    if (remote->step_count < REMOTE_STEPS_MAX)
        remote->steps[remote->step_count++] = (struct remote_step){parameter, said, span};
}

struct address_found client_find(struct remote_work *work, struct client_parameter maps,
                                 struct str key)
{
    enum parameter_number number = client_number(work, maps);
    const struct address_search search = {number, KEYS_ADDRESS, QUESTION_TABLE, TABLE_FOLD};
    struct address_found found = address_find_key(work->state, &search, key);
    bool secret =
        number == PARAM_SMTP_SASL_PASSWORD_MAPS || number == PARAM_LMTP_SASL_PASSWORD_MAPS;
    struct str said = found.status == LOOKUP_NONE        ? str_of("not found")
                      : found.status == LOOKUP_ERROR     ? str_of("the table does not work")
                      : secret || found.value.at == NULL ? str_of("found")
                                                         : found.value;

    remote_step(work, number, arena_printf(work->arena, "%.*s: %.*s", STR_ARG(key), STR_ARG(said)),
                found.span);
    return found;
}

void remote_note(struct remote_work *work, const char *format, ...)
{
    struct remote *remote = work->remote;
    va_list arguments;

    if (remote->note_count == REMOTE_NOTES_MAX)
        return;
    va_start(arguments, format);
    struct str note = arena_vprintf(work->arena, format, arguments);
    va_end(arguments);
    for (size_t i = 0; i < remote->note_count; i++)
        if (str_eq(remote->notes[i], note))
            return;
    remote->notes[remote->note_count++] = note;
}

/* --- destinations ------------------------------------------------------------------------------
 */

/* split_host - "[host]:port", "host:port", "[host]", "host" (host_port.c) */
static void split_host(struct remote_hop *hop, struct str text)
{
    size_t colon = text.len;

    if (str_starts(text, "[")) {
        size_t end = str_find(text, ']', 0);
        hop->host = str_slice(text, 1, end);
        hop->port = str_slice(text, end + 2, text.len);
        return;
    }
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == ':')
            colon = i;
    hop->host = str_slice(text, 0, colon);
    hop->port = str_slice(text, colon + 1, text.len);
}

static void add_hop(struct remote_work *work, struct str text, bool fallback)
{
    struct remote *remote = work->remote;
    struct remote_hop *hop = &remote->hops[remote->count++];
    struct str level = client_str(work, CLIENT_PARAMETER(DNS_SUPPORT_LEVEL));
    bool looks_up = !str_is_nocase(level, "disabled") &&
                    !policy_flag(work->state->service, PARAM_DISABLE_DNS_LOOKUPS);

    *hop = (struct remote_hop){.text = text, .is_fallback = fallback, .port = STR("")};
    if (work->lmtp && str_starts(text, "unix:")) {
        hop->is_socket = true;
        hop->text = hop->host = str_slice(text, 5, text.len);
        return;
    }
    if (work->lmtp && str_starts(text, "inet:"))
        hop->text = text = str_slice(text, 5, text.len);
    split_host(hop, text);
    hop->has_mx = !work->lmtp && looks_up && !str_starts(text, "[");
}

static size_t count_words(struct str list)
{
    struct str word;
    size_t count = 0;

    while (token_next_plain(&list, TOKEN_COMMAS, &word))
        count++;
    return count;
}

/* add_hops - the next hop, which may be a list, and the fallback relays */
static void add_hops(struct remote_work *work, struct str nexthop)
{
    const struct release *release = work->state->service->policy->config->release;
    struct str fallback = client_str(work, CLIENT_PARAMETER(FALLBACK_RELAY));
    struct str word;

    work->remote->hops =
        arena_alloc(work->arena,
                    (count_words(nexthop) + count_words(fallback) + 1) * sizeof(struct remote_hop));
    if (!release_has(release, FEATURE_NEXTHOP_LISTS) || str_starts(nexthop, "unix:"))
        add_hop(work, nexthop, false);
    else
        while (token_next_plain(&nexthop, TOKEN_COMMAS, &word))
            add_hop(work, word, false);
    if (work->remote->count > 0 && work->remote->hops[0].is_socket)
        return;
    while (token_next_plain(&fallback, TOKEN_COMMAS, &word))
        add_hop(work, word, true);
}

/* --- generic maps ------------------------------------------------------------------------------
 */

/* map_generic - reports what smtp_generic_maps makes of an address of the envelope */
static void map_generic(struct remote_work *work, struct str address)
{
    enum parameter_number maps = client_number(work, CLIENT_PARAMETER(GENERIC_MAPS));
    const struct address_search search = {maps, KEYS_ADDRESS, QUESTION_TABLE, TABLE_FOLD};
    struct str list = policy_str(work->state->service, maps);

    if (address.len == 0 || (list.at != NULL && list.len == 0))
        return;
    struct address_found found = address_find(work->state, &search, address);
    if (found.status == LOOKUP_FOUND)
        remote_step(work, maps,
                    arena_printf(work->arena, "%.*s: %.*s", STR_ARG(address),
                                 STR_ARG(found.value.at == NULL ? str_of("found, result unknown")
                                                                : found.value)),
                    found.span);
}

/* --- other settings ----------------------------------------------------------------------------
 */

static bool is_loopback(struct str host)
{
    struct network network;

    if (str_is_nocase(host, "localhost"))
        return true;
    if (host.len > 5 && str_is_nocase(str_slice(host, 0, 5), "ipv6:"))
        host = str_slice(host, 5, host.len);
    return network_read_address(host, &network) && network_is_loopback(host);
}

static void note_network(struct remote_work *work)
{
    const struct policy_service *service = work->state->service;
    struct str address = client_str(work, CLIENT_PARAMETER(BIND_ADDRESS));
    struct str protocols = policy_str(service, PARAM_INET_PROTOCOLS);
    const struct remote_hop *hop = &work->remote->hops[0];

    if (address.len > 0) {
        remote_step(work, client_number(work, CLIENT_PARAMETER(BIND_ADDRESS)), address, SPAN_NONE);
        if (is_loopback(address) && !is_loopback(hop->host) && !hop->is_socket)
            remote_note(
                work, "%.*s is a loopback address: connections to other hosts fail",
                STR_ARG(parameter_name(client_number(work, CLIENT_PARAMETER(BIND_ADDRESS)))));
    }
    if (str_is_nocase(protocols, "ipv6") && str_find(hop->host, ':', 0) == hop->host.len &&
        is_loopback(hop->host) && !str_is_nocase(hop->host, "localhost"))
        remote_note(work, "inet_protocols = ipv6 excludes this IPv4 address");
}

/* is_myself - is it the name of this host, at the port of smtpd(8)? */
static bool is_myself(const struct remote_work *work, const struct remote_hop *hop)
{
    bool usual = hop->port.len == 0 || str_is(hop->port, "25") || str_is(hop->port, "smtp");

    return !work->lmtp && usual && !hop->has_mx && !hop->is_socket &&
           str_eq_nocase(hop->host, policy_str(work->state->service, PARAM_MYHOSTNAME));
}

static void note_destinations(struct remote_work *work)
{
    const struct remote *remote = work->remote;

    for (size_t i = 0; i < remote->count; i++) {
        const struct remote_hop *hop = &remote->hops[i];
        if (is_myself(work, hop))
            remote_note(work, "%.*s is this host: \"mail for %.*s loops back to myself\" (5.4.6)",
                        STR_ARG(hop->text), STR_ARG(hop->host));
        if (hop->has_mx && hop->port.len > 0)
            remote_note(work,
                        "%.*s has no brackets: the servers are those that the MX records of "
                        "%.*s name",
                        STR_ARG(hop->text), STR_ARG(hop->host));
        else if (hop->has_mx && hop->text.len > 0 && !hop->is_fallback && remote->count == 1)
            remote_step(work, PARAM_NONE,
                        arena_printf(work->arena,
                                     "%.*s has no brackets: its MX records name the "
                                     "server",
                                     STR_ARG(hop->text)),
                        SPAN_NONE);
    }
    if (remote->count > 0 && remote->hops[0].is_socket &&
        client_str(work, CLIENT_PARAMETER(FALLBACK_RELAY)).len > 0)
        remote_note(work, "lmtp_fallback_relay is not used for sockets");
}

/* note_fallback - PLAINTEXT_FALLBACK_OK_AFTER_STARTTLS_FAILURE of smtp.h: not with a login */
static void note_fallback(struct remote_work *work, const struct remote_hop *hop)
{
    if (hop->tls == REMOTE_OPPORTUNISTIC && hop->effective == TLS_MAY && hop->user.at != NULL &&
        hop->user.len == 0)
        remote_note(work, "if the TLS handshake fails, mail waits for minimal_backoff_time, and is "
                          "then sent unencrypted");
}

struct remote *remote_open(struct state *state, struct str sender, struct str recipient,
                           struct str nexthop)
{
    struct remote *remote = arena_alloc(state->arena, sizeof *remote);
    struct remote_work work = {
        .state = state,
        .arena = state->arena,
        .remote = remote,
        .lmtp = service_runs(state->service->service, "lmtp"),
        .sender = sender,
    };

    remote->program = work.lmtp ? "lmtp" : "smtp";
    add_hops(&work, nexthop);
    if (remote->count == 0) {
        remote->failure = (struct str)STR("the next hop is empty");
        return remote;
    }
    for (size_t i = 0; i < remote->count; i++) {
        remote_set_tls(&work, &remote->hops[i]);
        remote_set_login(&work, &remote->hops[i]);
        note_fallback(&work, &remote->hops[i]);
    }
    map_generic(&work, sender);
    map_generic(&work, recipient);
    note_network(&work);
    note_destinations(&work);
    return remote;
}

/* --- sentences ---------------------------------------------------------------------------------
 */

static void print_hop(struct buffer *out, const struct remote_hop *hop)
{
    if (hop->is_socket)
        buffer_add_cstr(out, "the socket ");
    buffer_add(out, hop->text);
    if (hop->has_mx)
        buffer_add_cstr(out, " (by its MX records)");
}

static void print_tls(struct buffer *out, const struct remote_hop *hop)
{
    static const char *const forms[] = {
        [REMOTE_PLAIN] = "without TLS",
        [REMOTE_OPPORTUNISTIC] = "TLS if the server offers it",
        [REMOTE_REQUIRED] = "TLS required",
        [REMOTE_FAILS] = "but it stays in the queue",
        [REMOTE_UNKNOWN] = "TLS cannot be determined",
    };

    if (hop->is_socket && hop->tls == REMOTE_PLAIN)
        return;
    buffer_printf(out, ", %s",
                  hop->wrapped && hop->tls == REMOTE_REQUIRED
                      ? "TLS from the start of the connection"
                      : forms[hop->tls]);
    if (hop->tls_text.len > 0)
        buffer_printf(out, " (%.*s)", STR_ARG(hop->tls_text));
}

static void print_login(struct buffer *out, const struct remote_hop *hop)
{
    if (hop->user.at == NULL)
        buffer_add_cstr(out, ", whether it logs in cannot be determined");
    else if (hop->user.len > 0)
        buffer_printf(out, ", logs in as %.*s", STR_ARG(hop->user));
}

struct str remote_sentence(struct arena *arena, const struct remote *remote, struct str transport)
{
    struct buffer out;

    buffer_init(&out, arena);
    buffer_printf(&out, "delivered by %.*s to ", STR_ARG(transport));
    print_hop(&out, &remote->hops[0]);
    print_tls(&out, &remote->hops[0]);
    print_login(&out, &remote->hops[0]);
    for (size_t i = 1; i < remote->count; i++) {
        buffer_add_cstr(&out, "; if that fails, to ");
        print_hop(&out, &remote->hops[i]);
        print_tls(&out, &remote->hops[i]);
        print_login(&out, &remote->hops[i]);
    }
    return buffer_str(&out);
}
