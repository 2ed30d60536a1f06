#include "parser/value/shape.h"

#include <arpa/inet.h>

#include "parser/postfix/names.h"
#include "parser/text/hostname.h"
#include "parser/text/network.h"
#include "parser/text/token.h"
#include "parser/value/account.h"
#include "parser/value/domain.h"
#include "parser/value/endpoint.h"
#include "parser/value/environment.h"
#include "parser/value/logfile.h"
#include "parser/value/maps.h"
#include "parser/value/nexthop.h"
#include "parser/value/postscreen.h"
#include "parser/value/protocols.h"
#include "parser/value/text.h"

/* what each check of a shape is given */
struct shape_request {
    struct arena *arena;
    const struct config *config;
    const struct value_shape *shape;
    struct str value;
    struct value_fault *fault;
};

/* fail_shape - PART of the value is wrong */
static bool fail_shape(const struct shape_request *request, struct str part, const char *what,
                       struct str advice)
{
    *request->fault = (struct value_fault){.effect = request->shape->effect,
                                           .part = part,
                                           .what = str_of(what),
                                           .advice = advice,
                                           .failure = request->shape->failure};
    return false;
}

/* --- words ------------------------------------------------------------------------------------ */

static bool has_word(const struct value_shape *shape, const struct str_list *words, struct str word)
{
    for (size_t i = 0; i < words->count; i++)
        if (shape->any_case ? str_eq_nocase(words->items[i], word) : str_eq(words->items[i], word))
            return true;
    return false;
}

struct str shape_list_words(struct arena *arena, const struct str_list *words)
{
    struct buffer text;

    buffer_init(&text, arena);
    for (size_t i = 0; i < words->count; i++) {
        if (i > 0)
            buffer_add_cstr(&text, i + 1 < words->count ? ", " : " or ");
        buffer_add(&text, words->items[i]);
    }
    return buffer_str(&text);
}

/* is_hexadecimal - what strtoul(3) takes as a number in base 16 */
static bool is_hexadecimal(struct str word)
{
    if (str_starts(word, "0x") || str_starts(word, "0X"))
        word = str_slice(word, 2, word.len);
    return word.len > 0 && str_span(word, 0, "0123456789abcdefABCDEF") == word.len;
}

static bool check_one_word(const struct shape_request *request, struct str word)
{
    const struct value_shape *shape = request->shape;

    if (has_word(shape, &shape->words, word) || (shape->number && is_hexadecimal(word)))
        return true;
    if (has_word(shape, &shape->weak, word)) {
        fail_shape(request, word, "is not a valid value",
                   arena_printf(request->arena, "use %.*s", STR_ARG(shape->weak_as)));
        request->fault->effect = VALUE_WARNS;
        return false;
    }
    struct str words = shape_list_words(request->arena, &shape->words);
    bool several = shape->words.count > 1;
    return fail_shape(
        request, word, word.len > 0 ? "is not a valid value" : "must not be empty",
        arena_printf(request->arena, "use %s%.*s", several ? "one of " : "", STR_ARG(words)));
}

static bool check_word(const struct shape_request *request)
{
    if (request->value.len == 0 && !request->shape->nonempty)
        return true;
    return check_one_word(request, request->value);
}

static bool check_words(const struct shape_request *request)
{
    struct str rest = request->value, word;
    size_t count = 0;

    for (; token_next_plain(&rest, TOKEN_COMMAS, &word); count++)
        if (!check_one_word(request, word))
            return false;
    if (count == 0 && request->shape->nonempty)
        return check_one_word(request, str_of(""));
    return true;
}

/* check_match_words - words as in match_list(3); files and tables may have any */
static bool check_match_words(const struct shape_request *request)
{
    struct str rest = request->value, word;

    while (token_next_plain(&rest, TOKEN_COMMAS, &word)) {
        word = str_slice(word, str_span(word, 0, "!"), word.len);
        if (str_find(word, '/', 0) == word.len && str_find(word, ':', 0) == word.len &&
            !check_one_word(request, word))
            return false;
    }
    return true;
}

/* is_restriction - built into smtpd, a table, or a class of the configuration */
static bool is_restriction(const struct config *config, struct str word)
{
    return facts_restriction(word) != NULL || str_find(word, ':', 0) < word.len ||
           config_is_class(config, NULL, word);
}

/* check_action - a result as in access(5): one of the words with its text, a reply code with its
   text, or restrictions */
