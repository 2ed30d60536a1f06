/*
 * measure RUNS COMMAND [ARGUMENT...] - runs the command that many times, its standard output
 * thrown away, and prints "wall user sys rss": seconds for one run on average, and the largest
 * resident set of all runs in KiB
 *
 * An exit status of 0 or 1 is good (1: lint found something).
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct sum {
    double wall, user, sys;
    long rss;
};

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec / 1e6;
}

static void run_command(char **command)
{
    int nothing = open("/dev/null", O_WRONLY);

    if (nothing >= 0)
        dup2(nothing, STDOUT_FILENO);
    execvp(command[0], command);
    fprintf(stderr, "measure: %s: %s\n", command[0], strerror(errno));
    _exit(127);
}

static int measure(char **command, struct sum *sum)
{
    struct rusage usage;
    int status;
    double start = now();
    pid_t child = fork();

    if (child == 0)
        run_command(command);
    if (child < 0 || wait4(child, &status, 0, &usage) != child)
        return 1;
    sum->wall += now() - start;
    sum->user += seconds(usage.ru_utime);
    sum->sys += seconds(usage.ru_stime);
    if (usage.ru_maxrss > sum->rss)
        sum->rss = usage.ru_maxrss;
    return !WIFEXITED(status) || WEXITSTATUS(status) > 1;
}

int main(int count, char **arguments)
{
    struct sum sum = {0};
    long runs = count > 2 ? strtol(arguments[1], NULL, 10) : 0;

    if (runs <= 0) {
        fprintf(stderr, "usage: measure RUNS COMMAND [ARGUMENT...]\n");
        return 2;
    }
    for (long i = 0; i < runs; i++)
        if (measure(arguments + 2, &sum) != 0) {
            fprintf(stderr, "measure: %s failed\n", arguments[2]);
            return 1;
        }
    double n = (double)runs;
    printf("%.6f %.6f %.6f %ld\n", sum.wall / n, sum.user / n, sum.sys / n, sum.rss);
    return 0;
}
