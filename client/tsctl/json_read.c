/* SPDX-License-Identifier: MIT */
#include "tsctl/json_read.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "protocol/base64.h"
#include "protocol/limits.h"
#include "protocol/text_read.h"
#include "protocol/tuple.h"
#include "protocol/value.h"
#include "tsctl/memory.h"

/*
 * The text is read as the notation, a superset of JSON; what is not JSON is refused before, by its
 * words, and after, by its keys. Then the objects that stand for something else are rewritten.
 */

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_json_word(const char *word, size_t size)
{
    static const char *const words[] = {"true", "false", "null"};
    for (size_t i = 0; i < 3; i++)
        if (strlen(words[i]) == size && memcmp(words[i], word, size) == 0)
            return true;
    return false;
}

static size_t skip_string(const char *text, size_t size, size_t at)
{
    for (at++; at < size && text[at] != '"'; at++)
        if (text[at] == '\\')
            at++;
    return at + 1;
}

static size_t skip_number(const char *text, size_t size, size_t at)
{
    while (at < size && text[at] != '\0' && strchr("0123456789+-.eE", text[at]) != NULL)
        at++;
    return at;
}

/* The place of the first word that JSON does not have; size where there is none. */
static size_t find_foreign(const char *text, size_t size)
{
    for (size_t at = 0; at < size;) {
        if (text[at] == '"') {
            at = skip_string(text, size, at);
        } else if (text[at] >= '0' && text[at] <= '9') {
            at = skip_number(text, size, at);
        } else if (is_letter(text[at])) {
            size_t end = at;
            while (end < size && (is_letter(text[end]) || (text[end] >= '0' && text[end] <= '9')))
                end++;
            if (!is_json_word(text + at, end - at))
                return at;
            at = end;
        } else if (text[at] == '$') {
            return at;
        } else {
            at++;
        }
    }
    return size;
}

struct rewriting {
    msgpack_packer packer;
    struct buffer *out;
    struct problem *problem;
};

static const uint8_t *rewrite(struct rewriting *r, const uint8_t *p);

static const uint8_t *refuse(struct rewriting *r, const char *text)
{
    problem_set(r->problem, TS_MALFORMED, 0, "%s", text);
    return NULL;
}

static bool is_str(const struct value *value, const char *text)
{
    return value->type == VALUE_STR && value->length == strlen(text) &&
           memcmp(value->bytes, text, value->length) == 0;
}

/* The bytes that a str in base64 stands for, appended to `bytes`. */
static bool decode_base64(const uint8_t *p, struct buffer *bytes)
{
    struct value value;
    value_read_trusted(p, &value);
    return value.type == VALUE_STR &&
           base64_decode((const char *)value.bytes, value.length, bytes) == value.length;
}

static bool write_bin(struct rewriting *r, const uint8_t *p)
{
    struct buffer bytes = BUFFER_INIT;
    bool ok = decode_base64(p, &bytes);
    if (ok)
        buffer_pack_bin(r->out, bytes.bytes, bytes.size);
    memory_check(!bytes.failed);
    buffer_deinit(&bytes);
    return ok || refuse(r, "\"$bin\" takes a string in base64") != NULL;
}

static bool write_ext(struct rewriting *r, const uint8_t *p)
{
    struct value pair, type = {.type = VALUE_NIL};
    struct buffer bytes = BUFFER_INIT;
    const uint8_t *next = value_read_trusted(p, &pair);
    bool ok = pair.type == VALUE_ARRAY && pair.length == 2;
    if (ok)
        next = value_read_trusted(next, &type);
    ok = ok && type.type == VALUE_INT &&
         (type.negative ? type.i64 >= INT8_MIN : type.u64 <= INT8_MAX) &&
         decode_base64(next, &bytes);
    if (ok) {
        msgpack_pack_ext(&r->packer, bytes.size, (int8_t)type.i64);
        msgpack_pack_ext_body(&r->packer, bytes.bytes, bytes.size);
    }
    memory_check(!bytes.failed);
    buffer_deinit(&bytes);
    return ok || refuse(r, "\"$ext\" takes [type, \"base64\"], the type from -128 to 127") != NULL;
}

static bool write_float(struct rewriting *r, const uint8_t *p)
{
    struct value value;
    value_read_trusted(p, &value);
    if (is_str(&value, "nan"))
        msgpack_pack_double(&r->packer, (double)NAN);
    else if (is_str(&value, "inf"))
        msgpack_pack_double(&r->packer, (double)INFINITY);
    else if (is_str(&value, "-inf"))
        msgpack_pack_double(&r->packer, -(double)INFINITY);
    else
        return refuse(r, "\"$float\" takes \"nan\", \"inf\" or \"-inf\"") != NULL;
    return true;
}

