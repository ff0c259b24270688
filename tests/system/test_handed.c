/* SPDX-License-Identifier: MIT */
/*
 * What is handed around: descriptors that clients pass to the daemon, bytes out of band, and a
 * connection that another process goes on with.
 */
#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/daemon.h"
#include "lib/tried.h"
#include "system/asking.h"

enum { AT_ONCE = 250 }; /* descriptors that a message may have, about */

static struct daemon daemon_;
static struct wire other; /* who is not to notice anything */
static struct wire wire;
static struct buffer out;

static void setup(void)
{
    daemon_start(&daemon_, NULL);
    wire_open(&other, daemon_.socket);
    wire_open(&wire, daemon_.socket);
}

static void teardown(void)
{
    wire_close(&wire);
    wire_ping(&other, 1000);
    wire_close(&other);
    buffer_deinit(&out);
    buffer_deinit(&asked);
    daemon_stop(&daemon_);
}

static unsigned descriptors_of(pid_t pid)
{
    unsigned count = 0;
    char path[64];
    DIR *folder;

    (void)snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    folder = opendir(path);
    ck_assert_ptr_nonnull(folder);
    while (readdir(folder))
        count++;
    (void)closedir(folder);
    return count;
}

/* Sends the bytes with as many copies of the descriptor; whether the kernel let it. */
static bool send_with(int to, int fd, int copies, const void *bytes, size_t size)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(AT_ONCE * sizeof(int))];
    } control = {.room = {0}};
    struct iovec piece = {(void *)bytes, size};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = CMSG_SPACE((size_t)copies * sizeof(int))};
    struct cmsghdr *head = CMSG_FIRSTHDR(&message);

    head->cmsg_level = SOL_SOCKET;
    head->cmsg_type = SCM_RIGHTS;
    head->cmsg_len = CMSG_LEN((size_t)copies * sizeof(int));
    for (int i = 0; i < copies; i++)
        memcpy(CMSG_DATA(head) + (size_t)i * sizeof(int), &fd, sizeof(int));
    return sendmsg(to, &message, MSG_NOSIGNAL) == (ssize_t)size;
}

START_TEST(many_descriptors_passed_along_with_half_frames_are_not_kept)
{
    enum { MESSAGES = 40 };
    unsigned before;
    int ends[2];

    ck_assert_int_eq(pipe(ends), 0);
    wire_add_plain(&out, TSD_OP_PING, 1, 0);
    before = descriptors_of(daemon_.pid);
    for (int i = 0; i < MESSAGES; i++) {
        if (!send_with(wire.fd, ends[1], AT_ONCE, out.bytes, out.size / 2)) {
            ck_assert(errno == EPERM || errno == ETOOMANYREFS); /* EPERM: from Linux 6.16 */
            wire_send(&wire, out.bytes, out.size / 2);
        }
        wire_ping(&other, 10 + (uint64_t)i);
        wire_send(&wire, out.bytes + out.size / 2, out.size - out.size / 2);
        wire_expect(&wire, 1, TS_OK);
    }
    ck_assert_uint_eq(descriptors_of(daemon_.pid), before);
    close(ends[0]);
    close(ends[1]);
    tried("many_descriptors_passed_along_with_half_frames_are_not_kept", MESSAGES * AT_ONCE);
}
END_TEST

START_TEST(bytes_out_of_band_within_a_frame_are_not_part_of_it)
{
    size_t at;

    wire_add_out(&out, 1, "main", "[\"in band\", 1]");
    for (at = 0; at < out.size; at++) {
        wire_send(&wire, out.bytes, at);
        if (send(wire.fd, "x", 1, MSG_OOB | MSG_NOSIGNAL) < 0)
            ck_assert_int_eq(errno, EOPNOTSUPP); /* before Linux 5.15 */
        wire_ping(&other, 100 + at);
        wire_send(&wire, out.bytes + at, out.size - at);
        wire_expect(&wire, 1, TS_OK);
    }
    ck_assert_uint_eq(wire_count(daemon_.socket, "[\"in band\", 1]"), at);
    tried("bytes_out_of_band_within_a_frame_are_not_part_of_it", (unsigned)at);
}
END_TEST

static int receive_descriptor(int from)
{
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(int))];
    } control = {.room = {0}};
    char byte;
    struct iovec piece = {&byte, 1};
    struct msghdr message = {.msg_iov = &piece,
                             .msg_iovlen = 1,
                             .msg_control = control.room,
                             .msg_controllen = sizeof control.room};
    int fd = -1;

    ck_assert_int_eq(recvmsg(from, &message, 0), 1);
    ck_assert_ptr_nonnull(CMSG_FIRSTHDR(&message));
    memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof fd);
    return fd;
}

START_TEST(a_connection_that_is_handed_on_is_still_who_connected)
{
    struct request rd = {.number = 2, .op = TSD_OP_RD, .has = TSD_HAS(WHO), .who = true};
    struct wire handed = {.fd = -1};
    struct item item;
    int ends[2];
    pid_t pid;

    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        wire_open(&handed, daemon_.socket);
        _exit(!send_with(ends[1], handed.fd, 1, "x", 1));
    }
    handed.fd = receive_descriptor(ends[0]);
    ck_assert_int_eq(wait_for(pid), 0); /* who connected is gone */
    wire_out(&handed, 1, "[\"from it\"]");
    ask(&other, &rd, "[\"from it\"]", NULL);
    wire_expect(&other, 2, TS_OK);
    item = only_item(&other);
    ck_assert(item.has & ITEM_HAS(UID) && item.has & ITEM_HAS(PID));
    ck_assert_uint_eq(item.uid, getuid());
    ck_assert_uint_eq(item.pid, (unsigned)pid);
    wire_close(&handed);
    close(ends[0]);
    close(ends[1]);
    tried("a_connection_that_is_handed_on_is_still_who_connected", 1);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("system/handed");
    TCase *tcase = tcase_create("handed");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, many_descriptors_passed_along_with_half_frames_are_not_kept);
    tcase_add_test(tcase, bytes_out_of_band_within_a_frame_are_not_part_of_it);
    tcase_add_test(tcase, a_connection_that_is_handed_on_is_still_who_connected);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
