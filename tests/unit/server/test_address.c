/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* setresuid, setgroups */

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "server/address.h"

static char directory[64];
static char path[ADDRESS_SIZE];
static char lock[ADDRESS_SIZE + 8];
static struct address address;
static const struct address_access ours = {.mode = 0600};
static struct problem problem;
static mode_t mode_at_listen;
static gid_t group_at_listen;
static bool refused_at_listen;

static void setup(void)
{
    memcpy(directory, "/tmp/tsd-address-XXXXXX", sizeof("/tmp/tsd-address-XXXXXX"));
    ck_assert_ptr_nonnull(mkdtemp(directory));
    (void)snprintf(path, sizeof(path), "%s/socket", directory);
    (void)snprintf(lock, sizeof(lock), "%s.lock", path);
}

static void teardown(void)
{
    unlink(path);
    unlink(lock);
    ck_assert_int_eq(rmdir(directory), 0); /* nothing else was left in it */
}

static bool exists(const char *name)
{
    struct stat status;

    return lstat(name, &status) == 0;
}

static mode_t mode_of(const char *name)
{
    struct stat status;

    ck_assert_int_eq(lstat(name, &status), 0);
    return status.st_mode & 07777;
}

static int open_here(void)
{
    return address_open(&address, path, &ours, &problem);
}

static void expect_refused(const char *text)
{
    ck_assert_int_lt(open_here(), 0);
    ck_assert_msg(strstr(problem.text, text) != NULL, "\"%s\" does not say \"%s\"", problem.text,
                  text);
    ck_assert_ptr_nonnull(strstr(problem.text, directory)); /* it names the path */
}

/* A socket bound to the path; listens where that is said. */
static int bind_other(bool listens)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    memcpy(name.sun_path, path, sizeof(path));
    ck_assert_int_eq(bind(fd, (struct sockaddr *)&name, sizeof(name)), 0);
    if (listens)
        ck_assert_int_eq(listen(fd, 1), 0);
    return fd;
}

static int connect_here(void)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0), error;

    memcpy(name.sun_path, path, sizeof(path));
    error = connect(fd, (struct sockaddr *)&name, sizeof(name));
    close(fd); /* which leaves errno */
    return error;
}

START_TEST(it_listens_and_leaves_nothing_behind)
{
    int fd = open_here();

    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect_here(), 0);
    address_close(&address);
    ck_assert(!exists(path));
    ck_assert(!exists(lock));
    close(fd);
}
END_TEST

START_TEST(the_mode_is_exact_whatever_the_umask)
{
    const mode_t masks[] = {0, 0077, 0777};

    const struct address_access access = {.mode = 0640};

    umask(masks[_i]);
    int fd = address_open(&address, path, &access, &problem);
    ck_assert_int_ge(fd, 0);
    ck_assert_uint_eq(mode_of(path), 0640);
    ck_assert_uint_eq(umask(0022), masks[_i]);
    address_close(&address);
    close(fd);
}
END_TEST

static gid_t group_of(const char *name)
{
    struct stat status;

    ck_assert_int_eq(lstat(name, &status), 0);
    return status.st_gid;
}

/* Becomes somebody for good, in a child of root's. */
static void become(uid_t user, gid_t group, gid_t other)
{
    if (setgroups(1, &other) < 0 || setresgid(group, group, group) < 0 ||
        setresuid(user, user, user) < 0)
        _exit(9);
}

static int wait_status(pid_t pid)
{
    int status;

    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

START_TEST(the_group_is_set_and_the_mode_stays)
{
    const struct address_access access = {.mode = 0660, .has_group = true, .group = 4321};

    if (geteuid() != 0)
        return; /* only root can give to a group of which it is no member */
    int fd = address_open(&address, path, &access, &problem);
    ck_assert_int_ge(fd, 0);
    ck_assert_uint_eq(group_of(path), 4321);
    ck_assert_uint_eq(mode_of(path), 0660);
    address_close(&address);
    ck_assert(!exists(path));
    close(fd);
}
END_TEST

/* As a service does that is one: which needs no privileges. */
START_TEST(a_member_may_give_it_to_its_group_and_to_no_other)
{
    const gid_t groups[] = {4321, 4322};
    const struct address_access access = {.mode = 0660, .has_group = true, .group = groups[_i]};

    if (geteuid() != 0)
        return;
    ck_assert_int_eq(chown(directory, 12345, 12345), 0);
    pid_t pid = fork();
    if (pid == 0) {
        become(12345, 12345, 4321);
        int fd = address_open(&address, path, &access, &problem);
        if (fd < 0)
            _exit(strstr(problem.text, "to group 4322: who runs this is neither a member nor root")
                      ? 1
                      : 2);
        _exit(group_of(path) == 4321 && mode_of(path) == 0660 ? 0 : 3);
    }
    ck_assert_int_eq(wait_status(pid), _i);
    ck_assert(exists(path) == (_i == 0)); /* what could not be given is not left behind */
}
END_TEST

/* In the place of the system's: looks at what is about to listen, at which nobody can connect yet. */
int listen(int fd, int backlog)
{
    struct stat status;

    if (lstat(path, &status) == 0) {
        mode_at_listen = status.st_mode & 07777;
        group_at_listen = status.st_gid;
        refused_at_listen = connect_here() < 0 && errno == ECONNREFUSED;
    }
    return (int)syscall(SYS_listen, fd, backlog);
}

START_TEST(nobody_gets_in_before_the_group_and_mode_are_set)
{
    const struct address_access access = {.mode = 0660, .has_group = true, .group = 4321};

    if (geteuid() != 0)
        return;
    int fd = address_open(&address, path, &access, &problem);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect_here(), 0);
    ck_assert(refused_at_listen);
    ck_assert_uint_eq(mode_at_listen, 0660);
    ck_assert_uint_eq(group_at_listen, 4321);
    address_close(&address);
    close(fd);
}
END_TEST

