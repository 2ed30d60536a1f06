/*
 * m4_eval - eval: integers of 32 bits, with the operators of C and "**": see parser/m4/engine.h
 */
#include "parser/m4/engine.h"

#include <stdint.h>
#include <string.h>

enum {
    NESTING_MAX = 200,
    WIDTH_MAX = 4096,
    PRECEDENCE_LOWEST = 1,
    PRECEDENCE_POWER = 11,
};

enum operation {
    OP_NONE,
    OP_OR,
    OP_AND,
    OP_BIT_OR,
    OP_BIT_XOR,
    OP_BIT_AND,
    OP_EQUAL,
    OP_NOT_EQUAL,
    OP_LESS_EQUAL,
    OP_GREATER_EQUAL,
    OP_LEFT,
    OP_RIGHT,
    OP_LESS,
    OP_GREATER,
    OP_ADD,
    OP_SUBTRACT,
    OP_POWER,
    OP_MULTIPLY,
    OP_DIVIDE,
    OP_REMAINDER,
};

static const struct {
    const char *text;
    enum operation operation;
    int precedence;
} operators[] = {
    /* longer ones first */
    {"||", OP_OR, 1},        {"&&", OP_AND, 2},        {"==", OP_EQUAL, 6},
    {"!=", OP_NOT_EQUAL, 6}, {"<=", OP_LESS_EQUAL, 7}, {">=", OP_GREATER_EQUAL, 7},
    {"<<", OP_LEFT, 8},      {">>", OP_RIGHT, 8},      {"**", OP_POWER, PRECEDENCE_POWER},
    {"|", OP_BIT_OR, 3},     {"^", OP_BIT_XOR, 4},     {"&", OP_BIT_AND, 5},
    {"=", OP_EQUAL, 6},      {"<", OP_LESS, 7},        {">", OP_GREATER, 7},
    {"+", OP_ADD, 9},        {"-", OP_SUBTRACT, 9},    {"*", OP_MULTIPLY, 10},
    {"/", OP_DIVIDE, 10},    {"%", OP_REMAINDER, 10},
};

struct evaluation {
    struct str text;
    size_t at;
    int nesting;
    bool wrong;     /* not an expression */
    bool too_deep;  /* NESTING_MAX was reached */
    bool undefined; /* 1/0: an error, unless || or && do not need the value */
};

static int32_t evaluate_binary(struct evaluation *eval, int lowest);

static void skip_blanks(struct evaluation *eval)
{
    while (eval->at < eval->text.len && is_space(eval->text.at[eval->at]))
        eval->at++;
}

static char peek_byte(const struct evaluation *eval)
{
    return eval->at < eval->text.len ? eval->text.at[eval->at] : '\0';
}

static int read_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'Z' ? c - 'A' + 36 : 99;
}

/* take_radix - takes "0x", "0b", "0r16:" or "0"; the base of the digits after it */
static int take_radix(struct evaluation *eval)
{
    struct str rest = str_slice(eval->text, eval->at, eval->text.len);
    char second = rest.len > 1 ? rest.at[1] : '\0';
    int radix = 0;

    if (peek_byte(eval) != '0')
        return 10;
    eval->at++;
    if (second == 'x' || second == 'X' || second == 'b' || second == 'B') {
        eval->at++;
        return second == 'x' || second == 'X' ? 16 : 2;
    }
    if (second != 'r' && second != 'R')
        return 8;
    for (eval->at++; read_digit(peek_byte(eval)) < 10 && radix <= 36; eval->at++)
        radix = radix * 10 + read_digit(peek_byte(eval));
    if (peek_byte(eval) != ':' || radix == 0 || radix > 36) {
        eval->wrong = true;
        return 10;
    }
    eval->at++;
    return radix;
}

