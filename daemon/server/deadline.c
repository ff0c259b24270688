/* SPDX-License-Identifier: MIT */
#include "server/deadline.h"

#include <stddef.h>

void deadlines_init(struct deadlines *deadlines, uint64_t length_ns)
{
    TAILQ_INIT(&deadlines->list);
    deadlines->length_ns = length_ns;
}

void deadlines_set_length(struct deadlines *deadlines, uint64_t length_ns)
{
    struct deadline *deadline;

    TAILQ_FOREACH (deadline, &deadlines->list, link)
        deadline->end_ns += length_ns - deadlines->length_ns;
    deadlines->length_ns = length_ns;
}

void deadline_set(struct deadline *deadline, struct deadlines *deadlines, uint64_t now_ns)
{
    deadline_clear(deadline);
    deadline->list = deadlines;
    deadline->end_ns = now_ns + deadlines->length_ns;
    TAILQ_INSERT_TAIL(&deadlines->list, deadline, link);
}

void deadline_clear(struct deadline *deadline)
{
    if (!deadline->list)
        return;
    TAILQ_REMOVE(&deadline->list->list, deadline, link);
    deadline->list = NULL;
}

uint64_t deadlines_next(const struct deadlines *deadlines)
{
    const struct deadline *first = TAILQ_FIRST(&deadlines->list);

    return first ? first->end_ns : UINT64_MAX;
}

struct deadline *deadlines_pop(struct deadlines *deadlines, uint64_t now_ns)
{
    struct deadline *first = TAILQ_FIRST(&deadlines->list);

    if (!first || first->end_ns > now_ns)
        return NULL;
    deadline_clear(first);
    return first;
}
