/* SPDX-License-Identifier: MIT */
#include "space/places.h"

#include <assert.h>
#include <string.h>

#include "space/stored.h"

/* A full node with its head is two KiB, the slab's largest class. */
#define NODE_ENTRIES 126
#define FIRST_ENTRIES 2
#define DEPTH 12

struct places_entry {
    uint64_t
        key; /* a leaf's: the tuple's; else a lower bound of all below, but for the first child */
    union {
        struct stored *tuple;
        struct places_node *child;
    };
};

/*
 * Entries stand at [begin, end). A node is never empty. Leaves are linked in order.
 *
 * In a leaf an entry that is taken leaves a hole, its key with no tuple, so that taking moves nothing
 * and entries stay where they were put; a hole is neither first nor last. An entry that belongs before
 * one fills it; a leaf without room at its end is packed.
 */
struct places_node {
    struct places_node *previous, *next; /* leaves only */
    uint16_t begin, end, capacity;
    uint16_t count; /* of entries without the holes */
    bool leaf;
    struct places_entry entries[];
};

/* The way from the root to a leaf: at each level the node and the child taken. */
struct path {
    struct places_node *nodes[DEPTH];
    int index[DEPTH];
    int depth; /* of the leaf */
};

static size_t node_size(unsigned capacity)
{
    return sizeof(struct places_node) + capacity * sizeof(struct places_entry);
}

static struct places_node *node_new(struct slab *slab, unsigned capacity, bool leaf)
{
    struct places_node *node = slab_alloc(slab, node_size(capacity));
    if (node)
        *node = (struct places_node){.capacity = (uint16_t)capacity, .leaf = leaf};
    return node;
}

static void node_free(struct slab *slab, struct places_node *node)
{
    slab_free(slab, node, node_size(node->capacity));
}

