/*
 * postconf - what postconf(1) prints about a configuration, byte for byte
 *
 * The views are postconf's options.  An empty list of filters selects everything.
 */
#ifndef CMD_REPORT_POSTCONF_H
#define CMD_REPORT_POSTCONF_H

#include "parser/postfix/config.h"

enum postconf_view {
    POSTCONF_ALL,        /* no option: the value of every parameter */
    POSTCONF_NONDEFAULT, /* -n: the settings in main.cf */
    POSTCONF_DEFAULT,    /* -d */
    POSTCONF_MASTER,     /* -M: services, one a line */
    POSTCONF_FIELDS,     /* -F: service/type/field = value */
    POSTCONF_PARAMETERS, /* -P: service/type/parameter = value */
};

struct postconf_request {
    enum postconf_view view;
    bool expand;               /* -x */
    bool merged;               /* -PP: with the values of main.cf and the defaults */
    const struct str *filters; /* parameter names; service/type/what, with "*" for any */
    size_t filter_count;
};

/*
 * Adds the text to OUT; config_read_as_postconf() has been called.  A filter that matches nothing
 * adds a line to COMPLAINTS.  On false a value cannot be expanded: of the text before it, only
 * whole blocks are there, as with postconf, which loses the rest.
 */
bool postconf_print(const struct config *config, const struct postconf_request *request,
                    struct buffer *out, struct buffer *complaints);

#endif
