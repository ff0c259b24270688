/* SPDX-License-Identifier: MIT */
/*
 * Memory that is free is used again or goes back: a daemon that is filled and emptied over and over
 * ends where it began.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/wire.h"
#include "protocol/limits.h"
#include "protocol/text_read.h"

#define TUPLES 200000
#define AT_ONCE 10000 /* put in one request */
#define ROUNDS 5

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#else
#define SANITIZED 0
#endif

static struct daemon daemon_;
static struct wire wire;
static struct buffer out;
static uint64_t number;

static uint64_t resident(void)
{
    char path[64];
    unsigned long long all = 0, pages = 0;
    (void)snprintf(path, sizeof path, "/proc/%d/statm", (int)daemon_.pid);
    FILE *file = fopen(path, "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%llu %llu", &all, &pages), 2);
    (void)fclose(file);
    return pages * (uint64_t)sysconf(_SC_PAGESIZE);
}

static void encode(struct request *request)
{
    request->number = ++number;
    request->space = (struct span){(const uint8_t *)"main", 4};
    request->alternatives[0].space = request->space;
    request_encode(request, &out);
}

/* ["key-000017", 17, "thirty bytes of a payload here"]; `keys` of them differ in the first field. */
static void fill(unsigned keys)
{
    struct buffer tuples = BUFFER_INIT;
    struct problem problem;
    char text[96];
    for (unsigned i = 0; i < TUPLES; i++) {
        (void)snprintf(text, sizeof text, "[\"key-%06u\", %u, \"thirty bytes of a payload here\"]",
                       i * 7919 % keys, i);
        ck_assert_int_eq(text_read_tuple(text, strlen(text), NULL, &tuples, &problem), 0);
        if ((i + 1) % AT_ONCE > 0)
            continue;
        encode(&(struct request){.op = TSD_OP_OUT,
                                 .tuples = {tuples.bytes, (uint32_t)tuples.size},
                                 .tuple_count = AT_ONCE});
        wire_flush(&wire, &out);
        wire_expect(&wire, number, TS_OK);
        buffer_clear(&tuples);
    }
    buffer_deinit(&tuples);
}

/* Takes all, and acknowledges it. */
static void take_all(void)
{
    struct buffer pattern = BUFFER_INIT;
    struct problem problem;
    uint64_t taken = 0, ack = 0;
    ck_assert_int_eq(text_read_pattern("[?, ?, ?]", 9, NULL, &pattern, &problem), 0);
    while (taken < TUPLES) {
        struct request take = {.op = TSD_OP_IN,
                               .ack = ack,
                               .has = TSD_HAS(TIMEOUT) | TSD_HAS(MAX),
                               .min = 1,
                               .max = LIMIT_UNIT_TUPLES,
                               .alternative_count = 1};
        take.alternatives[0].pattern.bytes = pattern.bytes;
        take.alternatives[0].pattern.size = (uint32_t)pattern.size;
        encode(&take);
        wire_flush(&wire, &out);
        wire_expect(&wire, number, TS_OK);
        ack = wire.reply.extras.delivery;
        struct item item;
        for (const uint8_t *p = NULL; reply_next_item(&wire.reply, &p, &item) == 1;)
            taken++;
    }
    ck_assert_uint_eq(taken, TUPLES);
    wire_add_plain(&out, TSD_OP_PING, ++number, ack);
    wire_flush(&wire, &out);
    wire_expect(&wire, number, TS_OK);
    buffer_deinit(&pattern);
}

static void setup(void)
{
    daemon_start(&daemon_, NULL);
    wire_open(&wire, daemon_.socket);
}

static void teardown(void)
{
    wire_close(&wire);
    buffer_deinit(&out);
    daemon_stop(&daemon_);
}

/* A first field for each, and a hundred for all: alone in their index, and in groups. */
START_TEST(filled_and_emptied_it_ends_where_it_began)
{
    const unsigned keys = _i == 0 ? TUPLES : 100;
    uint64_t full = 0, empty = 0;
    for (int round = 0; round < ROUNDS; round++) {
        fill(keys);
        const uint64_t now_full = resident();
        take_all();
        const uint64_t now_empty = resident();
        if (round == 0) {
            full = now_full;
            empty = now_empty;
        }
        ck_assert_uint_le(now_full, full + full / 10);
        ck_assert_uint_le(now_empty, empty + empty / 10);
        ck_assert_uint_lt(now_empty, now_full);
    }
}
END_TEST

int main(void)
{
    if (SANITIZED) {
        (void)puts("the sanitizer would be measured: it keeps what is freed");
        return 77;
    }
    Suite *suite = suite_create("memory");
    TCase *tcase = tcase_create("memory");
    tcase_set_timeout(tcase, 120);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, filled_and_emptied_it_ends_where_it_began, 0, 2);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
