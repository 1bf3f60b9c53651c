# Warnings and hardening flags, each probed, since compilers differ in what they know. Sets
# ECOMMERCE_COMPILE_FLAGS and ECOMMERCE_LINK_FLAGS; tests/packaging/hardening.sh reads the result
# from the ELF files.

include(CheckCCompilerFlag)
include(CheckCSourceCompiles)
include(CheckLinkerFlag)
include(CheckPIESupported)

set(ECOMMERCE_COMPILE_FLAGS)
set(ECOMMERCE_LINK_FLAGS)

set(CMAKE_REQUIRED_FLAGS "-Wall -Werror") # some flags matter beside -Wall only, some not at all
foreach(flag IN ITEMS
        -Wall -Wextra -Wformat=2 -Wconversion -Wshadow -Wvla -Wimplicit-fallthrough
        -Wstrict-prototypes -Wmissing-prototypes -Werror=format-security -Wtrampolines
        -Wbidi-chars=any -fstack-clash-protection -fstack-protector-strong -fcf-protection=full
        -mbranch-protection=standard
        -fno-delete-null-pointer-checks -fno-strict-overflow -fno-strict-aliasing
        -ftrivial-auto-var-init=zero)
    string(MAKE_C_IDENTIFIER "knows${flag}" known)
    check_c_compiler_flag(${flag} ${known})
    if(${known})
        list(APPEND ECOMMERCE_COMPILE_FLAGS ${flag})
    endif()
endforeach()
unset(CMAKE_REQUIRED_FLAGS)

if(ECOMMERCE_WERROR)
    list(APPEND ECOMMERCE_COMPILE_FLAGS -Werror)
endif()

# Fortified functions need the optimiser, and sanitizers have checks of their own.
if(ECOMMERCE_SANITIZE)
    list(APPEND ECOMMERCE_COMPILE_FLAGS -fsanitize=${ECOMMERCE_SANITIZE} -fno-omit-frame-pointer
                                        -fno-sanitize-recover=all)
    list(APPEND ECOMMERCE_LINK_FLAGS -fsanitize=${ECOMMERCE_SANITIZE})
elseif(NOT CMAKE_BUILD_TYPE STREQUAL "Debug")
    set(CMAKE_REQUIRED_FLAGS "-O2 -Werror -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3")
    check_c_source_compiles("#include <stdio.h>\nint main(void) { return 0; }" have_fortify_3)
    unset(CMAKE_REQUIRED_FLAGS)
    if(have_fortify_3)
        list(APPEND ECOMMERCE_COMPILE_FLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3)
    else()
        list(APPEND ECOMMERCE_COMPILE_FLAGS -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
    endif()
endif()

if(ECOMMERCE_FUZZ)
    if(NOT CMAKE_C_COMPILER_ID MATCHES "Clang")
        message(FATAL_ERROR "ECOMMERCE_FUZZ needs clang: configure with CC=clang")
    endif()
    list(APPEND ECOMMERCE_COMPILE_FLAGS -fsanitize=fuzzer-no-link)
endif()

foreach(flag IN ITEMS -Wl,-z,relro,-z,now,-z,noexecstack)
    string(MAKE_C_IDENTIFIER "knows${flag}" known)
    check_linker_flag(C ${flag} ${known})
    if(${known})
        list(APPEND ECOMMERCE_LINK_FLAGS ${flag})
    endif()
endforeach()

# Programs are position independent: with this, POSITION_INDEPENDENT_CODE also links with -pie.
check_pie_supported(LANGUAGES C)
