/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* pipe2 */

#include "lib/daemon.h"

#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define MOST_WORDS 48

void daemon_program(char path[static 4096], const char *name)
{
    const char *build = getenv("TSD_BUILD");

    (void)snprintf(path, 4096, "%s/%s", build ? build : "build", name);
}

void daemon_prepare(struct daemon *daemon)
{
    const char *tmp = getenv("TMPDIR");

    *daemon = (struct daemon){.lifeline = -1, .mask = -1};
    (void)snprintf(daemon->directory, sizeof(daemon->directory), "%s/tsd-XXXXXX",
                   tmp ? tmp : "/tmp");
    if (!mkdtemp(daemon->directory))
        ck_abort_msg("no directory %s: %s", daemon->directory, strerror(errno));
    (void)snprintf(daemon->socket, sizeof(daemon->socket), "%s/s", daemon->directory);
}

static void add_words(const char *arguments[static MOST_WORDS], int *count,
                      const char *const *words)
{
    for (; words && *words && *count < MOST_WORDS - 1; words++)
        arguments[(*count)++] = *words;
}

/* The words of $TSD_TEST_UNDER, a command that all daemons are to run under, as valgrind. */
static void add_environment(const char *arguments[static MOST_WORDS], int *count)
{
    static char words[1024];
    const char *text = getenv("TSD_TEST_UNDER");

    (void)snprintf(words, sizeof words, "%s", text ? text : "");
    for (char *word = strtok(words, " "); word && *count < MOST_WORDS - 1; word = strtok(NULL, " "))
        arguments[(*count)++] = word;
}

/* In the child: becomes the daemon. */
static void daemon_exec(const struct daemon *daemon, const char *const *options, int lifeline,
                        int ready)
{
    char program[4096], lifeline_text[16], ready_text[16];
    const char *const own[] = {
        program,      "--socket", daemon->socket, "--lifeline", lifeline_text,
        "--ready-fd", ready_text, "--log-level",  "warning",    "--config",
        "",           NULL};
    const char *arguments[MOST_WORDS] = {0};
    int count = 0;

    if (daemon->descriptors) {
        rlim_t most = (rlim_t)daemon->descriptors;
        setrlimit(RLIMIT_NOFILE, &(struct rlimit){most, most});
    }
    if (daemon->mask >= 0)
        umask((mode_t)daemon->mask);
    daemon_program(program, "tsd");
    fcntl(lifeline, F_SETFD, 0);
    fcntl(ready, F_SETFD, 0);
    (void)snprintf(lifeline_text, sizeof(lifeline_text), "%d", lifeline);
    (void)snprintf(ready_text, sizeof(ready_text), "%d", ready);
    add_environment(arguments, &count);
    add_words(arguments, &count, daemon->under);
    add_words(arguments, &count, own);
    add_words(arguments, &count, options);
    execvp(arguments[0], (char *const *)arguments);
    (void)fprintf(stderr, "cannot run %s: %s\n", arguments[0], strerror(errno));
    _exit(127);
}

bool daemon_try(struct daemon *daemon, const char *const *options, int *status)
{
    int lifeline[2], ready[2];
    char byte;

    ck_assert_int_eq(pipe2(lifeline, O_CLOEXEC), 0);
    ck_assert_int_eq(pipe2(ready, O_CLOEXEC), 0);
    daemon->pid = fork();
    ck_assert_int_ge(daemon->pid, 0);
    if (daemon->pid == 0)
        daemon_exec(daemon, options, lifeline[0], ready[1]);
    close(lifeline[0]);
    close(ready[1]);
    daemon->lifeline = lifeline[1];
    /* a line when it serves, an end of file when it gave up */
    ssize_t size = read(ready[0], &byte, 1);
    close(ready[0]);
    if (size == 1)
        return true;
    *status = wait_for(daemon->pid);
    close(daemon->lifeline);
    daemon->lifeline = -1;
    return false;
}

void daemon_start(struct daemon *daemon, const char *const *options)
{
    int status = 0;

    daemon_prepare(daemon);
    if (!daemon_try(daemon, options, &status))
        ck_abort_msg("the daemon did not start: status 0x%x", status);
}

int wait_for(pid_t pid)
{
    int status;
    pid_t ended;

    do {
        ended = waitpid(pid, &status, 0);
    } while (ended < 0 && errno == EINTR);
    ck_assert_int_eq(ended, pid);
    return status;
}

void daemon_stopped(struct daemon *daemon)
{
    int status = wait_for(daemon->pid);

    close(daemon->lifeline);
    daemon->lifeline = -1;
    ck_assert_msg(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the daemon ended with 0x%x",
                  status);
    ck_assert_msg(access(daemon->socket, F_OK) < 0, "the socket is still there");
    ck_assert_msg(rmdir(daemon->directory) == 0, "something is left in %s", daemon->directory);
}

void daemon_stop(struct daemon *daemon)
{
    kill(daemon->pid, SIGTERM);
    daemon_stopped(daemon);
}

void daemon_kill(struct daemon *daemon)
{
    kill(daemon->pid, SIGKILL);
    wait_for(daemon->pid);
    close(daemon->lifeline);
    daemon->lifeline = -1;
}

void daemon_clean(struct daemon *daemon)
{
    char lock[128];

    (void)snprintf(lock, sizeof(lock), "%s.lock", daemon->socket);
    unlink(daemon->socket);
    unlink(lock);
    rmdir(daemon->directory);
}
