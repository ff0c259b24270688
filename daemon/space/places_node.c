/* SPDX-License-Identifier: MIT */
#include "space/places_node.h"

#include <assert.h>
#include <string.h>

/* The entries of a node on their way to another or into another form. */
struct entries {
    struct places_entry list[NODE_NARROW];
    int count;
};

static uint8_t stride_of(bool narrow)
{
    return narrow ? sizeof(struct narrow_entry) : sizeof(struct places_entry);
}

static unsigned full_capacity(bool narrow)
{
    return narrow ? NODE_NARROW : NODE_WIDE;
}

struct places_node *node_new(struct slab *slab, unsigned capacity, bool leaf, bool narrow)
{
    if (capacity > full_capacity(narrow))
        capacity = full_capacity(narrow);
    const uint8_t stride = stride_of(narrow);
    struct places_node *node = slab_alloc(slab, sizeof *node + capacity * stride);
    if (node)
        *node = (struct places_node){.capacity = (uint8_t)capacity, .stride = stride, .leaf = leaf};
    return node;
}

void node_free(struct slab *slab, struct places_node *node)
{
    slab_free(slab, node, sizeof *node + (size_t)node->capacity * node->stride);
}

/* Of a full-sized one that is empty. */
static void set_form(struct places_node *node, bool narrow)
{
    node->stride = stride_of(narrow);
    node->capacity = (uint8_t)full_capacity(narrow);
}

bool node_is_small(const struct places_node *node)
{
    return node->capacity < full_capacity(node_is_narrow(node));
}

/* Where an entry of this offset is likely to be, as if they were spread evenly up to `limit`. */
static int likely(const struct places_node *node, uint64_t offset, uint64_t limit)
{
    const uint64_t span = limit - node->base, end = node->end;
    const uint64_t index = span > end && span <= UINT32_MAX ? offset * end / span : offset;
    if (index < node->begin)
        return node->begin;
    return index < end ? (int)index : node->end - 1;
}

/*
 * From where it is likely to be outwards, so that a leaf costs a cache miss or two: keys mostly come
 * one after the other, or are what is left of such.
 */
