/*
 * Certificates: what one says of itself, and chain files with keys.
 *
 * The first byte chooses: DER, as a server sends it; or PEM, as smtpd_tls_chain_files and its older
 * relatives name it.
 */
#include <openssl/err.h>
#include <openssl/x509.h>

#include "smtp/client/parts.h"
#include "smtp/tls/parts.h"
#include "tests/fuzz/conversion.h"
#include "tests/fuzz/fuzz.h"

static void demand_text(struct arena *arena, struct str text)
{
    fuzz_demand(property_shown(arena, text, 2));
    if (str_find(text, '\n', 0) < text.len)
        fuzz_demand("a certificate breaks the line");
}

static void describe(struct arena *arena, struct str bytes)
{
    const unsigned char *at = (const unsigned char *)bytes.at;
    X509 *certificate = d2i_X509(NULL, &at, (long)bytes.len);

    if (certificate != NULL) {
        struct client_certificate said = client_describe_certificate(arena, certificate);
        demand_text(arena, said.subject);
        demand_text(arena, said.issuer);
        demand_text(arena, said.names);
        demand_text(arena, said.not_before);
        demand_text(arena, said.not_after);
        demand_text(arena, said.sha256);
        X509_free(certificate);
    }
    ERR_clear_error();
}

/* the three ways in which a file can be named */
static const char *const main_cfs[] = {
    "smtpd_tls_chain_files = $config_directory/cert.pem\n",
    "smtpd_tls_cert_file = $config_directory/cert.pem\n"
    "smtpd_tls_key_file = $smtpd_tls_cert_file\n",
    "smtpd_tls_cert_file = $config_directory/cert.pem\n"
    "smtpd_tls_CAfile = $config_directory/cert.pem\n"
    "smtpd_tls_ask_ccert = yes\n",
};

static void load(struct arena *arena, const char *main_cf)
{
    struct config config;
    struct str error = STR_NONE, certificate = STR_NONE;
    const struct config_input input = {
        .path = conversion_directory(),
        .main_source = fuzz_source(arena, "main.cf", str_of(main_cf)),
        .master_source = fuzz_source(arena, "master.cf", str_of("smtp inet n - n - - smtpd\n")),
        .platform = facts_platform(str_of("postfix-3.8"))};

    if (!config_open(&config, arena, &input, &error))
        fuzz_demand(arena_cstr(arena, error));
    const struct policy *policy = policy_open(arena, &config);
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL)
        abort();
    if (tls_load_certificates(context, &policy->services[0], &certificate, &error) != TLS_LOADED)
        fuzz_demand(property_message(arena, error));
    error = STR_NONE;
    if (!tls_load_authorities(context, &policy->services[0], &error))
        fuzz_demand(property_message(arena, error));
    SSL_CTX_free(context);
    if (ERR_peek_error() != 0)
        fuzz_demand("an error of OpenSSL is left for the next session");
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;

    if (size == 0)
        return 0;
    if (arena == NULL)
        arena = arena_create(abort);
    struct str bytes = arena_copy(arena, fuzz_input(data + 1, size - 1));
    if (data[0] % 4 == 3) {
        describe(arena, bytes);
    } else {
        conversion_table("cert.pem", bytes);
        load(arena, main_cfs[data[0] % 4]);
    }
    arena_reset(arena);
    return 0;
}
