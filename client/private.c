/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* pipe2, close_range, asprintf */
#include "client/private.h"

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

enum {
    PATIENCE_MS = 2000,
    NOT_RUN = 127
}; /* for a daemon that is to stop; it has nothing to lose */

/* The daemon's descriptors beside standard error. */
enum { FD_LIFELINE = 3, FD_READY = 4, FD_GONE = 5, FD_END = 6 };

/* Both ends, [0] to read. All are closed where somebody else is run. */
struct pipes {
    int lifeline[2], ready[2], gone[2], kept[2];
};

struct starting {
    const char *program;
    const struct private_options *options;
    struct private_daemon *daemon;
    struct pipes pipes;
};

/* ---- The directory ---- */

static bool make_directory_in(struct private_daemon *daemon, const char *prefix, const char *parent)
{
    struct sockaddr_un address;

    if (!parent || parent[0] != '/' ||
        asprintf(&daemon->directory, "%s/%s-XXXXXX", parent, prefix) < 0)
        return false;
    if (strlen(daemon->directory) + sizeof("/socket") <= sizeof(address.sun_path) &&
        mkdtemp(daemon->directory) &&
        asprintf(&daemon->socket, "%s/socket", daemon->directory) >= 0)
        return true;
    free(daemon->directory);
    daemon->directory = NULL;
    daemon->socket = NULL;
    return false;
}

static bool make_directory(struct private_daemon *daemon, const char *prefix)
{
    return make_directory_in(daemon, prefix, getenv("TMPDIR")) ||
           make_directory_in(daemon, prefix, "/tmp") ||
           make_directory_in(daemon, prefix, getenv("XDG_RUNTIME_DIR"));
}

/* What the daemon may have left there; the directory is ours alone. */
static void remove_directory(const struct private_daemon *daemon)
{
    struct sockaddr_un address;
    char lock[sizeof(address.sun_path) + sizeof(".lock")];

    (void)snprintf(lock, sizeof(lock), "%s.lock", daemon->socket);
    unlink(daemon->socket);
    unlink(lock);
    rmdir(daemon->directory);
}

/* ---- The daemon and its keeper ---- */

static bool make_pipes(struct pipes *pipes)
{
    return pipe2(pipes->lifeline, O_CLOEXEC) == 0 && pipe2(pipes->ready, O_CLOEXEC) == 0 &&
           pipe2(pipes->gone, O_CLOEXEC) == 0 && pipe2(pipes->kept, O_CLOEXEC) == 0;
}

static void close_all(int fds[2])
{
    for (int i = 0; i < 2; i++)
        if (fds[i] >= 0)
            close(fds[i]);
}

static void close_pipes(struct pipes *pipes)
{
    close_all(pipes->lifeline);
    close_all(pipes->ready);
    close_all(pipes->gone);
    close_all(pipes->kept);
}

/* Moves a descriptor out of the way of those that stay. */
static int move_up(int fd)
{
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, FD_END + FD_END);

    return moved >= 0 ? moved : fd;
}

/* Standard input and output are nobody's. */
static void use_null(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);

    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
}

