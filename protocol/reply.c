/* SPDX-License-Identifier: MIT */
#include "protocol/reply.h"

#include <string.h>

#include "protocol/reply_element.h"
#include "protocol/value.h"

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

/* The numbers of a row of `spaces`, each with its member. */
#define ROW_UINTS(X)                                                                               \
    X(TUPLES, tuples)                                                                              \
    X(BYTES, bytes)                                                                                \
    X(WAITING, waiting)                                                                            \
    X(KEPT, kept)                                                                                  \
    X(DELAYED, delayed)                                                                            \
    X(WATCHES, watches)                                                                            \
    X(ROOM, capacity)                                                                              \
    X(RETURNS_MOST, max_returns)                                                                   \
    X(OWNED, owner)                                                                                \
    X(GROUPED, group)                                                                              \
    X(RIGHTS, mode)

void reply_space_row(struct buffer *out, const struct space_row *row)
{
    msgpack_packer packer = buffer_packer(out);

    msgpack_pack_array(&packer, 2);
    buffer_pack_str(out, row->name.bytes, row->name.size);
#define COUNT(NAME, member) +1
    msgpack_pack_map(&packer, 1 ROW_UINTS(COUNT));
#undef COUNT
#define PACK(NAME, member)                                                                         \
    msgpack_pack_uint32(&packer, TSD_ROW_##NAME);                                                  \
    msgpack_pack_uint64(&packer, row->member);
    ROW_UINTS(PACK)
#undef PACK
    msgpack_pack_uint32(&packer, TSD_ROW_DEAD_LETTERS);
    buffer_pack_str(out, row->dead_letter.bytes, row->dead_letter.size);
}

/* The extras that are numbers, each with its member; those of most answers. */
#define EXTRA_UINTS(X)                                                                             \
    X(SINCE, since)                                                                                \
    X(AT, at)                                                                                      \
    X(DELIVERY, delivery)                                                                          \
    X(ALTERNATIVE, alternative)

/* A map of two values an extra, one of them an array of two. */
#define COUNT(number, ...) +1
enum { EXTRAS_MOST = PACKED_HEAD * 2 + PACKED_UINT * 2 * (1 TSD_EXTRAS(COUNT)) };
#undef COUNT

static inline void pack_bool(msgpack_packer *packer, enum tsd_extra extra, bool value)
{
    msgpack_pack_uint32(packer, extra);
    (void)(value ? msgpack_pack_true(packer) : msgpack_pack_false(packer));
}

#define REPLY_HAS_RARE (REPLY_HAS(MORE) | REPLY_HAS(NEXT) | REPLY_HAS(REPEATED) | REPLY_HAS(FIRST))

static inline void pack_rare(msgpack_packer *packer, const struct reply_extras *extras)
{
    if (extras->has & REPLY_HAS(MORE))
        pack_bool(packer, TSD_EXTRA_MORE, extras->more);
    if (extras->has & REPLY_HAS(REPEATED))
        pack_bool(packer, TSD_EXTRA_REPEATED, extras->repeated);
    if (extras->has & REPLY_HAS(FIRST)) {
        msgpack_pack_uint32(packer, TSD_EXTRA_FIRST);
        msgpack_pack_uint64(packer, extras->first);
    }
    if (extras->has & REPLY_HAS(NEXT)) {
        msgpack_pack_uint32(packer, TSD_EXTRA_NEXT);
        msgpack_pack_array(packer, 2);
        msgpack_pack_int8(packer, extras->next.priority);
        msgpack_pack_uint64(packer, extras->next.id);
    }
}

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
    if (extras->has & REPLY_HAS_RARE)
        pack_rare(&packer, extras);
    buffer_room_end(&room);
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
    case TSD_EXTRA_REPEATED:
        good = reader_bool(in, &extras->repeated);
        break;
    case TSD_EXTRA_FIRST:
        good = reader_uint(in, &extras->first);
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
    case TSD_ROW_DEAD_LETTERS:
        return reader_str(in, &row->dead_letter);
    default:
        return reader_skip(in, NULL);
    }
}

int reply_next_space_row(const struct reply *reply, const uint8_t **p, struct space_row *row)
{
    struct reader in;
    uint32_t count, pairs;
    int more = reply_next_element(reply, *p, &in);

    if (more <= 0)
        return more;
    *row = (struct space_row){.max_returns = UINT32_MAX};
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

int reply_split_explained(struct reply *reply, struct span *map)
{
    struct reader in = reader_of_span(&reply->result);
    struct span items;
    uint32_t count;

    if (!reader_array(&in, &count) || count != 2 || !reader_skip(&in, &items) ||
        value_type_of(in.p) != VALUE_MAP || !reader_skip(&in, map))
        return -TS_PROTOCOL;
    reply->result = items;
    return 0;
}
