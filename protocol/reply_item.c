/* SPDX-License-Identifier: MIT */
/*
 * Items [id, tuple, {extra: value}] and events [event, id, tuple, {extra: value}], both ways.
 */
#include <assert.h>
#include <string.h>

#include "protocol/reply_element.h"
#include "protocol/tuple.h"
#include "protocol/value.h"

/* --- Written ------------------------------------------------------------------------------------- */

enum { ITEM_HEAD_MOST = PACKED_HEAD + PACKED_UINT, EVENT_HEAD_MOST = ITEM_HEAD_MOST + PACKED_UINT };
enum { TOKEN_BYTES = 16 };

/* The extras that are numbers, each with its member. */
#define ITEM_UINT32S(X)                                                                            \
    X(RETURNS, returns)                                                                            \
    X(OF, of)                                                                                      \
    X(REASON, reason)                                                                              \
    X(EXIT_STATUS, exit_status)                                                                    \
    X(UID, uid)                                                                                    \
    X(PID, pid)                                                                                    \
    X(STATE, state)                                                                                \
    X(HOLDER_PID, holder_pid)
#define ITEM_UINTS(X)                                                                              \
    X(AGE, age_us)                                                                                 \
    X(HOLDER, holder)                                                                              \
    X(LEFT, left_us)

/* And those that are texts. */
#define ITEM_STRS(X)                                                                               \
    X(PROGRAM, program)                                                                            \
    X(HOLDER_PROGRAM, holder_program)

/* A map of two values an extra, one of them a token, all but the bytes of the texts. */
#define COUNT(number, ...) +1
enum {
    ITEM_EXTRAS_MOST = PACKED_HEAD + TOKEN_BYTES + PACKED_UINT * 2 * (1 TSD_ITEM_EXTRAS(COUNT))
};
#undef COUNT

static inline void pack_item_head(struct buffer_room *room, const struct item *item)
{
    msgpack_packer packer = buffer_room_packer(room);

    msgpack_pack_array(&packer, item->has ? 3 : 2);
    msgpack_pack_uint64(&packer, item->id);
}

static void pack_token(msgpack_packer *packer, const struct token *token)
{
    uint8_t bytes[TOKEN_BYTES];

    assert(!token->delivery);
    token_to_bytes(token, bytes);
    msgpack_pack_uint32(packer, TSD_EXTRA_TOKEN);
    msgpack_pack_bin(packer, sizeof bytes);
    msgpack_pack_bin_body(packer, bytes, sizeof bytes);
}

static void pack_text(msgpack_packer *packer, uint32_t key, const struct span *text)
{
    msgpack_pack_uint32(packer, key);
    msgpack_pack_str(packer, text->size);
    if (text->size > 0)
        msgpack_pack_str_body(packer, text->bytes, text->size);
}

