/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE

#include "server/peer.h"

#include <errno.h>
#include <sys/socket.h>

#include "base/alloc.h"

#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83 /* on all but MIPS, PA-RISC and SPARC, where another number is refused */
#endif

#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

_Static_assert(sizeof(gid_t) == sizeof(uint32_t), "groups are told as such");

/* Its further groups, behind the first. Returns how many, or -errno: -ERANGE where they are more. */
static int peer_read_groups(int fd, uint32_t *groups, socklen_t room)
{
    socklen_t size = room * (socklen_t)sizeof(gid_t);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &size) == 0)
        return (int)(size / sizeof(gid_t));
    return errno == ENOPROTOOPT ? 0 : -errno; /* before Linux 4.13 */
}

#define GROUPS_MOST 65536 /* the kernel's own limit */

static int peer_get_groups(struct peer *peer, int fd)
{
    for (uint32_t room = 16; room <= GROUPS_MOST; room *= 8) {
        int count;

        peer->groups = mem_alloc((room + 1) * sizeof(uint32_t));
        if (!peer->groups)
            return -ENOMEM;
        peer->groups[0] = peer->gid;
        count = peer_read_groups(fd, peer->groups + 1, room);
        if (count >= 0) {
            peer->group_count = 1 + (uint32_t)count;
            return 0;
        }
        peer_deinit(peer);
        if (count != -ERANGE)
            return count;
    }
    return -ERANGE;
}

int peer_read(struct peer *peer, int fd)
{
    struct ucred credentials;
    socklen_t size = sizeof(credentials);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &credentials, &size) < 0)
        return -errno;
    peer->uid = credentials.uid;
    peer->gid = credentials.gid;
    peer->pid = credentials.pid;
    return peer_get_groups(peer, fd);
}

void peer_deinit(struct peer *peer)
{
    mem_free(peer->groups);
    peer->groups = NULL;
    peer->group_count = 0;
}

bool peer_is_member(const struct peer *peer, gid_t group)
{
    for (uint32_t i = 0; i < peer->group_count; i++)
        if (peer->groups[i] == group)
            return true;
    return false;
}

void peer_refuse_descriptors(int fd)
{
    int off = 0;

    (void)setsockopt(fd, SOL_SOCKET, SO_PASSRIGHTS, &off, sizeof(off));
}
