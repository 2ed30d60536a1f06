/* tls_options - SSL_CTX_set_options(3) by name, as in Sendmail's ServerSSLOptions */
#include "convert/sendmail/session.h"
#include "convert/server/tls.h"
#include "parser/text/token.h"

enum ssl_option_kind {
    SSL_OPTION_PROTOCOL, /* turns a protocol off; TEXT is its name in Postfix */
    SSL_OPTION_TWEAK,    /* TEXT is its name in tls_ssl_options */
    SSL_OPTION_SERVER_CHOOSES,
    SSL_OPTION_NOTHING, /* always on in OpenSSL or Postfix, or removed from OpenSSL */
};

static const struct {
    const char *name;
    enum ssl_option_kind kind;
    const char *text;
} options[] = {
    {"NO_SSLv2", SSL_OPTION_NOTHING, NULL}, /* always off in OpenSSL and Postfix */
    {"NO_SSLv3", SSL_OPTION_NOTHING, NULL}, /* off by default in Postfix */
    {"NO_TLSv1", SSL_OPTION_PROTOCOL, "!TLSv1"},
    {"NO_TLSv1_1", SSL_OPTION_PROTOCOL, "!TLSv1.1"},
    {"NO_TLSv1_2", SSL_OPTION_PROTOCOL, "!TLSv1.2"},
    {"NO_TLSv1_3", SSL_OPTION_PROTOCOL, "!TLSv1.3"},
    {"NO_TICKET", SSL_OPTION_TWEAK, "NO_TICKET"},
    {"NO_COMPRESSION", SSL_OPTION_TWEAK, "NO_COMPRESSION"},
    {"NO_RENEGOTIATION", SSL_OPTION_TWEAK, "NO_RENEGOTIATION"},
    {"NO_SESSION_RESUMPTION_ON_RENEGOTIATION", SSL_OPTION_TWEAK,
     "NO_SESSION_RESUMPTION_ON_RENEGOTIATION"},
    {"PRIORITIZE_CHACHA", SSL_OPTION_TWEAK, "PRIORITIZE_CHACHA"},
    {"LEGACY_SERVER_CONNECT", SSL_OPTION_TWEAK, "LEGACY_SERVER_CONNECT"},
    {"CIPHER_SERVER_PREFERENCE", SSL_OPTION_SERVER_CHOOSES, NULL},
    {"ALL", SSL_OPTION_NOTHING, NULL},
    {"SINGLE_DH_USE", SSL_OPTION_NOTHING, NULL},
    {"SINGLE_ECDH_USE", SSL_OPTION_NOTHING, NULL},
    {"EPHEMERAL_RSA", SSL_OPTION_NOTHING, NULL},
    {"NETSCAPE_CA_DN_BUG", SSL_OPTION_NOTHING, NULL},
    {"NETSCAPE_DEMO_CIPHER_CHANGE_BUG", SSL_OPTION_NOTHING, NULL},
    {"NETSCAPE_CHALLENGE_BUG", SSL_OPTION_NOTHING, NULL},
    {"NETSCAPE_REUSE_CIPHER_CHANGE_BUG", SSL_OPTION_NOTHING, NULL},
    {"SSLREF2_REUSE_CERT_TYPE_BUG", SSL_OPTION_NOTHING, NULL},
    {"MICROSOFT_SESS_ID_BUG", SSL_OPTION_NOTHING, NULL},
    {"MICROSOFT_BIG_SSLV3_BUFFER", SSL_OPTION_NOTHING, NULL},
    {"MSIE_SSLV2_RSA_PADDING", SSL_OPTION_NOTHING, NULL},
    {"SSLEAY_080_CLIENT_DH_BUG", SSL_OPTION_NOTHING, NULL},
    {"TLS_D5_BUG", SSL_OPTION_NOTHING, NULL},
    {"TLS_BLOCK_PADDING_BUG", SSL_OPTION_NOTHING, NULL},
    {"TLS_ROLLBACK_BUG", SSL_OPTION_NOTHING, NULL},
    {"DONT_INSERT_EMPTY_FRAGMENTS", SSL_OPTION_NOTHING, NULL},
    {"CRYPTOPRO_TLSEXT_BUG", SSL_OPTION_NOTHING, NULL},
    {"TLSEXT_PADDING", SSL_OPTION_NOTHING, NULL},
    {"PKCS1_CHECK_1", SSL_OPTION_NOTHING, NULL},
    {"PKCS1_CHECK_2", SSL_OPTION_NOTHING, NULL},
};

