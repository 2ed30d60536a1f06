/* listed_file - files that lists of networks and of domains name; see tables.h */
#include "facts/programs.h"
#include "parser/text/token.h"
#include "rules/names/written.h"
#include "rules/tables/tables.h"

struct file_walk {
    listed_file_seen *seen;
    void *context;
};

static bool has_files(const struct parameter *parameter)
{
    const struct value_shape *shape = parameter_shape(parameter->number);

    return shape != NULL && (shape->kind == SHAPE_NETWORKS || shape->kind == SHAPE_DOMAINS);
}

static void see_setting(struct check *check, const struct written *written, void *context)
{
    const struct file_walk *walk = context;
    const struct parameter *parameter = written_parameter(check->config, written);
    struct listed_file use = {.written = written, .parameter = parameter};
    int flags = 0;
    struct str rest, word;

    if (parameter == NULL || !has_files(parameter) || written_is_never_read(written, parameter))
        return;
    rest = config_expand(check->config, written->service, written->value, &flags, NULL);
    while (rest.at != NULL && flags == 0 && token_next(&rest, TOKEN_COMMAS, &word)) {
        use.path = str_slice(word, str_span(word, 0, "!"), word.len);
        if (str_starts(use.path, "#"))
            return;
        if (str_starts(use.path, "/"))
            walk->seen(walk->context, &use);
    }
}

void tables_listed_files(struct check *check, listed_file_seen *seen, void *context)
{
    struct file_walk walk = {seen, context};

    written_each(check, see_setting, &walk);
}
