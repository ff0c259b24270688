/* SPDX-License-Identifier: MIT */
/*
 * The openings: the client's ["tsd", version, {option: value}] and the daemon's of the same form.
 */
#include <string.h>

#include "protocol/name_check.h"
#include "protocol/reader.h"
#include "protocol/reply.h"
#include "protocol/request.h"

#define MAGIC "tsd"
#define FORM "array: [\"tsd\", version, map]"

static void opening_begin(struct buffer *out, uint64_t version, size_t pairs)
{
    msgpack_packer packer = buffer_packer(out);

    msgpack_pack_array(&packer, 3);
    buffer_pack_str(out, MAGIC, strlen(MAGIC));
    msgpack_pack_uint64(&packer, version);
    msgpack_pack_map(&packer, pairs);
}

/*
 * ["tsd", version, {: the version is judged before what follows it, whose form another version may
 * have changed. Sets how many pairs follow; the map may be left out.
 */
static int opening_head(struct reader *in, const char *whose, uint64_t *version, uint32_t *pairs,
                        struct problem *problem)
{
    struct span magic;
    uint32_t count;

    if (!reader_array(in, &count))
        return reader_fail(in, problem, "opening", FORM);
    if (!reader_str(in, &magic))
        return reader_fail(in, problem, "opening's first value", "\"" MAGIC "\"");
    if (magic.size != strlen(MAGIC) || memcmp(magic.bytes, MAGIC, magic.size) != 0)
        return problem_set(problem, TS_PROTOCOL, 1, "the opening begins with \"" MAGIC "\"");
    if (!reader_uint(in, version))
        return reader_fail(in, problem, "opening's version", "uint");
    if (*version != TSD_PROTOCOL_VERSION)
        return problem_set(problem, TS_PROTOCOL, 0,
                           "the %s speaks version %llu of the protocol, this side version %d",
                           whose, (unsigned long long)*version, TSD_PROTOCOL_VERSION);
    *pairs = 0;
    if (count > 2 && !reader_map(in, pairs))
        return reader_fail(in, problem, "opening's options", "map");
    if (count > 3)
        return problem_set(problem, TS_PROTOCOL, 0, "the opening has 2 or 3 values, not %u", count);
    return 0;
}

static int opening_end(const struct reader *in, struct problem *problem)
{
    if (reader_at_end(in))
        return 0;
    return problem_set(problem, TS_PROTOCOL, reader_offset(in),
                       "bytes after the end of the opening");
}

static int hello_name(struct reader *in, struct hello *hello, struct problem *problem)
{
    const struct reader before = *in;

    if (!reader_str(in, &hello->name))
        return reader_fail(&before, problem, "option name", "str");
    if (hello->name.size == 0)
        return 0;
    int error = name_check(hello->name.bytes, hello->name.size, "client", problem);
    if (error)
        problem->offset += (size_t)(hello->name.bytes - in->body);
    return error;
}

static int hello_option(struct reader *in, struct hello *hello, struct problem *problem)
{
    const size_t offset = reader_offset(in);
    uint64_t key;

    if (!reader_uint(in, &key))
        return reader_fail(in, problem, "number of an option", "uint");
    switch (key) {
    case TSD_HELLO_POSITIONS:
        if (!reader_bool(in, &hello->positions))
            return reader_fail(in, problem, "option positions", "bool");
        return 0;
    case TSD_HELLO_CLIENT_NAME:
        return hello_name(in, hello, problem);
    default:
        return problem_set(problem, TS_PROTOCOL, offset, "the opening has no option %llu",
                           (unsigned long long)key);
    }
}

int hello_decode(const struct frame *frame, struct hello *hello, struct problem *problem)
{
    struct reader in = reader_of(frame);
    uint32_t pairs = 0;
    int error;

    *hello = (struct hello){0};
    error = opening_head(&in, "client", &hello->version, &pairs, problem);
    while (!error && pairs-- > 0)
        error = hello_option(&in, hello, problem);
    return error ? error : opening_end(&in, problem);
}

void hello_encode(const struct hello *hello, struct buffer *out)
{
    const size_t begun = frame_begin(out);
    msgpack_packer packer = buffer_packer(out);

    opening_begin(out, hello->version, (hello->positions ? 1 : 0) + (hello->name.size ? 1 : 0));
    if (hello->positions) {
        msgpack_pack_uint32(&packer, TSD_HELLO_POSITIONS);
        msgpack_pack_true(&packer);
    }
    if (hello->name.size) {
        msgpack_pack_uint32(&packer, TSD_HELLO_CLIENT_NAME);
        buffer_pack_str(out, hello->name.bytes, hello->name.size);
    }
    frame_end(out, begun);
}

/* The numbers of the daemon's opening, each with its member. */
#define WELCOME_UINTS(X)                                                                           \
    X(RUN, run)                                                                                    \
    X(SESSION, session)                                                                            \
    X(TUPLE_BYTES, tuple_bytes)                                                                    \
    X(FRAME_BYTES, frame_bytes)                                                                    \
    X(REPLY_BYTES, reply_bytes)

void welcome_encode(const struct welcome *welcome, struct buffer *out)
{
    const size_t begun = frame_begin(out);
    msgpack_packer packer = buffer_packer(out);

#define COUNT(NAME, member) +1
    opening_begin(out, welcome->version, 1 WELCOME_UINTS(COUNT));
#undef COUNT
#define PACK(NAME, member)                                                                         \
    msgpack_pack_uint32(&packer, TSD_HELLO_##NAME);                                                \
    msgpack_pack_uint64(&packer, welcome->member);
    WELCOME_UINTS(PACK)
#undef PACK
    msgpack_pack_uint32(&packer, TSD_HELLO_RELEASE);
    buffer_pack_str(out, welcome->release.bytes, welcome->release.size);
    frame_end(out, begun);
}

/* Keys of a newer daemon are passed over. */
static int welcome_pair(struct reader *in, struct welcome *welcome, struct problem *problem)
{
    uint64_t key;
    bool good;

    if (!reader_uint(in, &key))
        return reader_fail(in, problem, "key of the daemon's opening", "uint");
    switch (key) {
#define TAKE(NAME, member)                                                                         \
    case TSD_HELLO_##NAME:                                                                         \
        good = reader_uint(in, &welcome->member);                                                  \
        break;
        WELCOME_UINTS(TAKE)
#undef TAKE
    case TSD_HELLO_RELEASE:
        good = reader_str(in, &welcome->release);
        break;
    default:
        good = reader_skip(in, NULL);
    }
    return good ? 0 : reader_fail(in, problem, "value in the opening", "what its key says");
}

/* An answer begins with its request's number, an opening with a str. */
static bool is_answer(struct reader in)
{
    uint32_t count;
    uint64_t number;

    return reader_array(&in, &count) && reader_uint(&in, &number);
}

int welcome_decode(const struct frame *frame, struct welcome *welcome, struct problem *problem)
{
    struct reader in = reader_of(frame);
    uint32_t pairs = 0;
    int error;

    *welcome = (struct welcome){0};
    if (is_answer(in))
        return 1;
    error = opening_head(&in, "daemon", &welcome->version, &pairs, problem);
    while (!error && pairs-- > 0)
        error = welcome_pair(&in, welcome, problem);
    return error ? error : opening_end(&in, problem);
}
