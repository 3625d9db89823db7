# Options and compiler flags. Everything of ours links to tally_flags, nothing else sets flags.

option(TALLY_PORTABLE "Use the *_posix.c twins in place of the *_linux.c files" OFF)
option(TALLY_WERROR "Treat warnings as errors" OFF)
option(TALLY_FAULTS "Build in fault injection: fail the n-th allocation, read or write" OFF)
option(TALLY_COVERAGE "Count executed lines, for the target coverage-report" OFF)
option(TALLY_FUZZ "Build the libFuzzer targets instead of the tests (clang only)" OFF)
set(TALLY_SANITIZE "" CACHE STRING "Sanitizers, as in -fsanitize=; for example address,undefined")

if(CMAKE_SYSTEM_NAME STREQUAL "Linux" AND NOT TALLY_PORTABLE)
	set(TALLY_LINUX ON)
else()
	set(TALLY_LINUX OFF)
endif()

if(NOT CMAKE_BUILD_TYPE)
	set(CMAKE_BUILD_TYPE Release CACHE STRING "Debug or Release" FORCE)
endif()

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_C_VISIBILITY_PRESET hidden)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
# Folder libraries end up in a shared libtally as well as in a position independent program.
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported(LANGUAGES C)

# Asserts stay in a release: input is hostile, and a stop is better than a wrong receipt.
set(CMAKE_C_FLAGS_RELEASE "-O2" CACHE STRING "" FORCE)
set(CMAKE_C_FLAGS_DEBUG "-Og -g" CACHE STRING "")

add_library(tally_flags INTERFACE)

# POSIX and nothing more. A *_linux.c file asks for more itself, with _GNU_SOURCE on top.
target_compile_definitions(tally_flags INTERFACE
	_POSIX_C_SOURCE=200809L
	_XOPEN_SOURCE=700
	_FILE_OFFSET_BITS=64
	$<$<PLATFORM_ID:Darwin>:_DARWIN_C_SOURCE>
	TALLY_LINUX=$<BOOL:${TALLY_LINUX}>
	TALLY_FAULTS=$<BOOL:${TALLY_FAULTS}>
	TALLY_VERSION="${PROJECT_VERSION}")
target_include_directories(tally_flags INTERFACE
	${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/include)

target_compile_options(tally_flags INTERFACE
	-Wall -Wextra -Wshadow -Wvla -Wundef -Wpointer-arith -Wwrite-strings -Wcast-qual
	-Wformat=2 -Wimplicit-fallthrough -Wstrict-prototypes -Wold-style-definition
	-Wmissing-prototypes -Wmissing-declarations
	$<$<BOOL:${TALLY_WERROR}>:-Werror>)

# Lost bits matter when sizes come from files; changed signs alone are mostly noise in C. Tests do
# without: their numbers are their own.
add_library(tally_flags_strict INTERFACE)
target_link_libraries(tally_flags_strict INTERFACE tally_flags)
target_compile_options(tally_flags_strict INTERFACE -Wconversion -Wno-sign-conversion)

target_compile_options(tally_flags INTERFACE -fstack-protector-strong)
if(CMAKE_SYSTEM_NAME STREQUAL "Linux")
	target_link_options(tally_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack -Wl,--as-needed)
endif()
if(NOT TALLY_SANITIZE) # the sanitizers bring interceptors of their own
	target_compile_options(tally_flags INTERFACE
		$<$<CONFIG:Release>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
endif()

if(TALLY_SANITIZE)
	set(sanitize -fsanitize=${TALLY_SANITIZE} -fno-sanitize-recover=all)
	target_compile_options(tally_flags INTERFACE ${sanitize} -fno-omit-frame-pointer)
	target_link_options(tally_flags INTERFACE ${sanitize})
endif()
if(TALLY_FUZZ)
	target_compile_options(tally_flags INTERFACE -fsanitize=fuzzer-no-link)
endif()
if(TALLY_COVERAGE)
	target_compile_options(tally_flags INTERFACE --coverage -fprofile-update=atomic)
	target_link_options(tally_flags INTERFACE --coverage)
endif()
