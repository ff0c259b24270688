/* SPDX-License-Identifier: MIT */
/*
 * What few calls need, kept out of line: so that what most need stays together, also where a caller is
 * made in one piece with all that it calls.
 */
#ifndef TSD_BASE_COLD_H
#define TSD_BASE_COLD_H

#define COLD __attribute__((noinline, cold))

#endif
