/* SPDX-License-Identifier: MIT */
#include "protocol/reply.h"

#include <string.h>

#include "protocol/reader.h"
#include "protocol/tuple.h"

void reply_begin(struct buffer *out, uint64_t number, enum ts_status status, bool extras)
{
    struct buffer_room room = buffer_room(out, PACKED_HEAD + 2 * PACKED_UINT);
    msgpack_packer packer = buffer_room_packer(&room);

    if (!room.at)
        return;
    msgpack_pack_array(&packer, extras ? 4 : 3);
    msgpack_pack_uint64(&packer, number);
    msgpack_pack_uint32(&packer, status);
    buffer_room_end(&room);
}

void reply_nil(struct buffer *out)
{
    buffer_append_byte(out, 0xc0);
}

void reply_uint(struct buffer *out, uint64_t value)
{
    struct buffer_room room = buffer_room(out, PACKED_UINT);
    msgpack_packer packer = buffer_room_packer(&room);

    if (!room.at)
        return;
    msgpack_pack_uint64(&packer, value);
    buffer_room_end(&room);
}

void reply_text(struct buffer *out, const char *text)
{
    buffer_pack_str(out, text, strlen(text));
}

void reply_array(struct buffer *out, uint32_t count)
{
    struct buffer_room room = buffer_room(out, PACKED_HEAD);
    msgpack_packer packer = buffer_room_packer(&room);

    if (!room.at)
        return;
    msgpack_pack_array(&packer, count);
    buffer_room_end(&room);
}

enum { ITEM_HEAD_MOST = PACKED_HEAD + PACKED_UINT };

static inline void pack_item_head(struct buffer_room *room, const struct item *item)
{
    msgpack_packer packer = buffer_room_packer(room);

    msgpack_pack_array(&packer, item->has ? 3 : 2);
    msgpack_pack_uint64(&packer, item->id);
}

void reply_item_begin(struct buffer *out, const struct item *item)
{
    struct buffer_room room = buffer_room(out, ITEM_HEAD_MOST);

    if (!room.at)
        return;
    pack_item_head(&room, item);
    buffer_room_end(&room);
}

void reply_item_end(struct buffer *out, const struct item *item)
{
    msgpack_packer packer = buffer_packer(out);

    if (!item->has)
        return;
    msgpack_pack_map(&packer, (size_t)__builtin_popcount(item->has));
    if (item->has & ITEM_HAS(RETURNS)) {
        msgpack_pack_uint32(&packer, TSD_EXTRA_RETURNS);
        msgpack_pack_uint32(&packer, item->returns);
    }
    if (item->has & ITEM_HAS(OF)) {
        msgpack_pack_uint32(&packer, TSD_EXTRA_OF);
        msgpack_pack_uint32(&packer, item->of);
    }
    if (item->has & ITEM_HAS(ITEM_PRIORITY)) {
        msgpack_pack_uint32(&packer, TSD_EXTRA_ITEM_PRIORITY);
        msgpack_pack_int8(&packer, item->priority);
    }
}

void reply_item(struct buffer *out, const struct item *item)
{
    struct buffer_room room = buffer_room(out, ITEM_HEAD_MOST + item->tuple.size);

    if (!room.at)
        return;
    pack_item_head(&room, item);
    memcpy(room.at, item->tuple.bytes, item->tuple.size);
    room.at += item->tuple.size;
    buffer_room_end(&room);
    if (item->has)
        reply_item_end(out, item);
}

/* The numbers of a row of `spaces`, each with its member. */
#define ROW_UINTS(X)                                                                               \
    X(TUPLES, tuples)                                                                              \
    X(BYTES, bytes)                                                                                \
    X(WAITING, waiting)                                                                            \
    X(KEPT, kept)

