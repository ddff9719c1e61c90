// An invariant that a fuzzer checks in every build, whatever NDEBUG says.
#pragma once

#include <cstdio>
#include <cstdlib>

#define PF_REQUIRE(condition)                                                              \
    do {                                                                                   \
        if (!(condition)) {                                                                \
            std::fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                  \
        }                                                                                  \
    } while (false)
