# Included by CMakeLists.txt where the X11 source is built.
pf_test(NAME x11_pure_test
    SOURCES x11_layout_test.cpp x11_damage_test.cpp x11_error_test.cpp x11_picture_watch_test.cpp
        xorg_files_test.cpp
    LIBS pf::hostproc)
pf_test(NAME x11_socket_test SOURCES x11_socket_test.cpp LIBS pf::hostproc)
foreach(x11_test xorg_server_test xorg_keeper_test x11_outputs_test x11_shm_test x11_source_test
        x11_follow_test x11_pairs_test x11_silence_test)
    pf_test(NAME ${x11_test} SOURCES ${x11_test}.cpp x11_fixture_test.cpp
        LIBS pf::hostproc pf::os_testing LABELS x11 TIMEOUT 240)
endforeach()
if(TEST x11_source_test)
    set_property(TEST x11_source_test APPEND PROPERTY LABELS threads)
endif()
if(TARGET xorg_keeper_test)
    target_compile_definitions(xorg_keeper_test
        PRIVATE PF_DRIVER_PROGRAM="$<TARGET_FILE:pf-vdisplay-driver>")
    add_dependencies(xorg_keeper_test pf-vdisplay-driver)
endif()

# Once with a server that is stopped for as long as a test may take, once for as long as it says.
foreach(stopped 3 20)
    set(name slow_server_test)
    set(labels x11 threads)
    if(stopped EQUAL 20)
        set(name slow_server_long_test)
        set(labels slow)
    endif()
    pf_test(NAME ${name} SOURCES slow_server_test.cpp x11_fixture_test.cpp
        LIBS pf_hostproc_test_support LABELS ${labels} TIMEOUT 240)
    if(TARGET ${name})
        target_compile_definitions(${name} PRIVATE PF_STOPPED_S=${stopped}
            PF_DRIVER_PROGRAM="$<TARGET_FILE:pf-vdisplay-driver>")
        add_dependencies(${name} pf-vdisplay-driver)
    endif()
endforeach()