static int32_t read_number(struct evaluation *eval)
{
    uint32_t value = 0;
    int radix = take_radix(eval);

    for (;; eval->at++) {
        char c = peek_byte(eval);
        int digit = read_digit(c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
        if (digit >= 99)
            return (int32_t)value;
        if (radix == 1 && digit == 1)
            value++;
        else if (radix == 1 && digit == 0 && value == 0)
            continue;
        else if (digit >= radix) {
            eval->wrong = true;
            return 0;
        } else
            value = value * (uint32_t)radix + (uint32_t)digit;
    }
}

static int32_t evaluate_unary(struct evaluation *eval)
{
    int32_t value;

    if (++eval->nesting > NESTING_MAX)
        eval->wrong = eval->too_deep = true;
    skip_blanks(eval);
    char c = peek_byte(eval);
    if (eval->wrong) {
        value = 0;
    } else if (c == '(') {
        eval->at++;
        value = evaluate_binary(eval, PRECEDENCE_LOWEST);
        skip_blanks(eval);
        eval->wrong = eval->wrong || peek_byte(eval) != ')';
        eval->at++;
    } else if (c == '+' || c == '-' || c == '~' || c == '!') {
        eval->at++;
        /* "++" and "--" are operators of C that m4 rejects */
        eval->wrong = (c == '+' || c == '-') && (peek_byte(eval) == c || peek_byte(eval) == '=');
        value = evaluate_unary(eval);
        if (c == '-')
            value = (int32_t)(0 - (uint32_t)value);
        else if (c == '~')
            value = ~value;
        else if (c == '!')
            value = value == 0;
    } else if (c >= '0' && c <= '9') {
        value = read_number(eval);
    } else {
        eval->wrong = true;
        value = 0;
    }
    eval->nesting--;
    return value;
}

static int32_t raise_power(struct evaluation *eval, int32_t base, int32_t exponent)
{
    uint32_t value = 1, factor = (uint32_t)base;

    if (exponent < 0 || (base == 0 && exponent == 0)) {
        /* 1 and -1 have an inverse; 0 ** 0 and the others do not */
        eval->undefined = eval->undefined || (base != 1 && base != -1);
        return base == -1 && exponent % 2 != 0 ? -1 : 1;
    }
    for (uint32_t left = (uint32_t)exponent; left > 0; left >>= 1) {
        if (left & 1)
            value *= factor;
        factor *= factor;
    }
    return (int32_t)value;
}

static int32_t divide(struct evaluation *eval, enum operation operation, int32_t a, int32_t b)
{
    if (b == 0) {
        eval->undefined = true;
        return 0;
    }
    if (b == -1) /* the smallest number has no negative */
        return operation == OP_DIVIDE ? (int32_t)(0 - (uint32_t)a) : 0;
    return operation == OP_DIVIDE ? a / b : a % b;
}

static int32_t compare_values(enum operation operation, int32_t a, int32_t b)
{
    switch (operation) {
    case OP_EQUAL:
        return a == b;
    case OP_NOT_EQUAL:
        return a != b;
    case OP_LESS_EQUAL:
        return a <= b;
    case OP_GREATER_EQUAL:
        return a >= b;
    case OP_LESS:
        return a < b;
    default:
        return a > b;
    }
}

static int32_t apply_operator(struct evaluation *eval, enum operation operation, int32_t a,
                              int32_t b)
{
    uint32_t x = (uint32_t)a, y = (uint32_t)b;

    switch (operation) {
    case OP_OR:
        return a != 0 || b != 0;
    case OP_AND:
        return a != 0 && b != 0;
    case OP_BIT_OR:
        return (int32_t)(x | y);
    case OP_BIT_XOR:
        return (int32_t)(x ^ y);
    case OP_BIT_AND:
        return (int32_t)(x & y);
    case OP_LEFT:
        return (int32_t)(x << (y & 31));
    case OP_RIGHT:
        return a >> (y & 31);
    case OP_ADD:
        return (int32_t)(x + y);
    case OP_SUBTRACT:
        return (int32_t)(x - y);
    case OP_MULTIPLY:
        return (int32_t)(x * y);
    case OP_DIVIDE:
    case OP_REMAINDER:
        return divide(eval, operation, a, b);
    case OP_POWER:
        return raise_power(eval, a, b);
    default:
        return compare_values(operation, a, b);
    }
}

/* find_operator - the index of the operator that comes next, or -1 */
static int find_operator(const struct evaluation *eval)
{
    struct str rest = str_slice(eval->text, eval->at, eval->text.len);

    for (size_t i = 0; i < sizeof operators / sizeof operators[0]; i++)
        if (str_starts(rest, operators[i].text))
            return (int)i;
    return -1;
}

/* is_assignment - "+=" and similar are operators of C that m4 rejects; so are "++" and "--" */
static bool is_assignment(const struct evaluation *eval, enum operation operation)
{
    char c = peek_byte(eval);

    switch (operation) {
    case OP_ADD:
        return c == '=' || c == '+';
    case OP_SUBTRACT:
        return c == '=' || c == '-';
    case OP_MULTIPLY:
    case OP_DIVIDE:
    case OP_REMAINDER:
    case OP_BIT_OR:
    case OP_BIT_XOR:
    case OP_BIT_AND:
    case OP_LEFT:
    case OP_RIGHT:
        return c == '=';
    default:
        return false;
    }
}

/* evaluate_binary - operands and all operators with the precedence LOWEST or higher */
static int32_t evaluate_binary(struct evaluation *eval, int lowest)
{
    if (++eval->nesting > NESTING_MAX) {
        eval->wrong = eval->too_deep = true;
        return 0;
    }
    int32_t value = evaluate_unary(eval);
    while (!eval->wrong) {
        skip_blanks(eval);
        int found = find_operator(eval);
        if (found < 0 || operators[found].precedence < lowest)
            break;
        int precedence = operators[found].precedence;
        eval->at += strlen(operators[found].text);
        eval->wrong = is_assignment(eval, operators[found].operation);
        bool needed = !(operators[found].operation == OP_OR && value != 0) &&
                      !(operators[found].operation == OP_AND && value == 0);
        bool undefined = eval->undefined;
        int32_t right =
            evaluate_binary(eval, precedence == PRECEDENCE_POWER ? precedence : precedence + 1);
        if (!needed)
            eval->undefined = undefined;
        if (!eval->wrong)
            value = apply_operator(eval, operators[found].operation, value, right);
    }
    eval->nesting--;
    return value;
}

/* push_digits - VALUE in RADIX with at least WIDTH digits */
static void push_digits(struct m4_engine *engine, struct m4_call *call, int32_t value, int radix,
                        int width)
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    char text[WIDTH_MAX + 40];
    size_t at = sizeof text;
    int count = 0;
    uint32_t rest = value < 0 ? 0 - (uint32_t)value : (uint32_t)value;

    if (width > WIDTH_MAX || (radix == 1 && rest > WIDTH_MAX)) {
        m4_fail(engine, call->span, "eval is to write more than %d digits", WIDTH_MAX);
        return;
    }
    if (radix == 1) {
        for (; rest > 0; rest--, count++)
            text[--at] = '1';
    }
    for (; rest > 0 || (count == 0 && radix != 1); count++, rest /= (uint32_t)radix)
        text[--at] = digits[rest % (uint32_t)radix];
    for (; count < width; count++)
        text[--at] = '0';
    if (value < 0)
        text[--at] = '-';
    if (m4_spend_bytes(engine, sizeof text - at))
        m4_push(engine, arena_copy(engine->arena, (struct str){text + at, sizeof text - at}),
                call->span);
}

void m4_do_eval(struct m4_engine *engine, struct m4_call *call)
{
    struct evaluation eval = {.text = m4_argument(call, 1)};
    int radix = 10, width = 1;

    if (call->count < 2)
        return;
    if (m4_argument(call, 2).len > 0 && !m4_number(call->arguments[2], &radix))
        return;
    if (radix < 1 || radix > 36)
        return;
    if (call->count >= 4 && !m4_number(call->arguments[3], &width))
        return;
    if (!m4_spend_work(engine, eval.text.len) || width < 0)
        return;
    skip_blanks(&eval);
    int32_t value = eval.at < eval.text.len ? evaluate_binary(&eval, PRECEDENCE_LOWEST) : 0;
    skip_blanks(&eval);
    if (eval.too_deep)
        m4_fail(engine, call->span, "an expression is nested more than %d levels deep",
                NESTING_MAX);
    if (!eval.wrong && !eval.undefined && eval.at == eval.text.len)
        push_digits(engine, call, value, radix, width);
}
