/* SPDX-License-Identifier: MIT */
/*
 * Keeps tests/hostile.md honest: a test that stands in that table says how many inputs it tried.
 */
#ifndef TSD_TEST_TRIED_H
#define TSD_TEST_TRIED_H

/* Fails the test where the row of the test `name` does not say `count`, or there is none. A loop test
 * says so in each of its turns, with how many turns there are. */
void tried(const char *name, unsigned count);

#endif
