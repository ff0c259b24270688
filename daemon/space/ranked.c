/* SPDX-License-Identifier: MIT */
#include "space/ranked.h"

#include <assert.h>
#include <string.h>

#include "space/ranked_node.h"

#define FIRST_WORDS 6 /* of the smallest node; it doubles, */
#define STEP_WORDS 24 /* then grows by so many */
#define SLACK 16      /* entries of room at which it shrinks, */
#define LEFT 8        /* to so many */

/* The way from the root to a leaf: at each level the node, and the child taken or the place. */
struct path {
    struct ranked_node *nodes[RANKED_DEPTH];
    int index[RANKED_DEPTH];
    int depth; /* of the leaf */
};

/* An entry of a node: a leaf's uses the first columns only. */
struct entry {
    uint64_t words[INNER_COLUMNS];
};

void ranked_init(struct ranked *ranked, ranked_compare *compare, const void *context)
{
    *ranked = (struct ranked){.compare = compare, .context = context};
}

static unsigned columns_of(const struct ranked_node *node)
{
    return node->leaf ? LEAF_COLUMNS : INNER_COLUMNS;
}

/* With room for `count` entries, and few more. Leaves and others have the same few sizes, since a slab
 * has pages for each. */
static struct ranked_node *node_new(struct slab *slab, bool leaf, int count)
{
    const unsigned columns = leaf ? LEAF_COLUMNS : INNER_COLUMNS;
    unsigned words = (unsigned)count * columns, size = FIRST_WORDS;
    while (size < STEP_WORDS && size < words)
        size *= 2;
    if (size < words)
        size = (words + STEP_WORDS - 1) / STEP_WORDS * STEP_WORDS;
    struct ranked_node *node = slab_alloc(slab, node_size(size));
    if (node)
        *node = (struct ranked_node){
            .capacity = (uint16_t)(size / columns), .size = (uint16_t)size, .leaf = leaf};
    return node;
}

static void node_free(struct slab *slab, struct ranked_node *node)
{
    if (node)
        slab_free(slab, node, node_size(node->size));
}

static void node_append(struct ranked_node *node, const struct ranked_node *from, int begin,
                        int end)
{
    assert(node->count + end - begin <= node->capacity);
    for (unsigned c = 0; c < columns_of(node); c++)
        memcpy(node_column(node, c) + node->count, node_column(from, c) + begin,
               (size_t)(end - begin) * sizeof(uint64_t));
    node->count = (uint16_t)(node->count + end - begin);
}

static void node_put(struct ranked_node *node, int index, const struct entry *entry)
{
    assert(node->count < node->capacity);
    for (unsigned c = 0; c < columns_of(node); c++) {
        uint64_t *at = node_column(node, c) + index;
        memmove(at + 1, at, (size_t)(node->count - index) * sizeof *at);
        *at = entry->words[c];
    }
    node->count++;
}

static void node_drop(struct ranked_node *node, int index)
{
    node->count--;
    for (unsigned c = 0; c < columns_of(node); c++) {
        uint64_t *at = node_column(node, c) + index;
        memmove(at, at + 1, (size_t)(node->count - index) * sizeof *at);
    }
}

static struct entry entry_of_member(const struct ranked_member *member)
{
    return (struct entry){{
        [RANK] = member->rank,
        [WEIGHT] = member->weight,
        [ITEM] = (uintptr_t)member->item,
    }};
}

static struct entry entry_of_child(const struct ranked_node *child, uint64_t least)
{
    struct entry entry;
    for (unsigned c = 0; c < LEAF_COLUMNS; c++)
        entry.words[c] = node_column(child, c)[0];
    entry.words[CHILD] = (uintptr_t)child;
    entry.words[LEAST] = least;
    return entry;
}

/* Says anew in the parent what the child is; returns whether anything of it has changed. */
static bool entry_set(struct ranked_node *parent, int index, const struct ranked_node *child,
                      uint64_t least)
{
    const struct entry entry = entry_of_child(child, least);
    uint64_t changed = 0;
    for (unsigned c = 0; c < INNER_COLUMNS; c++) {
        uint64_t *at = node_column(parent, c) + index;
        changed |= *at ^ entry.words[c];
        *at = entry.words[c];
    }
    return changed != 0;
}

