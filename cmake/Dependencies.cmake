# The libraries of the engine, all from the system's packages.

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(jansson REQUIRED IMPORTED_TARGET jansson)
pkg_check_modules(yaml REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(zlib REQUIRED IMPORTED_TARGET zlib)

add_library(ecommerce_dependencies INTERFACE)
target_link_libraries(ecommerce_dependencies INTERFACE
    PkgConfig::sqlite3 PkgConfig::jansson PkgConfig::yaml PkgConfig::sodium PkgConfig::zlib
    Threads::Threads m)
