/* SPDX-License-Identifier: MIT */
/*
 * What a worker that a signal ended leaves of where it was.
 */
#define _GNU_SOURCE /* memfd_create */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "client/backtrace.h"
#include "unit/client/fake.h"

/* The trace of a child that the function ends by this signal. */
static char *trace_of(void (*die)(void), int expected)
{
    const int fd = backtrace_open();
    const pid_t pid = fork();
    char *trace;
    int status = 0;

    if (pid == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        backtrace_install(fd);
        die();
        _exit(0);
    }
    ck_assert_int_eq(waitpid(pid, &status, 0), pid);
    ck_assert_msg(WIFSIGNALED(status) && WTERMSIG(status) == expected, "status 0x%x", status);
    trace = backtrace_read(fd);
    if (fd >= 0)
        close(fd);
    return trace;
}

static void fault(void)
{
    volatile char *page = mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    *page = 1;
}

static void give_up(void)
{
    abort();
}

static void be_killed(void)
{
    (void)raise(SIGKILL);
}

/* The stack that is there has run out: the handler has its own. */
static volatile int depth;
static __attribute__((noinline)) int recur(volatile char *above)
{
    volatile char here[4096];

    here[0] = *above;
    if (depth++ == 1 << 30) /* never: the stack is less */
        return 0;
    return recur(here) + here[0];
}

static void run_out(void)
{
    recur((volatile char[]){1});
}

static void expect_trace(void (*die)(void), int signal)
{
    char *trace = trace_of(die, signal);

#ifdef __GLIBC__
    ck_assert_ptr_nonnull(strstr(trace, "test_eval"));
    ck_assert_ptr_nonnull(strchr(trace, '\n'));
#endif
    free(trace);
}

START_TEST(faults_leave_a_trace)
{
    expect_trace(fault, SIGSEGV);
    expect_trace(give_up, SIGABRT);
    expect_trace(run_out, SIGSEGV);
}
END_TEST

START_TEST(other_signals_leave_none)
{
    char *trace = trace_of(be_killed, SIGKILL);

    ck_assert_str_eq(trace, "");
    free(trace);
}
END_TEST

/* What is read becomes a str of a tuple, whatever the bytes are. */
START_TEST(a_trace_is_plain_text)
{
    const int fd = memfd_create("test", 0);
    char *trace;

    ck_assert_int_eq(write(fd, "a\xff\nb\0c\033", 7), 7);
    trace = backtrace_read(fd);
    ck_assert_str_eq(trace, "a?\nb?c?");
    free(trace);
    ck_assert_int_eq(ftruncate(fd, 1 << 20), 0);
    trace = backtrace_read(fd);
    ck_assert_uint_eq(strlen(trace), 16 << 10);
    free(trace);
    close(fd);
    trace = backtrace_read(-1);
    ck_assert_str_eq(trace, "");
    free(trace);
}
END_TEST

RUN_TESTS("client/eval", faults_leave_a_trace, other_signals_leave_none, a_trace_is_plain_text)