START_TEST(a_path_that_is_served_is_refused)
{
    struct address second;
    int fd = open_here();

    ck_assert_int_lt(address_open(&second, path, &ours, &problem), 0);
    ck_assert_ptr_nonnull(strstr(problem.text, "another daemon serves"));
    ck_assert_int_eq(connect_here(), 0); /* and is served as before */
    address_close(&address);
    close(fd);
    fd = open_here(); /* now it is free */
    ck_assert_int_ge(fd, 0);
    address_close(&address);
    close(fd);
}
END_TEST

START_TEST(a_stale_socket_is_replaced)
{
    int fd;

    close(bind_other(true));
    ck_assert(exists(path));
    fd = open_here();
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(connect_here(), 0);
    address_close(&address);
    close(fd);
}
END_TEST

START_TEST(a_socket_that_another_program_serves_stays)
{
    int other = bind_other(true);

    expect_refused("another program serves");
    ck_assert_int_eq(connect_here(), 0);
    ck_assert(!exists(lock));
    close(other);
}
END_TEST

START_TEST(a_lock_without_a_daemon_is_taken_over)
{
    int fd;

    close(open(lock, O_CREAT | O_WRONLY, 0600));
    fd = open_here();
    ck_assert_int_ge(fd, 0);
    address_close(&address);
    ck_assert(!exists(lock));
    close(fd);
}
END_TEST

START_TEST(a_lock_that_is_held_is_respected)
{
    int held = open(lock, O_CREAT | O_WRONLY, 0600);

    ck_assert_int_eq(flock(held, LOCK_EX), 0);
    expect_refused("another daemon serves");
    ck_assert(exists(lock));
    close(held);
}
END_TEST

START_TEST(a_file_is_never_removed)
{
    close(open(path, O_CREAT | O_WRONLY, 0600));
    expect_refused("is not a socket");
    ck_assert(exists(path));
}
END_TEST

START_TEST(a_symlink_is_never_removed_or_followed)
{
    char target[96];

    (void)snprintf(target, sizeof(target), "%s/target", directory);
    ck_assert_int_eq(symlink(target, path), 0);
    expect_refused("is not a socket");
    ck_assert(exists(path));
    ck_assert(!exists(target));
}
END_TEST

START_TEST(a_lock_that_is_a_symlink_is_not_followed)
{
    char target[96];

    (void)snprintf(target, sizeof(target), "%s/target", directory);
    ck_assert_int_eq(symlink(target, lock), 0);
    expect_refused("lock");
    ck_assert(!exists(target));
}
END_TEST

START_TEST(a_path_that_is_too_long_is_refused_by_name)
{
    char longer[ADDRESS_SIZE + 1];

    memset(longer, 'x', sizeof(longer));
    memcpy(longer, "/tmp/", 5);
    longer[ADDRESS_SIZE] = '\0';
    ck_assert_int_eq(address_open(&address, longer, &ours, &problem), -TS_LIMIT);
    ck_assert_ptr_nonnull(strstr(problem.text, "108 bytes"));
    ck_assert_ptr_nonnull(strstr(problem.text, "/tmp/xxx"));
}
END_TEST

START_TEST(the_longest_path_works)
{
    char longest[ADDRESS_SIZE], beside[ADDRESS_SIZE + 8];
    int fd;

    memset(longest, 'x', sizeof(longest));
    memcpy(longest, directory, strlen(directory));
    longest[strlen(directory)] = '/';
    longest[ADDRESS_SIZE - 1] = '\0';
    (void)snprintf(beside, sizeof(beside), "%s.lock", longest);
    fd = address_open(&address, longest, &ours, &problem);
    ck_assert_int_ge(fd, 0);
    ck_assert(exists(longest));
    ck_assert(exists(beside));
    address_close(&address);
    ck_assert(!exists(longest));
    close(fd);
}
END_TEST

START_TEST(a_directory_that_others_may_write_to_is_refused)
{
    const mode_t modes[] = {0777, 0770, 0707};

    chmod(directory, modes[_i]);
    expect_refused("others may write");
    ck_assert(!exists(path));
}
END_TEST

