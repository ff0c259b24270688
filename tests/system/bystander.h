/* SPDX-License-Identifier: MIT */
/*
 * A real daemon, and a client of it that is not to notice anything of what another one sends: it is
 * answered to the end, and what it put is still there.
 */
#ifndef TESTS_BYSTANDER_H
#define TESTS_BYSTANDER_H

#include <check.h>

#include "lib/daemon.h"
#include "lib/wire.h"

static struct daemon daemon_;
static struct wire other; /* who is not to notice anything */
static struct wire wire;
static struct buffer out;

static void setup(void)
{
    daemon_start(&daemon_, NULL);
    wire_open(&other, daemon_.socket);
    wire_out(&other, 1, "[\"kept\"]");
}

static void teardown(void)
{
    wire_ping(&other, 2);
    ck_assert_uint_eq(wire_count(daemon_.socket, "[\"kept\"]"), 1);
    wire_close(&other);
    buffer_deinit(&out);
    daemon_stop(&daemon_);
}

#endif
