/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* sigabbrev_np */
#include "tsctl/work_error.h"

#include <inttypes.h>
#include <string.h>
#include <sys/wait.h>

#include "protocol/limits.h"
#include "protocol/text_write.h"
#include "protocol/utf8.h"
#include "tsctl/memory.h"

/* Of the task's text; all of it, if it fits a tuple, where that is the last copy. */
#define TASK_BYTES KIB(4)
#define TASK_BYTES_LAST MIB(15)

uint32_t work_error_number(int status)
{
    return WIFSIGNALED(status) ? 256 + (uint32_t)WTERMSIG(status) : (uint32_t)WEXITSTATUS(status);
}

void work_error_end(int status, struct buffer *out)
{
    if (!WIFSIGNALED(status)) {
        buffer_printf(out, "exit %d", WEXITSTATUS(status));
        return;
    }
    const char *name = sigabbrev_np(WTERMSIG(status));
    if (name != NULL)
        buffer_printf(out, "SIG%s (signal %d)", name, WTERMSIG(status));
    else
        buffer_printf(out, "signal %d", WTERMSIG(status));
}

static void add_task(const struct work_error *error, struct buffer *trace)
{
    size_t limit = error->given_up ? TASK_BYTES_LAST : TASK_BYTES;
    struct buffer text = BUFFER_INIT;
    text_write_value(error->tuple, &text);
    memory_check(!text.failed);
    bool whole = text.size <= limit;
    buffer_append(trace, text.bytes, whole ? text.size : utf8_valid_size(text.bytes, limit));
    buffer_printf(trace, whole ? "\n" : "...\n");
    buffer_deinit(&text);
}

static void add_end(const struct work_error *error, struct buffer *trace)
{
    if (error->ended) {
        work_error_end(error->status, trace);
        buffer_printf(trace, ", after %.3f s", (double)error->took_us / 1e6);
        if (error->peak_kib > 0)
            buffer_printf(trace, ", peak memory %.1f MiB", (double)error->peak_kib / 1024);
        buffer_printf(trace, "\n");
    }
    if (error->returns > 0)
        buffer_printf(trace, "it had come back %" PRIu32 " time%s before\n", error->returns,
                      error->returns == 1 ? "" : "s");
    if (error->why != NULL)
        buffer_printf(trace, "%s\n", error->why);
    if (error->given_up)
        buffer_printf(trace, "given up: it does not come back\n");
}

void work_error_pack(const struct work_error *error, struct buffer *out)
{
    struct buffer trace = BUFFER_INIT;
    bool by_signal = error->ended && WIFSIGNALED(error->status);
    const char *kind = !error->ended ? "lost" : by_signal ? "signal" : "exit";
    add_task(error, &trace);
    add_end(error, &trace);
    if (error->tail != NULL && error->tail->size > 0)
        buffer_append(&trace, error->tail->bytes, error->tail->size);

    msgpack_packer packer = buffer_packer(out);
    msgpack_pack_array(&packer, 5);
    buffer_pack_str(out, "error", 5);
    size_t valid = utf8_valid_size(error->worker, strlen(error->worker));
    buffer_pack_str(out, error->worker, valid);
    buffer_pack_str(out, kind, strlen(kind));
    if (error->ended)
        msgpack_pack_int(&packer, by_signal ? WTERMSIG(error->status) : WEXITSTATUS(error->status));
    else
        msgpack_pack_nil(&packer);
    buffer_pack_str(out, trace.bytes, trace.size);
    memory_check(!trace.failed && !out->failed);
    buffer_deinit(&trace);
}
