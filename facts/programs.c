/*
 * programs - what Postfix's programs read: see facts/programs.h
 */
#include "facts/programs.h"

#include <limits.h>

#include "facts/tables.h"

const struct value_shape *parameter_shape(enum parameter_number number)
{
    unsigned shape = facts_tables.parameter_shapes[number];

    return shape == 0 ? NULL : &facts_tables.shapes[shape - 1];
}

const struct value_relation *facts_relations(size_t *count)
{
    *count = facts_tables.relation_count;
    return facts_tables.relations;
}

const struct program *facts_program(struct str name)
{
    return named_find(facts_tables.programs, facts_tables.program_count,
                      sizeof *facts_tables.programs, name);
}

const struct program *facts_every_program(void)
{
    return facts_tables.every_program;
}

bool program_reads(const struct program *program, enum parameter_number number)
{
    return (program->reads[number / CHAR_BIT] >> (number % CHAR_BIT) & 1) != 0;
}

bool facts_only_services_read(enum parameter_number number)
{
    if (program_reads(facts_tables.every_program, number))
        return false;
    for (size_t i = 0; i < facts_tables.program_count; i++)
        if (program_reads(&facts_tables.programs[i], number))
            return true;
    return false;
}
