/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* mkostemp, memfd_create */
#include "tsctl/work_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tsctl/memory.h"

bool work_spool_open(struct work_spool *spool)
{
    const char *folder = getenv("TMPDIR");
    char *path =
        memory_printf("%s/tsctl-XXXXXX", folder != NULL && folder[0] != '\0' ? folder : "/tmp");
    *spool = (struct work_spool){-1, -1};
    spool->write_fd = mkostemp(path, O_APPEND | O_CLOEXEC);
    if (spool->write_fd >= 0) {
        spool->read_fd = open(path, O_RDONLY | O_CLOEXEC);
        unlink(path);
    }
    int error = errno;
    free(path);
    if (spool->read_fd >= 0)
        return true;
    work_spool_close(spool);
    errno = error;
    return false;
}

void work_spool_close_write(struct work_spool *spool)
{
    if (spool->write_fd >= 0)
        close(spool->write_fd);
    spool->write_fd = -1;
}

void work_spool_close(struct work_spool *spool)
{
    work_spool_close_write(spool);
    if (spool->read_fd >= 0)
        close(spool->read_fd);
    spool->read_fd = -1;
}

int work_spool_of(const void *bytes, size_t size)
{
    int fd = memfd_create("tsctl", MFD_CLOEXEC);
    for (size_t at = 0; fd >= 0 && at < size;) {
        ssize_t wrote = write(fd, (const char *)bytes + at, size - at);
        if (wrote < 0) {
            int error = errno;
            close(fd);
            errno = error;
            return -1;
        }
        at += (size_t)wrote;
    }
    if (fd >= 0)
        (void)lseek(fd, 0, SEEK_SET);
    return fd;
}
