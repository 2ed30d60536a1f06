/* advice - the likely reason of a failure: postconf(5), TLS_README, SASL_README, RFC 8314 */
#include "smtp/client/client.h"

/* the expected use of TLS depends on the port: RFC 8314, 3.3 */
enum { PORT_IMPLICIT = 465, PORT_RELAY = 25, PORT_STARTTLS = 587 };

const char *client_failure_name(enum client_failure failure)
{
    static const char *const names[] = {
        [CLIENT_GOOD] = "good",
        [CLIENT_NO_CONNECTION] = "no-connection",
        [CLIENT_TIMEOUT] = "timeout",
        [CLIENT_CLOSED] = "closed",
        [CLIENT_PLAIN_NOT_TLS] = "plain-not-tls",
        [CLIENT_TLS_NOT_PLAIN] = "tls-not-plain",
        [CLIENT_NOT_SMTP] = "not-smtp",
        [CLIENT_NO_STARTTLS] = "no-starttls",
        [CLIENT_STARTTLS_REFUSED] = "starttls-refused",
        [CLIENT_NO_PROTOCOL] = "no-protocol",
        [CLIENT_NO_CIPHER] = "no-cipher",
        [CLIENT_HANDSHAKE] = "handshake",
        [CLIENT_NO_AUTH] = "no-auth",
        [CLIENT_INJECTED] = "injected",
    };

    return names[failure];
}

const char *client_trust_name(enum client_trust trust)
{
    static const char *const names[] = {
        [TRUST_GOOD] = "good",
        [TRUST_WRONG_NAME] = "wrong-name",
        [TRUST_EXPIRED] = "expired",
        [TRUST_NOT_YET_VALID] = "not-yet-valid",
        [TRUST_UNKNOWN_ISSUER] = "unknown-issuer",
        [TRUST_SELF_SIGNED] = "self-signed",
        [TRUST_WEAK] = "weak",
        [TRUST_NO_BUNDLE] = "no-bundle",
        [TRUST_OTHER] = "other",
    };

    return names[trust];
}

static const char *advise_connection(int port)
{
    switch (port) {
    case PORT_IMPLICIT:
        return "nothing listens on port 465: the service may be commented out in master.cf (a line "
               "\"submissions inet n - n - - smtpd\" with -o smtpd_tls_wrappermode=yes), "
               "inet_interfaces may not include this address, or a firewall may block it";
    case PORT_RELAY:
        return "nothing listens on port 25: is Postfix running, does inet_interfaces include this "
               "address, and does a firewall or the provider block the port?";
    default:
        return "nothing listens on this port: the service may be commented out in master.cf, "
               "inet_interfaces may not include this address, or a firewall may block it";
    }
}

static const char *advise_plaintext(int port)
{
    switch (port) {
    case PORT_IMPLICIT:
        return "smtpd_tls_wrappermode = yes is missing for the service on port 465: add "
               "\"-o smtpd_tls_wrappermode=yes\" below it in master.cf";
    case PORT_RELAY:
    case PORT_STARTTLS:
        return "this port expects STARTTLS, as it should: set the mail program to STARTTLS";
    default:
        return "smtpd_tls_wrappermode = yes is missing for this service: add "
               "\"-o smtpd_tls_wrappermode=yes\" below it in master.cf, or set the mail program to "
               "STARTTLS";
    }
}

static const char *advise_wrappermode(int port)
{
    if (port == PORT_IMPLICIT)
        return "port 465 uses TLS from the first byte, as it should: set the mail program to "
               "implicit TLS (\"SSL/TLS\"), not to STARTTLS";
    return "smtpd_tls_wrappermode = yes is set for this service: remove it from main.cf, or from "
           "the service in master.cf; it is for port 465 only";
}

static const char *advise_closed(enum client_tls tls)
{
    if (tls == CLIENT_IMPLICIT)
        return "smtpd disconnects if it cannot use its certificate: see "
               "smtpd_tls_chain_files or smtpd_tls_cert_file, smtpd_tls_key_file, and its log";
    return "smtpd disconnects if it cannot start (see its log), postscreen if it rejects the "
           "client (postscreen_access_list, postscreen_dnsbl_action)";
}