/* The first entry whose key is at least `key`; end where none is. */
static int lower_bound(const struct places_node *node, uint64_t key)
{
    int low = node->begin, high = node->end;
    /* Appending is the common case. */
    if (node->entries[high - 1].key < key)
        return high;
    while (low < high) {
        const int middle = (low + high) / 2;
        if (node->entries[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The child under which `key` belongs: the last with a bound not above it, else the first. */
static int child_for(const struct places_node *node, uint64_t key)
{
    int index = lower_bound(node, key);
    if (index == node->end || node->entries[index].key > key)
        index--;
    return index < node->begin ? node->begin : index;
}

/*
 * lower_bound in a leaf that stands under `bound`. Keys mostly come one after the other: then a key is
 * as many entries on as it is above the bound. A search through the leaf would cost a few cache misses.
 */
static int leaf_lower_bound(const struct places_node *leaf, uint64_t key, uint64_t bound)
{
    const uint64_t slot = key - bound;
    if (slot >= leaf->begin && slot < leaf->end && leaf->entries[slot].key == key)
        return (int)slot;
    return lower_bound(leaf, key);
}

static void descend(const struct places *places, uint64_t key, struct path *path)
{
    struct places_node *node = places->root;
    uint64_t bound = 0;
    path->depth = 0;
    while (!node->leaf) {
        const int index = child_for(node, key);
        path->nodes[path->depth] = node;
        path->index[path->depth] = index;
        path->depth++;
        assert(path->depth < DEPTH);
        bound = node->entries[index].key;
        node = node->entries[index].child;
    }
    path->nodes[path->depth] = node;
    path->index[path->depth] = leaf_lower_bound(node, key, bound);
}

static bool is_hole(const struct places_node *node, int index)
{
    return node->entries[index].tuple == NULL;
}

/* Appends the entries of another node, or its own moved to the front, without the holes. */
static void node_append(struct places_node *node, const struct places_node *from, int begin,
                        int end)
{
    for (int i = begin; i < end; i++)
        if (!is_hole(from, i))
            node->entries[node->end++] = from->entries[i];
    node->count = node->end;
}

static void node_pack(struct places_node *node)
{
    const int begin = node->begin, end = node->end;
    node->begin = node->end = 0;
    node_append(node, node, begin, end);
}

/* Puts an entry at `index`, moving what is less to move; there is room. */
static void node_put(struct places_node *node, int index, struct places_entry entry)
{
    assert(node->count < node->capacity);
    if (index < node->end && is_hole(node, index)) {
        node->entries[index] = entry;
        node->count++;
        return;
    }
    if (node->end == node->capacity && (node->begin == 0 || index == node->end)) {
        node_pack(node);
        index = lower_bound(node, entry.key);
    }
    if (node->end == node->capacity ||
        (node->begin > 0 && index - node->begin < node->end - index)) {
        memmove(&node->entries[node->begin - 1], &node->entries[node->begin],
                (size_t)(index - node->begin) * sizeof entry);
        node->begin--;
        index--;
    } else {
        memmove(&node->entries[index + 1], &node->entries[index],
                (size_t)(node->end - index) * sizeof entry);
        node->end++;
    }
    node->entries[index] = entry;
    node->count++;
}

static void node_drop(struct places_node *node, int index)
{
    node->count--;
    if (node->leaf) {
        node->entries[index].tuple = NULL;
        while (node->begin < node->end && is_hole(node, node->begin))
            node->begin++;
        while (node->begin < node->end && is_hole(node, node->end - 1))
            node->end--;
        return;
    }
    /* What belonged under a first child goes under the next, whose bound has to be true for it. */
    if (index == node->begin && index + 1 < node->end)
        node->entries[index + 1].key = node->entries[index].key;
    memmove(&node->entries[index], &node->entries[index + 1],
            (size_t)(node->end - 1 - index) * sizeof node->entries[0]);
    node->end--;
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

/* While the root is a leaf it starts small and doubles. */
static int root_grow(struct places *places, struct slab *slab)
{
    struct places_node *old = places->root;
    unsigned capacity = old ? old->capacity * 2u : FIRST_ENTRIES;
    if (capacity > NODE_ENTRIES)
        capacity = NODE_ENTRIES;
    struct places_node *grown = node_new(slab, capacity, true);
    if (!grown)
        return -1;
    if (old) {
        node_append(grown, old, old->begin, old->end);
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

static int spares_make(struct spares *spares, struct slab *slab, const struct path *path)
{
    int full = 0;
    for (int level = path->depth; level >= 0; level--) {
        if (path->nodes[level]->count < path->nodes[level]->capacity)
            break;
        full++;
    }
    const int need = full == path->depth + 1 ? full + 1 : full;
    for (spares->count = 0; spares->count < need; spares->count++) {
        struct places_node *node = node_new(slab, NODE_ENTRIES, false);
        if (!node) {
            while (spares->count > 0)
                node_free(slab, spares->nodes[--spares->count]);
            return -1;
        }
        spares->nodes[spares->count] = node;
    }
    return 0;
}

/*
 * Moves the upper part of a full node to `right` and puts the entry where it belongs. At the end
 * nothing is moved: tuples put in order leave full nodes behind.
 */
static void node_split(struct places_node *node, struct places_node *right, int index,
                       struct places_entry entry)
{
    const int keep = index == node->end ? node->end : node->begin + node->count / 2;
    right->leaf = node->leaf;
    node_append(right, node, keep, node->end);
    node->end = (uint16_t)keep;
    node->count = node->end - node->begin; /* a full node has no holes */
    if (node->leaf)
        leaf_link_after(node, right);
    if (index > keep || right->end == 0)
        node_put(right, index - keep, entry);
    else
        node_put(node, index, entry);
}

static void insert_up(struct places *places, struct path *path, struct spares *spares,
                      struct places_entry entry)
{
    for (int level = path->depth; level >= 0; level--) {
        struct places_node *node = path->nodes[level];
        const int index = path->index[level] + (node->leaf ? 0 : 1);
        if (node->count < node->capacity) {
            node_put(node, index, entry);
            return;
        }
        /* NOLINTNEXTLINE: spares_make made as many as are needed, which the checker cannot see */
        struct places_node *right = spares->nodes[--spares->count];
        node_split(node, right, index, entry);
        entry = (struct places_entry){.key = right->entries[right->begin].key, .child = right};
    }
    /* NOLINTNEXTLINE: as above */
    struct places_node *root = spares->nodes[--spares->count];
    root->entries[0] = (struct places_entry){.key = 0, .child = places->root};
    root->entries[1] = entry;
    root->end = root->count = 2;
    places->root = root;
}

int places_insert(struct places *places, struct slab *slab, struct stored *tuple)
{
    const struct places_entry entry = {.key = stored_key(tuple), .tuple = tuple};
    struct places_node *root = places->root;
    if (!root || (root->leaf && root->count == root->capacity && root->capacity < NODE_ENTRIES)) {
        if (root_grow(places, slab) < 0)
            return -1;
    }
    if (places->count == 0) {
        places->root->entries[0] = entry;
        places->root->begin = 0;
        places->root->end = places->root->count = 1;
        places->count = 1;
        return 0;
    }
    struct path path;
    struct spares spares;
    descend(places, entry.key, &path);
    if (spares_make(&spares, slab, &path) < 0)
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
    struct places_node *left = parent->entries[left_index].child;
    struct places_node *right = parent->entries[left_index + 1].child;
    const int total = left->count + right->count;
    if (total > NODE_ENTRIES * 3 / 4)
        return false;
    /* A first child takes what is below its bound too: among others its bound has to be true. */
    if (!right->leaf)
        right->entries[right->begin].key = parent->entries[left_index + 1].key;
    node_pack(left);
    node_append(left, right, right->begin, right->end);
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
        } else if (node->count > NODE_ENTRIES / 4 ||
                   !leaf_join(parent, path->index[level - 1], slab)) {
            return;
        }
    }
    while (!places->root->leaf && places->root->count == 1) {
        struct places_node *root = places->root;
        places->root = root->entries[root->begin].child;
        node_free(slab, root);
    }
}

void places_remove(struct places *places, struct slab *slab, struct stored *tuple)
{
    struct path path;
    descend(places, stored_key(tuple), &path);
    struct places_node *leaf = path.nodes[path.depth];
    const int index = path.index[path.depth];
    assert(index < leaf->end && leaf->entries[index].tuple == tuple);
    places->count--;
    if (places->count == 0) {
        places_deinit(places, slab);
        return;
    }
    node_drop(leaf, index);
    if (leaf->count <= NODE_ENTRIES / 4)
        tidy_up(places, slab, &path);
}

static void node_free_below(struct slab *slab, struct places_node *node)
{
    if (!node->leaf)
        for (int i = node->begin; i < node->end; i++)
            node_free_below(slab, node->entries[i].child);
    node_free(slab, node);
}

void places_deinit(struct places *places, struct slab *slab)
{
    if (places->root)
        node_free_below(slab, places->root);
    *places = (struct places){0};
}

struct stored *places_first(const struct places *places)
{
    const struct places_node *node = places->root;
    if (!node)
        return NULL;
    while (!node->leaf)
        node = node->entries[node->begin].child;
    return node->entries[node->begin].tuple;
}

/* Goes on from a hole, or from past the end of a leaf, to the next tuple. */
static void skip_forward(struct places_cursor *cursor)
{
    while (cursor->leaf) {
        for (; cursor->index < cursor->leaf->end; cursor->index++)
            if (!is_hole(cursor->leaf, cursor->index))
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
    if (cursor.index < cursor.leaf->end && cursor.leaf->entries[cursor.index].key == key &&
        !is_hole(cursor.leaf, cursor.index))
        return cursor;
    places_previous(&cursor);
    return cursor;
}

struct stored *places_at(const struct places_cursor *cursor)
{
    return cursor->leaf ? cursor->leaf->entries[cursor->index].tuple : NULL;
}

void places_next(struct places_cursor *cursor)
{
    cursor->index++;
    skip_forward(cursor);
}

void places_previous(struct places_cursor *cursor)
{
    while (--cursor->index >= cursor->leaf->begin)
        if (!is_hole(cursor->leaf, cursor->index))
            return;
    cursor->leaf = cursor->leaf->previous; /* which ends in a tuple */
    cursor->index = cursor->leaf ? cursor->leaf->end - 1 : 0;
}

static int check_below(const struct places_node *node, uint64_t low, uint64_t high)
{
    int depth = -1;
    assert(node->count > 0 && node->end <= node->capacity);
    assert(!is_hole(node, node->begin) && !is_hole(node, node->end - 1));
    int holes = 0;
    for (int i = node->begin; i < node->end; i++) {
        const uint64_t key = node->entries[i].key;
        assert(i == node->begin || key > node->entries[i - 1].key);
        assert(key < high && key >= low && (node->leaf || i > node->begin || key == low));
        holes += is_hole(node, i);
        if (node->leaf) {
            assert(is_hole(node, i) || key == stored_key(node->entries[i].tuple));
            continue;
        }
        const int below = check_below(node->entries[i].child, i == node->begin ? low : key,
                                      i + 1 < node->end ? node->entries[i + 1].key : high);
        assert(depth == -1 || depth == below);
        depth = below;
    }
    assert(node->end - node->begin - holes == node->count && (node->leaf || holes == 0));
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