static bool check_action(const struct shape_request *request)
{
    struct str value = request->value;
    struct str word = str_slice(value, 0, str_span_not(value, 0, TOKEN_COMMAS));

    return word.len == 0 || has_word(request->shape, &request->shape->words, word) ||
           (word.at[0] >= '0' && word.at[0] <= '9') || is_restriction(request->config, word) ||
           fail_shape(request, word, "is not an action of access(5)",
                      (struct str)STR("use an action, such as DUNNO or DEFER_IF_PERMIT"));
}

/* --- the others ------------------------------------------------------------------------------- */

/* advise_hostname - quotes and a dot at the end are what people write */
static struct str advise_hostname(const struct shape_request *request)
{
    struct str plain = str_trim(request->value);

    while (plain.len > 0 && strchr("\"'.", plain.at[plain.len - 1]) != NULL)
        plain.len--;
    while (plain.len > 0 && strchr("\"'.", plain.at[0]) != NULL)
        plain = str_slice(plain, 1, plain.len);
    if (hostname_fault(plain, false) == NULL)
        return arena_printf(request->arena, "use %.*s", STR_ARG(plain));
    return (struct str)STR("use a full host name, such as mail.example.com");
}

static bool check_hostname(const struct shape_request *request)
{
    const char *what = hostname_fault(request->value, false);

    return what == NULL || fail_shape(request, request->value, what, advise_hostname(request));
}

/* check_bounds - a space after ">=" makes of the bound the only protocol */
static bool check_bounds(const struct shape_request *request)
{
    struct str word;

    for (size_t at = 0; tls_next_word(request->value, &at, &word);) {
        if (!str_is(word, ">=") && !str_is(word, "<="))
            continue;
        fail_shape(request, word, "has nothing after it, and is no bound",
                   (struct str)STR("remove the space: >=TLSv1.2"));
        request->fault->effect = VALUE_NO_MATCH;
        return false;
    }
    return true;
}

static bool check_protocols(const struct shape_request *request)
{
    bool bounds = release_has(request->config->release, FEATURE_TLS_PROTOCOL_BOUNDS);
    struct tls_protocols protocols;
    struct str word;

    if (tls_protocols_read(request->value, bounds, &protocols, &word)) {
        if (tls_protocols_allowed(&protocols) == 0)
            return fail_shape(request, request->value, "leaves no TLS protocol",
                              (struct str)STR("allow TLSv1.2 and TLSv1.3"));
        return !bounds || check_bounds(request);
    }
    return fail_shape(request, word, "is not a TLS protocol",
                      bounds ? (struct str)STR("write a bound, such as >=TLSv1.2, or names from "
                                               "SSLv3, TLSv1, TLSv1.1, TLSv1.2, TLSv1.3")
                             : (struct str)STR("write names from SSLv3, TLSv1, TLSv1.1, TLSv1.2, "
                                               "TLSv1.3, each with ! to exclude it"));
}

/* --- networks --------------------------------------------------------------------------------- */

static const char digits_and_dots[] = "0123456789.";

/* mask_network - "192.168.1.0/24" for "192.168.1.1/24", or STR_NONE where that is not the mistake
 */
static struct str mask_network(struct arena *arena, struct str item)
{
    char text[INET6_ADDRSTRLEN];
    struct network network;

    if (!network_read_masked(item, &network) ||
        inet_ntop(network.byte_count == 4 ? AF_INET : AF_INET6, network.bytes, text, sizeof text) ==
            NULL)
        return STR_NONE;
    return arena_printf(arena, network.byte_count == 4 ? "%s/%d" : "[%s]/%d", text, network.bits);
}

static bool fail_network(const struct shape_request *request, struct str item)
{
    struct str masked = mask_network(request->arena, item);

    if (masked.at != NULL)
        return fail_shape(request, item, "is not a network: it has bits outside its prefix",
                          arena_printf(request->arena, "use %.*s", STR_ARG(masked)));
    return fail_shape(request, item, "is not a network",
                      (struct str)STR("use an address and a prefix length, such as 192.0.2.0/24"));
}

/* fail_silently - Postfix takes ITEM for a name that no client has */
static bool fail_silently(const struct shape_request *request, struct str item, const char *what,
                          const char *advice)
{
    fail_shape(request, item, what, str_of(advice));
    request->fault->effect = VALUE_NO_MATCH;
    return false;
}

