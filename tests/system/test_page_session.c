/* SPDX-License-Identifier: MIT */
/*
 * The session that tsd-protocol(7) shows in hexadecimal, byte for byte, with a real daemon.
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/wire.h"

enum { CONTINUED = 12, MOST_BYTES = 256, MOST_FRAMES = 64 };

/* A frame of the page: who sends it, and its bytes, -1 for `..`. */
struct shown {
    char side;
    int line, size;
    int bytes[MOST_BYTES];
};

static struct shown frames[MOST_FRAMES];
static int frame_count;

static void add_bytes(struct shown *frame, char *text)
{
    for (char *byte = strtok(text, " \n"); byte; byte = strtok(NULL, " \n")) {
        char *end = byte + 2;

        ck_assert_int_lt(frame->size, MOST_BYTES);
        frame->bytes[frame->size++] = strcmp(byte, "..") ? (int)strtol(byte, &end, 16) : -1;
        ck_assert_msg(end == byte + 2 && !*end, "line %d: %s", frame->line, byte);
    }
}

/* Lines "C xx xx", "S xx xx" and those far to the right that go on with them; the rest is words. */
static void read_page(void)
{
    const char *source = getenv("TSD_SOURCE");
    char path[4096], line[512];
    bool example = false;
    FILE *page;

    snprintf(path, sizeof(path), "%s/man/tsd-protocol.7", source ? source : ".");
    page = fopen(path, "r");
    ck_assert_ptr_nonnull(page);
    for (int number = 1; fgets(line, sizeof(line), page); number++) {
        if (line[0] == '.') {
            example = strncmp(line, ".Bd -literal", 12) == 0;
        } else if (example && (line[0] == 'C' || line[0] == 'S') && line[1] == ' ') {
            ck_assert_int_lt(frame_count, MOST_FRAMES);
            frames[frame_count++] = (struct shown){.side = line[0], .line = number};
            add_bytes(&frames[frame_count - 1], line + 2);
        } else if (example && strspn(line, " ") >= CONTINUED) {
            add_bytes(&frames[frame_count - 1], line);
        }
    }
    fclose(page);
    ck_assert_int_ge(frame_count, 10);
}

static bool is_opening(const struct shown *frame)
{
    return frame->side == 'C' && frame->size > 6 && frame->bytes[6] == 0xa3;
}

static void send_shown(struct wire *wire, const struct shown *frame)
{
    uint8_t bytes[MOST_BYTES];

    for (int i = 0; i < frame->size; i++)
        bytes[i] = (uint8_t)frame->bytes[i];
    wire_send(wire, bytes, (size_t)frame->size);
}

static void expect_shown(struct wire *wire, const struct shown *frame)
{
    struct frame came;
    int at = 0;

    ck_assert_msg(wire_read(wire, &came), "line %d: the daemon closed instead", frame->line);
    ck_assert_msg(5 + (int)came.size == frame->size, "line %d: %zu bytes came", frame->line,
                  5 + came.size);
    for (at = 5; at < frame->size; at++)
        ck_assert_msg(frame->bytes[at] == -1 || frame->bytes[at] == came.body[at - 5],
                      "line %d: byte %d is %02x", frame->line, at, came.body[at - 5]);
}

/* The length that the page shows is that of the body that it shows. */
START_TEST(lengths_are_right)
{
    for (int i = 0; i < frame_count; i++) {
        const struct shown *frame = &frames[i];

        ck_assert_int_ge(frame->size, 6);
        ck_assert_int_eq(frame->bytes[0], 0xce);
        ck_assert_msg(frame->bytes[4] == frame->size - 5, "line %d", frame->line);
    }
}
END_TEST

START_TEST(daemon_answers_as_shown)
{
    struct daemon daemon;
    struct wire wire;
    bool open = false;

    daemon_start(&daemon, NULL);
    for (int i = 0; i < frame_count; i++) {
        if (is_opening(&frames[i])) {
            if (open) {
                wire_expect_end(&wire);
                wire_close(&wire);
            }
            wire_connect(&wire, daemon.socket);
            open = true;
        }
        if (frames[i].side == 'C')
            send_shown(&wire, &frames[i]);
        else
            expect_shown(&wire, &frames[i]);
    }
    wire_expect_end(&wire);
    wire_close(&wire);
    daemon_stop(&daemon);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("page session");
    TCase *tests = tcase_create("session");
    SRunner *runner;
    int failed;

    tcase_add_checked_fixture(tests, read_page, NULL);
    tcase_add_test(tests, lengths_are_right);
    tcase_add_test(tests, daemon_answers_as_shown);
    suite_add_tcase(suite, tests);
    runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