struct option_settings {
    struct buffer protocols, tweaks;
    bool server_chooses;
};

static void add_option(struct buffer *list, const char *text)
{
    if (list->len > 0)
        buffer_add_cstr(list, ", ");
    buffer_add_cstr(list, text);
}

/* read_option - one word; options that are turned off with a minus are off in Postfix by default */
static void read_option(struct draft *draft, const struct sendmail_item *item, struct str word,
                        struct option_settings *found)
{
    bool minus = word.at[0] == '-';
    struct str name = word.at[0] == '-' || word.at[0] == '+' ? str_slice(word, 1, word.len) : word;

    if (str_starts(name, "SSL_OP_"))
        name = str_slice(name, 7, name.len);
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (!str_is(name, options[i].name))
            continue;
        if (minus || options[i].kind == SSL_OPTION_NOTHING)
            draft_fate(draft, item, FATE_ALREADY, "%.*s has no further effect", STR_ARG(word));
        else if (options[i].kind == SSL_OPTION_PROTOCOL)
            add_option(&found->protocols, options[i].text);
        else if (options[i].kind == SSL_OPTION_TWEAK)
            add_option(&found->tweaks, options[i].text);
        else
            found->server_chooses = true;
        return;
    }
    draft_open_point(draft, item, "see tls_ssl_options in postconf(5), or leave it out",
                     "Postfix does not support the OpenSSL option %.*s", STR_ARG(word));
}

/* set_tweaks - tls_ssl_options is one parameter for both sides */
static void set_tweaks(struct draft *draft, const struct sendmail_item *item, struct str tweaks)
{
    struct str old = draft_value(draft, PARAM_TLS_SSL_OPTIONS), word;

    if (!draft_has_parameter(draft, PARAM_TLS_SSL_OPTIONS)) {
        draft_open_point(draft, item, "leave it out",
                         "tls_ssl_options for %.*s is not available on this platform",
                         STR_ARG(tweaks));
        return;
    }
    struct buffer all;
    buffer_init(&all, draft->arena);
    buffer_add(&all, old.at != NULL ? old : str_of(""));
    while (token_next_plain(&tweaks, TOKEN_COMMAS, &word)) {
        const char *text = arena_cstr(draft->arena, word);
        if (str_search(buffer_str(&all), text) == all.len)
            add_option(&all, text);
    }
    draft_map(draft, item, PARAM_TLS_SSL_OPTIONS, "%.*s", STR_ARG(buffer_str(&all)));
}

void tls_map_options(struct draft *draft, const struct sendmail_item *item, struct str value,
                     bool server)
{
    struct option_settings found = {.server_chooses = false};
    struct str rest = value, word;

    buffer_init(&found.protocols, draft->arena);
    buffer_init(&found.tweaks, draft->arena);
    while (token_next_plain(&rest, TOKEN_COMMAS, &word))
        read_option(draft, item, word, &found);
    if (value.len == 0)
        draft_fate(draft, item, FATE_ALREADY, "no option is set");
    if (found.protocols.len > 0) {
        struct str list = arena_printf(draft->arena, "!SSLv2, !SSLv3, %.*s",
                                       STR_ARG(buffer_str(&found.protocols)));
        draft_map(draft, item, server ? PARAM_SMTPD_TLS_PROTOCOLS : PARAM_SMTP_TLS_PROTOCOLS,
                  "%.*s", STR_ARG(list));
        draft_map(draft, item,
                  server ? PARAM_SMTPD_TLS_MANDATORY_PROTOCOLS : PARAM_SMTP_TLS_MANDATORY_PROTOCOLS,
                  "%.*s", STR_ARG(list));
    }
    if (found.server_chooses && server)
        draft_map(draft, item, PARAM_TLS_PREEMPT_CIPHERLIST, "yes");
    else if (found.server_chooses)
        draft_fate(draft, item, FATE_MEANINGLESS, "the server chooses the order of ciphers");
    if (found.tweaks.len > 0)
        set_tweaks(draft, item, buffer_str(&found.tweaks));
}
