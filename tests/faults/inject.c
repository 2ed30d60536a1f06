/*
 * inject - runs a program, and lets one of its system calls fail, or kills it there
 *
 *     inject NUMBER FAULT PROGRAM [ARGUMENT...]
 *
 * NUMBER counts the program's system calls from 1; 0: none.  FAULT is the number of an error, or
 * "kill", or "after" for a kill when the call has been made.  The status is the program's; 128 and
 * the signal where one ended it.  The last line on descriptor 9, if that is open, is the number of
 * calls that were made and the number of the call at NUMBER.
 */
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CANNOT_RUN = 99 };

#if defined(__x86_64__)
typedef struct user_regs_struct registers;

static long call_number(const registers *r)
{
    return (long)r->orig_rax;
}

static void skip_call(pid_t child, registers *r)
{
    r->orig_rax = (unsigned long long)-1;
    struct iovec regs = {r, sizeof *r};
    ptrace(PTRACE_SETREGSET, child, (void *)NT_PRSTATUS, &regs);
}

static void set_result(registers *r, long result)
{
    r->rax = (unsigned long long)result;
}
#elif defined(__aarch64__)
typedef struct user_regs_struct registers;

static long call_number(const registers *r)
{
    return (long)r->regs[8];
}

static void skip_call(pid_t child, registers *r)
{
    int none = -1;
    struct iovec call = {&none, sizeof none};

    (void)r;
    ptrace(PTRACE_SETREGSET, child, (void *)0x404 /* NT_ARM_SYSTEM_CALL */, &call);
}

static void set_result(registers *r, long result)
{
    r->regs[0] = (unsigned long long)result;
}
#else
#define UNKNOWN_PROCESSOR
#endif

#ifdef UNKNOWN_PROCESSOR
int main(void)
{
    return CANNOT_RUN;
}
#else

static int wait_for(pid_t child, int *status)
{
    while (waitpid(child, status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFSTOPPED(*status);
}

/* next_stop - lets the program run to its next system call, or back from one */
static int next_stop(pid_t child, int *status)
{
    int signal_number = 0;

    for (;;) {
        ptrace(PTRACE_SYSCALL, child, NULL, signal_number);
        if (wait_for(child, status) != 1)
            return 0;
        if (WSTOPSIG(*status) == (SIGTRAP | 0x80))
            return 1;
        signal_number = WSTOPSIG(*status) == SIGTRAP ? 0 : WSTOPSIG(*status);
    }
}

static void end_program(pid_t child, int *status)
{
    kill(child, SIGKILL);
    while (wait_for(child, status) == 1)
        ;
}

/* fail_call - the call at whose entry the program stands is not made, and returns an error */
static int fail_call(pid_t child, int error, int *status)
{
    registers r;
    struct iovec regs = {&r, sizeof r};

    ptrace(PTRACE_GETREGSET, child, (void *)NT_PRSTATUS, &regs);
    skip_call(child, &r);
    if (!next_stop(child, status))
        return 0;
    ptrace(PTRACE_GETREGSET, child, (void *)NT_PRSTATUS, &regs);
    set_result(&r, -error);
    ptrace(PTRACE_SETREGSET, child, (void *)NT_PRSTATUS, &regs);
    return 1;
}

/* trace - returns the status of wait(2) */
static int trace(pid_t child, long number, const char *fault, long *calls, long *hit)
{
    int status;

    while (next_stop(child, &status)) {
        registers r;
        struct iovec regs = {&r, sizeof r};
        ptrace(PTRACE_GETREGSET, child, (void *)NT_PRSTATUS, &regs);
        bool here = ++*calls == number;
        if (here)
            *hit = call_number(&r);
        if (here && strcmp(fault, "kill") == 0) {
            end_program(child, &status);
            return status;
        }
        bool fail = here && strcmp(fault, "after") != 0;
        if (fail ? !fail_call(child, (int)strtol(fault, NULL, 10), &status)
                 : !next_stop(child, &status))
            return status;
        if (here && !fail) {
            end_program(child, &status);
            return status;
        }
    }
    return status;
}

int main(int argc, char **argv)
{
    long calls = 0, hit = -1;
    int status;

    if (argc < 4)
        return CANNOT_RUN;
    pid_t child = fork();
    if (child == 0) {
        close(9);
        ptrace(PTRACE_TRACEME, 0, NULL, NULL);
        execv(argv[3], argv + 3);
        _exit(CANNOT_RUN);
    }
    /* the first stop is that of execve(2) */
    if (child < 0 || wait_for(child, &status) != 1 ||
        ptrace(PTRACE_SETOPTIONS, child, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL))
        return CANNOT_RUN;
    status = trace(child, strtol(argv[1], NULL, 10), argv[2], &calls, &hit);
    dprintf(9, "%ld %ld\n", calls, hit);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
#endif
