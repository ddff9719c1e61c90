// What must hold whatever the other side writes. A breach ends the program with its place.
#pragma once

#include <cstdio>
#include <cstdlib>

#define PF_INSIST(condition)                                                               \
    do {                                                                                   \
        if (!static_cast<bool>(condition)) {                                               \
            std::fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
            std::abort();                                                                  \
        }                                                                                  \
    } while (false)
