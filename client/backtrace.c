/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* memfd_create */
#include "client/backtrace.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__GLIBC__) && __has_include(<execinfo.h>)
#include <execinfo.h>
#define HAS_BACKTRACE
#endif

enum {
    MOST_BYTES = 16 << 10, /* of a trace that is read */
    MOST_FRAMES = 64,
    STACK_BYTES = 64 << 10, /* for the handler, where the worker's own has run out */
};

#ifdef HAS_BACKTRACE

/* Of a worker's process, which has no other library state that is global. */
static volatile int trace_fd = -1;

/*
 * The first frames are this function and the kernel's way into it. A fault comes again on return, now
 * with the default action; what was sent (by abort, or kill) is sent again.
 */
static void write_trace(int signal, siginfo_t *info, void *context)
{
    void *frames[MOST_FRAMES];
    const int count = backtrace(frames, MOST_FRAMES);
    const int skip = count > 2 ? 2 : 0;

    (void)context;
    backtrace_symbols_fd(frames + skip, count - skip, trace_fd);
    if (info->si_code <= 0)
        (void)raise(signal);
}

void backtrace_install(int fd)
{
    static const int signals[] = {SIGSEGV, SIGABRT, SIGBUS, SIGFPE, SIGILL};
    struct sigaction action = {.sa_sigaction = write_trace,
                               .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESETHAND | SA_NODEFER};
    stack_t stack = {.ss_sp = mmap(NULL, STACK_BYTES, PROT_READ | PROT_WRITE,
                                   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
                     .ss_size = STACK_BYTES};

    if (fd < 0 || stack.ss_sp == MAP_FAILED)
        return;
    trace_fd = fd;
    sigemptyset(&action.sa_mask);
    if (sigaltstack(&stack, NULL) != 0)
        return;
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        sigaction(signals[i], &action, NULL);
}

/* The first backtrace loads a library, which a handler must not; children of a fork have it then. */
int backtrace_open(void)
{
    void *frame;

    (void)backtrace(&frame, 1);
    return memfd_create("trace", MFD_CLOEXEC);
}

#else

void backtrace_install(int fd)
{
    (void)fd;
}

int backtrace_open(void)
{
    return -1;
}

#endif

/* A symbol or path may be anything: what is not ASCII that prints becomes a question mark. */
static void make_plain(char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] != '\n' && (text[i] < ' ' || text[i] > '~'))
            text[i] = '?';
}

char *backtrace_read(int fd)
{
    char *text = malloc(MOST_BYTES + 1);
    ssize_t size;

    if (!text)
        return NULL;
    do
        size = fd >= 0 ? pread(fd, text, MOST_BYTES, 0) : 0;
    while (size < 0 && errno == EINTR);
    if (size < 0)
        size = 0;
    make_plain(text, (size_t)size);
    text[size] = '\0';
    return text;
}
