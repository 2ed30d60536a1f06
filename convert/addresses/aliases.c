/*
 * aliases - alias files, and users who have moved
 *
 * The lines are copied to alias files of the new host.  Both programs accept users, lists,
 * :include:, |program and /file (aliases(5) of both); Sendmail also accepts a program with
 * arguments without quotes, and |"program", which both become "|program".  With FEATURE(redirect)
 * an alias to user@new.host.REDIRECT becomes an entry of relocated_maps.
 */
#include "convert/addresses/modules.h"
#include "convert/ldap/ldap.h"
#include "convert/sendmail/addresses.h"
#include "convert/sendmail/feature.h"
#include "parser/sendmail/table.h"

#define REDIRECT ".REDIRECT"

struct alias_mapping {
    struct draft *draft;
    struct draft_table *table;
    bool redirects;
    bool includes;      /* a list in a file, which may contain programs and files */
    bool owner, owners; /* there is an owner- alias; one has several addresses */
};

/* --- lines ------------------------------------------------------------------------------------ */

/* add_program - "|/bin/x arg" in quotes, as aliases(5) of Postfix requires */
static void add_program(struct buffer *out, struct str target)
{
    struct str command = str_trim(str_slice(target, 1, target.len));

    if (target.at[0] == '"') {
        buffer_add(out, target);
        return;
    }
    if (command.len >= 2 && command.at[0] == '"' && command.at[command.len - 1] == '"')
        command = str_slice(command, 1, command.len - 1);
    buffer_add_cstr(out, "\"|");
    for (size_t i = 0; i < command.len; i++) {
        if (command.at[i] == '"' && (i == 0 || command.at[i - 1] != '\\'))
            buffer_add_char(out, '\\');
        buffer_add_char(out, command.at[i]);
    }
    buffer_add_char(out, '"');
}

static struct str strip_quotes(struct str target)
{
    if (target.len >= 2 && target.at[0] == '"' && target.at[target.len - 1] == '"')
        return str_slice(target, 1, target.len - 1);
    return target;
}

/* add_target - returns false if Postfix has no equivalent */
static bool add_target(struct alias_mapping *mapping, struct str target, struct buffer *out)
{
    struct str inside = strip_quotes(target);

    if (str_starts(inside, "error:") || str_starts(inside, ":error:"))
        return false;
    if (str_starts(inside, ":include:")) {
        mapping->includes = true;
        draft_step(mapping->draft, STEP_BEFORE, str_of(""),
                   arena_printf(mapping->draft->arena,
                                "copy %.*s to the new host: an alias includes it",
                                STR_ARG(str_trim(str_slice(inside, 9, inside.len)))));
    }
    if (out->len > 0)
        buffer_add_cstr(out, ", ");
    if (inside.len > 0 && inside.at[0] == '|')
        add_program(out, target);
    else
        buffer_add(out, target);
    return true;
}

/* add_moved - handles an alias to user@new.host.REDIRECT */
static bool add_moved(struct alias_mapping *mapping, const struct sendmail_item *line,
                      struct str target)
{
    struct draft *draft = mapping->draft;
    struct str lower = addresses_lower(draft->arena, target);

    if (!mapping->redirects || lower.len <= sizeof REDIRECT - 1 || !str_ends(lower, ".redirect"))
        return false;
    struct draft_table *table = draft_table(draft, "relocated", DRAFT_INDEXED);
    struct str to = str_slice(target, 0, target.len - (sizeof REDIRECT - 1));
    draft_entry(draft, table, line, addresses_lower(draft->arena, line->arguments[0]), to);
    draft_add(draft, line, PARAM_RELOCATED_MAPS, 100, "%.*s",
              STR_ARG(draft_table_ref(draft, table)));
    draft_fate(draft, line, FATE_MAPPED,
               "relocated_maps: RCPT TO is rejected with 550 5.1.6 \"User has moved to %.*s\"; "
               "Sendmail accepts the message and returns it with 551 5.1.1",
               STR_ARG(to));
    return true;
}

/* find_name_problem - why local(8) does not look up this name, or NULL */
static const char *find_name_problem(struct str name)
{
    if (str_find(name, '@', 0) < name.len)
        return "Postfix looks up aliases by user name only; a complete address belongs in "
               "virtual_alias_maps";
    if (str_ends(name, "+*"))
        return "Postfix has no key that matches any extension of a user";
    return NULL;
}

static void map_line(struct alias_mapping *mapping, const struct sendmail_item *line)
{
    struct draft *draft = mapping->draft;
    struct str rest = sendmail_argument(line, 1), target, name = line->arguments[0];
    struct buffer value;
    size_t count = 0;

    buffer_init(&value, draft->arena);
    if (find_name_problem(name) != NULL) {
        draft_open_point(draft, line, "convert it by hand", "%s", find_name_problem(name));
        return;
    }
    while (rest.at != NULL && sendmail_alias_target(&rest, &target)) {
        target = str_trim(target);
        if (target.len == 0)
            continue;
        if (count++ == 0 && str_trim(rest).len == 0 && add_moved(mapping, line, target))
            return;
        if (!add_target(mapping, target, &value)) {
            draft_open_point(draft, line, "reject the address with check_recipient_access",
                             "Postfix does not support error: in aliases");
            return;
        }
    }
    if (count == 0) {
        draft_open_point(draft, line, "remove it, or add a destination",
                         "the alias has no destination");
        return;
    }
    if (str_starts(addresses_lower(draft->arena, name), "owner-")) {
        mapping->owner = true;
        mapping->owners = mapping->owners || count > 1 ||
                          str_find(buffer_str(&value), '|', 0) < value.len ||
                          str_find(buffer_str(&value), '/', 0) < value.len;
    }
    draft_entry(draft, mapping->table, line, name, buffer_str(&value));
    draft_fate(draft, line, FATE_MAPPED, "alias_maps, in %.*s", STR_ARG(mapping->table->name));
}

