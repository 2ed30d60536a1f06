/*
 * m4_engine - what the files of m4 share; see parser/m4/m4.h
 *
 * The functions are in the order of their files: each file uses only those above it.
 */
#ifndef PARSER_M4_ENGINE_H
#define PARSER_M4_ENGINE_H

#include "base/map.h"
#include "parser/m4/m4.h"

struct m4_engine;
struct m4_call;

struct m4_builtin {
    const char *name;
    void (*run)(struct m4_engine *engine, struct m4_call *call);
    bool blind; /* without a parenthesis the name is plain text */
    bool reported;
};

struct m4_definition {
    struct str text; /* .at of a builtin is its marker */
    const struct m4_builtin *builtin;
    struct m4_definition *below; /* which popdef restores */
};

struct m4_symbol {
    struct str name;
    struct m4_definition *top; /* NULL: not defined */
    bool reported;
};

/* a text that is to be read: a file, or the expansion of a macro */
struct m4_entry {
    const char *at, *end;
    const struct source *source;      /* that contains the text, or NULL */
    struct span origin;               /* without a source: the call that made it */
    const struct m4_builtin *builtin; /* a builtin itself, by defn */
};

enum m4_token_kind {
    M4_END,
    M4_PLAIN, /* no call can start in it */
    M4_WORD,
    M4_QUOTED,
    M4_COMMENT,
    M4_OPEN,
    M4_CLOSE,
    M4_COMMA,
    M4_BUILTIN,
};

struct m4_token {
    enum m4_token_kind kind;
    struct str text;
    struct span span; /* where it starts */
    bool written;
    const struct m4_builtin *builtin;
};

/* text made of pieces; one part of a source as long as the pieces are adjacent */
struct m4_pieces {
    struct str slice;
    struct buffer buffer;
    bool copied;
    const struct m4_builtin *builtin;
};

struct m4_call {
    struct str *arguments;  /* [0] is the name */
    size_t count, capacity; /* with the name */
    struct span span;
    bool written;
    bool parenthesis;
    struct m4_symbol *symbol;
    size_t item; /* the index of its item + 1, or 0 */
};

struct m4_engine {
    struct arena *arena;
    const struct m4_input *input;
    struct m4_budget budget, left;
    struct m4_result *result;
    struct m4_entry *entries;
    size_t entry_count, entry_capacity;
    const struct source **sources;
    size_t source_count, source_capacity;
    const struct m4_builtin
        *builtins; /* m4_builtins: expand.c calls them only through this table */
    size_t builtin_count;
    struct map symbols;
    struct str left_quote, right_quote, comment_start, comment_end;
    unsigned char class[256];
    int divert;
    size_t diversion; /* index of the current one */
    unsigned level;
    struct str *wraps;
    size_t wrap_count, wrap_capacity;
    struct span here; /* the call being evaluated, for errors */
    bool stopped;     /* by a failure, or m4exit */
};

/* --- budget.c: all that follows draws on the budget ----------------------------------------- */

/* ends the evaluation with a message, unless it has already ended */
void m4_fail(struct m4_engine *engine, struct span span, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* false where less is left: the evaluation then fails */
bool m4_spend_bytes(struct m4_engine *engine, size_t bytes);
bool m4_spend_work(struct m4_engine *engine, size_t bytes);

/* --- items.c: the result ---------------------------------------------------------------------- */

void m4_add_text(struct m4_engine *engine, struct str text, struct span span, bool written);
/* NULL where the budget is exhausted */
struct m4_item *m4_add_item(struct m4_engine *engine, struct m4_item item);
void m4_set_divert(struct m4_engine *engine, int number);
void m4_undivert_number(struct m4_engine *engine, int number);
void m4_undivert_all(struct m4_engine *engine);

/* --- pieces.c --------------------------------------------------------------------------------- */

void m4_pieces_add(struct m4_engine *engine, struct m4_pieces *pieces, struct str text);
struct str m4_pieces_str(const struct m4_pieces *pieces);

/* --- input.c: what is to be read -------------------------------------------------------------- */

/* must be called when the quotes or the comment delimiters have changed */
void m4_set_classes(struct m4_engine *engine);
int m4_peek(struct m4_engine *engine); /* the next byte, or -1 */
/* false where the evaluation has failed; the end of the input is a token, too */
bool m4_next_token(struct m4_engine *engine, struct m4_token *token);
/* skips the rest of the line and its end; REST is the text before the end */
void m4_skip_line(struct m4_engine *engine, struct m4_token *rest);
/* the input continues with TEXT; ORIGIN is the call that made it */
void m4_push(struct m4_engine *engine, struct str text, struct span origin);
/* the same for text that may be part of a source, where it keeps its place */
void m4_push_placed(struct m4_engine *engine, struct str text, struct span origin);
void m4_push_file(struct m4_engine *engine, const struct source *source);
void m4_push_builtin(struct m4_engine *engine, const struct m4_builtin *builtin,
                     struct span origin);
struct span m4_join(struct span first, struct span last);

/* --- macro.c: the macros, and the arguments of calls --------------------------------------------
 */

/* NULL where there is none and CREATE is false */
struct m4_symbol *m4_symbol_get(struct m4_engine *engine, struct str name, bool create);
void m4_know_builtins(struct m4_engine *engine);
void m4_know_macros(struct m4_engine *engine); /* those of engine->input */
const struct m4_builtin *m4_builtin_find(const struct m4_engine *engine, struct str name);
/* the text that stands for a builtin in an argument, and the builtin of such a text, or NULL */
struct str m4_builtin_marker(const struct m4_builtin *builtin);
const struct m4_builtin *m4_builtin_of(const struct m4_engine *engine, struct str text);
struct str m4_argument(const struct m4_call *call, size_t index); /* empty where there is none */
/* an argument as a number; false, with *NUMBER 0, where it is not one */
bool m4_number(struct str text, int *number);
void m4_push_number(struct m4_engine *engine, const struct m4_call *call, int number);

/* --- expand.c: calls ---------------------------------------------------------------------------
 */

void m4_expand_all(struct m4_engine *engine);
void m4_run_macro(struct m4_engine *engine, struct m4_call *call);
void m4_push_quoted(struct m4_engine *engine, const struct m4_call *call, size_t from,
                    struct span origin);

/* --- text.c, format.c, eval.c, builtin.c: the builtins -----------------------------------------
 */

void m4_do_len(struct m4_engine *engine, struct m4_call *call);
void m4_do_index(struct m4_engine *engine, struct m4_call *call);
void m4_do_substr(struct m4_engine *engine, struct m4_call *call);
void m4_do_translit(struct m4_engine *engine, struct m4_call *call);
void m4_do_format(struct m4_engine *engine, struct m4_call *call);
void m4_do_eval(struct m4_engine *engine, struct m4_call *call);

extern const struct m4_builtin m4_builtins[];
extern const size_t m4_builtin_count;

#endif
