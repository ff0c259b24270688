/* SPDX-License-Identifier: MIT */
/*
 * What `tsd --help` says, from the tables of config.h and limits.h.
 */
#ifndef TSD_USAGE_H
#define TSD_USAGE_H

#include <stdio.h>

void usage_print(FILE *file);

#endif