/* --- files ------------------------------------------------------------------------------------ */

static void add_maps(struct draft *draft, const struct sendmail_item *item, int rank,
                     struct str table)
{
    draft_add(draft, item, PARAM_ALIAS_MAPS, rank, "%.*s", STR_ARG(table));
    draft_add(draft, item, PARAM_ALIAS_DATABASE, rank, "%.*s", STR_ARG(table));
}

static void map_file(struct alias_mapping *mapping, const struct sendmail_table *source, int number)
{
    struct draft *draft = mapping->draft;

    mapping->table = draft_table(
        draft, number == 0 ? "aliases" : arena_printf(draft->arena, "aliases%d", number + 1).at,
        DRAFT_ALIASES);
    for (size_t i = source->first; i < source->first + source->count; i++)
        if (!draft->sendmail->items[i].overridden)
            map_line(mapping, &draft->sendmail->items[i]);
    add_maps(draft, source->from, 100 + number, draft_table_ref(draft, mapping->table));
    if (source->from != NULL)
        draft_fate(draft, source->from, FATE_MAPPED, "%.*s is converted to %.*s",
                   STR_ARG(source->path), STR_ARG(mapping->table->name));
}

/* keep_file - an alias file that was not found stays where it is */
static void keep_file(struct draft *draft, const struct sendmail_table *source, int number)
{
    if (source->from == NULL)
        return;
    if (addresses_is_ldap(source->type)) {
        ldap_map_aliases(draft, source, 100 + number);
        return;
    }
    if (source->path.len == 0) {
        draft_open_point(draft, source->from, "add the equivalent map to alias_maps",
                         "aliases that are not in a file: %.*s %.*s", STR_ARG(source->type),
                         STR_ARG(source->flags));
        return;
    }
    if (source->path.at[0] != '/') {
        draft_open_point(draft, source->from, "add the file with its whole path to alias_maps",
                         "the path \"%.*s\" begins in Sendmail's queue directory",
                         STR_ARG(source->path));
        return;
    }
    add_maps(draft, source->from, 100 + number,
             arena_printf(draft->arena, "%.*s:%.*s",
                          STR_ARG(draft->platform->default_database_type), STR_ARG(source->path)));
    draft_step(draft, STEP_TABLES, str_of("newaliases"),
               str_of("Postfix builds the alias database again"));
    draft_fate(
        draft, source->from, FATE_MAPPED,
        "alias_maps: %.*s stays in its place (it was not found here, its lines were not checked)",
        STR_ARG(source->path));
}

static void map_settings(const struct alias_mapping *mapping)
{
    struct draft *draft = mapping->draft;

    if (mapping->includes) {
        draft_set(draft, NULL, PARAM_ALLOW_MAIL_TO_COMMANDS, "alias, forward, include");
        draft_reason(draft, PARAM_ALLOW_MAIL_TO_COMMANDS,
                     "Sendmail allows programs in :include: files");
        draft_set(draft, NULL, PARAM_ALLOW_MAIL_TO_FILES, "alias, forward, include");
        draft_reason(draft, PARAM_ALLOW_MAIL_TO_FILES, "Sendmail allows files in :include: files");
    }
    if (mapping->owner && !mapping->owners) {
        draft_set(draft, NULL, PARAM_EXPAND_OWNER_ALIAS, "yes");
        draft_reason(draft, PARAM_EXPAND_OWNER_ALIAS,
                     "Sendmail uses the address of owner-list as the sender, not the alias");
    }
}

void aliases_convert(struct draft *draft)
{
    struct alias_mapping mapping = {.draft = draft};
    const struct sendmail *sendmail = draft->sendmail;
    int number = 0;

    mapping.redirects = sendmail_feature(sendmail, "redirect") != NULL;
    for (size_t i = 0; i < sendmail->table_count; i++) {
        const struct sendmail_table *source = &sendmail->tables[i];
        if (!str_is(source->name, "aliases"))
            continue;
        if (source->source != NULL)
            map_file(&mapping, source, number++);
        else
            keep_file(draft, source, number++);
    }
    map_settings(&mapping);
    feature_decide(draft, "redirect", FATE_MAPPED,
                   draft_find_table(draft, "relocated") != NULL
                       ? "aliases to .REDIRECT are in relocated_maps: mail for them is rejected at "
                         "RCPT, not returned later"
                       : "no alias ends in .REDIRECT; add such addresses to relocated_maps");
    const struct sendmail_item *define = sendmail_define(sendmail, "ALIAS_FILE");
    if (define != NULL && !draft->fates[define->number].decided)
        draft_fate(draft, define, FATE_MEANINGLESS, "it names no file");
}
