/* what the tests of services ask a draft beside sendmail_draft.h */
#ifndef TESTS_UNIT_SENDMAIL_SERVICE_H
#define TESTS_UNIT_SENDMAIL_SERVICE_H

#include "tests/unit/sendmail_draft.h"

/* services - the names of all services of type inet that run, each with a blank behind it */
static inline const char *services(const struct draft *draft)
{
    struct buffer out;

    buffer_init(&out, draft->arena);
    for (size_t i = 0; i < draft->service_count; i++)
        if (str_is(draft->services[i]->type, "inet") && !draft->services[i]->disabled)
            buffer_printf(&out, "%.*s ", STR_ARG(draft->services[i]->name));
    return arena_cstr(draft->arena, buffer_str(&out));
}

/* override - what the service says of a parameter, or "(none)" */
static inline const char * override(const struct draft *draft, const char *service,
                                    const char *name)
{
    for (size_t i = 0; i < draft->service_count; i++)
        for (size_t k = 0; k < draft->services[i]->override_count; k++) {
            const struct draft_setting *setting = &draft->services[i]->overrides[k];
            if (str_is(draft->services[i]->name, service) && str_is(setting->name, name))
                return arena_cstr(draft->arena, setting->value);
        }
    return "(none)";
}

/* draft_for - as draft_of(), for a platform, without tables */
static inline struct draft *draft_for(struct arena *arena, const char *platform, const char *mc)
{
    struct sendmail *sendmail = arena_alloc(arena, sizeof *sendmail);
    struct draft *draft = arena_alloc(arena, sizeof *draft);

    sendmail_text(sendmail, arena, mc);
    draft_init(draft, arena, sendmail, facts_platform(str_of(platform)));
    convert_sendmail(draft);
    return draft;
}

/* fate_text - what became of the N-th directive of that name */
static inline const char *fate_text(const struct draft *draft, const char *name, size_t n)
{
    for (size_t i = 0; i < draft->sendmail->count; i++)
        if (str_is(draft->sendmail->items[i].name, name) && n-- == 0)
            return arena_cstr(draft->arena, draft->fates[i].text);
    return "(no item)";
}

static inline const char *fate_nth(const struct draft *draft, const char *name, size_t n)
{
    for (size_t i = 0; i < draft->sendmail->count; i++)
        if (str_is(draft->sendmail->items[i].name, name) && n-- == 0)
            return sendmail_fate_name(draft->fates[i].fate);
    return "(no item)";
}

#define NO_MSA "FEATURE(`no_default_msa')\n"
#define CERTIFICATE                                                                                \
    "define(`confSERVER_CERT', `/etc/mail/tls/cert.pem')\n"                                        \
    "define(`confSERVER_KEY', `/etc/mail/tls/key.pem')\n"                                          \
    "define(`confCACERT', `/etc/mail/tls/ca.pem')\n"                                               \
    "define(`confCACERT_PATH', `/etc/mail/tls')\n"
#define TRUST "TRUST_AUTH_MECH(`GSSAPI DIGEST-MD5 CRAM-MD5')\n"

#endif
