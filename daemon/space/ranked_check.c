/* SPDX-License-Identifier: MIT */
#include <assert.h>
#include <stddef.h>

#include "space/ranked_node.h"

struct check {
    const struct ranked *ranked;
    struct ranked_member before; /* the member before */
    uint64_t count;
};

static void check_members(struct check *check, const struct ranked_node *leaf)
{
    for (int i = 0; i < leaf->count; i++) {
        const struct ranked_member member = node_member(leaf, i);
        assert(check->count == 0 || check->before.rank < member.rank ||
               (check->before.rank == member.rank &&
                check->ranked->compare(check->ranked->context, &check->before, &member) < 0));
        check->before = member;
        check->count++;
    }
}

/* Returns the depth of the leaves below. */
static int check_below(struct check *check, const struct ranked_node *node)
{
    int depth = -1;

    assert(node->count > 0 && node->count <= node->capacity);
    assert(node->capacity == node->size / (node->leaf ? LEAF_COLUMNS : INNER_COLUMNS));
    assert(node->size <= NODE_WORDS);
    if (node->leaf) {
        check_members(check, node);
        return 0;
    }
    for (int i = 0; i < node->count; i++) {
        const struct ranked_node *child = node_child(node, i);
        const struct ranked_member bound = node_member(node, i), first = node_member(child, 0);
        assert(bound.rank == first.rank && bound.weight == first.weight &&
               bound.item == first.item);
        assert(node_leasts(node)[i] == node_least(child));
        const int below = check_below(check, child);
        assert(depth == -1 || depth == below);
        depth = below;
    }
    return depth + 1;
}

void ranked_check(const struct ranked *ranked)
{
    struct check check = {.ranked = ranked};

    assert((ranked->count == 0) == (ranked->root == NULL));
    if (!ranked->root)
        return;
    assert(ranked->root->leaf || ranked->root->count > 1);
    const int depth = check_below(&check, ranked->root);
    assert(depth < RANKED_DEPTH);
    assert(check.count == ranked->count);
    (void)depth;
}
