/*
 * write_main - main.cf by subject, each setting below its source line: see write.h
 */
#include "convert/write/write.h"

/* a subject takes the settings that no subject above it took; PARTS are substrings of their
   names */
static const struct subject {
    const char *title;
    const char *parts[10];
} subjects[] = {
    {"TLS", {"_tls_", "tls_"}},
    {"authentication", {"_sasl_"}},
    {"filters", {"milter", "content_filter", "header_checks", "body_checks"}},
    {"access and relaying", {"_restrictions", "mynetworks", "relay_domains", "access"}},
    {"names of this host",
     {"myhostname", "mydomain", "myorigin", "mydestination", "inet_", "proxy_interfaces",
      "compatibility_level", "smtpd_banner"}},
    {"addresses", {"masquerade", "canonical", "generic", "append_", "virtual_alias", "rewrite"}},
    {"routing and delivery",
     {"relayhost", "transport", "fallback", "mailbox", "alias_", "local_", "virtual_", "lmtp_",
      "luser_relay"}},
    {"limits, timeouts and the queue", {""}},
};

enum { SUBJECT_COUNT = sizeof subjects / sizeof *subjects };

/* the order of the subjects in the file: indices into the table above */
static const size_t order[SUBJECT_COUNT] = {4, 6, 5, 3, 1, 0, 2, 7};

static size_t find_subject(struct str name)
{
    for (size_t i = 0; i < SUBJECT_COUNT; i++)
        for (const char *const *part = subjects[i].parts; *part != NULL; part++)
            if (**part == '\0' || str_search(name, *part) < name.len)
                return i;
    return SUBJECT_COUNT - 1;
}

/* is_whole - does the value consist of the parts alone? */
static bool is_whole(const struct draft_setting *setting, const struct draft_part **parts,
                     size_t count)
{
    size_t len = 0;

    for (size_t i = 0; i < count; i++)
        len += parts[i]->value.len + (i > 0 ? 2 : 0);
    return count > 1 && len == setting->value.len;
}

/* write_parts - a list, each part below its own source line */
static void write_parts(const struct draft_part **parts, size_t count, struct buffer *out)
{
    const struct sendmail_item *last = NULL;

    buffer_add_char(out, '\n');
    for (size_t i = 0; i < count; i++) {
        if (parts[i]->item != last)
            draft_write_origin(parts[i]->item, str_of(""), "    ", out);
        last = parts[i]->item;
        buffer_add_cstr(out, "    ");
        draft_write_line(out, parts[i]->value);
        buffer_add_cstr(out, i + 1 < count ? ",\n" : "\n");
    }
}

static void write_setting(const struct draft *draft, const struct draft_setting *setting,
                          struct buffer *out)
{
    const struct draft_part **parts;
    size_t count = draft_parts(draft, setting->name, &parts);
    bool whole = is_whole(setting, parts, count);

    draft_write_origin(whole ? NULL : setting->item, setting->reason, "", out);
    draft_write_line(out, setting->name);
    buffer_add_cstr(out, " =");
    if (whole) {
        write_parts(parts, count, out);
        return;
    }
    if (setting->value.len > 0)
        buffer_add_char(out, ' ');
    draft_write_line(out, setting->value);
    buffer_add_char(out, '\n');
}

/* SUBJECTS: the subject of each setting */
static void write_subject(const struct draft *draft, size_t subject, const size_t *of,
                          struct buffer *out)
{
    bool headed = false;

    for (size_t i = 0; i < draft->setting_count; i++) {
        if (of[i] != subject)
            continue;
        if (!headed)
            buffer_printf(out, "\n# --- %s\n", subjects[subject].title);
        headed = true;
        buffer_add_char(out, '\n');
        write_setting(draft, &draft->settings[i], out);
    }
}

/* write_level - without it Postfix keeps the defaults of older releases */
static void write_level(const struct draft *draft, struct buffer *out)
{
    const struct release *release = draft->platform->release;

    if (release->level.len > 0 && draft_value(draft, PARAM_COMPATIBILITY_LEVEL).at == NULL)
        buffer_printf(out, "\n# use the defaults of this release\ncompatibility_level = %.*s\n",
                      STR_ARG(release->level));
}

void draft_write_main(const struct draft *draft, struct buffer *out)
{
    size_t *of = arena_alloc(draft->arena, (draft->setting_count + 1) * sizeof *of);

    buffer_add_cstr(out, "# For Postfix ");
    buffer_add(out, draft->platform->postfix);
    buffer_add_cstr(out, ", converted by postmend from ");
    draft_write_line(out, draft->sendmail->source->path);
    buffer_add_cstr(out, ".\n# The source of each setting is in the comment above it; "
                         "CONVERSION.md lists every line.\n");
    write_level(draft, out);
    for (size_t i = 0; i < draft->setting_count; i++)
        of[i] = find_subject(draft->settings[i].name);
    for (size_t i = 0; i < SUBJECT_COUNT; i++)
        write_subject(draft, order[i], of, out);
}