/* is_address_text - so match_ops.c sees it: made of the characters of IPv6 addresses, and / [ ] */
static bool is_address_text(struct str item)
{
    return str_span(item, 0, "0123456789abcdefABCDEF.:/[]") == item.len &&
           str_span_not(item, 0, ":/") < item.len;
}

/* check_plain - neither network, file nor table: an address, a name, or what nobody meant */
static bool check_plain(const struct shape_request *request, struct str item)
{
    struct network network;

    if (str_span(item, 0, "0123456789.-") == item.len && str_find(item, '-', 0) < item.len)
        return fail_silently(request, item, "is a range of addresses, and matches no client",
                             "use networks with prefix lengths, such as 192.0.2.0/24");
    if (network_read_address(item, &network) ||
        hostname_fault(item.at[0] == '.' ? str_slice(item, 1, item.len) : item, true) == NULL)
        return true;
    if (str_span(item, 0, digits_and_dots) == item.len)
        return fail_silently(request, item, "is not an address, and matches no client",
                             "use four numbers up to 255, or a network such as 192.0.2.0/24");
    return fail_silently(request, item,
                         "is neither a network nor a host name, and matches no client",
                         "use a network with a prefix length, such as 192.0.2.0/24");
}

/* check_network - one item of a list; what stands in files and tables is not looked at */
static bool check_network(const struct shape_request *request, struct str item)
{
    struct network network;

    while (item.len > 0 && item.at[0] == '!')
        item = str_slice(item, 1, item.len);
    if (item.len == 0 || item.at[0] == '#')
        return true; /* comment-after-value says what a comment does */
    if (item.at[0] == '/')
        return str_span(item, 1, "0123456789") < item.len ||
               fail_shape(request, item, "is a file name, not a prefix length",
                          (struct str)STR("write the prefix length right after the address"));
    size_t colon = str_find(item, ':', 0);
    if (item.at[0] != '[' && colon < item.len) {
        if (!network_read(item, &network))
            return colon == 0 || map_type_valid(request->arena, item, request->fault);
        fail_shape(request, item, "is taken for a lookup table: an IPv6 address needs brackets",
                   (struct str)STR("write [2001:db8::]/32"));
        request->fault->effect = colon == 0 ? VALUE_EXITS : VALUE_FAILS;
        return false;
    }
    if (is_address_text(item))
        return network_read(item, &network) || fail_network(request, item);
    return check_plain(request, item);
}

static bool check_networks(const struct shape_request *request)
{
    struct str rest = request->value, item;

    while (token_next(&rest, TOKEN_COMMAS, &item))
        if (!check_network(request, item))
            return false;
    return true;
}

/* --- interfaces ------------------------------------------------------------------------------- */

/* looks_like_loopback_only - in capitals, or with an underscore */
static bool looks_like_loopback_only(struct str item)
{
    static const char start[] = "loopback", end[] = "only";

    return item.len == sizeof start + sizeof end - 1 &&
           str_is_nocase(str_slice(item, 0, sizeof start - 1), start) &&
           str_is_nocase(str_slice(item, sizeof start, item.len), end);
}

/* check_interfaces - host names are the machine's to look up; what cannot be one is wrong */
static bool check_interfaces(const struct shape_request *request)
{
    static const char advice[] = "use addresses and host names, or all or loopback-only alone";
    struct str rest = request->value, item;
    struct network network;

    while (token_next_plain(&rest, TOKEN_COMMAS, &item)) {
        bool word = str_is(item, "all") || str_is(item, "loopback-only");
        if (word && item.len == str_trim(request->value).len)
            return true;
        if (word)
            return fail_shape(request, item, "must stand alone", str_of(advice));
        if (str_starts(item, "[") && str_ends(item, "]"))
            item = str_slice(item, 1, item.len - 1);
        if (looks_like_loopback_only(item))
            return fail_shape(request, item, "is not a host name",
                              (struct str)STR("use loopback-only"));
        const char *fault = hostname_fault(item, false);
        if (!network_read_address(item, &network) && fault != NULL)
            return fail_shape(request, item, "is neither an address nor a host name",
                              str_of(advice));
    }
    return true;
}

