/* SPDX-License-Identifier: MIT */
#include "space/places.h"

#include <assert.h>

#include "space/places_node.h"
#include "space/stored.h"

#define FIRST_ENTRIES 2
#define DEPTH 12

/* The way from the root to a leaf: at each level the node and the child taken. */
struct path {
    struct places_node *nodes[DEPTH];
    int index[DEPTH];
    int depth; /* of the leaf */
};

/* The child under which `key` belongs: the last with a bound not above it, else the first. */
static int child_for(const struct places_node *node, uint64_t key)
{
    int index = node_lower_bound(node, key, UINT64_MAX);
    if (index == node->end || node_wide(node)[index].key > key)
        index--;
    return index < node->begin ? node->begin : index;
}

static void descend(const struct places *places, uint64_t key, struct path *path)
{
    struct places_node *node = places->root;
    uint64_t limit = UINT64_MAX; /* all keys below the node are less */
    path->depth = 0;
    while (!node->leaf) {
        const int index = child_for(node, key);
        path->nodes[path->depth] = node;
        path->index[path->depth] = index;
        path->depth++;
        assert(path->depth < DEPTH);
        if (index + 1 < node->end)
            limit = node_wide(node)[index + 1].key;
        node = node_wide(node)[index].to;
    }
    path->nodes[path->depth] = node;
    path->index[path->depth] = node_lower_bound(node, key, limit);
}

static void leaf_unlink(struct places_node *leaf)
{
    if (leaf->previous)
        leaf->previous->next = leaf->next;
    if (leaf->next)
        leaf->next->previous = leaf->previous;
}

static void leaf_link_after(struct places_node *leaf, struct places_node *added)
{
    added->previous = leaf;
    added->next = leaf->next;
    if (leaf->next)
        leaf->next->previous = added;
    leaf->next = added;
}

/* While the root is a leaf it starts small and doubles. Makes room for this key, if it can be. */
static int root_grow(struct places *places, struct slab *slab, uint64_t key)
{
    struct places_node *old = places->root;
    const bool narrow = !old || node_spans(old, key) || old->count >= NODE_WIDE;
    const unsigned capacity = old ? old->capacity * 2u : FIRST_ENTRIES;
    struct places_node *grown = node_new(slab, capacity, true, narrow);
    if (!grown)
        return -1;
    if (old) {
        node_append(grown, old);
        node_free(slab, old);
    }
    places->root = grown;
    return 0;
}

/* The nodes that an insertion needs: made before anything changes. */
struct spares {
    struct places_node *nodes[DEPTH + 1];
    int count;
};

static int spares_make(struct spares *spares, struct slab *slab, const struct path *path,
                       uint64_t key)
{
    int full = 0;
    for (int level = path->depth; level >= 0; level--) {
        if (node_has_room(path->nodes[level], key))
            break;
        full++;
    }
    const int need = full == path->depth + 1 ? full + 1 : full;
    for (spares->count = 0; spares->count < need; spares->count++) {
        struct places_node *node = node_new(slab, NODE_WIDE, false, false);
        if (!node) {
            while (spares->count > 0)
                node_free(slab, spares->nodes[--spares->count]);
            return -1;
        }
        spares->nodes[spares->count] = node;
    }
    return 0;
}

static void insert_up(struct places *places, struct path *path, struct spares *spares,
                      struct places_entry entry)
{
    for (int level = path->depth; level >= 0; level--) {
        struct places_node *node = path->nodes[level];
        const int index = path->index[level] + (node->leaf ? 0 : 1);
        if (node_has_room(node, entry.key)) {
            node_put(node, index, entry);
            return;
        }
        /* NOLINTNEXTLINE: spares_make made as many as are needed, which the checker cannot see */
        struct places_node *right = spares->nodes[--spares->count];
        node_split(node, right, index, entry);
        if (node->leaf)
            leaf_link_after(node, right);
        entry = (struct places_entry){right, node_key(right, right->begin)};
    }
    /* NOLINTNEXTLINE: as above */
    struct places_node *root = spares->nodes[--spares->count];
    node_wide(root)[0] = (struct places_entry){places->root, 0};
    node_wide(root)[1] = entry;
    root->end = root->count = 2;
    places->root = root;
}

