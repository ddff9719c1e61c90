# Settings that every room shares, and the two functions that keep their CMakeLists short.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    set(CMAKE_BUILD_TYPE RelWithDebInfo CACHE STRING "" FORCE)
endif()

find_program(PF_CCACHE ccache)
if(PF_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${PF_CCACHE})
endif()

if(WIN32)
    # Windows 10 is the oldest that has such drivers. Text is UTF-16 at the system's calls.
    add_compile_definitions(_WIN32_WINNT=0x0A00 WINVER=0x0A00 NTDDI_VERSION=0x0A000006
        WIN32_LEAN_AND_MEAN NOMINMAX UNICODE _UNICODE)
    # As printf's formats of every other system.
    add_compile_definitions(__USE_MINGW_ANSI_STDIO=1)
endif()

# The programs lie side by side, as they do when installed: pfvd finds the driver next to itself.
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}/bin)

add_library(pf_build_flags INTERFACE)
target_compile_options(pf_build_flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Werror)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    # A member with a default may be left out of an aggregate's braces; g++ sees it so, too.
    target_compile_options(pf_build_flags INTERFACE -Wno-missing-field-initializers)
endif()
if(PF_SANITIZE STREQUAL "address")
    # vptr needs RTTI, which driver core does without.
    set(pf_instrument_flags -fsanitize=address,undefined -fno-sanitize=vptr)
    target_compile_options(pf_build_flags INTERFACE
        -fno-sanitize-recover=all -fno-omit-frame-pointer)
elseif(PF_SANITIZE STREQUAL "thread")
    set(pf_instrument_flags -fsanitize=thread)
    target_compile_options(pf_build_flags INTERFACE -fno-omit-frame-pointer)
    if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
        # TSan does not model fences; the code pairs them with atomic operations that it does see.
        target_compile_options(pf_build_flags INTERFACE -Wno-tsan)
    endif()
elseif(PF_SANITIZE)
    message(FATAL_ERROR "PF_SANITIZE is empty, address or thread, not '${PF_SANITIZE}'")
endif()
if(PF_COVERAGE)
    list(APPEND pf_instrument_flags --coverage)
endif()
target_compile_options(pf_build_flags INTERFACE ${pf_instrument_flags})
target_link_options(pf_build_flags INTERFACE ${pf_instrument_flags})
if(PF_BUILD_FUZZERS)
    # Every room is built so that libFuzzer sees which branches an input reached.
    target_compile_options(pf_build_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()

# Instrumented programs are several times slower; deadlines of the test runner grow with them.
if(PF_SANITIZE STREQUAL "thread")
    set(PF_TIMEOUT_FACTOR 8)
elseif(PF_SANITIZE)
    set(PF_TIMEOUT_FACTOR 4)
else()
    set(PF_TIMEOUT_FACTOR 1)
endif()

# pf_test_properties(NAME LABELS TIMEOUT): what every ctest entry of ours has. LABELS is a list,
# empty means quick; TIMEOUT is in seconds, empty means 60.
function(pf_test_properties NAME LABELS TIMEOUT)
    if(NOT LABELS)
        set(LABELS quick)
    endif()
    if(NOT TIMEOUT)
        set(TIMEOUT 60)
    endif()
    math(EXPR TIMEOUT "${TIMEOUT} * ${PF_TIMEOUT_FACTOR}")
    set_tests_properties(${NAME} PROPERTIES LABELS "${LABELS}" TIMEOUT ${TIMEOUT}
        SKIP_RETURN_CODE 77)
    if(PF_COVERAGE)
        # A process that is killed as it writes its counts spoils the file; so every test has files
        # of its own (tools/coverage.py adds them up).
        set_tests_properties(${NAME} PROPERTIES
            ENVIRONMENT_MODIFICATION "GCOV_PREFIX=set:${PROJECT_BINARY_DIR}/gcov/${NAME}")
    endif()
endfunction()

# pf_test(NAME monitor_table_test SOURCES ... LIBS ... [LABELS quick|slow|x11|threads] [TIMEOUT seconds])
# A GoogleTest program, one ctest entry. Default label quick, default timeout 60 s. Exit code 77
# counts as skipped.
function(pf_test)
    cmake_parse_arguments(T "" "NAME;TIMEOUT" "SOURCES;LIBS;LABELS" ${ARGN})
    if(NOT PF_BUILD_TESTS)
        return()
    endif()
    find_package(GTest REQUIRED)
    add_executable(${T_NAME} ${T_SOURCES})
    target_link_libraries(${T_NAME} PRIVATE ${T_LIBS} GTest::gmock GTest::gtest_main pf_build_flags)
    set_target_properties(${T_NAME} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR})
    add_test(NAME ${T_NAME} COMMAND ${T_NAME})
    pf_test_properties(${T_NAME} "${T_LABELS}" "${T_TIMEOUT}")
endfunction()