/* The extras that an item has, without the head of their map. */
static void pack_item_extras(msgpack_packer *packer, const struct item *item)
{
#define PACK(NAME, member)                                                                         \
    if (item->has & ITEM_HAS(NAME)) {                                                              \
        msgpack_pack_uint32(packer, TSD_EXTRA_##NAME);                                             \
        msgpack_pack_uint64(packer, item->member);                                                 \
    }
    ITEM_UINT32S(PACK)
    ITEM_UINTS(PACK)
#undef PACK
    if (item->has & ITEM_HAS(ITEM_PRIORITY)) {
        msgpack_pack_uint32(packer, TSD_EXTRA_ITEM_PRIORITY);
        msgpack_pack_int8(packer, item->priority);
    }
    if (item->has & ITEM_HAS(TOKEN))
        pack_token(packer, &item->token);
#define PACK(NAME, member)                                                                         \
    if (item->has & ITEM_HAS(NAME))                                                                \
        pack_text(packer, TSD_EXTRA_##NAME, &item->member);
    ITEM_STRS(PACK)
#undef PACK
}

static size_t extras_most(const struct item *item)
{
    size_t most = ITEM_EXTRAS_MOST;
#define ADD(NAME, member)                                                                          \
    if (item->has & ITEM_HAS(NAME))                                                                \
        most += item->member.size;
    ITEM_STRS(ADD)
#undef ADD
    return most;
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
    if (!item->has)
        return;
    struct buffer_room room = buffer_room(out, extras_most(item));
    msgpack_packer packer = buffer_room_packer(&room);
    if (!room.at)
        return;
    msgpack_pack_map(&packer, (size_t)__builtin_popcount(item->has));
    pack_item_extras(&packer, item);
    buffer_room_end(&room);
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

static bool event_has_extras(const struct event *event)
{
    return event->item.has || event->has_at;
}

void reply_event_begin(struct buffer *out, const struct event *event)
{
    struct buffer_room room = buffer_room(out, EVENT_HEAD_MOST);
    msgpack_packer packer = buffer_room_packer(&room);

    if (!room.at)
        return;
    msgpack_pack_array(&packer, event->item.tuple.size == 0 ? 1 : event_has_extras(event) ? 4 : 3);
    msgpack_pack_uint32(&packer, event->kind);
    if (event->item.tuple.size > 0)
        msgpack_pack_uint64(&packer, event->item.id);
    buffer_room_end(&room);
}

void reply_event_end(struct buffer *out, const struct event *event)
{
    const struct item *item = &event->item;

    if (item->tuple.size == 0 || !event_has_extras(event))
        return;
    struct buffer_room room = buffer_room(out, extras_most(item) + 2 * PACKED_UINT);
    msgpack_packer packer = buffer_room_packer(&room);
    if (!room.at)
        return;
    msgpack_pack_map(&packer, (size_t)__builtin_popcount(item->has) + (event->has_at ? 1 : 0));
    pack_item_extras(&packer, item);
    if (event->has_at) {
        msgpack_pack_uint32(&packer, TSD_EXTRA_EVENT_AT);
        msgpack_pack_uint64(&packer, event->at);
    }
    buffer_room_end(&room);
}

void reply_event(struct buffer *out, const struct event *event)
{
    reply_event_begin(out, event);
    buffer_append(out, event->item.tuple.bytes, event->item.tuple.size);
    reply_event_end(out, event);
}

/* --- Read ---------------------------------------------------------------------------------------- */

int reply_next_element(const struct reply *reply, const uint8_t *p, struct reader *in)
{
    uint32_t count;

    *in = reader_of_span(&reply->result);
    if (p)
        in->p = p;
    else if (!reader_array(in, &count))
        return -TS_PROTOCOL;
    return reader_at_end(in) ? 0 : 1;
}

static bool take_priority(struct reader *in, int8_t *priority)
{
    int64_t wide;

    if (!reader_int(in, &wide) || wide < INT8_MIN || wide > INT8_MAX)
        return false;
    *priority = (int8_t)wide;
    return true;
}

static bool take_token(struct reader *in, struct token *token)
{
    struct value v;
    const uint8_t *after = value_read(in->p, in->end, &v);

    if (!after || v.type != VALUE_BIN || v.length != TOKEN_BYTES)
        return false;
    token_from_bytes(v.bytes, token);
    in->p = after;
    return true;
}

/* The value of an extra; unknown ones, of a newer daemon, are passed over. */
static bool take_item_extra(struct reader *in, uint64_t key, struct item *item)
{
    bool good = false;

    switch (key) {
#define TAKE(NAME, member)                                                                         \
    case TSD_EXTRA_##NAME:                                                                         \
        good = reader_uint32(in, &item->member);                                                   \
        break;
        ITEM_UINT32S(TAKE)
#undef TAKE
#define TAKE(NAME, member)                                                                         \
    case TSD_EXTRA_##NAME:                                                                         \
        good = reader_uint(in, &item->member);                                                     \
        break;
        ITEM_UINTS(TAKE)
#undef TAKE
    case TSD_EXTRA_ITEM_PRIORITY:
        good = take_priority(in, &item->priority);
        break;
    case TSD_EXTRA_TOKEN:
        good = take_token(in, &item->token);
        break;
#define TAKE(NAME, member)                                                                         \
    case TSD_EXTRA_##NAME:                                                                         \
        good = reader_str(in, &item->member);                                                      \
        break;
        ITEM_STRS(TAKE)
#undef TAKE
    default:
        return reader_skip(in, NULL);
    }
    if (good)
        item->has |= 1u << key;
    return good;
}

static bool take_event_extra(struct reader *in, uint64_t key, struct event *event)
{
    if (key != TSD_EXTRA_EVENT_AT)
        return take_item_extra(in, key, &event->item);
    event->has_at = reader_uint(in, &event->at);
    return event->has_at;
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

static bool take_item(struct reader *in, struct item *item)
{
    uint32_t count, pairs = 0;
    uint64_t key;

    *item = (struct item){0};
    if (!reader_array(in, &count) || count < 2 || count > 3 || !reader_uint(in, &item->id) ||
        !take_tuple(in, &item->tuple) || (count == 3 && !reader_map(in, &pairs)))
        return false;
    while (pairs-- > 0)
        if (!reader_uint(in, &key) || !take_item_extra(in, key, item))
            return false;
    return true;
}

int reply_next_item(const struct reply *reply, const uint8_t **p, struct item *item)
{
    struct reader in;
    int more = reply_next_element(reply, *p, &in);

    if (more <= 0)
        return more;
    if (!take_item(&in, item))
        return -TS_PROTOCOL;
    *p = in.p;
    return 1;
}

static bool take_event(struct reader *in, struct event *event)
{
    uint32_t count, pairs = 0;
    uint64_t key;

    *event = (struct event){0};
    if (!reader_array(in, &count) || !reader_uint32(in, &event->kind))
        return false;
    if (count == 1)
        return true;
    if (count < 3 || count > 4 || !reader_uint(in, &event->item.id) ||
        !take_tuple(in, &event->item.tuple) || (count == 4 && !reader_map(in, &pairs)))
        return false;
    while (pairs-- > 0)
        if (!reader_uint(in, &key) || !take_event_extra(in, key, event))
            return false;
    return true;
}

int reply_next_event(const struct reply *reply, const uint8_t **p, struct event *event)
{
    struct reader in;
    int more = reply_next_element(reply, *p, &in);

    if (more <= 0)
        return more;
    if (!take_event(&in, event))
        return -TS_PROTOCOL;
    *p = in.p;
    return 1;
}
