/* SPDX-License-Identifier: MIT */
/*
 * Where the daemon listens: a path, the lock that decides who serves it, and the socket there.
 *
 * The lock is a file beside the socket, PATH.lock, locked by flock for the daemon's life; it
 * decides alone. Under it, what stands at the path is removed only where it is a socket that nobody
 * serves; and at the end the socket is removed only where it is still the one that was bound here.
 *
 * The directory must be root's or ours, and writable by nobody else, since whoever may write there
 * can put another socket in the place of ours. A sticky directory (/tmp) is accepted where the user
 * names a path in it: others can take the name first there, but not from us.
 */
#ifndef TSD_SERVER_ADDRESS_H
#define TSD_SERVER_ADDRESS_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/un.h>

#include "protocol/problem.h"

#define ADDRESS_SIZE sizeof(((struct sockaddr_un *)NULL)->sun_path)
#define ADDRESS_SYSTEM "/run/tsd/socket"

struct address {
    char path[ADDRESS_SIZE];
    int lock;  /* descriptor of the lock file; -1: nothing is held */
    dev_t dev; /* of our socket */
    ino_t ino;
};

/* Who may connect: the socket's mode, exactly, and its group. */
struct address_access {
    mode_t mode;
    bool has_group; /* else that of whoever runs this */
    gid_t group;
};

/* Whether whoever runs this serves all users by default, not one alone. */
bool address_is_system(void);

/* The path for whoever runs this: the system's, for root and for services, or the user's, whose
 * directory is made. Returns 0, or -status with the problem set, as the others. */
int address_default(char path[static ADDRESS_SIZE], struct problem *problem);

/*
 * Listens at the path. Nobody can connect before the socket has its mode and group. Returns the
 * descriptor; the address is released by address_close.
 */
int address_open(struct address *address, const char *path, const struct address_access *access,
                 struct problem *problem);

/* Removes the socket, if it is ours, and lets go of the path. The descriptor is the caller's. */
void address_close(struct address *address);

#endif
