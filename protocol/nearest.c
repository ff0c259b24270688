/* SPDX-License-Identifier: MIT */
#include "protocol/nearest.h"

#include <stddef.h>
#include <string.h>

#define NAME_MAX_LENGTH 32

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/* Damerau's distance, of neighbours swapped at most once. */
static unsigned distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b);
    unsigned d[NAME_MAX_LENGTH + 1][NAME_MAX_LENGTH + 1];
    for (size_t i = 0; i <= n; i++)
        d[i][0] = (unsigned)i;
    for (size_t j = 0; j <= m; j++)
        d[0][j] = (unsigned)j;
    for (size_t i = 1; i <= n; i++) {
        for (size_t j = 1; j <= m; j++) {
            unsigned change = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            d[i][j] = least(change, least(d[i - 1][j], d[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    }
    return d[n][m];
}

struct nearest nearest_to(const char *wanted)
{
    /* a third of the letters, at least one, may be wrong */
    unsigned allowed = (unsigned)(strlen(wanted) / 3 > 0 ? strlen(wanted) / 3 : 1);
    return (struct nearest){.wanted = wanted, .distance = allowed + 1};
}

void nearest_offer(struct nearest *nearest, const char *name)
{
    if (strlen(nearest->wanted) > NAME_MAX_LENGTH || strlen(name) > NAME_MAX_LENGTH)
        return;
    unsigned d = distance(nearest->wanted, name);
    if (d < nearest->distance) {
        nearest->distance = d;
        nearest->name = name;
    }
}