static bool write_map(struct rewriting *r, const uint8_t *p)
{
    static const char form[] = "\"$map\" takes an array of [key, value]";
    struct value list, pair;
    p = value_read_trusted(p, &list);
    if (list.type != VALUE_ARRAY)
        return refuse(r, form) != NULL;
    msgpack_pack_map(&r->packer, list.length);
    for (uint32_t i = 0; i < list.length; i++) {
        p = value_read_trusted(p, &pair);
        if (pair.type != VALUE_ARRAY || pair.length != 2)
            return refuse(r, form) != NULL;
        for (int part = 0; part < 2; part++) {
            p = rewrite(r, p);
            if (p == NULL)
                return false;
        }
    }
    return true;
}

/* An object of one key that starts with `$`, which key and what it holds standing at p. */
static const uint8_t *rewrite_dollar(struct rewriting *r, const struct value *key, const uint8_t *p)
{
    bool ok = false;
    if (is_str(key, "$bin")) {
        ok = write_bin(r, p);
    } else if (is_str(key, "$ext")) {
        ok = write_ext(r, p);
    } else if (is_str(key, "$float")) {
        ok = write_float(r, p);
    } else if (is_str(key, "$map")) {
        ok = write_map(r, p);
    } else if (key->length > 1 && key->bytes[1] == '$') {
        msgpack_pack_map(&r->packer, 1);
        buffer_pack_str(r->out, key->bytes + 1, key->length - 1);
        return rewrite(r, p);
    } else {
        refuse(r, "an object whose only key starts with $ is $bin, $ext, $float or $map; "
                  "for that key itself double the $");
    }
    return ok ? value_skip_trusted(p) : NULL;
}

static const uint8_t *rewrite_object(struct rewriting *r, uint32_t pairs, const uint8_t *p)
{
    struct value key;
    if (pairs == 1) {
        const uint8_t *after = value_read_trusted(p, &key);
        if (key.type == VALUE_STR && key.length > 0 && key.bytes[0] == '$')
            return rewrite_dollar(r, &key, after);
    }
    msgpack_pack_map(&r->packer, pairs);
    for (uint32_t i = 0; i < pairs; i++) {
        p = value_read_trusted(p, &key);
        if (key.type != VALUE_STR)
            return refuse(r, "a key of a JSON object is a string");
        buffer_pack_str(r->out, key.bytes, key.length);
        p = rewrite(r, p);
        if (p == NULL)
            return NULL;
    }
    return p;
}

/* Recursion is as deep as the reader of the notation allows. */
static const uint8_t *rewrite(struct rewriting *r, const uint8_t *p)
{
    struct value value;
    const uint8_t *next = value_read_trusted(p, &value);
    if (value.type == VALUE_MAP)
        return rewrite_object(r, value.length, next);
    if (value.type != VALUE_ARRAY) {
        buffer_append(r->out, p, (size_t)(next - p));
        return next;
    }
    msgpack_pack_array(&r->packer, value.length);
    for (uint32_t i = 0; i < value.length && next != NULL; i++)
        next = rewrite(r, next);
    return next;
}

/* Limits are those of the tuple (rule V2): what stands for it may be deeper and have more values. */
static int read_plain(const char *text, size_t size, struct buffer *plain, struct problem *problem)
{
    const int failed = text_read_tuple(text, size, NULL, plain, problem);
    struct problem form;
    return failed == -TS_LIMIT && text_read_form(text, size, plain, &form) == 0 ? 0 : failed;
}

int json_read_tuple(const char *text, size_t size, struct buffer *out, struct problem *problem)
{
    struct buffer plain = BUFFER_INIT;
    size_t begun = out->size;
    int failed = read_plain(text, size, &plain, problem);
    const struct problem limit = *problem;
    if (failed == 0 && find_foreign(text, size) < size)
        failed = problem_set(problem, TS_MALFORMED, find_foreign(text, size),
                             "this is the notation, not JSON");
    if (failed == 0) {
        struct rewriting r = {.packer = buffer_packer(out), .out = out, .problem = problem};
        if (rewrite(&r, plain.bytes) == NULL)
            failed = -(int)problem->status;
    }
    memory_check(!plain.failed && !out->failed);
    buffer_deinit(&plain);
    if (failed == 0) { /* a key may be repeated now */
        struct tuple_view view;
        failed = tuple_check(out->bytes + begun, out->bytes + out->size, &view, problem);
        problem->offset = 0; /* it counted the bytes of the MessagePack */
        if (failed == -TS_LIMIT && limit.status == TS_LIMIT)
            *problem = limit;
    }
    if (failed != 0)
        out->size = begun;
    return failed;
}
