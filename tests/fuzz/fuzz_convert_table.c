/* any bytes as one of Sendmail's tables, through to the tables and settings of Postfix; the first
 * byte says which one */
#include "tests/fuzz/conversion.h"
#include "tests/fuzz/fuzz.h"

/* the files that macros below name; "domains" stands for those of the _FILE macros */
static const char *const tables[] = {
    "access",   "virtusertable", "mailertable",      "genericstable", "domaintable",
    "authinfo", "userdb",        "local-host-names", "relay-domains", "trusted-users",
    "aliases",  "uudomain",      "bitdomain",        "domains"};

static const char macros[] = "OSTYPE(`linux')dnl\n"
                             "define(`confUSERDB_SPEC', `/etc/mail/userdb')dnl\n"
                             "define(`SMART_HOST', `relay.example.com')dnl\n"
                             "FEATURE(`access_db')dnl\n"
                             "FEATURE(`delay_checks', `friend')dnl\n"
                             "FEATURE(`blocklist_recipients')dnl\n"
                             "FEATURE(`ratecontrol')dnl\n"
                             "FEATURE(`conncontrol')dnl\n"
                             "FEATURE(`greet_pause', `2000')dnl\n"
                             "FEATURE(`relay_mail_from', `domain')dnl\n"
                             "FEATURE(`virtusertable')dnl\n"
                             "FEATURE(`mailertable')dnl\n"
                             "FEATURE(`genericstable')dnl\n"
                             "FEATURE(`domaintable')dnl\n"
                             "FEATURE(`uucpdomain')dnl\n"
                             "FEATURE(`bitdomain')dnl\n"
                             "FEATURE(`authinfo')dnl\n"
                             "FEATURE(`use_cw_file')dnl\n"
                             "FEATURE(`use_ct_file')dnl\n"
                             "MASQUERADE_AS(`example.com')dnl\n"
                             "MASQUERADE_DOMAIN_FILE(`/etc/mail/domains')dnl\n"
                             "MASQUERADE_EXCEPTION_FILE(`/etc/mail/domains')dnl\n"
                             "EXPOSED_USER_FILE(`/etc/mail/domains')dnl\n"
                             "GENERICS_DOMAIN_FILE(`/etc/mail/domains')dnl\n"
                             "VIRTUSER_DOMAIN_FILE(`/etc/mail/domains')dnl\n"
                             "RELAY_DOMAIN_FILE(`/etc/mail/domains')dnl\n"
                             "CANONIFY_DOMAIN_FILE(`/etc/mail/domains')dnl\n"
                             "MAILER(`smtp')dnl\n"
                             "MAILER(`procmail')dnl\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;

    if (size == 0)
        return 0;
    if (arena == NULL)
        arena = arena_create(abort);
    conversion_forget();
    conversion_table(tables[data[0] % (sizeof tables / sizeof *tables)],
                     fuzz_input(data + 1, size - 1));
    conversion_demand(arena, fuzz_source(arena, "sendmail.mc", str_of(macros)),
                      data[0] < 128 ? "rhel10" : "debian11");
    arena_reset(arena);
    return 0;
}
