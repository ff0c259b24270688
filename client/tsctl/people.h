/* SPDX-License-Identifier: MIT */
/*
 * Users and groups, by name or by number, as the host knows them.
 */
#ifndef TSCTL_PEOPLE_H
#define TSCTL_PEOPLE_H

#include <stdbool.h>
#include <stdint.h>

/* A name, or where there is none of that name a number. False where it is neither. */
bool people_find_user(const char *text, uint32_t *uid);
bool people_find_group(const char *text, uint32_t *gid);

/* The same, for an option or argument of that name: EXIT_USAGE after it has complained. */
int people_read_user(const char *what, const char *text, uint32_t *uid);
int people_read_group(const char *what, const char *text, uint32_t *gid);

/* The name; the number where it has none. The text is good until the next call of the same function. */
const char *people_user(uint32_t uid);
const char *people_group(uint32_t gid);

#endif
