# What `cmake --install` puts where. Both descriptions for other builds (pkg-config and CMake) find
# their files relative to themselves, so an installed tree may be moved.

include(CMakePackageConfigHelpers)

file(GLOB public_headers CONFIGURE_DEPENDS ecommerce_system.h ecommerce_operations.h ecommerce_error.h)
install(FILES ${public_headers} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ecommerce)
install(TARGETS ecommerce_shared EXPORT ecommerceTargets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET ecommerce)
    install(TARGETS ecommerce RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(FILES config/ecommerce_config.yaml.example
        DESTINATION ${CMAKE_INSTALL_DATADIR}/ecommerce OPTIONAL)
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(pkgconfig_folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
file(RELATIVE_PATH pkgconfig_to_prefix "/${pkgconfig_folder}" "/")
configure_file(packaging/ecommerce.pc.in ecommerce.pc @ONLY)
install(FILES "${PROJECT_BINARY_DIR}/ecommerce.pc" DESTINATION ${pkgconfig_folder})

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/ecommerce)
configure_package_config_file(packaging/ecommerceConfig.cmake.in ecommerceConfig.cmake
                              INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(ecommerceConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/ecommerceConfig.cmake"
              "${PROJECT_BINARY_DIR}/ecommerceConfigVersion.cmake"
        DESTINATION ${package_folder})
install(EXPORT ecommerceTargets NAMESPACE ecommerce:: DESTINATION ${package_folder})
