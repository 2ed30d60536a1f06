/* a macro file and its tables, through to Postfix: behind each line "%%NAME" stands a table */
#include <string.h>

#include "tests/fuzz/conversion.h"
#include "tests/fuzz/fuzz.h"

/* names that tables have by default; others are left out, as the directory is a real one */
static const char *const names[] = {
    "access",   "virtusertable", "mailertable",      "genericstable", "domaintable",
    "authinfo", "userdb",        "local-host-names", "relay-domains", "trusted-users",
    "aliases",  "uudomain",      "bitdomain",        "domains"};

static void put_table(struct str name, struct str text)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_is(name, names[i]))
            conversion_table(names[i], text);
}

/* next_part - up to the next line "%%NAME"; *NAME is that of the part behind it */
static struct str next_part(struct str *rest, struct str *name)
{
    size_t end = str_search(*rest, "\n%%");
    size_t line = str_find(*rest, '\n', end + 1);
    struct str part = str_slice(*rest, 0, end);

    *name = str_slice(*rest, end + 3, line);
    *rest = str_slice(*rest, line + 1, rest->len);
    return part;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    struct str rest = fuzz_input(data, size), name, table;

    if (arena == NULL)
        arena = arena_create(abort);
    conversion_forget();
    struct str macros = next_part(&rest, &name);
    while (name.len > 0) {
        struct str part = next_part(&rest, &table);
        put_table(name, part);
        name = table;
    }
    conversion_demand(arena, fuzz_source(arena, "sendmail.mc", macros), "rhel10");
    arena_reset(arena);
    return 0;
}
