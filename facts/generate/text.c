/*
 * text - texts and names in C initializers: see facts/generate/generate.h
 */
#include "facts/generate/generate.h"

void generate_print_str(FILE *out, struct str s)
{
    if (s.at == NULL) {
        fputs("{0}", out);
        return;
    }
    fputs("STR(\"", out);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.at[i];
        if (c == '"' || c == '\\' || c == '?') /* "??" could begin a trigraph */
            fprintf(out, "\\%c", c);
        else if (c < ' ' || c > '~')
            fprintf(out, "\\%03o", c);
        else
            fputc(c, out);
    }
    fputs("\")", out);
}

void generate_print_member(FILE *out, const char *name, struct str s)
{
    fprintf(out, ".%s = ", name);
    generate_print_str(out, s);
    fputs(", ", out);
}

void generate_print_enumerator(FILE *out, const char *prefix, struct str name)
{
    fprintf(out, "%s_", prefix);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.at[i];
        fputc(c == '-' ? '_' : c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c, out);
    }
}

void generate_print_texts(FILE *out, const char *owner, size_t number, const char *member,
                          const struct str_list *list)
{
    if (list->count == 0)
        return;
    fprintf(out, "static const struct str %s_%zu_%s[] = {", owner, number, member);
    for (size_t i = 0; i < list->count; i++) {
        generate_print_str(out, list->items[i]);
        fputs(", ", out);
    }
    fputs("};\n", out);
}

void generate_print_texts_use(FILE *out, const char *owner, size_t number, const char *member,
                              const struct str_list *list)
{
    if (list->count > 0)
        fprintf(out, ".%s = {%s_%zu_%s, %zu}, ", member, owner, number, member, list->count);
}
