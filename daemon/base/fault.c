/* SPDX-License-Identifier: MIT */
#include "base/fault.h"

size_t fault_countdown;
unsigned fault_held;

void fault_set(size_t n)
{
    fault_countdown = n;
}

bool fault_pending(void)
{
    return fault_countdown != 0;
}