static const char *advise_protocol(int port)
{
    return port == PORT_RELAY
               ? "smtpd_tls_protocols allows no version of TLS that this client supports"
               : "smtpd_tls_mandatory_protocols (smtpd_tls_protocols if TLS is not required) "
                 "allows no version of TLS that this client supports";
}

struct str client_advice(enum client_failure failure, enum client_tls tls, int port)
{
    switch (failure) {
    case CLIENT_GOOD:
        return str_of("");
    case CLIENT_NO_CONNECTION:
        return str_of(advise_connection(port));
    case CLIENT_TIMEOUT:
        return str_of(
            "a firewall may drop the packets, or smtpd waits for DNS, a policy service or "
            "a milter (smtpd_client_restrictions, smtpd_milters): see its log");
    case CLIENT_CLOSED:
        return str_of(advise_closed(tls));
    case CLIENT_PLAIN_NOT_TLS:
        return str_of(advise_plaintext(port));
    case CLIENT_TLS_NOT_PLAIN:
        return str_of(advise_wrappermode(port));
    case CLIENT_NOT_SMTP:
        return str_of("a program other than Postfix answers on this port");
    case CLIENT_NO_STARTTLS:
        return str_of("smtpd_tls_security_level is empty or \"none\" for this service: set it to "
                      "\"may\" (\"encrypt\" on port 587); or smtpd_discard_ehlo_keywords has "
                      "STARTTLS");
    case CLIENT_STARTTLS_REFUSED:
        return str_of("smtpd has no usable certificate: see smtpd_tls_chain_files or "
                      "smtpd_tls_cert_file, smtpd_tls_key_file, and its log");
    case CLIENT_NO_PROTOCOL:
        return str_of(advise_protocol(port));
    case CLIENT_NO_CIPHER:
        return str_of("smtpd_tls_ciphers, smtpd_tls_mandatory_ciphers or smtpd_tls_exclude_ciphers "
                      "leaves no cipher that this client supports; without a certificate "
                      "(smtpd_tls_cert_file = none) few clients support any");
    case CLIENT_HANDSHAKE:
        return str_of("see smtpd's log; smtpd_tls_loglevel = 1 logs more");
    case CLIENT_NO_AUTH:
        return str_of("smtpd_sasl_auth_enable = yes is missing for this service, or "
                      "smtpd_tls_auth_only or smtpd_sasl_security_options allows AUTH only "
                      "with TLS");
    case CLIENT_INJECTED:
        return str_of("an attacker between client and server, or a server with the vulnerability "
                      "CVE-2011-0411: do not send mail over this connection");
    }
    return str_of("");
}

struct str client_trust_advice(enum client_trust trust)
{
    switch (trust) {
    case TRUST_GOOD:
        return str_of("");
    case TRUST_WRONG_NAME:
        return str_of("the certificate is for other names: use one of these in mail programs, or "
                      "set smtpd_tls_chain_files or smtpd_tls_cert_file to a certificate with "
                      "this name");
    case TRUST_EXPIRED:
        return str_of("renew the certificate, and run \"postfix reload\": smtpd reads "
                      "smtpd_tls_chain_files and smtpd_tls_cert_file when it starts");
    case TRUST_NOT_YET_VALID:
        return str_of("the certificate is not valid yet: check the clocks of both hosts");
    case TRUST_UNKNOWN_ISSUER:
        return str_of(
            "smtpd_tls_chain_files or smtpd_tls_cert_file must have the CA's intermediate "
            "certificates after the server's own, or the local CA bundle does not have the CA");
    case TRUST_SELF_SIGNED:
        return str_of(
            "smtpd_tls_cert_file is self-signed (like Debian's snakeoil certificate): use "
            "a certificate from a CA, or add this one to every mail program");
    case TRUST_WEAK:
        return str_of("the key is too short or the digest too weak for current clients: create a "
                      "new certificate for smtpd_tls_cert_file");
    case TRUST_NO_BUNDLE:
        return str_of("the local CA bundle could not be read: install ca-certificates, or use "
                      "--ca-file");
    case TRUST_OTHER:
        return str_of("see OpenSSL's reason");
    }
    return str_of("");
}
