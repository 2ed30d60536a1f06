/*
 * postconf - what postconf(1) prints about a configuration, byte for byte
 *
 * Views are postconf's options.  A filter list may be empty: everything.
 */
#ifndef CMD_REPORT_POSTCONF_H
#define CMD_REPORT_POSTCONF_H

#include "parser/postfix/config.h"

enum postconf_view {
    POSTCONF_ALL,        /* without option: every parameter, as it holds */
    POSTCONF_NONDEFAULT, /* -n: what main.cf sets */
    POSTCONF_DEFAULT,    /* -d */
    POSTCONF_MASTER,     /* -M: services, one a line */
    POSTCONF_FIELDS,     /* -F: service/type/field = value */
    POSTCONF_PARAMETERS, /* -P: service/type/parameter = value */
};

struct postconf_request {
    enum postconf_view view;
    bool expand;               /* -x */
    const struct str *filters; /* parameter names; service/type/what, with "*" for any */
    size_t filter_count;
};

/*
 * Adds the text to OUT.  A filter that matches nothing adds a line to COMPLAINTS.
 * Returns false where a value cannot be expanded: postconf stops there, and the
 * text ends there.
 */
bool postconf_print(const struct config *config, const struct postconf_request *request,
                    struct buffer *out, struct buffer *complaints);

#endif
