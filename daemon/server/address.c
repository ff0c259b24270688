/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* O_PATH, AT_EMPTY_PATH */

#include "server/address.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "server/limits.h"

#define LOCK_SUFFIX ".lock"

static int address_failed(struct problem *problem, const char *what, const char *path)
{
    return problem_set(problem, TS_INVALID, 0, "cannot %s %s: %s", what, path, strerror(errno));
}

/* Makes the default path's directory where it is not there, with exactly that mode. */
static int address_make_directory(const char *path, mode_t mode, struct problem *problem)
{
    if (mkdir(path, mode) < 0)
        return errno == EEXIST ? 0 : address_failed(problem, "make the directory", path);
    /* the umask took bits away */
    if (chmod(path, mode) < 0)
        return address_failed(problem, "set the mode of", path);
    return 0;
}

/* The user's own directory for sockets; NULL for root, and for services, who have none. */
static const char *runtime_directory(void)
{
    const char *directory = geteuid() ? getenv("XDG_RUNTIME_DIR") : NULL;

    return directory && directory[0] == '/' ? directory : NULL;
}

bool address_is_system(void)
{
    return runtime_directory() == NULL;
}

int address_default(char path[static ADDRESS_SIZE], struct problem *problem)
{
    const char *user = runtime_directory();
    int length;

    if (!user) {
        memcpy(path, ADDRESS_SYSTEM, sizeof(ADDRESS_SYSTEM));
        return address_make_directory("/run/tsd", 0755, problem);
    }
    length = snprintf(path, ADDRESS_SIZE, "%s/tsd", user);
    if (length + strlen("/socket") >= ADDRESS_SIZE)
        return problem_set(problem, TS_LIMIT, 0, "XDG_RUNTIME_DIR is too long for a socket's path");
    if (address_make_directory(path, 0700, problem) < 0)
        return -(int)problem->status;
    memcpy(path + length, "/socket", sizeof("/socket"));
    return 0;
}

static int address_check_directory(const char *path, struct problem *problem)
{
    char directory[ADDRESS_SIZE];
    const char *slash = strrchr(path, '/');
    struct stat status;

    if (!slash)
        memcpy(directory, ".", sizeof("."));
    else
        (void)snprintf(directory, sizeof(directory), "%.*s",
                       (int)(slash == path ? 1 : slash - path), path);
    if (stat(directory, &status) < 0)
        return address_failed(problem, "look at the directory", directory);
    if (!S_ISDIR(status.st_mode))
        return problem_set(problem, TS_INVALID, 0, "%s is not a directory", directory);
    if (status.st_uid != 0 && status.st_uid != geteuid())
        return problem_set(problem, TS_DENIED, 0,
                           "the directory %s belongs to user %u: put the socket into one of yours",
                           directory, (unsigned)status.st_uid);
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) && !(status.st_mode & S_ISVTX))
        return problem_set(problem, TS_DENIED, 0,
                           "others may write to the directory %s, and replace the socket",
                           directory);
    return 0;
}

/* Whether the descriptor is still the file at the path, and nobody has removed it meanwhile. */
static bool address_is_at(int fd, const char *path)
{
    struct stat held, there;

    return fstat(fd, &held) == 0 && lstat(path, &there) == 0 && held.st_dev == there.st_dev &&
           held.st_ino == there.st_ino;
}

static void address_lock_path(char path[static ADDRESS_SIZE + sizeof(LOCK_SUFFIX)],
                              const char *socket)
{
    (void)snprintf(path, ADDRESS_SIZE + sizeof(LOCK_SUFFIX), "%s" LOCK_SUFFIX, socket);
}

/* Opens the lock file and locks it. Returns the descriptor. */
static int address_lock(const char *socket, struct problem *problem)
{
    char path[ADDRESS_SIZE + sizeof(LOCK_SUFFIX)];
    struct stat status;

    address_lock_path(path, socket);
    for (;;) {
        CLEANUP(fd)
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);

        if (fd < 0)
            return address_failed(problem, "open the lock file", path);
        if (fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_uid != geteuid())
            return problem_set(problem, TS_DENIED, 0, "the lock file %s is not a file of ours",
                               path);
        if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
            if (errno != EWOULDBLOCK)
                return address_failed(problem, "lock", path);
            return problem_set(problem, TS_INVALID, 0, "another daemon serves %s (it holds %s)",
                               socket, path);
        }
        /* whoever held it before may have removed it: then another one may be locked by others */
        if (address_is_at(fd, path))
            return fd_steal(&fd);
    }
}

