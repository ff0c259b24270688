/* SPDX-License-Identifier: MIT */
/*
 * Frames: a client's bytes through its inbox, in the pieces that the input says and all at once: the
 * frames, and what is wrong, have to be the same. Each body is decoded as all that it could be, and
 * what is decoded is walked over and encoded again.
 *
 * An input is the number of cuts (at most 15), the length of a piece each, then the bytes.
 */
#include "contrib/fuzz/fuzz.h"
#include "protocol/frame.h"
#include "protocol/reply.h"
#include "protocol/request.h"
#include "protocol/siphash.h"
#include "protocol/tuple.h"
#include "protocol/utf8.h"
#include "protocol/value.h"
#include "server/inbox.h"

const unsigned fuzz_replays = 20000;

enum { CUTS_MOST = 15, FRAMES_MOST = 64 };

/* --- The stream --- */

/* What came out of a stream: the frames' bodies, and how it ended. */
struct stream {
    uint64_t bodies[FRAMES_MOST]; /* hashes */
    uint32_t count;
    int status;
    char text[256];
};

static uint8_t shared[INBOX_SHARED];

static void notice_end(struct stream *stream, long status, const struct problem *problem)
{
    stream->status = (int)status;
    memcpy(stream->text, problem->text, sizeof stream->text);
}

/* As the server does with what it has read. False where the stream ends with a problem. */
static bool take_frames(struct inbox *inbox, struct stream *stream)
{
    struct frame frame;
    struct problem problem = {0};
    const struct hash_key key = {3, 4};
    long size;
    while ((size = inbox_next(inbox, LIMIT_FRAME_BYTES, &frame, &problem)) > 0) {
        FUZZ_CHECK((size_t)size == frame.size + FRAME_HEAD, "%ld bytes", size);
        if (stream->count < FRAMES_MOST)
            stream->bodies[stream->count] = hash_bytes(&key, frame.body, frame.size);
        stream->count++;
    }
    if (size < 0)
        notice_end(stream, size, &problem);
    FUZZ_CHECK(size < 0 || inbox_settle(inbox, &problem), "%s", problem.text);
    return size == 0;
}

static bool arrive(struct inbox *inbox, const uint8_t *bytes, size_t size, struct stream *stream)
{
    struct problem problem = {0};
    while (size > 0) {
        size_t room;
        uint8_t *to = inbox_room(inbox, shared, &room, &problem);
        FUZZ_CHECK(to && room > 0, "%s", problem.text);
        const size_t now = size < room ? size : room;
        memcpy(to, bytes, now);
        inbox_came(inbox, now);
        bytes += now;
        size -= now;
        if (!take_frames(inbox, stream))
            return false;
    }
    return true;
}

/* The bytes in pieces; what is left after the cuts comes at once. */
static void feed(struct fuzz_input input, const uint8_t *cuts, int count, struct stream *stream)
{
    struct users users;
    struct inbox inbox;
    bool good = true;
    memset(stream, 0, sizeof *stream);
    users_init(&users);
    struct user *user = user_ref(&users, 1000);
    inbox_init(&inbox, user);
    for (int i = 0; i <= count && good; i++) {
        const size_t piece = i < count && cuts[i] < input.left ? cuts[i] : input.left;
        const size_t now = i < count ? piece : input.left;
        good = arrive(&inbox, input.at, now, stream);
        input.at += now;
        input.left -= now;
    }
    inbox_deinit(&inbox);
    FUZZ_CHECK(user->used[SLOT_UNFINISHED] == 0, "bytes stay charged");
    user_unref(user);
    users_deinit(&users);
}

/* --- Requests --- */

static volatile uint8_t touched;

/* Its bytes are there: a sanitizer sees where they are not. */
static void touch(const struct span *span)
{
    for (uint32_t i = 0; i < span->size; i++)
        touched ^= span->bytes[i];
}

static void check_problem(const struct problem *problem, int error, size_t size)
{
    FUZZ_CHECK(error < 0 && problem->status == (enum ts_status) - error, "%d", error);
    FUZZ_CHECK(problem->offset <= size, "offset %zu of %zu", problem->offset, size);
    FUZZ_CHECK(utf8_is_valid(problem->text, strlen(problem->text)), "%s", problem->text);
}

static void walk_tuples(const struct request *request)
{
    const uint8_t *at = request->tuples.bytes, *end = at ? at + request->tuples.size : NULL;
    struct tuple_view tuple;
    struct problem problem;
    for (uint32_t i = 0; i < request->tuple_count; i++) {
        FUZZ_CHECK(tuple_check(at, end, &tuple, &problem) == 0, "%s", problem.text);
        at += tuple.size;
    }
    FUZZ_CHECK(at == end, "bytes after the tuples");
}

static void walk_step(const struct step *step)
{
    const uint8_t *at = step->template.bytes;
    touch(&step->space);
    touch(&step->template);
    if (step->kind != TSD_STEP_OUT)
        return;
    for (uint32_t i = 0; i < step->fields; i++) {
        const struct template_field field = template_next(&at);
        touch(&(struct span){field.value, field.value ? field.size : 0});
    }
    FUZZ_CHECK(at == step->template.bytes + step->template.size, "bytes after the template");
}

