/* SPDX-License-Identifier: MIT */
/*
 * Locals that release themselves: a constructor marks what it builds, and disarms it last.
 *
 *     CLEANUP_DEFINE(peer_free, struct peer *)
 *
 *     struct peer *peer_new(void)
 *     {
 *         CLEANUP(peer_free) struct peer *peer = mem_zalloc(sizeof(*peer));
 *         if (!peer || outbox_init(&peer->outbox) < 0)
 *             return NULL;
 *         return STEAL(peer);
 *     }
 */
#ifndef TSD_BASE_CLEANUP_H
#define TSD_BASE_CLEANUP_H

#include <unistd.h>

#include "base/alloc.h"

/* Declares a local that is given to `function` when it goes out of scope, unless NULL. */
#define CLEANUP(function) __attribute__((cleanup(function##_cleanup)))

/* Makes CLEANUP(function) work for locals of this pointer type. */
#define CLEANUP_DEFINE(function, type)                                                             \
    __attribute__((unused)) static inline void function##_cleanup(type *local)                     \
    {                                                                                              \
        if (*local)                                                                                \
            function(*local);                                                                      \
    }

/* The pointer's value; the local is NULL from now on. */
#define STEAL(local)                                                                               \
    __extension__({                                                                                \
        __typeof__(local) *steal_from = &(local);                                                  \
        __typeof__(local) stolen = *steal_from;                                                    \
        *steal_from = NULL;                                                                        \
        stolen;                                                                                    \
    })

/* CLEANUP(mem_free) on a local of any pointer type: the attribute hands over its address. */
__attribute__((unused)) static inline void mem_free_cleanup(void *local)
{
    mem_free(*(void **)local);
}

/* CLEANUP(fd) int fd = ...; is closed unless -1. */
__attribute__((unused)) static inline void fd_cleanup(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* The descriptor; the local is -1 from now on. */
static inline int fd_steal(int *fd)
{
    int stolen = *fd;

    *fd = -1;
    return stolen;
}

#endif
