/* which Postfix setting is the likely reason: postconf(5), TLS_README, SASL_README, RFC 8314 */
#include "smtp/client/client.h"

/* the ports have a custom (RFC 8314, 3.3), and what is wrong depends on it */
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

static const char *no_connection(int port)
{
    switch (port) {
    case PORT_IMPLICIT:
        return "nothing listens on port 465: the service may be commented out in master.cf (a line "
               "\"submissions inet n - n - - smtpd\" with -o smtpd_tls_wrappermode=yes), "
               "inet_interfaces may leave this address out, or a firewall may refuse it";
    case PORT_RELAY:
        return "nothing listens on port 25: is Postfix running, does inet_interfaces name this "
               "address, and does a firewall or the provider refuse the port?";
    default:
        return "nothing listens on this port: the service may be commented out in master.cf, "
               "inet_interfaces may leave this address out, or a firewall may refuse it";
    }
}

static const char *plain_not_tls(int port)
{
    switch (port) {
    case PORT_IMPLICIT:
        return "smtpd_tls_wrappermode = yes is missing at the service on port 465: add "
               "\"-o smtpd_tls_wrappermode=yes\" below it in master.cf";
    case PORT_RELAY:
    case PORT_STARTTLS:
        return "this port begins in plain text, as it should: set the mail program to STARTTLS";
    default:
        return "smtpd_tls_wrappermode = yes is missing at this service: add "
               "\"-o smtpd_tls_wrappermode=yes\" below it in master.cf; without it, set the mail "
               "program to STARTTLS";
    }
}

static const char *tls_not_plain(int port)
{
    if (port == PORT_IMPLICIT)
        return "port 465 speaks TLS from the first byte, as it should: set the mail program to "
               "implicit TLS (\"SSL/TLS\"), not to STARTTLS";
    return "smtpd_tls_wrappermode = yes counts at this service: remove it from main.cf, or from "
           "the service in master.cf; it belongs to port 465 alone";
}

static const char *closed(enum client_tls tls)
{
    if (tls == CLIENT_IMPLICIT)
        return "smtpd hangs up like this when its certificate can't be used: see "
               "smtpd_tls_chain_files or smtpd_tls_cert_file, smtpd_tls_key_file, and its log";
    return "smtpd hangs up when it can't start (see its log), postscreen when it refuses the "
           "client (postscreen_access_list, postscreen_dnsbl_action)";
}

static const char *no_protocol(int port)
{
    return port == PORT_RELAY
               ? "smtpd_tls_protocols allows no version of TLS that this client has"
               : "smtpd_tls_mandatory_protocols (smtpd_tls_protocols where TLS is not required) "
                 "allows no version of TLS that this client has";
}

struct str client_advice(enum client_failure failure, enum client_tls tls, int port)
{
    switch (failure) {
    case CLIENT_GOOD:
        return str_of("");
    case CLIENT_NO_CONNECTION:
        return str_of(no_connection(port));
    case CLIENT_TIMEOUT:
        return str_of(
            "a firewall may drop the packets, or smtpd waits for DNS, a policy service or "
            "a milter (smtpd_client_restrictions, smtpd_milters): see its log");
    case CLIENT_CLOSED:
        return str_of(closed(tls));
    case CLIENT_PLAIN_NOT_TLS:
        return str_of(plain_not_tls(port));
    case CLIENT_TLS_NOT_PLAIN:
        return str_of(tls_not_plain(port));
    case CLIENT_NOT_SMTP:
        return str_of("another program than Postfix answers on this port");
    case CLIENT_NO_STARTTLS:
        return str_of("smtpd_tls_security_level is empty or \"none\" at this service: set it to "
                      "\"may\" (\"encrypt\" on port 587), or smtpd_discard_ehlo_keywords takes "
                      "STARTTLS away");
    case CLIENT_STARTTLS_REFUSED:
        return str_of("smtpd has no certificate that it can use: see smtpd_tls_chain_files or "
                      "smtpd_tls_cert_file, smtpd_tls_key_file, and its log");
    case CLIENT_NO_PROTOCOL:
        return str_of(no_protocol(port));
    case CLIENT_NO_CIPHER:
        return str_of("smtpd_tls_ciphers, smtpd_tls_mandatory_ciphers or smtpd_tls_exclude_ciphers "
                      "leaves no cipher that this client has; without any certificate "
                      "(smtpd_tls_cert_file = none) few clients have one");
    case CLIENT_HANDSHAKE:
        return str_of("see smtpd's log; smtpd_tls_loglevel = 1 makes it say more");
    case CLIENT_NO_AUTH:
        return str_of("smtpd_sasl_auth_enable = yes is missing at this service, or "
                      "smtpd_tls_auth_only and smtpd_sasl_security_options keep AUTH for "
                      "connections with TLS");
    case CLIENT_INJECTED:
        return str_of("someone between client and server, or a server with the hole of "
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
        return str_of("the certificate is for other names: let mail programs use one of those, or "
                      "name one with this name in smtpd_tls_chain_files or smtpd_tls_cert_file");
    case TRUST_EXPIRED:
        return str_of("renew the certificate, and run \"postfix reload\": smtpd reads "
                      "smtpd_tls_chain_files and smtpd_tls_cert_file when it starts");
    case TRUST_NOT_YET_VALID:
        return str_of("the certificate's time has not come: check the clocks of both machines");
    case TRUST_UNKNOWN_ISSUER:
        return str_of(
            "smtpd_tls_chain_files or smtpd_tls_cert_file must hold the CA's intermediate "
            "certificates behind the server's own, or the CA bundle here lacks the CA");
    case TRUST_SELF_SIGNED:
        return str_of("smtpd_tls_cert_file is self-signed (as Debian's snakeoil is): take one of a "
                      "CA, or give this one to every mail program");
    case TRUST_WEAK:
        return str_of("its key is too short or its digest too old for today's clients: make a new "
                      "one for smtpd_tls_cert_file");
    case TRUST_NO_BUNDLE:
        return str_of("the CA bundle could not be read here: install ca-certificates, or name one "
                      "with --ca-file");
    case TRUST_OTHER:
        return str_of("see what OpenSSL says of it");
    }
    return str_of("");
}
