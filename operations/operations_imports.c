/* operations_imports.c - imports and exports. */
#include "operations/operation.h"

const struct operation import_operations[] = {
    {.name = NULL},
};
