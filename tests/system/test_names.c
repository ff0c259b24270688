/* SPDX-License-Identifier: MIT */
/*
 * Names and texts that clients choose, at a real daemon that logs all it does: they are refused or kept
 * as they are, and in the log nothing of them is a control character, or a line of its own.
 */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/tried.h"
#include "lib/wire.h"
#include "protocol/limits.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))
#define NAME(text, status)                                                                         \
    {                                                                                              \
        text, sizeof(text) - 1, status                                                             \
    }

static struct daemon daemon_;
static struct wire other; /* who is not to notice anything */
static struct wire wire;
static struct buffer out;
static int said; /* the file that the daemon's log goes to */

static char long_name[MIB(1)]; /* 256 bytes and a MiB of it are too many */

static const struct name {
    const char *text;
    uint32_t size;
    enum ts_status status; /* as a space's name */
} names[] = {
    NAME("%s%n%s%n%x", TS_OK),
    NAME("../../etc/passwd", TS_OK),
    NAME("a b=\"c\" level=err", TS_OK),
    NAME("\xe2\x80\xae\xd7\x90", TS_OK), /* from right to left: a character like others */
    NAME("a\nfake line", TS_MALFORMED),
    NAME("a\rb", TS_MALFORMED),
    NAME("\x1b]0;title\x07\x1b[2J", TS_MALFORMED),
    NAME("a\x7f", TS_MALFORMED),
    NAME("\xc2\x85", TS_MALFORMED),
    NAME("nul\0inside", TS_MALFORMED),
    NAME("\xff\xfe", TS_MALFORMED),
    NAME("\xc0\xaf", TS_MALFORMED),         /* '/' in too many bytes */
    NAME("\xed\xa0\x80", TS_MALFORMED),     /* half a pair */
    NAME("\xf4\x90\x80\x80", TS_MALFORMED), /* beyond the last character */
    NAME("cut\xe2\x82", TS_MALFORMED),
    {long_name, LIMIT_NAME_BYTES, TS_OK},
    {long_name, LIMIT_NAME_BYTES + 1, TS_LIMIT},
    {long_name, MIB(1), TS_LIMIT},
};

static void setup(void)
{
    const char *const options[] = {"--log-level", "debug", "--limit", "opening-bytes=2097152",
                                   NULL};
    const int before = dup(STDERR_FILENO);
    char path[256];
    int status;

    memset(long_name, 'n', sizeof long_name);
    daemon_prepare(&daemon_);
    (void)snprintf(path, sizeof path, "%s/log", daemon_.directory);
    said = open(path, O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0600);
    ck_assert_int_ge(said, 0);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(dup2(said, STDERR_FILENO), STDERR_FILENO);
    ck_assert(daemon_try(&daemon_, options, &status));
    ck_assert_int_eq(dup2(before, STDERR_FILENO), STDERR_FILENO);
    close(before);
    wire_open(&other, daemon_.socket);
}

static const char *const events[] = {"listening ", "client ", "stopping ", "stopped\n"};

static void expect_an_event(const char *line)
{
    for (int i = 0; i < COUNT(events); i++)
        if (strncmp(line, events[i], strlen(events[i])) == 0)
            return;
    ck_abort_msg("a line that is none of the daemon's: %s", line);
}

/* Each line is an event, and none has anything but what can be printed. */
static void expect_clean_log(void)
{
    static char line[8192];
    unsigned lines = 0;
    FILE *file;

    ck_assert_int_eq(lseek(said, 0, SEEK_SET), 0);
    file = fdopen(said, "r");
    ck_assert_ptr_nonnull(file);
    for (; fgets(line, sizeof line, file); lines++) {
        expect_an_event(line);
        for (const char *at = line; at[1]; at++)
            ck_assert_msg((unsigned char)*at >= 0x20 && *at != 0x7f, "0x%02x in %s", *at, line);
    }
    (void)fclose(file);
    ck_assert_uint_gt(lines, 3);
}

static void teardown(void)
{
    wire_ping(&other, 1);
    wire_close(&other);
    buffer_deinit(&out);
    daemon_stop(&daemon_);
    expect_clean_log();
}

START_TEST(a_space_has_a_good_name_or_is_refused)
{
    const struct name *name = &names[_i];
    struct request request = {.number = 7,
                              .op = TSD_OP_OUT,
                              .tuple_count = 1,
                              .space = {(const uint8_t *)name->text, name->size},
                              .tuples = {(const uint8_t *)"\x91\x01", 2}};

    wire_open(&wire, daemon_.socket);
    request_encode(&request, &out);
    wire_flush(&wire, &out);
    wire_expect(&wire, 7, name->status);
    wire_close(&wire);
    tried("a_space_has_a_good_name_or_is_refused", COUNT(names));
}
END_TEST

START_TEST(a_client_has_a_good_name_or_is_refused)
{
    const struct name *name = &names[_i];
    const struct hello hello = {.version = TSD_PROTOCOL_VERSION,
                                .name = {(const uint8_t *)name->text, name->size}};
    struct frame frame;

    wire_connect(&wire, daemon_.socket);
    hello_encode(&hello, &out);
    (void)wire_try_send(&wire, out.bytes, out.size);
    buffer_clear(&out);
    if (name->status == TS_OK) {
        ck_assert(wire_read(&wire, &frame));
        wire_out(&wire, 1, "[1]");
    } else {
        wire_expect_error(&wire, name->status, "the name of a client");
    }
    wire_close(&wire);
    tried("a_client_has_a_good_name_or_is_refused", COUNT(names));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("system/names");
    TCase *tcase = tcase_create("names");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, a_space_has_a_good_name_or_is_refused, 0, COUNT(names));
    tcase_add_loop_test(tcase, a_client_has_a_good_name_or_is_refused, 0, COUNT(names));
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
