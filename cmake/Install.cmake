# What `cmake --install` puts where; find_package(ame) finds it there.
include(CMakePackageConfigHelpers)
set(AME_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/ame)

install(TARGETS ame ame-pass ame-clang EXPORT ame
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/ame DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(EXPORT ame NAMESPACE ame:: FILE ameTargets.cmake DESTINATION ${AME_CMAKE_DIR})

configure_package_config_file(cmake/ameConfig.cmake.in ameConfig.cmake
    INSTALL_DESTINATION ${AME_CMAKE_DIR}
    PATH_VARS CMAKE_INSTALL_LIBDIR)
write_basic_package_version_file(ameConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES
    ${PROJECT_BINARY_DIR}/ameConfig.cmake
    ${PROJECT_BINARY_DIR}/ameConfigVersion.cmake
    cmake/AmeProgram.cmake
    DESTINATION ${AME_CMAKE_DIR})
