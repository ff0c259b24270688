/* SPDX-License-Identifier: MIT */
#include "history/format.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

uint64_t record_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

int recorder_open(struct recorder *recorder, const char *folder, const char *name, uint32_t client)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s.hist", folder, name);
    recorder->client = client;
    recorder->fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    return recorder->fd < 0 ? -1 : 0;
}

void recorder_close(struct recorder *recorder)
{
    close(recorder->fd);
    recorder->fd = -1;
}

void record(const struct recorder *recorder, enum record_kind kind, uint64_t connection,
            const void *bytes, size_t size)
{
    struct record head = {.magic = RECORD_MAGIC,
                          .kind = kind,
                          .size = (uint32_t)size,
                          .client = recorder->client,
                          .connection = connection,
                          .time_ns = record_clock()};
    const struct iovec parts[] = {{&head, sizeof head}, {(void *)(uintptr_t)bytes, size}};
    if (writev(recorder->fd, parts, size ? 2 : 1) != (ssize_t)(sizeof head + size)) {
        perror("cannot record");
        _exit(3);
    }
}