int places_insert(struct places *places, struct slab *slab, struct stored *tuple)
{
    const struct places_entry entry = {tuple, stored_key(tuple)};
    struct places_node *root = places->root;
    if (!root || (node_is_small(root) && !node_has_room(root, entry.key))) {
        if (root_grow(places, slab, entry.key) < 0)
            return -1;
    }
    if (places->count == 0) {
        node_put(places->root, 0, entry);
        places->count = 1;
        return 0;
    }
    struct path path;
    struct spares spares;
    descend(places, entry.key, &path);
    struct places_node *leaf = path.nodes[path.depth];
    if (node_has_room(leaf, entry.key)) {
        node_put(leaf, path.index[path.depth], entry);
        places->count++;
        return 0;
    }
    if (spares_make(&spares, slab, &path, entry.key) < 0)
        return -1;
    insert_up(places, &path, &spares, entry);
    assert(spares.count == 0);
    places->count++;
    return 0;
}

/* Joins a sparse leaf with a neighbour under the same parent, so that a thinned tree shrinks. */
static bool leaf_join(struct places_node *parent, int index, struct slab *slab)
{
    const int left_index = index + 1 < parent->end ? index : index - 1;
    if (left_index < parent->begin)
        return false;
    struct places_node *left = node_wide(parent)[left_index].to;
    struct places_node *right = node_wide(parent)[left_index + 1].to;
    if (!node_can_join(left, right))
        return false;
    /* A first child takes what is below its bound too: among others its bound has to be true. */
    if (!right->leaf)
        node_wide(right)[right->begin].key = node_wide(parent)[left_index + 1].key;
    node_append(left, right);
    if (left->leaf)
        leaf_unlink(right);
    node_free(slab, right);
    node_drop(parent, left_index + 1);
    return true;
}

/* After a leaf lost an entry: drops empty nodes, joins sparse ones, shortens the tree. */
static void tidy_up(struct places *places, struct slab *slab, struct path *path)
{
    for (int level = path->depth; level > 0; level--) {
        struct places_node *node = path->nodes[level];
        struct places_node *parent = path->nodes[level - 1];
        if (node->count == 0) {
            if (node->leaf)
                leaf_unlink(node);
            node_free(slab, node);
            node_drop(parent, path->index[level - 1]);
        } else if (node->count > node->capacity / 4 ||
                   !leaf_join(parent, path->index[level - 1], slab)) {
            return;
        }
    }
    while (!places->root->leaf && places->root->count == 1) {
        struct places_node *root = places->root;
        places->root = node_wide(root)[root->begin].to;
        node_free(slab, root);
    }
}

void places_remove(struct places *places, struct slab *slab, struct stored *tuple)
{
    struct path path;
    descend(places, stored_key(tuple), &path);
    struct places_node *leaf = path.nodes[path.depth];
    const int index = path.index[path.depth];
    assert(index < leaf->end && node_to(leaf, index) == tuple);
    places->count--;
    if (places->count == 0) {
        places_deinit(places, slab);
        return;
    }
    node_drop(leaf, index);
    if (leaf->count <= leaf->capacity / 4)
        tidy_up(places, slab, &path);
}

static void node_free_below(struct slab *slab, struct places_node *node)
{
    if (!node->leaf)
        for (int i = node->begin; i < node->end; i++)
            node_free_below(slab, node_to(node, i));
    node_free(slab, node);
}

void places_deinit(struct places *places, struct slab *slab)
{
    if (places->root)
        node_free_below(slab, places->root);
    *places = (struct places){0};
}

