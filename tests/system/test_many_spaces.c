/* SPDX-License-Identifier: MIT */
/*
 * More spaces than one answer may tell of: the wire tells them by pages, the library and tsctl whole.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <tsclient.h>

#include "lib/daemon.h"
#include "lib/wire.h"
#include "protocol/limits.h"

#define PAGE_ROWS 1024 /* of an answer at most */
#define SPACES 20000
#define NAME_BYTES 255

static struct daemon daemon_;
static struct wire wire;
static struct buffer out;

static void name_of(char name[static NAME_BYTES + 1], int number)
{
    memset(name, 'x', NAME_BYTES);
    name[NAME_BYTES] = '\0';
    (void)snprintf(name, NAME_BYTES + 1, "%05d", number);
    name[5] = 'x';
}

/* In an order that is not that of their names. */
static void make_spaces(void)
{
    enum { AT_ONCE = 500, STEP = 7919 };
    char name[NAME_BYTES + 1];

    for (int begin = 0; begin < SPACES; begin += AT_ONCE) {
        for (int i = begin; i < begin + AT_ONCE; i++) {
            name_of(name, (int)((long)i * STEP % SPACES));
            wire_add_out(&out, (uint64_t)i + 1, name, "[1]");
        }
        wire_flush(&wire, &out);
        for (int i = begin; i < begin + AT_ONCE; i++)
            wire_expect(&wire, (uint64_t)i + 1, TS_OK);
    }
}

static void setup(void)
{
    daemon_start(&daemon_, NULL);
    wire_open(&wire, daemon_.socket);
    make_spaces();
}

static void teardown(void)
{
    wire_close(&wire);
    buffer_deinit(&out);
    daemon_stop(&daemon_);
}

/* Asks for the spaces after the last of `seen`; returns how many there are in the answer. */
static int read_page(int seen)
{
    struct request request = {.number = 1000000, .op = TSD_OP_SPACES};
    const uint8_t *at = NULL;
    struct space_row row;
    char name[NAME_BYTES + 1];
    int rows = 0;

    if (seen > 0) {
        name_of(name, seen - 1);
        request.has = TSD_HAS(AFTER);
        request.after = (struct span){(const uint8_t *)name, NAME_BYTES};
    }
    request_encode(&request, &out);
    wire_flush(&wire, &out);
    wire_expect(&wire, request.number, TS_OK);
    while (reply_next_space_row(&wire.reply, &at, &row) > 0) {
        name_of(name, seen + rows++);
        ck_assert_uint_eq(row.name.size, NAME_BYTES);
        ck_assert_mem_eq(row.name.bytes, name, NAME_BYTES);
        ck_assert_uint_eq(row.tuples, 1);
    }
    return rows;
}

START_TEST(the_wire_tells_them_by_pages)
{
    int seen = 0, pages = 0;
    bool more = true;

    while (more) {
        int rows = read_page(seen);

        ck_assert_int_gt(rows, 0);
        ck_assert_uint_le(wire.frame.size, LIMIT_REPLY_BYTES);
        seen += rows;
        pages++;
        more = wire.reply.extras.more;
    }
    ck_assert_int_eq(seen, SPACES);
    ck_assert_int_eq(pages, (SPACES + PAGE_ROWS - 1) / PAGE_ROWS);
}
END_TEST

START_TEST(the_library_gathers_them)
{
    ts_client *ts = ts_connect(daemon_.socket, NULL);
    char name[NAME_BYTES + 1];

    ck_assert_int_eq((int)ts_spaces(ts), (int)TS_OK);
    ck_assert_uint_eq(ts_last(ts)->count, SPACES);
    for (int i = 0; i < SPACES; i++) {
        name_of(name, i);
        ck_assert_str_eq(ts_space_at(ts_last(ts), (size_t)i)->name, name);
    }
    ts_disconnect(ts);
}
END_TEST

START_TEST(tsctl_lists_them_all)
{
    char program[4096], command[4096 + 200], line[512], name[NAME_BYTES + 1];
    int lines = 0;
    FILE *listed;

    daemon_program(program, "tsctl");
    (void)snprintf(command, sizeof(command), "'%s' spaces -S '%s' -f 1", program, daemon_.socket);
    listed = popen(command, "r");
    ck_assert_ptr_nonnull(listed);
    while (fgets(line, sizeof(line), listed)) {
        name_of(name, lines++);
        ck_assert_msg(strstr(line, name) != NULL, "line %d: %s", lines, line);
    }
    ck_assert_int_eq(pclose(listed), 0);
    ck_assert_int_eq(lines, SPACES);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("system/many_spaces");
    TCase *tcase = tcase_create("many_spaces");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, the_wire_tells_them_by_pages);
    tcase_add_test(tcase, the_library_gathers_them);
    tcase_add_test(tcase, tsctl_lists_them_all);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
