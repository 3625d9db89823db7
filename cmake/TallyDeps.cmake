# Libraries, as imported targets. The reason for each stands in docs/ARCHITECTURE.md.

find_package(PkgConfig REQUIRED)
set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)

pkg_check_modules(archive REQUIRED IMPORTED_TARGET libarchive>=3.6)
pkg_check_modules(expat   REQUIRED IMPORTED_TARGET expat>=2.5)
pkg_check_modules(qpdf    REQUIRED IMPORTED_TARGET libqpdf>=11)
pkg_check_modules(gumbo   REQUIRED IMPORTED_TARGET gumbo>=0.10)
pkg_check_modules(md4c    REQUIRED IMPORTED_TARGET md4c>=0.4.8)
pkg_check_modules(gmime   REQUIRED IMPORTED_TARGET gmime-3.0>=3.2)
pkg_check_modules(png     REQUIRED IMPORTED_TARGET libpng>=1.6)
pkg_check_modules(jpeg    REQUIRED IMPORTED_TARGET libjpeg>=2.0)
pkg_check_modules(zlib    REQUIRED IMPORTED_TARGET zlib>=1.2.11)
pkg_check_modules(xxhash  REQUIRED IMPORTED_TARGET libxxhash>=0.8.1)
pkg_check_modules(sqlite3 REQUIRED IMPORTED_TARGET sqlite3>=3.40)
pkg_check_modules(zstd    REQUIRED IMPORTED_TARGET libzstd>=1.5)
pkg_check_modules(crypto  REQUIRED IMPORTED_TARGET libcrypto>=3.0)
pkg_check_modules(jansson REQUIRED IMPORTED_TARGET jansson>=2.14)

# For libraries without a pkg-config file: header and library make the target tally::NAME.
function(tally_find_plain name header library)
	find_path(TALLY_${name}_INCLUDE ${header} REQUIRED)
	find_library(TALLY_${name}_LIBRARY ${library} REQUIRED)
	mark_as_advanced(TALLY_${name}_INCLUDE TALLY_${name}_LIBRARY)
	add_library(tally::${name} UNKNOWN IMPORTED GLOBAL)
	set_target_properties(tally::${name} PROPERTIES
		IMPORTED_LOCATION ${TALLY_${name}_LIBRARY}
		INTERFACE_INCLUDE_DIRECTORIES ${TALLY_${name}_INCLUDE})
endfunction()

tally_find_plain(unistring unistr.h unistring)

# Libraries that the program loads when it first needs them (core/libraries.def) give it their
# headers alone. The linker does not see them, so a package has to name them by hand.
function(tally_late_library name)
	add_library(tally::${name}_headers INTERFACE IMPORTED GLOBAL)
	set_target_properties(tally::${name}_headers PROPERTIES
		INTERFACE_INCLUDE_DIRECTORIES "${${name}_INCLUDE_DIRS}"
		INTERFACE_COMPILE_OPTIONS "${${name}_CFLAGS_OTHER}")
endfunction()

tally_late_library(archive)
tally_late_library(expat)
tally_late_library(qpdf)
tally_late_library(gumbo)
tally_late_library(md4c)
tally_late_library(gmime)
tally_late_library(png)
tally_late_library(jpeg)
tally_late_library(zlib)
set(TALLY_LATE_PACKAGES "libarchive13 (>= 3.6), libexpat1 (>= 2.5), zlib1g (>= 1:1.2.11), libmd4c0 (>= 0.4.8), libgumbo1, libgmime-3.0-0 (>= 3.2), libqpdf29, libpng16-16, libjpeg62-turbo")

# xxHash picks the vector unit at run time where it was built for x86 with the dispatcher; some
# distributions ship the header without the functions, hence the link.
include(CMakePushCheckState)
include(CheckSourceCompiles)
cmake_push_check_state(RESET)
set(CMAKE_REQUIRED_LIBRARIES PkgConfig::xxhash)
check_source_compiles(C "
	#include <xxh_x86dispatch.h>
	int main(void)
	{
		unsigned char secret[XXH3_SECRET_SIZE_MIN] = { 0 };

		return (int)XXH3_128bits_withSecret_dispatch(\"\", 0, secret, sizeof(secret)).low64;
	}" TALLY_HAVE_XXH_DISPATCH)
cmake_pop_check_state()
target_compile_definitions(tally_flags INTERFACE
	TALLY_HAVE_XXH_DISPATCH=$<BOOL:${TALLY_HAVE_XXH_DISPATCH}>)
