# Headers, and the package that find_package(pf_proto) finds; target pf::proto.
include(CMakePackageConfigHelpers)

set(pf_proto_package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/pf_proto)
install(DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}/include/pf
    DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(TARGETS pf_proto EXPORT pf_protoTargets)
install(EXPORT pf_protoTargets NAMESPACE pf:: DESTINATION ${pf_proto_package_dir})
configure_package_config_file(
    ${CMAKE_CURRENT_LIST_DIR}/pf_protoConfig.cmake.in
    ${CMAKE_CURRENT_BINARY_DIR}/pf_protoConfig.cmake
    INSTALL_DESTINATION ${pf_proto_package_dir})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/pf_protoConfigVersion.cmake
    COMPATIBILITY AnyNewerVersion ARCH_INDEPENDENT)
install(FILES
    ${CMAKE_CURRENT_BINARY_DIR}/pf_protoConfig.cmake
    ${CMAKE_CURRENT_BINARY_DIR}/pf_protoConfigVersion.cmake
    DESTINATION ${pf_proto_package_dir})