/* check_address - of this host; brackets around it are taken off */
static bool check_address(const struct shape_request *request)
{
    struct str address = request->value;
    struct network network;

    if (str_starts(address, "[") && str_ends(address, "]"))
        address = str_slice(address, 1, address.len - 1);
    return address.len == 0 || network_read_address(address, &network) ||
           fail_shape(request, request->value, "is not an address",
                      (struct str)STR("use an address of this host, such as 192.0.2.1"));
}

/* check_unquoted - quotes are never taken off a value */
static bool check_unquoted(const struct shape_request *request)
{
    struct str value = request->value;

    return value.len == 0 || (value.at[0] != '"' && value.at[0] != '\'') ||
           fail_shape(request, value, "is in quotes, which are part of the value",
                      (struct str)STR("remove the quotes"));
}

/* check_reply_code - of a refusal; Postfix replaces others when it sends them */
static bool check_reply_code(const struct shape_request *request)
{
    struct str value = request->value;

    return (value.len == 3 && str_is_digits(value) && (value.at[0] == '4' || value.at[0] == '5')) ||
           fail_shape(request, value, "is not the code of a refusal",
                      (struct str)STR("use three digits that begin with 4 or 5"));
}

static bool check_random_source(const struct shape_request *request)
{
    struct str value = request->value;

    return value.len == 0 || str_starts(value, "/") || str_starts(value, "dev:") ||
           str_starts(value, "egd:") ||
           fail_shape(request, value, "is not a source of random bytes",
                      (struct str)STR("use dev:/dev/urandom"));
}

/* is_cipher - words joined by +; what has a dash or an underline may be a cipher suite */
static bool is_cipher(const struct shape_request *request, struct str item)
{
    if (str_span_not(item, 0, "-_@={") < item.len)
        return true;
    for (size_t at = 0; at <= item.len;) {
        size_t end = str_find(item, '+', at);
        if (!has_word(request->shape, &request->shape->words, str_slice(item, at, end)))
            return false;
        at = end + 1;
    }
    return true;
}

static bool check_ciphers(const struct shape_request *request)
{
    struct str item;

    for (size_t at = 0; tls_next_word(request->value, &at, &item);)
        if (!is_cipher(request, item))
            return fail_shape(
                request, item, "is not a name of OpenSSL's, and excludes no cipher",
                (struct str)STR("use the words of openssl-ciphers(1), such as aNULL"));
    return true;
}

/* check_count - what else is not a number, the type says */
static bool check_count(const struct shape_request *request)
{
    return !str_starts(request->value, "-") ||
           fail_shape(request, request->value, "is negative",
                      (struct str)STR("use 0 for no limit, or a positive number"));
}

/* check_paths - relative ones are looked for in the queue directory, where programs run */
static bool check_paths(const struct shape_request *request)
{
    struct str rest = request->value, path;

    while (token_next_plain(&rest, TOKEN_COMMAS, &path)) {
        /* what a template will replace ("{{ path }}") is not known */
        if (path.at[0] == '/' || path.at[0] == '{' ||
            has_word(request->shape, &request->shape->words, path))
            continue;
        if (path.at[0] == '"' || path.at[0] == '\'')
            return fail_shape(request, path, "is in quotes, which are part of the value",
                              (struct str)STR("remove the quotes"));
        fail_shape(request, path,
                   "is not an absolute path, and Postfix looks for it in the queue directory",
                   (struct str)STR("write the path from the root, such as /etc/postfix/cert.pem"));
        request->fault->effect = VALUE_WARNS;
        return false;
    }
    return true;
}

/* --- shapes that have a file of their own ----------------------------------------------------- */

/* a check that knows nothing of shapes; it sets the texts of the fault, and the effect of some */
typedef bool plain_check(struct arena *arena, const struct config *config, struct str value,
                         struct value_fault *fault);

static bool check_plainly(const struct shape_request *request, plain_check *check)
{
    *request->fault =
        (struct value_fault){.effect = request->shape->effect, .failure = request->shape->failure};
    return check(request->arena, request->config, request->value, request->fault);
}

static bool check_nexthop(const struct shape_request *request)
{
    return check_plainly(request, nexthop_valid);
}

static bool check_nexthop_list(const struct shape_request *request)
{
    return check_plainly(request, nexthop_list_valid);
}

static bool check_transport(const struct shape_request *request)
{
    return check_plainly(request, transport_valid);
}

static bool check_milters(const struct shape_request *request)
{
    return check_plainly(request, milters_valid);
}

static bool check_policy_servers(const struct shape_request *request)
{
    return check_plainly(request, policy_servers_valid);
}

