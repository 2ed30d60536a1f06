/*
 * options - the command line and .postmend.yaml
 *
 * One table of options serves all sub-commands; each says which ones it takes.  What the command
 * line does not set is looked up in .postmend.yaml beside the files, whose keys are the names of
 * the long options, and "expect" (smtp/verdict/expectation.h).
 */
#ifndef CMD_OPTIONS_H
#define CMD_OPTIONS_H

#include "cmd/output.h"
#include "cmd/report/postconf.h"
#include "cmd/reports.h"
#include "rules/rule/finding.h"
#include "smtp/service/world.h"
#include "smtp/verdict/expectation.h"

enum option_set {
    TAKES_PLATFORM = 1,   /* --platform P */
    TAKES_HOST = 2,       /* --hostname, --interfaces, --users */
    TAKES_REPORT = 4,     /* --format, --fail-on, --color */
    TAKES_FROM_TO = 8,    /* --from P, --to P */
    TAKES_FIX = 16,       /* --fix */
    TAKES_JOBS = 32,      /* -j N */
    TAKES_OUTPUT = 64,    /* --diff, --output DIR, --in-place */
    TAKES_DEFAULTS = 128, /* --defaults keep|adopt */
    TAKES_VIEW = 256,     /* -n -d -M -P -F -x */
    TAKES_MANUAL = 512,   /* --manual */
    TAKES_FORMAT = 1024,  /* --format text|json */
    TAKES_ASSUME = 2048,  /* --assume A, any number of times */
    TAKES_SERVER = 4096,  /* --base-port, --maildir, --logins */
    TAKES_ENGINE = 8192,  /* --engine, --against, --server, --postfix-root, --output FILE */
    TAKES_SESSION =
        16384, /* --client, --client-name, --service, --port, --tls, --auth, --helo, --from,
                  --to, --size */
    TAKES_PROBE = 32768,    /* --port, --tls MODE, --name, --ca-file */
    TAKES_CONVERT = 65536,  /* --to P, --output DIR */
    TAKES_VERBOSE = 131072, /* -v, --verbose */
    TAKES_ROUTE = 262144,   /* --from, --client, --service, --port */
    TAKES_CHOICE = 524288,  /* --select, --ignore, --baseline, --update-baseline */
};

struct options {
    struct str platform, from, to;
    struct host host;
    struct str format;         /* text or json, for commands that print no findings */
    struct report_set reports; /* for those that do */
    enum severity fail_on;
    struct rule_choice choice; /* --select, --ignore */
    struct str baseline;
    int jobs;
    struct str output;
    struct postconf_request request;
    struct assumption_list assumptions;
    struct expectation_list expectations; /* of .postmend.yaml */
    int base_port;
    struct str maildir, logins; /* a directory, a file (smtp/policy/users.h) */
    struct str engine, against, server, postfix_root;    /* for livetest */
    struct str client, client_name, service, auth, helo; /* one session, for trace */
    struct str sender, recipient, size;
    int port;                           /* 0: not given */
    struct str tls_mode, name, ca_file; /* for probe */
    struct str *operands;
    size_t operand_count;
    const struct folder *folder; /* the directory of the operand, for commands that write there */
    struct read_failure failure; /* with a folder: the first file that could not be read */
    struct str problem;          /* the last thing that command_fail() said, or STR_NONE */
    const char *command;         /* the sub-command's name, for messages */
    bool fail_never, fix, verbose, update_baseline, diff, in_place, keep_defaults, manual, help;
    bool tls;   /* of a session */
    bool wrote; /* the command has written files: exit status 2 would be wrong */
};

/*
 * Reads ARGV, whose first item is the sub-command.  On false it has printed a line to standard
 * error.
 */
bool options_read(struct options *options, struct arena *arena, int argc, char **argv,
                  unsigned takes);

/* the exit status for this many findings BY_SEVERITY, as --fail-on says */
int options_status(const struct options *options, const size_t by_severity[3]);

/*
 * Opens the directory of the operand PATH, a directory or a file in one, for a command that reads
 * and writes there; what the command opens next is read through it.  On false it has printed why.
 */
bool options_open_folder(struct options *options, struct arena *arena, struct str path);
/* was there no file that could not be read?  On false, nothing may be written, and *ERROR says why
 */
bool options_read_all(const struct options *options, struct arena *arena, struct str *error);

/*
 * Adds the settings of the .postmend.yaml in the directory PATH, or beside the file PATH, that the
 * command line does not have.  On false *ERROR is one line.  The file may be missing.
 */
bool settings_read(struct options *options, struct arena *arena, struct str path,
                   struct str *error);

/*
 * The platform named NAME: a known one, "postfix-3.8", or the path of a YAML file (it contains "/"
 * or ends in .yaml).  On NULL *ERROR is set.
 */
const struct platform *platform_named(struct arena *arena, struct str name, struct str *error);

#endif
