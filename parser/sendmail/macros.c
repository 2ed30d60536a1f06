/*
 * sendmail_macros - the macros that Sendmail's cf.m4 defines for a .mc file: see
 * parser/sendmail/mc.h
 *
 * Source: cf/m4/cfhead.m4 and cf/README of Sendmail 8.17 and 8.18.  Only the call of a macro
 * matters here.  Its text is empty except for its effect on what follows it in the file: the
 * diversion of LOCAL_CONFIG and similar macros, the file that DOMAIN includes, and the dnl with
 * which many end, before an empty quotation, so that it does not form one word with a dnl after the
 * call.
 */
#include "parser/sendmail/mc.h"

#define CALL(name, text)                                                                           \
    {                                                                                              \
        STR(name), STR(text), true                                                                 \
    }
#define KNOWN(name, text)                                                                          \
    {                                                                                              \
        STR(name), STR(text), false                                                                \
    }

static const struct m4_macro macros[] = {
    CALL("CANONIFY_DOMAIN", "dnl`'"),
    CALL("CANONIFY_DOMAIN_FILE", "dnl`'"),
    CALL("CLIENT_OPTIONS", ""),
    CALL("DAEMON_OPTIONS", ""),
    CALL("DOMAIN", "_DOMAIN_FILE_(divnum, `$1')"),
    CALL("EXPOSED_USER", "dnl`'"),
    CALL("EXPOSED_USER_FILE", "dnl`'"),
    CALL("FEATURE", ""),
    CALL("GENERICS_DOMAIN", "dnl`'"),
    CALL("GENERICS_DOMAIN_FILE", "dnl`'"),
    CALL("HACK", ""),
    CALL("INPUT_MAIL_FILTER", ""),
    CALL("LDAPROUTE_DOMAIN", "dnl`'"),
    CALL("LDAPROUTE_DOMAIN_FILE", "dnl`'"),
    CALL("LDAPROUTE_EQUIVALENT", "dnl`'"),
    CALL("LDAPROUTE_EQUIVALENT_FILE", "dnl`'"),
    CALL("LOCAL_CLT_FEATURES", "divert(9)"),
    CALL("LOCAL_CONFIG", "divert(6)"),
    CALL("LOCAL_DNSBL", "divert(8)"),
    CALL("LOCAL_DOMAIN", "dnl`'"),
    CALL("LOCAL_NET_CONFIG", "divert(1)"),
    CALL("LOCAL_RULESETS", "divert(9)"),
    CALL("LOCAL_RULE_0", "divert(3)"),
    CALL("LOCAL_RULE_1", "divert(9)"),
    CALL("LOCAL_RULE_2", "divert(9)"),
    CALL("LOCAL_RULE_3", "divert(2)"),
    CALL("LOCAL_SRV_FEATURES", "divert(9)"),
    CALL("LOCAL_TLS_CLIENT", "divert(9)"),
    CALL("LOCAL_TLS_RCPT", "divert(9)"),
    CALL("LOCAL_TLS_SERVER", "divert(9)"),
    CALL("LOCAL_TRY_TLS", "divert(9)"),
    CALL("LOCAL_USER", "dnl`'"),
    CALL("LOCAL_USER_FILE", "dnl`'"),
    CALL("LOCAL_UUCP", "divert(4)"),
    CALL("MAILER", ""),
    CALL("MAILER_DEFINITIONS", "divert(7)"),
    CALL("MAIL_FILTER", ""),
    CALL("MASQUERADE_AS", ""),
    CALL("MASQUERADE_DOMAIN", "dnl`'"),
    CALL("MASQUERADE_DOMAIN_FILE", "dnl`'"),
    CALL("MASQUERADE_EXCEPTION", "dnl`'"),
    CALL("MASQUERADE_EXCEPTION_FILE", "dnl`'"),
    CALL("MODIFY_MAILER_FLAGS", ""),
    CALL("OSTYPE", ""),
    CALL("QUEUE_GROUP", ""),
    CALL("RELAY_DOMAIN", "dnl`'"),
    CALL("RELAY_DOMAIN_FILE", "dnl`'"),
    CALL("SITE", ""),
    CALL("SITECONFIG", ""),
    CALL("TRUST_AUTH_MECH", "dnl`'"),
    CALL("UUCPSMTP", ""),
    CALL("VERSIONID", ""),
    CALL("VIRTUSER_DOMAIN", "dnl`'"),
    CALL("VIRTUSER_DOMAIN_FILE", "dnl`'"),

    {STR("format"), {NULL, 0}, false},
    {STR("hpux"), {NULL, 0}, false},
    KNOWN("ALIAS_FILE", "MAIL_SETTINGS_DIR`'aliases"),
    KNOWN("CF_LEVEL", "10"),
    KNOWN("CONCAT", "$1$2$3$4$5$6$7"),
    KNOWN("DATABASE_MAP_TYPE", "hash"),
    KNOWN("DOL", "`$'$1"),
    KNOWN("MAIL_SETTINGS_DIR", "/etc/mail/"),
    KNOWN("POPDIVERT", "divert(__D__)popdef(`__D__')"),
    KNOWN("PUSHDIVERT", "pushdef(`__D__', divnum)divert($1)"),
    KNOWN("_CF_DIR_", "../"),
    KNOWN("_DOMAIN_FILE_", "divert(-1)sinclude(`domain/$2.m4')divert($1)"),
    KNOWN("_DEFIFNOT", "ifdef(`$1',`',`define(`$1',`$2')')"),
    KNOWN("confALIAS_WAIT", "10"),
    KNOWN("confBLANK_SUB", "."),
    KNOWN("confCHECK_ALIASES", "False"),
    KNOWN("confCON_EXPENSIVE", "False"),
    KNOWN("confCR_FILE", "-o MAIL_SETTINGS_DIR`'relay-domains"),
    KNOWN("confCW_FILE", "MAIL_SETTINGS_DIR`'local-host-names"),
    KNOWN("confDELIVERY_MODE", "background"),
    KNOWN("confFORWARD_PATH", "$z/.forward.$w:$z/.forward"),
    KNOWN("confFROM_LINE", "From $g $d"),
    KNOWN("confLOG_LEVEL", "9"),
    KNOWN("confMAILER_NAME", "`MAILER-DAEMON'"),
    KNOWN("confMCI_CACHE_SIZE", "2"),
    KNOWN("confMCI_CACHE_TIMEOUT", "5m"),
    KNOWN("confMILTER_MACROS_CONNECT", "`j, _, {daemon_name}, {if_name}, {if_addr}'"),
    KNOWN("confMILTER_MACROS_ENVFROM", "`i, {auth_type}, {auth_authen}, {auth_ssf}, {auth_author}, "
                                       "{mail_mailer}, {mail_host}, {mail_addr}'"),
    KNOWN("confMILTER_MACROS_ENVRCPT", "`{rcpt_mailer}, {rcpt_host}, {rcpt_addr}'"),
    KNOWN("confMILTER_MACROS_EOM", "{msg_id}"),
    KNOWN("confMILTER_MACROS_HELO",
          "`{tls_version}, {cipher}, {cipher_bits}, {cert_subject}, {cert_issuer}'"),
    KNOWN("confMIME_FORMAT_ERRORS", "True"),
    KNOWN("confMIN_FREE_BLOCKS", "100"),
    KNOWN("confOLD_STYLE_HEADERS", "True"),
    KNOWN("confOPERATORS", ".:%@!^/[]+"),
    KNOWN("confPRIVACY_FLAGS", "authwarnings"),
    KNOWN("confSAFE_QUEUE", "True"),
    KNOWN("confSEVEN_BIT_INPUT", "False"),
    KNOWN("confSMTP_LOGIN_MSG", "$j Sendmail $v/$Z; $b"),
    KNOWN("confTEMP_FILE_MODE", "0600"),
    KNOWN("confTIME_ZONE", "USE_SYSTEM"),
    KNOWN("confTO_QUEUERETURN", "5d"),
    KNOWN("confTO_QUEUEWARN", "4h"),
    KNOWN("confUSE_ERRORS_TO", "False"),
    KNOWN("lower", "translit(`$1', `ABCDEFGHIJKLMNOPQRSTUVWXYZ', `abcdefghijklmnopqrstuvwxyz')"),
    KNOWN("strcasecmp", "ifelse(lower($1), lower($2), `1', `0')"),
};

const struct m4_macro *sendmail_macros(size_t *count)
{
    *count = sizeof macros / sizeof macros[0];
    return macros;
}