static void walk(const struct request *request)
{
    const uint8_t *at = request->tokens.bytes;
    for (uint32_t i = 0; i < request->token_count; i++)
        token_next(&at);
    FUZZ_CHECK(!at || at == request->tokens.bytes + request->tokens.size, "bytes after tokens");
    at = request->body.bytes;
    for (uint32_t i = 0; i < request->body_count; i++) {
        const struct step step = step_next(&at, &request->space);
        walk_step(&step);
    }
    FUZZ_CHECK(!at || at == request->body.bytes + request->body.size, "bytes after the body");
    for (uint32_t i = 0; i < request->alternative_count; i++) {
        const struct pattern *pattern = &request->alternatives[i].pattern;
        touch(&request->alternatives[i].space);
        touch(&(struct span){pattern->bytes, pattern->size});
    }
    walk_tuples(request);
    touch(&request->space);
    touch(&request->key);
    touch(&request->to);
    touch(&request->dead_letter);
    touch(&request->after);
}

static struct pattern_room room;

/* Decodes a frame that has its head. */
static int decode_whole(const struct buffer *whole, struct request *request,
                        struct problem *problem)
{
    room.used = 0;
    return request_decode(&(struct frame){whole->bytes + FRAME_HEAD, whole->size - FRAME_HEAD},
                          &room, request, problem);
}

/* What was decoded and encoded, is the same once decoded and encoded again. */
static void encode_again(const struct request *request)
{
    struct buffer first = BUFFER_INIT, second = BUFFER_INIT;
    struct request again;
    struct problem problem = {0};
    request_encode(request, &first);
    FUZZ_CHECK(decode_whole(&first, &again, &problem) == 0, "%s", problem.text);
    FUZZ_CHECK(again.op == request->op && again.number == request->number &&
                   again.ack == request->ack && again.has == request->has,
               "another request");
    request_encode(&again, &second);
    FUZZ_CHECK(first.size == second.size && memcmp(first.bytes, second.bytes, first.size) == 0,
               "other bytes");
    buffer_deinit(&first);
    buffer_deinit(&second);
}

static void as_request(const struct frame *frame)
{
    static struct request request;
    struct problem problem = {0};
    room.used = 0;
    const int error = request_decode(frame, &room, &request, &problem);
    if (error < 0) {
        check_problem(&problem, error, frame->size);
        return;
    }
    FUZZ_CHECK(value_skip(frame->body, frame->body + frame->size) == frame->body + frame->size,
               "a frame is one value");
    walk(&request);
    encode_again(&request);
}

/* --- Answers and openings --- */

static void walk_items(const struct reply *reply)
{
    const uint8_t *p = NULL;
    struct item item;
    while (reply_next_item(reply, &p, &item) > 0) {
        touch(&item.tuple);
        if (item.has & ITEM_HAS(PROGRAM))
            touch(&item.program);
    }
}

static void walk_result(const struct reply *reply)
{
    const uint8_t *p = NULL;
    struct event event;
    struct space_row row;
    struct span span;
    uint64_t number;
    while (reply_next_event(reply, &p, &event) > 0)
        touch(&event.item.tuple);
    p = NULL;
    while (reply_next_space_row(reply, &p, &row) > 0) {
        touch(&row.name);
        touch(&row.dead_letter);
    }
    if (reply_result_text(reply, &span) == 0)
        touch(&span);
    reply_result_uint(reply, &number);
    struct reply explained = *reply;
    if (reply_split_explained(&explained, &span) == 0) {
        touch(&span);
        walk_items(&explained);
    }
    walk_items(reply);
}

static void as_reply(const struct frame *frame)
{
    struct reply reply;
    struct problem problem = {0};
    const int error = reply_decode(frame, &reply, &problem);
    if (error < 0) {
        check_problem(&problem, error, frame->size);
        return;
    }
    touch(&reply.result);
    walk_result(&reply);
}

static void as_opening(const struct frame *frame)
{
    struct hello hello = {0};
    struct welcome welcome = {0};
    struct problem problem = {0};
    struct buffer again = BUFFER_INIT;
    int error = hello_decode(frame, &hello, &problem);
    if (error < 0) {
        check_problem(&problem, error, frame->size);
    } else {
        struct hello second;
        hello_encode(&hello, &again);
        const struct frame whole = {again.bytes + FRAME_HEAD, again.size - FRAME_HEAD};
        FUZZ_CHECK(hello_decode(&whole, &second, &problem) == 0, "%s", problem.text);
        FUZZ_CHECK(second.positions == hello.positions && span_equal(&second.name, &hello.name),
                   "another opening");
    }
    buffer_deinit(&again);
    error = welcome_decode(frame, &welcome, &problem);
    if (error == 0)
        touch(&welcome.release);
    if (error < 0)
        check_problem(&problem, error, frame->size);
}

static void as_everything(const uint8_t *bytes, size_t size)
{
    uint8_t *copy = fuzz_copy(bytes, size);
    const struct frame frame = {copy, size};
    as_request(&frame);
    as_reply(&frame);
    as_opening(&frame);
    free(copy);
}

/* Every body in the stream, and what is left after the last as one. */
static void decode_all(struct fuzz_input input)
{
    struct frame frame;
    struct problem problem;
    size_t want;
    long size;
    while ((size = frame_next(input.at, input.left, LIMIT_FRAME_BYTES, &frame, &want, &problem)) >
           0) {
        as_everything(frame.body, frame.size);
        input.at += size;
        input.left -= (size_t)size;
    }
    as_everything(input.at, input.left);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static struct stream pieces, whole;
    struct fuzz_input input = {bytes, size};
    uint8_t cuts[CUTS_MOST];
    const int count = fuzz_byte(&input) % (CUTS_MOST + 1);
    for (int i = 0; i < count; i++)
        cuts[i] = fuzz_byte(&input);
    feed(input, cuts, count, &pieces);
    feed(input, NULL, 0, &whole);
    FUZZ_CHECK(memcmp(&pieces, &whole, sizeof whole) == 0, "%u frames, %s; in pieces %u, %s",
               whole.count, whole.text, pieces.count, pieces.text);
    decode_all(input);
    return 0;
}
