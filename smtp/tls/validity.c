/* validity - of the certificate that a service shows: see smtp/tls/parts.h */
#include <openssl/err.h>
#include <openssl/x509v3.h>

#include "smtp/tls/parts.h"

enum { DAY = 24 * 60 * 60 };

static void read_validity(X509 *certificate, struct str name, struct arena *arena,
                          struct tls_validity *validity)
{
    int days = 0, seconds = 0;

    validity->begun = X509_cmp_current_time(X509_get0_notBefore(certificate)) < 0;
    if (ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(certificate)) == 1)
        validity->days = days > 0 || (days == 0 && seconds > 0) ? days : -1;
    validity->names_host =
        X509_check_host(certificate, arena_cstr(arena, name), name.len, 0, NULL) == 1 ||
        X509_check_ip_asc(certificate, arena_cstr(arena, name), 0) == 1;
}

enum tls_loaded tls_read_validity(struct arena *arena, const struct policy_service *service,
                                  struct str name, struct tls_validity *validity)
{
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    struct str why = STR_NONE;

    *validity = (struct tls_validity){.file = STR_NONE};
    if (context == NULL)
        return TLS_ABSENT;
    enum tls_loaded loaded = tls_load_certificates(context, service, &validity->file, &why);
    X509 *certificate = SSL_CTX_get0_certificate(context);
    if (loaded == TLS_LOADED && certificate != NULL)
        read_validity(certificate, name, arena, validity);
    else if (loaded == TLS_LOADED)
        loaded = TLS_ABSENT;
    validity->why = why;
    SSL_CTX_free(context);
    ERR_clear_error();
    return loaded;
}
