/*
 * programs - what Postfix's programs read: see facts/programs.h
 */
#include "facts/programs.h"

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

const struct program *facts_master(void)
{
    return facts_tables.master;
}

bool program_reads(const struct program *program, enum parameter_number number)
{
    return program->reads[number] != 0;
}

bool program_knows(const struct program *program, enum parameter_number number,
                   enum parameter_number other)
{
    return program->reads[other] != 0 && program->reads[other] < program->reads[number];
}

bool facts_is_read(enum parameter_number number)
{
    for (size_t i = 0; i < facts_tables.program_count; i++)
        if (program_reads(&facts_tables.programs[i], number))
            return true;
    return false;
}

bool facts_only_services_read(enum parameter_number number)
{
    return !program_reads(facts_tables.master, number) && facts_is_read(number);
}
