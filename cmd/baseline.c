#include "cmd/baseline.h"

#include <errno.h>

#include "cmd/report/describe.h"
#include "parser/text/source.h"

bool baseline_read(struct baseline *baseline, struct arena *arena, struct str file,
                   struct str *error)
{
    const struct source *source = source_read(arena, file);
    struct str rest;

    map_init(&baseline->accepted, arena);
    if (source == NULL) {
        *error = arena_printf(arena, "%.*s: %.*s; --update-baseline writes it", STR_ARG(file),
                              STR_ARG(source_problem(arena, errno)));
        return false;
    }
    rest = source->bytes;
    for (size_t number = 1; rest.len > 0; number++) {
        struct str line = str_slice(rest, 0, str_find(rest, '\n', 0));
        struct str fingerprint = str_slice(line, 0, str_span_not(line, 0, " \t\r"));
        rest = str_slice(rest, line.len + 1, rest.len);
        if (fingerprint.len == 0 || str_starts(line, "#"))
            continue;
        if (!describe_is_fingerprint(fingerprint)) {
            *error = arena_printf(arena, "%.*s:%zu:1: \"%.*s\" is not the fingerprint of a finding",
                                  STR_ARG(file), number, STR_ARG(fingerprint));
            return false;
        }
        map_put(&baseline->accepted, fingerprint, baseline);
    }
    return true;
}

void baseline_apply(const struct baseline *baseline, struct arena *arena, struct str path,
                    const struct config *config, struct finding_list *list)
{
    const struct report_item item = {.path = path, .config = config, .findings = list};
    const struct str *fingerprints = describe_fingerprints(arena, &item);
    size_t kept = 0;

    for (size_t i = 0; i < list->count; i++)
        if (map_get(&baseline->accepted, fingerprints[i]) != NULL)
            list->by_severity[list->items[i].severity]--;
        else
            list->items[kept++] = list->items[i];
    list->count = kept;
}
