/* SPDX-License-Identifier: MIT */
/*
 * The mode of a space as people write it: 9 bits as of a file, but for r (read), w (write), t (take)
 * of its owner (u), its group (g) and others (o).
 */
#ifndef TSCTL_RIGHTS_H
#define TSCTL_RIGHTS_H

#include <stdbool.h>
#include <stdint.h>

#define RIGHTS_MOST 0777u

/* A whole mode: octal digits such as 0750, or letters such as `rwtr-----`. */
bool rights_parse(const char *text, uint32_t *mode);

/*
 * That, or changes such as `g+rw,o=`: of u, g, o or a (all, also where none is named) adds, removes or
 * sets rights. Applied to *mode, which holds what the mode is.
 */
bool rights_change(const char *text, uint32_t *mode);

/* Whether such a text gives the same mode whatever it was before. False where it is no mode. */
bool rights_is_whole(const char *text);

/* As nine letters, `rwtr-----`. */
#define RIGHTS_SIZE 10
const char *rights_show(uint32_t mode, char text[static RIGHTS_SIZE]);

/* Says how a mode is written, after a complaint that this is none. */
void rights_hint(void);

#endif