/* 0 where nobody listens at the socket. */
static int address_probe(const struct sockaddr_un *name, struct problem *problem)
{
    CLEANUP(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return address_failed(problem, "make a socket to try", name->sun_path);
    if (connect(fd, (const struct sockaddr *)name, sizeof(*name)) == 0 || errno == EAGAIN)
        return problem_set(problem, TS_INVALID, 0, "another program serves %s", name->sun_path);
    if (errno != ECONNREFUSED)
        return address_failed(problem, "find out who serves", name->sun_path);
    return 0;
}

/* Under the lock: removes a socket that nobody serves, and nothing else. */
static int address_clear(const struct sockaddr_un *name, struct problem *problem)
{
    struct stat status;

    if (lstat(name->sun_path, &status) < 0)
        return errno == ENOENT ? 0 : address_failed(problem, "look at", name->sun_path);
    if (!S_ISSOCK(status.st_mode))
        return problem_set(problem, TS_INVALID, 0, "%s is there and is not a socket",
                           name->sun_path);
    if (address_probe(name, problem) < 0)
        return -(int)problem->status;
    if (unlink(name->sun_path) < 0)
        return address_failed(problem, "remove the stale socket", name->sun_path);
    return 0;
}

/* Binds the socket: what then stands at the path has exactly that mode. */
static int address_bind(int fd, const struct sockaddr_un *name, mode_t mode)
{
    mode_t before;
    int error;

    if (fchmod(fd, mode) < 0)
        return -1;
    before = umask(0);
    error = bind(fd, (const struct sockaddr *)name, sizeof(*name));
    umask(before);
    return error;
}

/* Gives what was bound to the group, and remembers what it is: by a descriptor for the one inode. */
static int address_adopt(struct address *address, const struct address_access *access,
                         struct problem *problem)
{
    CLEANUP(fd) int fd = open(address->path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    struct stat status;

    if (fd < 0 || fstat(fd, &status) < 0)
        return address_failed(problem, "look at the socket", address->path);
    if (!S_ISSOCK(status.st_mode) || status.st_uid != geteuid())
        return problem_set(problem, TS_DENIED, 0, "%s was replaced by something else",
                           address->path);
    address->dev = status.st_dev;
    address->ino = status.st_ino;
    if (!access->has_group || status.st_gid == access->group ||
        fchownat(fd, "", (uid_t)-1, access->group, AT_EMPTY_PATH) == 0)
        return 0;
    if (errno != EPERM)
        return address_failed(problem, "set the group of", address->path);
    return problem_set(problem, TS_DENIED, 0,
                       "cannot give %s to group %u: who runs this is neither a member nor root",
                       address->path, (unsigned)access->group);
}

/* The socket has its mode and group before it listens, and is refused until then, whoever asks. Returns
 * the descriptor. */
static int address_listen(struct address *address, const struct sockaddr_un *name,
                          const struct address_access *access, struct problem *problem)
{
    CLEANUP(fd) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return address_failed(problem, "make a socket for", name->sun_path);
    if (address_bind(fd, name, access->mode) < 0)
        return address_failed(problem, "bind a socket to", name->sun_path);
    if (address_adopt(address, access, problem) < 0)
        return -(int)problem->status;
    if (listen(fd, LIMIT_BACKLOG) < 0)
        return address_failed(problem, "listen at", name->sun_path);
    return fd_steal(&fd);
}

int address_open(struct address *address, const char *path, const struct address_access *access,
                 struct problem *problem)
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    size_t length = strlen(path);
    int fd;

    *address = (struct address){.lock = -1};
    if (length == 0)
        return problem_set(problem, TS_INVALID, 0, "the socket's path is empty");
    if (length >= ADDRESS_SIZE)
        return problem_set(problem, TS_LIMIT, 0,
                           "the socket's path has %zu bytes, where %zu is the limit: %s", length,
                           ADDRESS_SIZE - 1, path);
    memcpy(name.sun_path, path, length + 1);
    memcpy(address->path, path, length + 1);
    if (address_check_directory(path, problem) < 0)
        return -(int)problem->status;
    address->lock = address_lock(path, problem);
    if (address->lock < 0)
        return address->lock;
    fd = address_clear(&name, problem);
    if (fd == 0)
        fd = address_listen(address, &name, access, problem);
    if (fd < 0)
        address_close(address);
    return fd;
}

void address_close(struct address *address)
{
    char lock[ADDRESS_SIZE + sizeof(LOCK_SUFFIX)];
    struct stat status;

    if (address->lock < 0)
        return;
    if (lstat(address->path, &status) == 0 && status.st_dev == address->dev &&
        status.st_ino == address->ino)
        unlink(address->path);
    address_lock_path(lock, address->path);
    if (address_is_at(address->lock, lock))
        unlink(lock);
    close(address->lock);
    address->lock = -1;
}
