#!/bin/sh
# names.sh PARAMETERS.YAML RELEASES.YAML - prints facts/names.h: the numbers of parameters and of
# features by name, so that a misspelt name does not compile
set -eu

# members SECTION FILE - the names in a section of a YAML file, in the order of their bytes
members() {
    awk -v section="$1:" '
        /^[a-z]/ { inside = $1 == section }
        inside && /^  [^ #]/ { sub(/:.*/, ""); print $1 }' "$2" | LC_ALL=C sort
}

# enumerators PREFIX - the names on standard input as C spells them
enumerators() {
    tr 'a-z-' 'A-Z_' | sed "s/.*/    $1_&,/"
}

cat <<END
/* made by facts/generate/names.sh from facts/parameters.yaml and facts/releases.yaml */
#ifndef FACTS_NAMES_H
#define FACTS_NAMES_H

/* the parameters, in the order of their names */
enum parameter_number {
    PARAM_NONE, /* no parameter */
$(members parameters "$1" | enumerators PARAM)
    PARAM_END,
};

/* what came with a release and is not a parameter: see facts/releases.yaml */
enum release_feature {
    FEATURE_NONE, /* nothing: every release has it */
$(members features "$2" | enumerators FEATURE)
};

#endif
END
