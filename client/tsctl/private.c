/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* pipe2, close_range */
#include "tsctl/private.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tsctl/complain.h"
#include "tsctl/exits.h"
#include "tsctl/find_daemon.h"
#include "tsctl/memory.h"

#define PATIENCE_MS 2000 /* for a daemon that is to stop; it has nothing to lose */

/* The daemon's descriptors beside standard error. */
enum { FD_LIFELINE = 3, FD_READY = 4, FD_GONE = 5, FD_END = 6 };

/* Both ends, [0] to read. All are closed where somebody else is run. */
struct pipes {
    int lifeline[2], ready[2], gone[2];
};

static bool make_directory_in(struct private_daemon *daemon, const char *parent)
{
    struct sockaddr_un address;
    if (parent == NULL || parent[0] != '/')
        return false;
    daemon->directory = memory_printf("%s/tsctl-XXXXXX", parent);
    daemon->socket = NULL;
    if (strlen(daemon->directory) + sizeof("/socket") <= sizeof(address.sun_path) &&
        mkdtemp(daemon->directory) != NULL) {
        daemon->socket = memory_printf("%s/socket", daemon->directory);
        return true;
    }
    free(daemon->directory);
    return false;
}

static bool make_directory(struct private_daemon *daemon)
{
    return make_directory_in(daemon, getenv("TMPDIR")) || make_directory_in(daemon, "/tmp") ||
           make_directory_in(daemon, getenv("XDG_RUNTIME_DIR"));
}

/* What the daemon may have left there; the directory is ours alone. */
static void remove_directory(const struct private_daemon *daemon)
{
    char *lock = memory_printf("%s.lock", daemon->socket);
    unlink(daemon->socket);
    unlink(lock);
    rmdir(daemon->directory);
    free(lock);
}

static bool make_pipes(struct pipes *pipes)
{
    return pipe2(pipes->lifeline, O_CLOEXEC) == 0 && pipe2(pipes->ready, O_CLOEXEC) == 0 &&
           pipe2(pipes->gone, O_CLOEXEC) == 0;
}

/* Moves a descriptor out of the way of those that the daemon is to have. */
static int move_up(int fd)
{
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, FD_END);
    return moved >= 0 ? moved : fd;
}

/* In the keeper's child: becomes the daemon, with its descriptors and no others. */
static _Noreturn void become_daemon(const char *path, const char *socket, struct pipes *pipes)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int lifeline = move_up(pipes->lifeline[0]), ready = move_up(pipes->ready[1]);
    int gone = move_up(pipes->gone[1]), null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    dup2(lifeline, FD_LIFELINE);
    dup2(ready, FD_READY);
    dup2(gone, FD_GONE);
    close_range(FD_END, ~0u, 0);
    if (chdir("/") == 0)
        execl(path, "tsd", "--socket", socket, "--lifeline", "3", "--ready-fd", "4", "--log-level",
              "warning", (char *)NULL);
    complain("cannot run %s: %s", path, strerror(errno));
    _exit(EXIT_NOT_FOUND);
}

/* Waits until nobody has the write end of `fd` any more. Returns whether that was in time. */
static bool wait_for_end(int fd, int timeout_ms)
{
    struct pollfd end = {.fd = fd, .events = POLLIN};
    int polled;
    do
        polled = poll(&end, 1, timeout_ms);
    while (polled < 0 && errno == EINTR);
    return polled != 0;
}

/* In the keeper: waits for the daemon's end, or for the lifeline's and then not long. */
static void wait_for_daemon(pid_t daemon, const struct pipes *pipes)
{
    struct pollfd ends[] = {{.fd = pipes->gone[0], .events = POLLIN},
                            {.fd = pipes->lifeline[0], .events = POLLIN}};
    while (poll(ends, 2, -1) < 0 && errno == EINTR)
        ;
    bool in_time = wait_for_end(pipes->gone[0], PATIENCE_MS);
    if (!in_time)
        kill(daemon, SIGKILL);
    int status;
    while (waitpid(daemon, &status, 0) < 0 && errno == EINTR)
        ;
    if (in_time && WIFSIGNALED(status))
        complain("run: the private daemon was ended by signal %d", WTERMSIG(status));
}

/* In a session of its own and with signals blocked: ^C on the terminal leaves it alone. */
static _Noreturn void become_keeper(const struct private_daemon *private, const char *path,
                                    struct pipes *pipes)
{
    setsid();
    close(pipes->lifeline[1]);
    pid_t daemon = fork();
    if (daemon == 0)
        become_daemon(path, private->socket, pipes);
    close(pipes->gone[1]);
    close(pipes->ready[1]);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    if (daemon > 0)
        wait_for_daemon(daemon, pipes);
    remove_directory(private);
    _exit(0);
}

static pid_t fork_keeper(const struct private_daemon *private, const char *path,
                         struct pipes *pipes)
{
    sigset_t all, mask;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &mask);
    pid_t keeper = fork();
    if (keeper == 0)
        become_keeper(private, path, pipes);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return keeper;
}

/* Whether the daemon says that it serves, before it ends. */
static bool is_ready(int fd)
{
    char byte;
    ssize_t got;
    do
        got = read(fd, &byte, 1);
    while (got < 0 && errno == EINTR);
    return got == 1;
}

int private_start(struct private_daemon *private)
{
    char *path = find_daemon();
    if (path == NULL)
        return EXIT_RUN_FAILED;
    if (!make_directory(private)) {
        complain("run: cannot make a temporary directory: %s", strerror(errno));
        complain_hint("it goes to $TMPDIR, /tmp or $XDG_RUNTIME_DIR");
        free(path);
        return EXIT_RUN_FAILED;
    }
    struct pipes pipes;
    private->keeper = make_pipes(&pipes) ? fork_keeper(private, path, &pipes) : -1;
    free(path);
    if (private->keeper < 0) {
        complain("run: cannot start the daemon: %s", strerror(errno));
        remove_directory(private);
        return EXIT_RUN_FAILED;
    }
    close(pipes.lifeline[0]);
    close(pipes.ready[1]);
    close(pipes.gone[1]);
    private->lifeline = pipes.lifeline[1];
    private->gone = pipes.gone[0];
    bool ready = is_ready(pipes.ready[0]);
    close(pipes.ready[0]);
    if (ready)
        return 0;
    private_end(private);
    complain("run: the private daemon did not start");
    return EXIT_RUN_FAILED;
}

void private_end(struct private_daemon *private)
{
    close(private->lifeline);
    wait_for_end(private->gone, 2 * PATIENCE_MS);
    close(private->gone);
    while (waitpid(private->keeper, NULL, 0) < 0 && errno == EINTR)
        ;
    remove_directory(private); /* in case the keeper was killed */
    free(private->socket);
    free(private->directory);
}
