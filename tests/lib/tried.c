/* SPDX-License-Identifier: MIT */
#include "lib/tried.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The number in the cell before the one that begins at `cell`; its commas only part digits. */
static unsigned number_before(const char *line, const char *cell)
{
    unsigned number = 0;

    while (cell > line && *--cell != '|')
        continue;
    while (cell > line && *--cell != '|')
        continue;
    for (cell++; *cell == ' ' || *cell == ',' || (*cell >= '0' && *cell <= '9'); cell++)
        if (*cell >= '0' && *cell <= '9')
            number = 10 * number + (unsigned)(*cell - '0');
    return number;
}

void tried(const char *name, unsigned count)
{
    const char *source = getenv("TSD_SOURCE");
    char path[4096], quoted[128], line[2048];
    FILE *file;

    (void)snprintf(path, sizeof path, "%s/tests/hostile.md", source ? source : ".");
    (void)snprintf(quoted, sizeof quoted, "`%s`", name);
    file = fopen(path, "re");
    ck_assert_msg(file != NULL, "there is no %s", path);
    while (fgets(line, sizeof line, file)) {
        const char *at = strstr(line, quoted);
        if (!at || line[0] != '|')
            continue;
        (void)fclose(file);
        ck_assert_msg(number_before(line, at) == count, "%s tries %u, and %s says %u", name, count,
                      path, number_before(line, at));
        return;
    }
    (void)fclose(file);
    ck_abort_msg("%s has no row for %s", path, name);
}
