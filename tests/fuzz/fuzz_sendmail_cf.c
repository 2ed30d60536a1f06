/* any bytes as sendmail.cf: each line an item, and through to Postfix */
#include <string.h>

#include "parser/sendmail/cf.h"
#include "tests/fuzz/conversion.h"
#include "tests/fuzz/fuzz.h"

static const char version[] = "V10/Berkeley\n";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct arena *arena;
    struct str text = fuzz_input(data, size);

    if (arena == NULL)
        arena = arena_create(abort);
    if (!sendmail_cf_is(text))
        text = arena_printf(arena, "%s%.*s", version, STR_ARG(text));
    conversion_forget();
    conversion_demand(arena, fuzz_source(arena, "sendmail.cf", text), "rhel10");
    arena_reset(arena);
    return 0;
}
