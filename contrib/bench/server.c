/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* sched_setaffinity */
#include "contrib/bench/server.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "contrib/bench/check.h"
#include "contrib/bench/proc.h"

#define PATIENCE_NS UINT64_C(10000000000) /* for a server to start or answer */
#define STOP_NS UINT64_C(60000000000)     /* to stop: it may free ten million tuples */

const struct driver *const server_drivers[SERVER_KINDS] = {&driver_tsd, &driver_redis, &driver_echo,
                                                           &driver_beanstalkd};

static void pause_ms(int ms)
{
    nanosleep(&(struct timespec){.tv_nsec = ms * 1000000L}, NULL);
}

static void program_path(const struct server_options *options, enum server_kind kind, char *path,
                         size_t size)
{
    static const char *const names[SERVER_KINDS] = {"tsd", "redis-server", "bench/echo",
                                                    "beanstalkd"};

    if (kind == SERVER_REDIS || kind == SERVER_BEANSTALKD)
        snprintf(path, size, "%s", names[kind]);
    else
        snprintf(path, size, "%s/%s", options->build, names[kind]);
}

bool server_version(const struct server_options *options, enum server_kind kind, char *line,
                    int size)
{
    char path[512], command[640];

    program_path(options, kind, path, sizeof path);
    snprintf(command, sizeof command, "'%s' %s 2>/dev/null", path,
             kind == SERVER_BEANSTALKD ? "-v" : "--version");
    FILE *pipe = popen(command, "re");
    if (!pipe)
        die("popen: %s", strerror(errno));
    bool found = fgets(line, size, pipe) != NULL;
    while (fgets(command, sizeof command, pipe)) /* so that it does not die by SIGPIPE */
        ;
    found = pclose(pipe) == 0 && found;
    if (found)
        line[strcspn(line, "\n")] = '\0';
    return found;
}

static const char *unix_address(const struct server *server)
{
    static char address[128];

    snprintf(address, sizeof address, "unix:%s", server->socket);
    return address;
}

static void run_server(const struct server_options *options, enum server_kind kind,
                       const struct server *server, pid_t parent)
{
    char path[512];
    int log = open(server->log, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent || log < 0 || chdir(options->folder) != 0)
        _exit(127);
    dup2(log, STDOUT_FILENO);
    dup2(log, STDERR_FILENO);
    if (options->cpu >= 0) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(options->cpu, &set);
        sched_setaffinity(0, sizeof set, &set);
    }
    program_path(options, kind, path, sizeof path);
    if (kind == SERVER_TSD)
        execl(path, path, "--socket", server->socket, (char *)NULL);
    else if (kind == SERVER_REDIS)
        execlp(path, path, "--port", "0", "--unixsocket", server->socket, "--save", "",
               "--appendonly", "no", "--daemonize", "no", (char *)NULL);
    else if (kind == SERVER_BEANSTALKD)
        execlp(path, path, "-l", unix_address(server), (char *)NULL);
    else
        execl(path, path, server->socket, (char *)NULL);
    _exit(127);
}

static void show_log(const struct server *server)
{
    char line[512];
    FILE *log = fopen(server->log, "re");

    while (log && fgets(line, sizeof line, log))
        fprintf(stderr, "%s: %s", server->driver->name, line);
    if (log)
        fclose(log);
}

void server_start(const struct server_options *options, enum server_kind kind,
                  struct server *server)
{
    static int started;
    pid_t parent = getpid();
    struct answer answer;

    server->driver = server_drivers[kind];
    started++;
    if (snprintf(server->socket, sizeof server->socket, "%s/%d.sock", options->folder, started) >=
        (int)sizeof server->socket)
        die("%s: too long for a socket's folder (set TMPDIR)", options->folder);
    snprintf(server->log, sizeof server->log, "%s/%d.log", options->folder, started);
    server->pid = fork();
    if (server->pid < 0)
        die("fork: %s", strerror(errno));
    if (server->pid == 0)
        run_server(options, kind, server, parent);

    uint64_t end_ns = clock_ns() + PATIENCE_NS;
    while (!server_ask(server, VERB_PING, &answer)) {
        if (waitpid(server->pid, NULL, WNOHANG) != 0 || clock_ns() > end_ns) {
            show_log(server);
            die("%s does not start", server->driver->name);
        }
        pause_ms(5);
    }
}

void server_stop(struct server *server)
{
    uint64_t end_ns = clock_ns() + STOP_NS;
    int status;

    if (server->pid == 0)
        return;
    kill(server->pid, SIGTERM);
    while (waitpid(server->pid, &status, WNOHANG) == 0) {
        if (clock_ns() > end_ns) {
            kill(server->pid, SIGKILL);
            end_ns = UINT64_MAX;
        }
        pause_ms(2);
    }
    const bool as_it_ends =
        server->driver == &driver_beanstalkd && WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM;
    if (!as_it_ends && (!WIFEXITED(status) || WEXITSTATUS(status) != 0)) {
        show_log(server);
        check_failed("%s ended with wait status 0x%x instead of 0", server->driver->name, status);
    }
    server->pid = 0;
}

int server_connect(const struct server *server, int flags)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0);

    if (fd < 0)
        die("socket: %s", strerror(errno));
    memcpy(address.sun_path, server->socket, sizeof address.sun_path);
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    close(fd);
    return -1;
}

static bool read_answer(const struct server *server, int fd, struct answer *answer)
{
    uint8_t bytes[4096];
    size_t size = 0;

    for (;;) {
        ssize_t n = read(fd, bytes + size, sizeof bytes - size);
        if (n <= 0)
            return false;
        size += (size_t)n;
        for (;;) {
            long used = server->driver->decode(bytes, size, answer);
            if (used < 0)
                return false;
            if (used == 0)
                break;
            size -= (size_t)used;
            memmove(bytes, bytes + used, size);
            if (answer->kind != ANSWER_OPENED)
                return true;
        }
    }
}

bool server_ask(const struct server *server, enum verb verb, struct answer *answer)
{
    struct request_data data = {.number = 1};
    struct timeval patience = {.tv_sec = 10};
    uint8_t bytes[2 * REQUEST_MAX];
    size_t size = server->driver->encode(bytes, VERB_OPEN, &data);
    int fd = server_connect(server, 0);

    if (fd < 0)
        return false;
    size += server->driver->encode(bytes + size, verb, &data);
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    bool answered =
        send(fd, bytes, size, MSG_NOSIGNAL) == (ssize_t)size && read_answer(server, fd, answer);
    close(fd);
    return answered;
}

bool server_holds(const struct server *server, uint64_t expected)
{
    const char *name = server->driver->name;
    struct answer answer;

    if (server->driver == &driver_echo)
        return true;
    if (!server_ask(server, VERB_COUNT, &answer) || answer.kind != ANSWER_COUNT)
        return check_failed("%s does not say how many are stored", name);
    if (answer.value != expected)
        return check_failed("%s holds %" PRIu64 " where it should hold %" PRIu64, name,
                            answer.value, expected);
    return true;
}
