/* SPDX-License-Identifier: MIT */
#include "base/fault.h"

size_t fault_countdown;
unsigned fault_held;
bool fault_all;

void fault_set(size_t n)
{
    fault_countdown = n;
    fault_all = false;
}

void fault_set_all(size_t n)
{
    fault_countdown = n;
    fault_all = true;
}

bool fault_pending(void)
{
    return fault_countdown != 0;
}
