/*
 * install_path - the parameters that say where a platform's package installs Postfix
 */
#ifndef RULES_RELEASE_INSTALL_PATH_H
#define RULES_RELEASE_INSTALL_PATH_H

#include "facts/facts.h"

bool is_install_path(enum parameter_number number);

#endif
