/* SPDX-License-Identifier: MIT */
/*
 * Tokens: what names a kept tuple (rule S7). On the wire a hold's is a bin of 16 bytes, a delivery's
 * [delivery, id].
 */
#include <endian.h>
#include <string.h>

#include "protocol/limits.h"
#include "protocol/request_field.h"
#include "protocol/value.h"

enum { TOKEN_BYTES = 16 };

void token_to_bytes(const struct token *token, uint8_t bytes[static TOKEN_BYTES])
{
    const uint64_t words[2] = {htobe64(token->number), htobe64(token->secret)};

    memcpy(bytes, words, TOKEN_BYTES);
}

void token_from_bytes(const uint8_t bytes[static TOKEN_BYTES], struct token *token)
{
    uint64_t words[2];

    memcpy(words, bytes, TOKEN_BYTES);
    *token = (struct token){false, be64toh(words[0]), be64toh(words[1])};
}

void token_encode(const struct token *token, struct buffer *out)
{
    msgpack_packer packer = buffer_packer(out);
    uint8_t bytes[TOKEN_BYTES];

    if (token->delivery) {
        msgpack_pack_array(&packer, 2);
        msgpack_pack_uint64(&packer, token->number);
        msgpack_pack_uint64(&packer, token->secret);
        return;
    }
    token_to_bytes(token, bytes);
    buffer_pack_bin(out, bytes, sizeof bytes);
}

struct token token_next(const uint8_t **at)
{
    struct token token = {.delivery = true};
    struct value v;
    const uint8_t *p = value_read_trusted(*at, &v);

    if (v.type == VALUE_BIN) {
        token_from_bytes(v.bytes, &token);
    } else {
        p = value_read_trusted(p, &v);
        token.number = v.u64;
        p = value_read_trusted(p, &v);
        token.secret = v.u64;
    }
    *at = p;
    return token;
}

static int fail_token(struct decoder *d)
{
    return reader_fail(&d->in, d->problem, "token", "a hold's bin or [delivery, id]");
}

static int take_hold(struct decoder *d, const struct value *bin, const uint8_t *after)
{
    if (bin->length != TOKEN_BYTES)
        return problem_set(d->problem, TS_MALFORMED, reader_offset(&d->in),
                           "a hold's token has %d bytes, not %u", TOKEN_BYTES, bin->length);
    d->in.p = after;
    return 0;
}

static int take_delivery(struct decoder *d, const char *whose, bool deliveries)
{
    const size_t offset = reader_offset(&d->in);
    struct reader ahead = d->in;
    uint32_t count;
    uint64_t number, id;

    if (!reader_array(&ahead, &count) || count != 2 || !reader_uint(&ahead, &number) ||
        !reader_uint(&ahead, &id))
        return fail_token(d);
    if (!deliveries)
        return problem_set(
            d->problem, TS_INVALID, offset,
            "%s takes tokens of holds only, and this is a delivery's: acknowledge it "
            "or release it",
            whose);
    d->in.p = ahead.p;
    return 0;
}

int decoder_token(struct decoder *d, const char *whose, bool deliveries)
{
    struct value v;
    const uint8_t *after = value_read(d->in.p, d->in.end, &v);

    if (!after)
        return fail_token(d);
    return v.type == VALUE_BIN ? take_hold(d, &v, after) : take_delivery(d, whose, deliveries);
}

static int check_count(struct decoder *d, size_t offset, uint32_t count)
{
    if (count == 0)
        return problem_set(d->problem, TS_MALFORMED, offset, "no tokens");
    if (count > LIMIT_UNIT_TUPLES)
        return problem_set(d->problem, TS_LIMIT, offset,
                           "%u tokens, where the limit on the tuples of one unit is %d", count,
                           LIMIT_UNIT_TUPLES);
    return 0;
}

static int decode_tokens(struct decoder *d, const struct field *field, void *to)
{
    const bool deliveries = d->request->op == TSD_OP_RELEASE; /* rule S7 */
    const size_t offset = reader_offset(&d->in);
    struct span *tokens = to;
    uint32_t count;

    (void)field;
    if (!reader_array(&d->in, &count))
        return FORM_WRONG;
    int error = check_count(d, offset, count);
    tokens->bytes = d->in.p;
    for (uint32_t i = 0; !error && i < count; i++) {
        error = decoder_token(d, operation_name(d->request->op), deliveries);
        if (error)
            problem_within(d->problem, "token %u", i + 1);
    }
    tokens->size = (uint32_t)(d->in.p - tokens->bytes);
    d->request->token_count = count;
    return error;
}

static void encode_tokens(const struct request *request, const void *from, struct buffer *out)
{
    const struct span *tokens = from;
    msgpack_packer packer = buffer_packer(out);

    msgpack_pack_array(&packer, request->token_count);
    buffer_append(out, tokens->bytes, tokens->size);
}

const struct form form_tokens = {decode_tokens, encode_tokens};
