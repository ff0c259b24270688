/* SPDX-License-Identifier: MIT */
#include "protocol/base64.h"
#include "protocol/text_parse.h"
#include "protocol/text_string.h"
#include "protocol/value.h"

static int parse_str(struct parser *p)
{
    const struct token *token = &p->token;
    msgpack_packer packer = buffer_packer(p->out);
    uint8_t *to;

    msgpack_pack_str(&packer, token->length);
    to = buffer_reserve(p->out, token->length);
    if (to) {
        string_unescape(p->lex.text + token->body, token->body_size, to);
        p->out->size += token->length;
    }
    return parser_advance(p);
}

/* Bytes that a base64 text, if it is in order, stands for. */
static size_t decoded_size(const char *text, size_t size)
{
    size_t bytes = size / 4 * 3;

    for (size_t i = size; i > 0 && text[i - 1] == '='; i--)
        bytes--;
    return bytes;
}

static int parse_base64(struct parser *p)
{
    const struct token *token = &p->token;
    const char *text = p->lex.text + token->body;
    size_t done;

    done = base64_decode(text, token->body_size, p->out);
    if (done < token->body_size)
        return parser_fail(p, token->body + done,
                           "this is not base64 (RFC 4648, with its padding)");
    return parser_advance(p);
}

static int parse_bin(struct parser *p)
{
    msgpack_packer packer = buffer_packer(p->out);

    msgpack_pack_bin(&packer, decoded_size(p->lex.text + p->token.body, p->token.body_size));
    return parse_base64(p);
}

static int parse_ext(struct parser *p)
{
    msgpack_packer packer = buffer_packer(p->out);

    msgpack_pack_ext(&packer, decoded_size(p->lex.text + p->token.body, p->token.body_size),
                     p->token.ext_type);
    return parse_base64(p);
}

static int parse_number(struct parser *p)
{
    msgpack_packer packer = buffer_packer(p->out);

    if (p->token.kind == TOKEN_FLOAT)
        msgpack_pack_double(&packer, p->token.real);
    else if (p->token.negative)
        msgpack_pack_int64(&packer, (int64_t)p->token.integer);
    else
        msgpack_pack_uint64(&packer, p->token.integer);
    return parser_advance(p);
}

/* The heads of a value from elsewhere; what is wrong with it is found with the finished bytes. */
static uint64_t count_heads(const uint8_t *value, size_t size)
{
    const uint8_t *end = value + size;
    struct value head;
    uint64_t count = 0;

    while (value && value < end) {
        value = value_read(value, end, &head);
        count++;
    }
    return count;
}

static int parse_name(struct parser *p)
{
    const char *name = p->lex.text + p->token.body;
    const size_t length = p->token.body_size;
    const int shown = length < 64 ? (int)length : 64;
    const uint8_t *value = NULL;
    size_t size = 0;

    if (p->names)
        value = p->names->find(p->names->context, name, length, &size);
    if (!value)
        return parser_fail(p, p->token.start, "there is no value for $%.*s", shown, name);
    if (value_skip(value, value + size) != value + size)
        return parser_fail(p, p->token.start, "the value for $%.*s is not one MessagePack value",
                           shown, name);
    if (p->out->size - p->base + size > LIMIT_TUPLE_BYTES)
        return problem_set(p->lex.problem, TS_LIMIT, p->token.start,
                           "with $%.*s it is more than %zu bytes", shown, name, LIMIT_TUPLE_BYTES);
    buffer_append(p->out, value, size);
    p->heads += count_heads(value, size) - 1; /* parse_value has counted one */
    return parser_advance(p);
}

static int parse_element(struct parser *p, bool *last)
{
    (void)last;
    return parse_value(p, "a value");
}

static int parse_pair(struct parser *p, bool *last)
{
    int error = parse_value(p, "a key");

    (void)last;
    if (error)
        return error;
    if (p->token.kind != ':')
        return parser_fail(p, p->token.start, "a : is missing after the key");
    error = parser_advance(p);
    return error ? error : parse_value(p, "a value");
}

static int parse_container(struct parser *p, struct list list)
{
    const size_t begun = container_begin(p);
    int error = parse_list(p, &list);

    if (error)
        return error;
    container_end(p, begun, list.close == '}', list.count);
    return 0;
}

static int value_complaint(struct parser *p, const char *what)
{
    if (parser_at_matcher(p))
        return parser_matcher_complaint(p, what);
    if (p->token.kind == TOKEN_END)
        return parser_fail(p, p->token.start, "the text ends where %s is to stand", what);
    return parser_fail(p, p->token.start, "%s is missing before %c", what, p->token.kind);
}

/* One byte that is a whole value. */
static int parse_constant(struct parser *p, uint8_t byte)
{
    buffer_append_byte(p->out, byte);
    return parser_advance(p);
}

static int parse_scalar(struct parser *p, const char *what)
{
    switch (p->token.kind) {
    case TOKEN_NULL:
        return parse_constant(p, 0xc0);
    case TOKEN_FALSE:
        return parse_constant(p, 0xc2);
    case TOKEN_TRUE:
        return parse_constant(p, 0xc3);
    case TOKEN_STR:
        return parse_str(p);
    case TOKEN_BIN:
        return parse_bin(p);
    case TOKEN_EXT:
        return parse_ext(p);
    case TOKEN_INT:
    case TOKEN_FLOAT:
        return parse_number(p);
    case TOKEN_NAME:
        return parse_name(p);
    default:
        return value_complaint(p, what);
    }
}

int parse_value(struct parser *p, const char *what)
{
    parser_mark(p);
    if (p->token.kind == '[')
        return parse_container(p, (struct list){']', "array", parse_element, 0, false});
    if (p->token.kind == '{')
        return parse_container(p, (struct list){'}', "map", parse_pair, 0, false});
    p->heads++;
    return parse_scalar(p, what);
}

int parse_tuple(struct parser *p)
{
    parser_mark(p);
    return parse_container(p, (struct list){']', "tuple", parse_element, 0, false});
}