/* The first entry not before the member, and whether it is the member. */
static int node_find(const struct ranked *ranked, const struct ranked_node *node,
                     const struct ranked_member *member, bool *same)
{
    const uint64_t *ranks = node_column(node, RANK);
    int low = words_lower(ranks, 0, node->count, member->rank);

    *same = false;
    if (low == node->count || ranks[low] != member->rank)
        return low;
    int high = low + 1;
    if (high < node->count && ranks[high] == member->rank)
        high = words_upper(ranks, high, node->count, member->rank);
    while (low < high) {
        const int middle = (low + high) / 2;
        const struct ranked_member at = node_member(node, middle);
        const int order = ranked->compare(ranked->context, &at, member);
        if (order == 0) {
            *same = true;
            return middle;
        }
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Goes to where the member is or belongs; whether it is there. */
static bool descend(const struct ranked *ranked, const struct ranked_member *member,
                    struct path *path)
{
    struct ranked_node *node = ranked->root;
    bool same;

    for (path->depth = 0;; path->depth++) {
        assert(path->depth < RANKED_DEPTH);
        int index = node_find(ranked, node, member, &same);
        if (!node->leaf && !same && index > 0)
            index--;
        path->nodes[path->depth] = node;
        path->index[path->depth] = index;
        if (node->leaf)
            return same;
        node = node_child(node, index);
        node_prefetch(node);
    }
}

/* --- Putting in --- */

/* What takes the place of a node that is full: a larger one, or two; `left` may stay as it is. */
struct replacement {
    struct ranked_node *left, *right;
    int keep; /* entries that are for the left */
};

/* The nodes that an insertion needs: made before anything changes. */
struct plan {
    struct replacement levels[RANKED_DEPTH];
    struct ranked_node *root;
};

static void plan_undo(struct plan *plan, struct slab *slab, const struct path *path)
{
    for (int level = 0; level <= path->depth; level++) {
        node_free(slab, plan->levels[level].left);
        node_free(slab, plan->levels[level].right);
    }
    node_free(slab, plan->root);
}

/* Where the entry goes in the node of the level: a new child stands after the one that was split. */
static int put_index(const struct path *path, int level)
{
    return path->index[level] + (level < path->depth);
}

/* Halves, each with room for the entry where it goes there. At the end of all the left one stays full,
 * so that what comes in order fills its leaves. Returns 0, or -1 without memory. */
static int plan_split(struct replacement *made, struct slab *slab, const struct ranked_node *node,
                      int index, bool last)
{
    const int count = node->count;

    made->keep = last ? count : count / 2;
    made->right = node_new(slab, node->leaf, count - made->keep + (last || index > made->keep));
    if (!made->right)
        return -1;
    if (last)
        return 0;
    made->left = node_new(slab, node->leaf, made->keep + (index <= made->keep));
    return made->left ? 0 : -1;
}

/* Returns 0, or -1 without memory, nothing being left. */
static int plan_make(struct plan *plan, struct slab *slab, const struct path *path)
{
    bool last = true; /* nothing is after the member */
    int level = path->depth;

    for (int i = 0; i <= path->depth; i++) {
        plan->levels[i] = (struct replacement){0};
        last &= put_index(path, i) == path->nodes[i]->count;
    }
    plan->root = NULL;
    for (; level >= 0 && path->nodes[level]->count == path->nodes[level]->capacity; level--) {
        const struct ranked_node *node = path->nodes[level];
        struct replacement *made = &plan->levels[level];
        if (node->count < most_of(node)) {
            made->left = node_new(slab, node->leaf, node->count + 1);
            if (!made->left)
                goto fail;
            return 0;
        }
        if (plan_split(made, slab, node, put_index(path, level), last) < 0)
            goto fail;
    }
    if (level >= 0)
        return 0;
    plan->root = node_new(slab, false, 2);
    if (plan->root)
        return 0;
fail:
    plan_undo(plan, slab, path);
    return -1;
}

/* Puts the entry in the node of the level, or what takes its place. */
static void put_at(struct path *path, int level, const struct replacement *made, struct slab *slab,
                   const struct entry *entry)
{
    struct ranked_node *node = path->nodes[level];
    const int index = put_index(path, level), keep = made->right ? made->keep : node->count;

    if (made->right)
        node_append(made->right, node, keep, node->count);
    if (made->left) {
        node_append(made->left, node, 0, keep);
        node_free(slab, node);
        path->nodes[level] = made->left;
    }
    if (made->right && (index > keep || made->right->count == 0))
        node_put(made->right, index - keep, entry);
    else
        node_put(path->nodes[level], index, entry);
}

static void insert_up(struct ranked *ranked, struct slab *slab, struct path *path,
                      const struct plan *plan, const struct ranked_member *member)
{
    struct entry entry = entry_of_member(member);
    bool pending = true, split = false;

    for (int level = path->depth; level >= 0; level--) {
        if (level < path->depth) {
            struct ranked_node *node = path->nodes[level], *child = path->nodes[level + 1];
            const int index = path->index[level];
            uint64_t least = node_leasts(node)[index];
            if (split)
                least = node_least(child);
            else if (member->weight < least)
                least = member->weight;
            entry_set(node, index, child, least);
        }
        if (!pending)
            continue;
        const struct replacement *made = &plan->levels[level];
        put_at(path, level, made, slab, &entry);
        pending = split = made->right != NULL;
        if (split)
            entry = entry_of_child(made->right, node_least(made->right));
    }
    ranked->root = path->nodes[0];
    if (pending) {
        const struct entry left = entry_of_child(ranked->root, node_least(ranked->root));
        node_put(plan->root, 0, &left);
        node_put(plan->root, 1, &entry);
        ranked->root = plan->root;
    }
}

int ranked_insert(struct ranked *ranked, struct slab *slab, const struct ranked_member *member)
{
    struct path path;
    struct plan plan;

    if (!ranked->root) {
        const struct entry entry = entry_of_member(member);
        ranked->root = node_new(slab, true, 1);
        if (!ranked->root)
            return -1;
        node_put(ranked->root, 0, &entry);
        ranked->count = 1;
        return 0;
    }
    const bool there = descend(ranked, member, &path);
    assert(!there);
    (void)there;
    if (plan_make(&plan, slab, &path) < 0)
        return -1;
    insert_up(ranked, slab, &path, &plan, member);
    ranked->count++;
    return 0;
}

/* --- Taking out --- */

/* A smaller copy of a node with much room, where there is memory for it; else the node. */
static struct ranked_node *node_shrink(struct slab *slab, struct ranked_node *node)
{
    if (node->capacity - node->count < SLACK)
        return node;
    struct ranked_node *shrunk = node_new(slab, node->leaf, node->count + LEFT);
    if (!shrunk)
        return node;
    node_append(shrunk, node, 0, node->count);
    node_free(slab, node);
    return shrunk;
}

/* Joins a sparse child with a neighbour, where both are not much and there is memory for it. */
static bool join(struct ranked_node *parent, int index, struct slab *slab)
{
    const int at = index + 1 < parent->count ? index : index - 1;
    if (at < 0)
        return false;
    struct ranked_node *left = node_child(parent, at), *right = node_child(parent, at + 1);
    const int total = left->count + right->count;
    if (total > most_of(left) * 3 / 4)
        return false;
    struct ranked_node *both = node_new(slab, left->leaf, total);
    if (!both)
        return false;
    node_append(both, left, 0, left->count);
    node_append(both, right, 0, right->count);
    node_free(slab, left);
    node_free(slab, right);
    entry_set(parent, at, both, node_least(both));
    node_drop(parent, at + 1);
    return true;
}

/* After the node of the level lost an entry, or one of its entries changed: the parent's follows.
 * Returns whether anything of the parent has changed. */
static bool remove_up(struct slab *slab, struct path *path, int level, uint64_t weight)
{
    struct ranked_node *parent = path->nodes[level - 1], *node = path->nodes[level];
    const int index = path->index[level - 1];

    if (node->count == 0) {
        node_free(slab, node);
        node_drop(parent, index);
        return true;
    }
    node = node_shrink(slab, node);
    uint64_t least = node_leasts(parent)[index];
    if (least == weight)
        least = node_least(node);
    const bool changed = entry_set(parent, index, node, least);
    return (node->count <= most_of(node) / 4 && join(parent, index, slab)) || changed;
}

static void root_tidy(struct ranked *ranked, struct slab *slab)
{
    struct ranked_node *root = ranked->root;
    while (!root->leaf && root->count == 1) {
        ranked->root = node_child(root, 0);
        node_free(slab, root);
        root = ranked->root;
    }
    if (root->count == 0) {
        node_free(slab, root);
        ranked->root = NULL;
    } else {
        ranked->root = node_shrink(slab, root);
    }
}

void ranked_remove(struct ranked *ranked, struct slab *slab, const struct ranked_member *member)
{
    struct path path;
    const bool there = descend(ranked, member, &path);

    assert(there);
    (void)there;
    node_drop(path.nodes[path.depth], path.index[path.depth]);
    ranked->count--;
    int level = path.depth;
    while (level > 0 && remove_up(slab, &path, level, member->weight))
        level--;
    if (level == 0)
        root_tidy(ranked, slab);
}

/* Always the last child goes, so that what is left needs no note of how far this came. */
bool ranked_deinit_some(struct ranked *ranked, struct slab *slab, uint32_t nodes)
{
    struct ranked_node *above[RANKED_DEPTH], *node = ranked->root;
    int depth = 0;

    ranked->count = 0;
    while (node && nodes > 0) {
        if (!node->leaf && node->count > 0) {
            above[depth++] = node;
            node = node_child(node, node->count - 1);
            continue;
        }
        node_free(slab, node);
        nodes--;
        node = depth > 0 ? above[--depth] : NULL;
        if (node)
            node->count--;
        else
            ranked->root = NULL;
    }
    return ranked->root == NULL;
}

void ranked_deinit(struct ranked *ranked, struct slab *slab)
{
    while (!ranked_deinit_some(ranked, slab, UINT32_MAX))
        continue;
}
