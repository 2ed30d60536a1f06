/*
 * hostname - valid_hostname(3): is a text a host name as Postfix has it?
 *
 * Labels of letters, digits, "-" and "_" (RFC 1035, 2.3.1, and the underscore that people use), 63
 * bytes each and 255 together; not only digits; no dot at the end.
 */
#ifndef PARSER_TEXT_HOSTNAME_H
#define PARSER_TEXT_HOSTNAME_H

#include "base/str.h"

/*
 * NULL where NAME is one, else what is wrong, said of the name: "is empty".  With UTF8, bytes above
 * 127 are letters, and a label that has such may be longer, as its ASCII form is what counts.
 */
const char *hostname_fault(struct str name, bool utf8);

#endif
