/* any bytes as one of Sendmail's tables, through to the tables and settings of Postfix; the first
 * byte says which one */
#include "tests/fuzz/conversion.h"
#include "tests/fuzz/fuzz.h"

/* a table, and the macros that read it and say what its entries mean; "domains" stands for the
   files of the _FILE macros */
static const struct {
    const char *name, *macros;
} tables[] = {
    {"access", "FEATURE(`access_db')dnl\n"
               "FEATURE(`delay_checks', `friend')dnl\n"
               "FEATURE(`blocklist_recipients')dnl\n"
               "FEATURE(`ratecontrol')dnl\n"
               "FEATURE(`conncontrol')dnl\n"
               "FEATURE(`greet_pause', `2000')dnl\n"
               "FEATURE(`relay_mail_from', `domain')dnl\n"},
    {"virtusertable", "FEATURE(`virtusertable')dnl\n"
                      "VIRTUSER_DOMAIN(`example.net')dnl\n"},
    {"mailertable", "define(`SMART_HOST', `relay.example.com')dnl\n"
                    "FEATURE(`mailertable')dnl\n"},
    {"genericstable", "FEATURE(`genericstable')dnl\n"
                      "GENERICS_DOMAIN(`example.com')dnl\n"
                      "MASQUERADE_AS(`example.com')dnl\n"},
    {"domaintable", "FEATURE(`domaintable')dnl\n"},
    {"authinfo", "define(`SMART_HOST', `relay.example.com')dnl\n"
                 "FEATURE(`authinfo')dnl\n"},
    {"userdb", "define(`confUSERDB_SPEC', `/etc/mail/userdb')dnl\n"},
    {"local-host-names", "FEATURE(`use_cw_file')dnl\n"},
    {"relay-domains", ""},
    {"trusted-users", "FEATURE(`use_ct_file')dnl\n"},
    {"aliases", "MAILER(`local')dnl\n"},
    {"uudomain", "FEATURE(`uucpdomain')dnl\n"},
    {"bitdomain", "FEATURE(`bitdomain')dnl\n"},
    {"domains", "FEATURE(`genericstable')dnl\n"
                "FEATURE(`virtusertable')dnl\n"
                "MASQUERADE_AS(`example.com')dnl\n"
                "MASQUERADE_DOMAIN_FILE(`/etc/mail/domains')dnl\n"
                "MASQUERADE_EXCEPTION_FILE(`/etc/mail/domains')dnl\n"
                "EXPOSED_USER_FILE(`/etc/mail/domains')dnl\n"
                "GENERICS_DOMAIN_FILE(`/etc/mail/domains')dnl\n"
                "VIRTUSER_DOMAIN_FILE(`/etc/mail/domains')dnl\n"
                "RELAY_DOMAIN_FILE(`/etc/mail/domains')dnl\n"
                "CANONIFY_DOMAIN_FILE(`/etc/mail/domains')dnl\n"},
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;

    if (size == 0)
        return 0;
    if (arena == NULL)
        arena = arena_create(abort);
    size_t choice = data[0] % (sizeof tables / sizeof *tables);
    struct str macros =
        arena_printf(arena, "OSTYPE(`linux')dnl\n%sMAILER(`smtp')dnl\n", tables[choice].macros);
    conversion_forget();
    conversion_table(tables[choice].name, fuzz_input(data + 1, size - 1));
    conversion_demand(arena, fuzz_source(arena, "sendmail.mc", macros),
                      data[0] < 128 ? "rhel10" : "debian11");
    arena_reset(arena);
    return 0;
}