/* Frees the first leaf and what has nothing else below it; returns how many tuples were in it. */
static unsigned first_leaf_free(struct places *places, struct slab *slab)
{
    struct places_node *nodes[DEPTH];
    int depth = 0;
    for (nodes[0] = places->root; !nodes[depth]->leaf; depth++)
        nodes[depth + 1] = node_to(nodes[depth], nodes[depth]->begin);
    const unsigned count = nodes[depth]->count;
    for (; depth >= 0; depth--) {
        struct places_node *node = nodes[depth];
        if (!node->leaf && ++node->begin < node->end)
            return count;
        node_free(slab, node);
    }
    places->root = NULL;
    return count;
}

bool places_deinit_some(struct places *places, struct slab *slab, uint32_t tuples)
{
    for (uint64_t freed = 0; places->root && freed <= tuples;) {
        const unsigned count = first_leaf_free(places, slab);
        freed += count;
        places->count -= count;
    }
    return !places->root;
}

struct stored *places_first(const struct places *places)
{
    const struct places_node *node = places->root;
    if (!node)
        return NULL;
    while (!node->leaf)
        node = node_to(node, node->begin);
    return node_to(node, node->begin);
}

/* Goes on from a hole, or from past the end of a leaf, to the next tuple. */
static void skip_forward(struct places_cursor *cursor)
{
    while (cursor->leaf) {
        for (; cursor->index < cursor->leaf->end; cursor->index++)
            if (!node_is_hole(cursor->leaf, cursor->index))
                return;
        cursor->leaf = cursor->leaf->next;
        cursor->index = cursor->leaf ? cursor->leaf->begin : 0;
    }
}

struct places_cursor places_seek(const struct places *places, uint64_t key)
{
    if (!places->root)
        return (struct places_cursor){NULL, 0};
    struct path path;
    descend(places, key, &path);
    struct places_cursor cursor = {path.nodes[path.depth], path.index[path.depth]};
    skip_forward(&cursor);
    return cursor;
}

struct places_cursor places_seek_back(const struct places *places, uint64_t key)
{
    if (!places->root)
        return (struct places_cursor){NULL, 0};
    struct path path;
    descend(places, key, &path);
    struct places_cursor cursor = {path.nodes[path.depth], path.index[path.depth]};
    if (cursor.index < cursor.leaf->end && node_key(cursor.leaf, cursor.index) == key &&
        !node_is_hole(cursor.leaf, cursor.index))
        return cursor;
    places_previous(&cursor);
    return cursor;
}

struct stored *places_at(const struct places_cursor *cursor)
{
    return cursor->leaf ? node_to(cursor->leaf, cursor->index) : NULL;
}

void places_next(struct places_cursor *cursor)
{
    cursor->index++;
    skip_forward(cursor);
}

void places_previous(struct places_cursor *cursor)
{
    while (--cursor->index >= cursor->leaf->begin)
        if (!node_is_hole(cursor->leaf, cursor->index))
            return;
    cursor->leaf = cursor->leaf->previous; /* which ends in a tuple */
    cursor->index = cursor->leaf ? cursor->leaf->end - 1 : 0;
}

static int check_below(const struct places_node *node, uint64_t low, uint64_t high)
{
    int depth = -1;
    node_check(node);
    for (int i = node->begin; i < node->end; i++) {
        const uint64_t key = node_key(node, i);
        assert(key < high && key >= low && (node->leaf || i > node->begin || key == low));
        if (node->leaf) {
            const struct stored *tuple = node_to(node, i);
            assert(!tuple || key == stored_key(tuple));
            continue;
        }
        const int below = check_below(node_to(node, i), i == node->begin ? low : key,
                                      i + 1 < node->end ? node_key(node, i + 1) : high);
        assert(depth == -1 || depth == below);
        depth = below;
    }
    return depth + 1;
}

void places_check(const struct places *places)
{
    assert((places->count == 0) == (places->root == NULL));
    if (!places->root)
        return;
    check_below(places->root, 0, UINT64_MAX);
    uint64_t count = 0;
    for (struct places_cursor at = places_seek(places, 0); places_at(&at); places_next(&at))
        count++;
    assert(count == places->count);
}
