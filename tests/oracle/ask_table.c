/*
 * ask_table PLATFORM DIRECTORY TABLE [alias] - as postmap -q - TABLE, for the tests against it
 *
 * Reads keys from standard input, one a line, and prints "KEY<tab>VALUE" for those that are found,
 * "KEY<tab>unknown: REASON" for what can't be told, and "error: REASON" at the end where the table
 * fails.  DIRECTORY, which has a main.cf, is the one that Postfix reads.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "parser/tables/table.h"

static void no_memory(void)
{
    fputs("ask_table: no memory\n", stderr);
    exit(2);
}

/* answer - false where the table fails */
static bool answer(struct lookup lookup, struct str key)
{
    switch (lookup.status) {
    case LOOKUP_NONE:
        return true;
    case LOOKUP_FOUND:
        printf("%.*s\t%.*s\n", STR_ARG(key), STR_ARG(lookup.value));
        return true;
    case LOOKUP_UNKNOWN:
        printf("%.*s\tunknown: %.*s\n", STR_ARG(key), STR_ARG(lookup.reason));
        return true;
    case LOOKUP_ERROR:
        break;
    }
    printf("error: %.*s\n", STR_ARG(lookup.reason));
    return false;
}

static void ask_all(const struct table *table, struct arena *arena)
{
    char *line = NULL;
    size_t size = 0;
    ssize_t got;

    while ((got = getline(&line, &size, stdin)) >= 0) {
        struct str key = {line, (size_t)got};
        if (str_ends(key, "\n"))
            key.len--;
        if (!answer(table_find(table, arena, key), key))
            break;
    }
    free(line);
}

int main(int count, char **words)
{
    struct arena *arena = arena_create(no_memory);
    struct config config;
    struct str error;

    if (count < 4) {
        fputs("usage: ask_table PLATFORM DIRECTORY TABLE [alias]\n", stderr);
        return 2;
    }
    const struct platform *known = facts_platform(str_of(words[1]));
    struct platform platform = known != NULL ? *known : (struct platform){0};
    struct config_input input = {.path = str_of(words[2]), .platform = &platform};
    /* as for postmap -c: the directory is no copy, and what it lacks does not exist */
    platform.config_directory = input.path;
    if (known == NULL || !config_open(&config, arena, &input, &error)) {
        fprintf(stderr, "ask_table: %s %s can't be opened\n", words[1], words[2]);
        return 2;
    }
    unsigned use = TABLE_FOLD | TABLE_POSTMAP | (count > 4 ? TABLE_ALIAS : 0u);
    ask_all(table_open(tables_create(arena, &config), str_of(words[3]), use), arena);
    arena_destroy(arena);
    return 0;
}
