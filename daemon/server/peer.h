/* SPDX-License-Identifier: MIT */
/*
 * Who is at the other end: the credentials at the time of the connect, for the connection's life.
 *
 * The pid is for logs only; it may name another process by now.
 */
#ifndef TSD_SERVER_PEER_H
#define TSD_SERVER_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct peer {
    uid_t uid;
    gid_t gid;
    pid_t pid;
    uint32_t *groups; /* its gids: that one, then its further ones */
    uint32_t group_count;
};

int peer_read(struct peer *peer, int fd); /* 0, or -errno, nothing being allocated */
void peer_deinit(struct peer *peer);

bool peer_is_member(const struct peer *peer, gid_t group);

/* The kernel, from Linux 6.16, refuses descriptors sent to this socket, and to those that a
 * listening one accepts. Where it cannot, plain reads drop them. */
void peer_refuse_descriptors(int fd);

#endif