START_TEST(a_directory_in_which_nobody_can_replace_what_is_ours_is_fine)
{
    const mode_t modes[] = {0755, 01777};

    chmod(directory, modes[_i]);
    int fd = open_here();
    ck_assert_int_ge(fd, 0);
    address_close(&address);
    close(fd);
}
END_TEST

START_TEST(a_directory_of_another_user_is_refused)
{
    if (geteuid() != 0)
        return; /* only root can give one away */
    ck_assert_int_eq(chown(directory, 12345, (gid_t)-1), 0);
    expect_refused("belongs to user 12345");
    ck_assert_int_eq(chown(directory, 0, (gid_t)-1), 0);
}
END_TEST

START_TEST(a_lock_file_of_another_user_is_refused)
{
    if (geteuid() != 0)
        return;
    close(open(lock, O_CREAT | O_WRONLY, 0600));
    ck_assert_int_eq(chown(lock, 12345, (gid_t)-1), 0);
    expect_refused("not a file of ours");
    ck_assert(exists(lock));
}
END_TEST

START_TEST(a_directory_that_is_not_there_is_named)
{
    (void)snprintf(path, sizeof(path), "%s/none/socket", directory);
    expect_refused("none");
}
END_TEST

START_TEST(only_our_own_socket_is_removed_at_the_end)
{
    int fd = open_here(), other;

    unlink(path);
    other = bind_other(true); /* somebody put another in its place */
    address_close(&address);
    ck_assert(exists(path));
    close(other);
    close(fd);
}
END_TEST

START_TEST(closing_what_is_not_open_does_nothing)
{
    address.lock = -1;
    address_close(&address);
}
END_TEST

START_TEST(a_user_has_the_socket_in_the_runtime_directory)
{
    char wanted[] = "/tmp/tsd-runtime-XXXXXX", made[64];

    if (geteuid() == 0 && setresuid(12345, 12345, 0) < 0)
        ck_abort();
    ck_assert_ptr_nonnull(mkdtemp(wanted));
    setenv("XDG_RUNTIME_DIR", wanted, 1);
    (void)snprintf(made, sizeof(made), "%s/tsd", wanted);
    umask(0);
    ck_assert_int_eq(address_default(path, &problem), 0);
    ck_assert_uint_eq(mode_of(made), 0700);
    ck_assert_int_eq(address_default(path, &problem), 0); /* there is one now */
    ck_assert(strncmp(path, made, strlen(made)) == 0);
    ck_assert_str_eq(path + strlen(made), "/socket");
    rmdir(made);
    rmdir(wanted);
    if (getuid() == 12345)
        ck_assert_int_eq(setresuid(0, 0, 0), 0);
    (void)snprintf(path, sizeof(path), "%s/socket", directory);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("server/address");
    TCase *tcase = tcase_create("address");
    SRunner *runner = srunner_create(suite);

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, it_listens_and_leaves_nothing_behind);
    tcase_add_loop_test(tcase, the_mode_is_exact_whatever_the_umask, 0, 3);
    tcase_add_test(tcase, the_group_is_set_and_the_mode_stays);
    tcase_add_loop_test(tcase, a_member_may_give_it_to_its_group_and_to_no_other, 0, 2);
    tcase_add_test(tcase, nobody_gets_in_before_the_group_and_mode_are_set);
    tcase_add_test(tcase, a_path_that_is_served_is_refused);
    tcase_add_test(tcase, a_stale_socket_is_replaced);
    tcase_add_test(tcase, a_socket_that_another_program_serves_stays);
    tcase_add_test(tcase, a_lock_without_a_daemon_is_taken_over);
    tcase_add_test(tcase, a_lock_that_is_held_is_respected);
    tcase_add_test(tcase, a_file_is_never_removed);
    tcase_add_test(tcase, a_symlink_is_never_removed_or_followed);
    tcase_add_test(tcase, a_lock_that_is_a_symlink_is_not_followed);
    tcase_add_test(tcase, a_path_that_is_too_long_is_refused_by_name);
    tcase_add_test(tcase, the_longest_path_works);
    tcase_add_loop_test(tcase, a_directory_that_others_may_write_to_is_refused, 0, 3);
    tcase_add_loop_test(tcase, a_directory_in_which_nobody_can_replace_what_is_ours_is_fine, 0, 2);
    tcase_add_test(tcase, a_directory_of_another_user_is_refused);
    tcase_add_test(tcase, a_lock_file_of_another_user_is_refused);
    tcase_add_test(tcase, a_directory_that_is_not_there_is_named);
    tcase_add_test(tcase, only_our_own_socket_is_removed_at_the_end);
    tcase_add_test(tcase, closing_what_is_not_open_does_nothing);
    tcase_add_test(tcase, a_user_has_the_socket_in_the_runtime_directory);
    suite_add_tcase(suite, tcase);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