static int narrow_lower_bound(const struct places_node *node, uint64_t key, uint64_t limit)
{
    const struct narrow_entry *const entries = node_narrow(node);
    const uint64_t offset = key - node->base;
    if (key < node->base)
        return node->begin;
    const int at = likely(node, offset, limit);
    int low = node->begin, high = node->end;
    if (entries[at].offset == offset)
        return at;
    if (entries[at].offset < offset) {
        low = at + 1;
        for (int step = 1; at + step < high; step *= 2) {
            if (entries[at + step].offset < offset)
                low = at + step + 1;
            else
                high = at + step;
        }
    } else {
        high = at;
        for (int step = 1; at - step >= low; step *= 2) {
            if (entries[at - step].offset < offset)
                low = at - step + 1;
            else
                high = at - step;
        }
    }
    while (low < high) {
        const int middle = (low + high) / 2;
        if (entries[middle].offset < offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static int wide_lower_bound(const struct places_node *node, uint64_t key)
{
    const struct places_entry *const entries = node_wide(node);
    int low = node->begin, high = node->end;
    if (entries[high - 1].key < key)
        return high;
    while (low < high) {
        const int middle = (low + high) / 2;
        if (entries[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int node_lower_bound(const struct places_node *node, uint64_t key, uint64_t limit)
{
    return node_is_narrow(node) ? narrow_lower_bound(node, key, limit)
                                : wide_lower_bound(node, key);
}

static bool near(uint64_t first, uint64_t last)
{
    return last - first <= UINT32_MAX;
}

bool node_spans(const struct places_node *node, uint64_t key)
{
    if (node->count == 0)
        return true;
    const uint64_t first = node_key(node, node->begin), last = node_key(node, node->end - 1);
    return near(key < first ? key : first, key > last ? key : last);
}

/* An offset can tell it. */
static bool is_in_reach(const struct places_node *node, uint64_t key)
{
    return key >= node->base && near(node->base, key);
}

bool node_has_room(const struct places_node *node, uint64_t key)
{
    if (!node_is_narrow(node) || is_in_reach(node, key) || node_spans(node, key))
        return node->count < node->capacity;
    return !node_is_small(node) && node->count < NODE_WIDE; /* as a wide one */
}

static void entry_set(struct places_node *node, int index, const struct places_entry *entry)
{
    if (node_is_narrow(node))
        node_narrow(node)[index] =
            (struct narrow_entry){entry->to, (uint32_t)(entry->key - node->base)};
    else
        node_wide(node)[index] = *entry;
}

static void take_out(const struct places_node *node, int begin, struct entries *entries)
{
    for (int i = begin; i < node->end; i++)
        if (!node_is_hole(node, i))
            entries->list[entries->count++] =
                (struct places_entry){node_to(node, i), node_key(node, i)};
}

/* These are what is in the node now; a full-sized leaf is made narrow where they and `key` are near
 * each other, else wide. */
static void put_in(struct places_node *node, const struct entries *entries, uint64_t key)
{
    node->begin = 0;
    node->end = node->count = (uint8_t)entries->count;
    if (entries->count == 0)
        return;
    const uint64_t first = entries->list[0].key, last = entries->list[entries->count - 1].key;
    if (node->leaf && !node_is_small(node))
        set_form(node, near(key < first ? key : first, key > last ? key : last));
    assert(node->count <= node->capacity);
    node->base = key < first ? key : first;
    for (int i = 0; i < entries->count; i++)
        entry_set(node, i, &entries->list[i]);
}

/* Moves all to the front, over the holes, in the form that they and a further key need. */
static void node_pack(struct places_node *node, uint64_t key)
{
    struct entries entries;
    entries.count = 0;
    take_out(node, node->begin, &entries);
    put_in(node, &entries, key);
}

static void rebase(struct places_node *node, uint64_t key)
{
    const uint64_t first = node_key(node, node->begin), base = key < first ? key : first;
    const uint32_t more = (uint32_t)(node->base - base);
    for (int i = node->begin; i < node->end; i++)
        node_narrow(node)[i].offset += more;
    node->base = base;
}

/* Makes an entry of this key expressible; returns whether entries stand elsewhere then. */
static bool admit(struct places_node *node, uint64_t key)
{
    if (!node_is_narrow(node) || (is_in_reach(node, key) && node->count > 0))
        return false;
    if (node->count == 0)
        node->base = key;
    else if (node_spans(node, key))
        rebase(node, key);
    else
        node_pack(node, key);
    return node->count > 0;
}

/* Moves the entries at [begin, end) by one place. */
static void shift(struct places_node *node, int begin, int end, int by)
{
    const size_t size = node->stride;
    char *first = (char *)(node + 1) + (size_t)begin * size;
    if (end > begin)
        memmove(first + (ptrdiff_t)size * by, first, (size_t)(end - begin) * size);
}

void node_put(struct places_node *node, int index, struct places_entry entry)
{
    if (admit(node, entry.key))
        index = node_lower_bound(node, entry.key, UINT64_MAX);
    assert(node->count < node->capacity);
    if (index == node->end && node->end < node->capacity) {
        entry_set(node, node->end++, &entry);
        node->count++;
        return;
    }
    if (index < node->end && node_is_hole(node, index)) {
        entry_set(node, index, &entry);
        node->count++;
        return;
    }
    if (node->end == node->capacity && (node->begin == 0 || index == node->end)) {
        node_pack(node, entry.key);
        index = node_lower_bound(node, entry.key, UINT64_MAX);
    }
    if (node->end == node->capacity ||
        (node->begin > 0 && index - node->begin < node->end - index)) {
        shift(node, node->begin, index, -1);
        node->begin--;
        index--;
    } else {
        shift(node, index, node->end, 1);
        node->end++;
    }
    entry_set(node, index, &entry);
    node->count++;
}

void node_drop(struct places_node *node, int index)
{
    node->count--;
    if (node->leaf) {
        if (node_is_narrow(node))
            node_narrow(node)[index].to = NULL;
        else
            node_wide(node)[index].to = NULL;
        if (index == node->begin)
            while (node->begin < node->end && node_is_hole(node, node->begin))
                node->begin++;
        else if (index == node->end - 1)
            while (node_is_hole(node, node->end - 1))
                node->end--;
        return;
    }
    /* What belonged under a first child goes under the next, whose bound has to be true for it. */
    if (index == node->begin && index + 1 < node->end)
        node_wide(node)[index + 1].key = node_wide(node)[index].key;
    shift(node, index + 1, node->end, -1);
    node->end--;
}

void node_split(struct places_node *node, struct places_node *right, int index,
                struct places_entry entry)
{
    struct entries upper;
    upper.count = 0;
    if (node->count < node->capacity) { /* narrow, and the key is far off */
        node_pack(node, node_key(node, node->begin));
        index = node_lower_bound(node, entry.key, UINT64_MAX);
    }
    const int keep = index == node->end ? node->end : node->count / 2;
    take_out(node, keep, &upper);
    right->leaf = node->leaf;
    set_form(right, right->leaf);
    put_in(right, &upper, keep < node->end ? node_key(node, keep) : entry.key);
    node->end = node->count = (uint8_t)keep;
    if (index > keep || right->count == 0)
        node_put(right, index - keep, entry);
    else
        node_put(node, index, entry);
}

void node_append(struct places_node *node, const struct places_node *from)
{
    struct entries entries;
    entries.count = 0;
    take_out(node, node->begin, &entries);
    take_out(from, from->begin, &entries);
    if (entries.count > 0)
        put_in(node, &entries, entries.list[0].key);
}

bool node_can_join(const struct places_node *left, const struct places_node *right)
{
    const bool narrow =
        left->leaf && near(node_key(left, left->begin), node_key(right, right->end - 1));
    return left->count + right->count <= (int)full_capacity(narrow) * 3 / 4;
}

void node_check(const struct places_node *node)
{
    int holes = 0;
    assert(node->count > 0 && node->begin < node->end && node->end <= node->capacity);
    assert(node->leaf || !node_is_narrow(node));
    assert(!node_is_hole(node, node->begin) && !node_is_hole(node, node->end - 1));
    for (int i = node->begin; i < node->end; i++) {
        assert(i == node->begin || node_key(node, i) > node_key(node, i - 1));
        holes += node_is_hole(node, i);
    }
    assert(node->end - node->begin - holes == node->count && (node->leaf || holes == 0));
}
