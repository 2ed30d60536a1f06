/*
 * domain - the functions ${domain_to_ascii{text}} and ${domain_to_utf8{text}}
 *
 * As mac_midna(3) of Postfix 3.11: what is in the wanted form already stays as it is, and the other
 * form is converted.  To UTF-8, ASCII names come in lower case and must be valid host names.
 * Names with labels of other scripts ("xn--...", or bytes above 127 to ASCII) take a library for
 * internationalized domain names, and are undetermined.
 */
#ifndef PARSER_POSTFIX_DOMAIN_H
#define PARSER_POSTFIX_DOMAIN_H

#include "base/arena.h"

enum domain_result { DOMAIN_CONVERTED, DOMAIN_INVALID, DOMAIN_UNDETERMINED };

enum domain_result domain_to_ascii(struct arena *arena, struct str text, struct str *result);
enum domain_result domain_to_utf8(struct arena *arena, struct str text, struct str *result);

#endif