void reply_space_row(struct buffer *out, const struct space_row *row)
{
    msgpack_packer packer = buffer_packer(out);

    msgpack_pack_array(&packer, 2);
    buffer_pack_str(out, row->name.bytes, row->name.size);
#define COUNT(NAME, member) +1
    msgpack_pack_map(&packer, 0 ROW_UINTS(COUNT));
#undef COUNT
#define PACK(NAME, member)                                                                         \
    msgpack_pack_uint32(&packer, TSD_ROW_##NAME);                                                  \
    msgpack_pack_uint64(&packer, row->member);
    ROW_UINTS(PACK)
#undef PACK
}

/* The extras that are numbers, each with its member. */
#define EXTRA_UINTS(X)                                                                             \
    X(SINCE, since)                                                                                \
    X(AT, at)                                                                                      \
    X(DELIVERY, delivery)                                                                          \
    X(ALTERNATIVE, alternative)

/* A map of two values an extra, one of them an array of two. */
#define COUNT(number, ...) +1
enum { EXTRAS_MOST = PACKED_HEAD * 2 + PACKED_UINT * 2 * (1 TSD_EXTRAS(COUNT)) };
#undef COUNT

void reply_end(struct buffer *out, const struct reply_extras *extras)
{
    if (!extras)
        return;
    struct buffer_room room = buffer_room(out, EXTRAS_MOST);
    msgpack_packer packer = buffer_room_packer(&room);
    if (!room.at)
        return;
    msgpack_pack_map(&packer, (size_t)__builtin_popcount(extras->has));
#define PACK(NAME, member)                                                                         \
    if (extras->has & REPLY_HAS(NAME)) {                                                           \
        msgpack_pack_uint32(&packer, TSD_EXTRA_##NAME);                                            \
        msgpack_pack_uint64(&packer, extras->member);                                              \
    }
    EXTRA_UINTS(PACK)
#undef PACK
    if (extras->has & REPLY_HAS(MORE)) {
        msgpack_pack_uint32(&packer, TSD_EXTRA_MORE);
        (void)(extras->more ? msgpack_pack_true(&packer) : msgpack_pack_false(&packer));
    }
    if (extras->has & REPLY_HAS(NEXT)) {
        msgpack_pack_uint32(&packer, TSD_EXTRA_NEXT);
        msgpack_pack_array(&packer, 2);
        msgpack_pack_int8(&packer, extras->next.priority);
        msgpack_pack_uint64(&packer, extras->next.id);
    }
    buffer_room_end(&room);
}

static bool reader_uint32(struct reader *in, uint32_t *value)
{
    uint64_t wide;

    if (!reader_uint(in, &wide) || wide > UINT32_MAX)
        return false;
    *value = (uint32_t)wide;
    return true;
}

static int take_extra(struct reader *in, struct reply_extras *extras, struct problem *problem)
{
    uint64_t key;
    bool good = false;

    if (!reader_uint(in, &key))
        return reader_fail(in, problem, "number of an extra", "uint");
    switch (key) {
    case TSD_EXTRA_SINCE:
        good = reader_uint(in, &extras->since);
        break;
    case TSD_EXTRA_AT:
        good = reader_uint(in, &extras->at);
        break;
    case TSD_EXTRA_DELIVERY:
        good = reader_uint(in, &extras->delivery);
        break;
    case TSD_EXTRA_ALTERNATIVE:
        good = reader_uint32(in, &extras->alternative);
        break;
    case TSD_EXTRA_MORE:
        good = reader_bool(in, &extras->more);
        break;
    case TSD_EXTRA_NEXT:
        good = reader_place(in, &extras->next);
        break;
    default: /* a newer daemon's */
        return reader_skip(in, NULL) ? 0 : reader_fail(in, problem, "extra", "value");
    }
    if (!good)
        return reader_fail(in, problem, "extra", "what its number says");
    extras->has |= 1u << key;
    return 0;
}

static int take_extras(struct reader *in, struct reply_extras *extras, struct problem *problem)
{
    uint32_t pairs;
    int error = 0;

    if (!reader_map(in, &pairs))
        return reader_fail(in, problem, "extras", "map");
    while (!error && pairs-- > 0)
        error = take_extra(in, extras, problem);
    return error;
}

static bool status_is_known(uint64_t status)
{
#define KNOWN(number, NAME, text, hint) || status == number
    return false TSD_STATUSES(KNOWN);
#undef KNOWN
}

int reply_decode(const struct frame *frame, struct reply *reply, struct problem *problem)
{
    struct reader in = reader_of(frame);
    uint32_t count;
    uint64_t status;

    *reply = (struct reply){0};
    if (!reader_array(&in, &count))
        return reader_fail(&in, problem, "answer", "array");
    if (count != 3 && count != 4)
        return problem_set(problem, TS_PROTOCOL, 0, "an answer has 3 or 4 values, not %u", count);
    if (!reader_uint(&in, &reply->number))
        return reader_fail(&in, problem, "answer's number", "uint");
    if (!reader_uint(&in, &status))
        return reader_fail(&in, problem, "answer's status", "uint");
    if (!status_is_known(status))
        return problem_set(problem, TS_PROTOCOL, 0, "unknown status %llu",
                           (unsigned long long)status);
    reply->status = (enum ts_status)status;
    if (!reader_skip(&in, &reply->result))
        return reader_fail(&in, problem, "answer's result", "value");
    if (count == 4) {
        int error = take_extras(&in, &reply->extras, problem);
        if (error)
            return error;
    }
    if (!reader_at_end(&in))
        return problem_set(problem, TS_PROTOCOL, reader_offset(&in),
                           "bytes after the end of the answer");
    return 0;
}

/*
 * Moves to the next element of the result's array, from NULL to the first. Returns 1 where one
 * stands at in->p, 0 at the end: reply_decode has seen that the elements end where the result does.
 */
static int next_element(const struct reply *reply, const uint8_t *p, struct reader *in)
{
    uint32_t count;

    *in = reader_of_span(&reply->result);
    if (p)
        in->p = p;
    else if (!reader_array(in, &count))
        return -TS_PROTOCOL;
    return reader_at_end(in) ? 0 : 1;
}

static bool take_item_extra(struct reader *in, struct item *item)
{
    uint64_t key;
    int64_t priority;
    bool good = false;

    if (!reader_uint(in, &key))
        return false;
    switch (key) {
    case TSD_EXTRA_RETURNS:
        good = reader_uint32(in, &item->returns);
        break;
    case TSD_EXTRA_OF:
        good = reader_uint32(in, &item->of);
        break;
    case TSD_EXTRA_ITEM_PRIORITY:
        good = reader_int(in, &priority) && priority >= INT8_MIN && priority <= INT8_MAX;
        if (good)
            item->priority = (int8_t)priority;
        break;
    default:
        return reader_skip(in, NULL);
    }
    if (good)
        item->has |= 1u << key;
    return good;
}

static bool take_tuple(struct reader *in, struct span *tuple)
{
    struct tuple_view view;
    struct problem ignored;

    if (tuple_check(in->p, in->end, &view, &ignored) != 0)
        return false;
    *tuple = (struct span){view.bytes, view.size};
    in->p += view.size;
    return true;
}

int reply_next_item(const struct reply *reply, const uint8_t **p, struct item *item)
{
    struct reader in;
    uint32_t count, pairs = 0;
    int more = next_element(reply, *p, &in);

    if (more <= 0)
        return more;
    *item = (struct item){0};
    if (!reader_array(&in, &count) || count < 2 || count > 3 || !reader_uint(&in, &item->id) ||
        !take_tuple(&in, &item->tuple))
        return -TS_PROTOCOL;
    if (count == 3 && !reader_map(&in, &pairs))
        return -TS_PROTOCOL;
    while (pairs-- > 0)
        if (!take_item_extra(&in, item))
            return -TS_PROTOCOL;
    *p = in.p;
    return 1;
}

static bool take_row_pair(struct reader *in, struct space_row *row)
{
    uint64_t key;

    if (!reader_uint(in, &key))
        return false;
    switch (key) {
#define TAKE(NAME, member)                                                                         \
    case TSD_ROW_##NAME:                                                                           \
        return reader_uint(in, &row->member);
        ROW_UINTS(TAKE)
#undef TAKE
    default:
        return reader_skip(in, NULL);
    }
}

int reply_next_space_row(const struct reply *reply, const uint8_t **p, struct space_row *row)
{
    struct reader in;
    uint32_t count, pairs;
    int more = next_element(reply, *p, &in);

    if (more <= 0)
        return more;
    *row = (struct space_row){0};
    if (!reader_array(&in, &count) || count != 2 || !reader_str(&in, &row->name) ||
        !reader_map(&in, &pairs))
        return -TS_PROTOCOL;
    while (pairs-- > 0)
        if (!take_row_pair(&in, row))
            return -TS_PROTOCOL;
    *p = in.p;
    return 1;
}

int reply_result_uint(const struct reply *reply, uint64_t *value)
{
    struct reader in = reader_of_span(&reply->result);

    return reader_uint(&in, value) ? 0 : -TS_PROTOCOL;
}

int reply_result_text(const struct reply *reply, struct span *text)
{
    struct reader in = reader_of_span(&reply->result);

    return reader_str(&in, text) ? 0 : -TS_PROTOCOL;
}
