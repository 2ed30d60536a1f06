#include "cmd/output.h"

#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

/* write_all - false where it cannot be written */
static bool write_all(int descriptor, struct str text)
{
    while (text.len > 0) {
        ssize_t written = write(descriptor, text.at, text.len);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        text = str_slice(text, (size_t)written, text.len);
    }
    return true;
}

/* write_cookie - for fopencookie(3) */
static ssize_t write_cookie(void *cookie, const char *bytes, size_t size)
{
    struct outlet *outlet = cookie;
    struct buffer shown;

    arena_reset(outlet->arena);
    buffer_init(&shown, outlet->arena);
    terminal_filter(&outlet->terminal, &shown, (struct str){bytes, size});
    return write_all(outlet->descriptor, buffer_str(&shown)) ? (ssize_t)size : 0;
}

static void open_outlet(struct outlet *outlet, int descriptor, FILE **stream, int buffering)
{
    static const cookie_io_functions_t functions = {.write = write_cookie};

    *outlet = (struct outlet){
        .descriptor = descriptor, .stream = *stream, .arena = arena_create(out_of_memory)};
    FILE *filtered = fopencookie(outlet, "w", functions);
    if (filtered == NULL) {
        out_of_memory();
        return;
    }
    setvbuf(filtered, NULL, buffering, BUFSIZ);
    *stream = filtered;
}

void outlets_open(struct outlets *outlets)
{
    open_outlet(&outlets->out, STDOUT_FILENO, &stdout, isatty(STDOUT_FILENO) ? _IOLBF : _IOFBF);
    open_outlet(&outlets->err, STDERR_FILENO, &stderr, _IOLBF);
}

static void close_outlet(struct outlet *outlet, FILE **stream)
{
    struct buffer left;

    fclose(*stream);
    *stream = outlet->stream;
    buffer_init(&left, outlet->arena);
    terminal_finish(&outlet->terminal, &left);
    write_all(outlet->descriptor, buffer_str(&left));
    arena_destroy(outlet->arena);
}

void outlets_close(struct outlets *outlets)
{
    close_outlet(&outlets->out, &stdout);
    close_outlet(&outlets->err, &stderr);
}

bool print_raw(const char *command, struct str text)
{
    if (fflush(stdout) == 0 && write_all(STDOUT_FILENO, text))
        return true;
    complain(command, "cannot write to standard output");
    return false;
}

void complain(const char *command, const char *format, ...)
{
    va_list arguments;

    fflush(stdout);
    fprintf(stderr, "postmend%s%s: ", command[0] ? " " : "", command);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}

void print_to(FILE *stream, struct str text)
{
    if (text.len > 0)
        fwrite(text.at, 1, text.len, stream);
}

bool print_exact(const char *command, struct str text)
{
    if (!isatty(STDOUT_FILENO))
        return print_raw(command, text);
    print_to(stdout, text);
    return true;
}

void out_of_memory(void)
{
    static const char message[] = "postmend: out of memory\n";

    ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);

    (void)written; /* there is nobody else to tell */
    _exit(STATUS_WRONG_USE);
}
