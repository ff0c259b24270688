/* SPDX-License-Identifier: MIT */
/*
 * Memory that must not be touched now: ASan says who does. Nothing without ASan.
 */
#ifndef TSD_BASE_POISON_H
#define TSD_BASE_POISON_H

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#define poison(address, size) ASAN_POISON_MEMORY_REGION(address, size)
#define unpoison(address, size) ASAN_UNPOISON_MEMORY_REGION(address, size)
#else
#define poison(address, size) ((void)(address), (void)(size))
#define unpoison(address, size) ((void)(address), (void)(size))
#endif

#endif
