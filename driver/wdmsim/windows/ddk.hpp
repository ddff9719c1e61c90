// The kernel's declarations, as C++ takes them. In sources of the carrier only; never together with
// windows.h, which declares many of the same names.
#pragma once

// Before the line below: the compiler has two of its functions built in.
#include <intrin.h>

extern "C" {
#define InterlockedBitTestAndSet pf_kernel_bit_test_and_set
#define InterlockedBitTestAndReset pf_kernel_bit_test_and_reset
#include <ntddk.h>
#undef InterlockedBitTestAndSet
#undef InterlockedBitTestAndReset
}
