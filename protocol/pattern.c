/* SPDX-License-Identifier: MIT */
#include "protocol/pattern.h"

#include <string.h>

bool pattern_is_literal(const struct pattern *pattern, unsigned position)
{
    return position < pattern->fields &&
           (pattern->literals.bits[position / 64] >> position % 64 & 1) != 0;
}

const uint8_t *pattern_literal(const struct pattern *pattern, unsigned position)
{
    const struct matcher *node = pattern->nodes;

    if (!pattern_is_literal(pattern, position))
        return NULL;
    for (unsigned i = 0; i < position; i++)
        node += node->skip;
    return pattern->bytes + node->a;
}

size_t pattern_copy_size(const struct pattern *pattern)
{
    return pattern->node_count * sizeof *pattern->nodes + pattern->size;
}

void pattern_copy(const struct pattern *pattern, void *block, struct pattern *copy)
{
    struct matcher *nodes = block;
    uint8_t *bytes = (uint8_t *)(nodes + pattern->node_count);

    if (pattern->node_count > 0)
        memcpy(nodes, pattern->nodes, pattern->node_count * sizeof *nodes);
    memcpy(bytes, pattern->bytes, pattern->size);
    *copy = *pattern;
    copy->nodes = nodes;
    copy->bytes = bytes;
}
