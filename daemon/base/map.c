/* SPDX-License-Identifier: MIT */
#include "base/map.h"

#include <assert.h>
#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#include "base/fault.h"
#include "base/poison.h"

/* Under ASan what a block points to is not lost. */
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/lsan_interface.h>
#define leak_root(block, size) __lsan_register_root_region(block, size)
#define leak_root_gone(block, size) __lsan_unregister_root_region(block, size)
#else
#define leak_root(block, size) ((void)0)
#define leak_root_gone(block, size) ((void)0)
#endif

void *map_alloc(size_t size, bool huge)
{
    assert(size > 0 && size % MAP_UNIT == 0);
    char *all = MAP_FAILED;
    if (!fault_hit())
        all =
            mmap(NULL, size + MAP_UNIT, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (all == MAP_FAILED) {
        errno = ENOMEM;
        return NULL;
    }
    /* The last aligned block of it; the rest goes back. Blocks then mostly stand side by side. */
    const size_t after = (uintptr_t)all % MAP_UNIT;
    char *block = all + MAP_UNIT - after;
    munmap(all, MAP_UNIT - after);
    if (after > 0)
        munmap(block + size, after);
    if (huge)
        madvise(block, size, MADV_HUGEPAGE);
    leak_root(block, size);
    return block;
}

void map_free(void *block, size_t size)
{
    leak_root_gone(block, size);
    munmap(block, size);
}
