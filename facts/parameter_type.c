#include "facts/facts.h"

const char *const parameter_type_names[] = {
    [PARAMETER_STR] = "str",
    [PARAMETER_RAW] = "raw",
    [PARAMETER_BOOL] = "bool",
    [PARAMETER_NBOOL] = "nbool",
    [PARAMETER_INT] = "int",
    [PARAMETER_NINT] = "nint",
    [PARAMETER_LONG] = "long",
    [PARAMETER_TIME] = "time",
    [PARAMETER_STR_FN] = "str_fn",
    [PARAMETER_INSTALL] = "install",
    [PARAMETER_READ_ONLY] = "read_only",
    [PARAMETER_LEGACY] = "legacy",
    NULL,
};