/* In the keeper's child: becomes the daemon, with its descriptors and no others. */
static _Noreturn void become_daemon(struct starting *s)
{
    sigset_t none;
    int lifeline = move_up(s->pipes.lifeline[0]), ready = move_up(s->pipes.ready[1]);
    int gone = move_up(s->pipes.gone[1]);

    prctl(PR_SET_PDEATHSIG, SIGTERM);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    use_null();
    dup2(lifeline, FD_LIFELINE);
    dup2(ready, FD_READY);
    dup2(gone, FD_GONE);
    close_range(FD_END, ~0u, 0);
    if (chdir("/") == 0)
        execl(s->program, "tsd", "--socket", s->daemon->socket, "--lifeline", "3", "--ready-fd",
              "4", "--log-level", "warning", "--config",
              s->options->config ? s->options->config : "", (char *)NULL);
    if (s->options->not_run)
        s->options->not_run(s->program, errno);
    _exit(NOT_RUN);
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
static void wait_for_daemon(const struct starting *s, pid_t daemon, int gone, int lifeline)
{
    struct pollfd ends[] = {{.fd = gone, .events = POLLIN}, {.fd = lifeline, .events = POLLIN}};
    bool in_time;
    int status;

    while (poll(ends, 2, -1) < 0 && errno == EINTR)
        ;
    in_time = wait_for_end(gone, PATIENCE_MS);
    if (!in_time)
        kill(daemon, SIGKILL);
    while (waitpid(daemon, &status, 0) < 0 && errno == EINTR)
        ;
    if (in_time && WIFSIGNALED(status) && s->options->crashed)
        s->options->crashed(WTERMSIG(status));
}

/*
 * In a session of its own and with signals blocked: ^C on the terminal leaves it alone. It keeps
 * nothing open that somebody may wait to see closed.
 */
static _Noreturn void become_keeper(struct starting *s)
{
    pid_t daemon;
    int lifeline, gone, kept;

    setsid();
    close(s->pipes.lifeline[1]);
    daemon = fork();
    if (daemon == 0)
        become_daemon(s);
    use_null();
    lifeline = move_up(s->pipes.lifeline[0]);
    gone = move_up(s->pipes.gone[0]);
    kept = move_up(s->pipes.kept[1]);
    dup2(lifeline, 3);
    dup2(gone, 4);
    dup2(kept, 5);
    close_range(FD_END, ~0u, 0);
    if (daemon > 0)
        wait_for_daemon(s, daemon, 4, 3);
    remove_directory(s->daemon);
    _exit(0);
}

/* Returns the keeper; 0 where it is nobody's child; -1 with errno. */
static pid_t fork_keeper(struct starting *s)
{
    sigset_t all, mask;
    pid_t pid;

    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, &mask);
    pid = fork();
    if (pid == 0 && s->options->orphan) {
        pid = fork();
        if (pid != 0)
            _exit(pid < 0);
    }
    if (pid == 0)
        become_keeper(s);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    if (pid < 0 || !s->options->orphan)
        return pid;
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return 0;
}

/* ---- Starting and ending ---- */

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

/* Closes the ends that are not the owner's, and waits for the daemon. */
static bool take_over(struct private_daemon *daemon, struct pipes *pipes)
{
    bool ready;

    close(pipes->lifeline[0]);
    close(pipes->ready[1]);
    close(pipes->gone[1]);
    close(pipes->kept[1]);
    daemon->lifeline = pipes->lifeline[1];
    daemon->gone = pipes->gone[0];
    daemon->kept = pipes->kept[0];
    ready = is_ready(pipes->ready[0]);
    close(pipes->ready[0]);
    return ready;
}

static struct private_daemon *not_started(struct private_daemon *daemon, char *why, size_t size,
                                          const char *what, int error)
{
    (void)snprintf(why, size, "%s%s%s", what, error ? ": " : "", error ? strerror(error) : "");
    return private_free(daemon);
}

struct private_daemon *private_start(const char *program, const struct private_options *options,
                                     char *why, size_t why_size)
{
    struct private_daemon *daemon = calloc(1, sizeof(*daemon));
    struct starting s = {program, options, daemon, {{-1, -1}, {-1, -1}, {-1, -1}, {-1, -1}}};

    if (!daemon)
        return not_started(daemon, why, why_size, "cannot start the daemon", ENOMEM);
    daemon->lifeline = daemon->gone = daemon->kept = -1;
    if (!make_directory(daemon, options->prefix))
        return not_started(daemon, why, why_size,
                           "cannot make a directory in $TMPDIR, /tmp or $XDG_RUNTIME_DIR", errno);
    daemon->keeper = make_pipes(&s.pipes) ? fork_keeper(&s) : -1;
    if (daemon->keeper < 0) {
        const int error = errno;
        close_pipes(&s.pipes);
        remove_directory(daemon);
        return not_started(daemon, why, why_size, "cannot start the daemon", error);
    }
    if (take_over(daemon, &s.pipes))
        return daemon;
    private_end(daemon);
    return not_started(daemon, why, why_size, "the private daemon did not start", 0);
}

void private_end(struct private_daemon *daemon)
{
    close(daemon->lifeline);
    daemon->lifeline = -1;
    wait_for_end(daemon->gone, 2 * PATIENCE_MS);
    wait_for_end(daemon->kept, PATIENCE_MS);
    if (daemon->keeper > 0)
        while (waitpid(daemon->keeper, NULL, 0) < 0 && errno == EINTR)
            ;
    remove_directory(daemon); /* in case the keeper was killed */
}

struct private_daemon *private_free(struct private_daemon *daemon)
{
    if (!daemon)
        return NULL;
    if (daemon->lifeline >= 0)
        close(daemon->lifeline);
    if (daemon->gone >= 0)
        close(daemon->gone);
    if (daemon->kept >= 0)
        close(daemon->kept);
    return private_leave(daemon);
}

struct private_daemon *private_leave(struct private_daemon *daemon)
{
    if (daemon) {
        free(daemon->directory);
        free(daemon->socket);
        free(daemon);
    }
    return NULL;
}
