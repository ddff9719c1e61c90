# Where the libraries come from when we build for another system than this one (see the preset
# `windows`): those that are headers only here are taken as they lie in /usr/include, each alone, so
# that no header of this system's C library is seen; GoogleTest is built from its sources.
set(PF_BORROWED_HEADERS ${CMAKE_BINARY_DIR}/borrowed)

# pf_borrow(TARGET HEADERS...): an imported target that sees /usr/include/HEADERS.
function(pf_borrow TARGET)
    file(MAKE_DIRECTORY ${PF_BORROWED_HEADERS}/${ARGV1})
    foreach(entry ${ARGN})
        if(NOT EXISTS /usr/include/${entry})
            message(FATAL_ERROR "/usr/include/${entry} is not here; ./dev setup windows installs it")
        endif()
        file(CREATE_LINK /usr/include/${entry} ${PF_BORROWED_HEADERS}/${ARGV1}/${entry} SYMBOLIC)
    endforeach()
    if(NOT TARGET ${TARGET})
        add_library(${TARGET} INTERFACE IMPORTED GLOBAL)
        target_include_directories(${TARGET} SYSTEM INTERFACE ${PF_BORROWED_HEADERS}/${ARGV1})
    endif()
endfunction()

macro(pf_find_library METHOD NAME)
    set(${NAME}_FOUND TRUE)
    if("${NAME}" STREQUAL "tl-expected")
        pf_borrow(tl::expected tl)
    elseif("${NAME}" STREQUAL "fmt")
        pf_borrow(fmt::fmt fmt)
        set_target_properties(fmt::fmt PROPERTIES
            INTERFACE_COMPILE_DEFINITIONS FMT_HEADER_ONLY)
    elseif("${NAME}" STREQUAL "spdlog")
        pf_borrow(fmt::fmt fmt)
        pf_borrow(spdlog::spdlog spdlog)
        set_target_properties(spdlog::spdlog PROPERTIES
            INTERFACE_COMPILE_DEFINITIONS "SPDLOG_HEADER_ONLY;SPDLOG_FMT_EXTERNAL;FMT_HEADER_ONLY")
        set_property(TARGET spdlog::spdlog PROPERTY INTERFACE_LINK_LIBRARIES fmt::fmt)
    elseif("${NAME}" STREQUAL "CLI11")
        pf_borrow(CLI11::CLI11 CLI)
    elseif("${NAME}" STREQUAL "nlohmann_json")
        pf_borrow(nlohmann_json::nlohmann_json nlohmann)
    elseif("${NAME}" STREQUAL "GTest")
        if(NOT TARGET GTest::gtest)
            set(INSTALL_GTEST OFF)
            add_subdirectory(/usr/src/googletest ${CMAKE_BINARY_DIR}/googletest EXCLUDE_FROM_ALL)
        endif()
    else()
        set(${NAME}_FOUND FALSE)  # as always
        find_package(${NAME} ${ARGN} BYPASS_PROVIDER)
    endif()
endmacro()

cmake_language(SET_DEPENDENCY_PROVIDER pf_find_library SUPPORTED_METHODS FIND_PACKAGE)
