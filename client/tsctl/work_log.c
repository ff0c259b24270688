/* SPDX-License-Identifier: MIT */
#include "tsctl/work_log.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "protocol/text_write.h"
#include "tsctl/complain.h"
#include "tsctl/memory.h"

static const char head[] = "start\tseconds\tid\treturns\toutcome\texit\tsignal\tpeak-kib\ttask\n";

static bool append(int fd, const void *bytes, size_t size)
{
    if (write(fd, bytes, size) == (ssize_t)size) /* one write: others append to the file, too */
        return true;
    complain("--log: cannot write: %s", strerror(errno != 0 ? errno : ENOSPC));
    return false;
}

int work_log_open(const char *path)
{
    struct stat file;
    int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (fd < 0) {
        complain("--log: cannot open %s: %s", path, strerror(errno));
        return -1;
    }
    errno = 0;
    bool empty = fstat(fd, &file) != 0 || file.st_size == 0;
    if (!empty || append(fd, head, sizeof(head) - 1))
        return fd;
    close(fd);
    return -1;
}

void work_log_format(const struct work_log_line *line, struct buffer *out)
{
    bool by_signal = line->ended && WIFSIGNALED(line->status);
    buffer_printf(out, "%lld.%03ld\t%.3f\t%" PRIu64 "\t%" PRIu32 "\t%s\t",
                  (long long)line->start.tv_sec, line->start.tv_nsec / 1000000,
                  (double)line->took_us / 1e6, line->id, line->returns, line->outcome);
    if (line->ended && !by_signal)
        buffer_printf(out, "%d", WEXITSTATUS(line->status));
    buffer_append_byte(out, '\t');
    if (by_signal)
        buffer_printf(out, "%d", WTERMSIG(line->status));
    buffer_printf(out, "\t%" PRIu64 "\t", line->peak_kib);
    text_write_value(line->tuple, out);
    buffer_append_byte(out, '\n');
}

bool work_log_write(int fd, const struct work_log_line *line)
{
    struct buffer text = BUFFER_INIT;
    work_log_format(line, &text);
    memory_check(!text.failed);
    errno = 0;
    bool written = append(fd, text.bytes, text.size);
    buffer_deinit(&text);
    return written;
}