static bool check_proxy_filter(const struct shape_request *request)
{
    return check_plainly(request, proxy_filter_valid);
}

static bool check_login_server(const struct shape_request *request)
{
    return check_plainly(request, login_server_valid);
}

static bool check_dnsbl_sites(const struct shape_request *request)
{
    return check_plainly(request, dnsbl_sites_valid);
}

static bool check_client_access(const struct shape_request *request)
{
    return check_plainly(request, client_access_valid);
}

static bool check_header(const struct shape_request *request)
{
    return check_plainly(request, header_line_valid);
}

static bool check_macros(const struct shape_request *request)
{
    return check_plainly(request, macros_valid);
}

static bool check_account(const struct shape_request *request)
{
    return check_plainly(request, account_valid);
}

static bool check_user_ids(const struct shape_request *request)
{
    return check_plainly(request, user_ids_valid) && check_plainly(request, maps_valid);
}

static bool check_group_ids(const struct shape_request *request)
{
    return check_plainly(request, group_ids_valid) && check_plainly(request, maps_valid);
}

static bool check_domains(const struct shape_request *request)
{
    return check_plainly(request, domains_valid);
}

static bool check_origin(const struct shape_request *request)
{
    return check_plainly(request, origin_valid);
}

static bool check_directory(const struct shape_request *request)
{
    return str_starts(request->value, "/") ||
           fail_shape(request, request->value, "is not an absolute path",
                      (struct str)STR("write a path that begins with \"/\""));
}

static bool check_log_file(const struct shape_request *request)
{
    return check_plainly(request, log_file_valid);
}

static bool check_maps(const struct shape_request *request)
{
    return check_plainly(request, maps_valid);
}

static bool check_map(const struct shape_request *request)
{
    return check_plainly(request, map_valid);
}

static bool check_environment(const struct shape_request *request)
{
    return check_plainly(request, environment_valid);
}

bool shape_valid(struct arena *arena, const struct config *config, const struct value_shape *shape,
                 struct str value, struct value_fault *fault)
{
    static bool (*const checks[])(const struct shape_request *) = {
        [SHAPE_WORD] = check_word,
        [SHAPE_WORDS] = check_words,
        [SHAPE_ACTION] = check_action,
        [SHAPE_HOST_NAME] = check_hostname,
        [SHAPE_TLS_PROTOCOLS] = check_protocols,
        [SHAPE_NETWORKS] = check_networks,
        [SHAPE_INTERFACES] = check_interfaces,
        [SHAPE_NEXT_HOP] = check_nexthop,
        [SHAPE_NEXT_HOPS] = check_nexthop_list,
        [SHAPE_TRANSPORT] = check_transport,
        [SHAPE_MAPS] = check_maps,
        [SHAPE_MAP] = check_map,
        [SHAPE_MILTERS] = check_milters,
        [SHAPE_POLICY_SERVERS] = check_policy_servers,
        [SHAPE_PROXY_FILTER] = check_proxy_filter,
        [SHAPE_LOGIN_SERVER] = check_login_server,
        [SHAPE_DNSBL_SITES] = check_dnsbl_sites,
        [SHAPE_CLIENT_ACCESS] = check_client_access,
        [SHAPE_MATCH_WORDS] = check_match_words,
        [SHAPE_PATHS] = check_paths,
        [SHAPE_REPLY_CODE] = check_reply_code,
        [SHAPE_RANDOM_SOURCE] = check_random_source,
        [SHAPE_COUNT] = check_count,
        [SHAPE_CIPHERS] = check_ciphers,
        [SHAPE_ACCOUNT] = check_account,
        [SHAPE_USER_IDS] = check_user_ids,
        [SHAPE_GROUP_IDS] = check_group_ids,
        [SHAPE_DOMAINS] = check_domains,
        [SHAPE_ADDRESS] = check_address,
        [SHAPE_UNQUOTED] = check_unquoted,
        [SHAPE_ORIGIN] = check_origin,
        [SHAPE_LOG_FILE] = check_log_file,
        [SHAPE_DIRECTORY] = check_directory,
        [SHAPE_ENVIRONMENT] = check_environment,
        [SHAPE_HEADER] = check_header,
        [SHAPE_MACROS] = check_macros,
    };
    struct shape_request request = {arena, config, shape, value, fault};

    return checks[shape->kind](&request);
}
