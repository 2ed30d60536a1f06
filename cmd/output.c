#include "cmd/output.h"

#include <stdarg.h>
#include <unistd.h>

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

void out_of_memory(void)
{
    static const char message[] = "postmend: out of memory\n";

    ssize_t written = write(STDERR_FILENO, message, sizeof message - 1);

    (void)written; /* there is nobody else to tell */
    _exit(STATUS_WRONG_USE);
}
