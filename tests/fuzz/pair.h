/*
 * pair - a configuration from one text: main.cf, a line "%%", and master.cf
 */
#ifndef TESTS_FUZZ_PAIR_H
#define TESTS_FUZZ_PAIR_H

#include "tests/fuzz/fuzz.h"

static inline void pair_open(struct config *config, struct arena *arena, struct str text)
{
    static const char separator[] = "\n%%\n";
    size_t end = str_search(text, separator);
    struct str master_text = str_slice(text, end + sizeof separator - 1, text.len);
    struct str error;
    const struct config_input input = {
        .path = str_of("/nonexistent"),
        .main_source = fuzz_source(arena, "main.cf", str_slice(text, 0, end)),
        .master_source = fuzz_source(arena, "master.cf", master_text),
        .platform = facts_platform(str_of("rhel10")),
        .host = {str_of("mail.example.com"), str_of("192.0.2.1/24,::1"), STR_NONE}};

    if (!config_open(config, arena, &input, &error))
        fuzz_demand(arena_cstr(arena, error));
}

#endif
