/* SPDX-License-Identifier: MIT */
/*
 * A tuple's fields as environment variables: $TSD_1, $TSD_2, ... Those of an outer tuple go.
 */
#ifndef TSCTL_CHILD_ENVIRONMENT_H
#define TSCTL_CHILD_ENVIRONMENT_H

#include <stdint.h>

/* Sets them for this process, which is about to become another. NULL: leaves everything as it is. */
void child_environment_set(const uint8_t *tuple);

#endif
