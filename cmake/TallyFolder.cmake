# Targets from folders: sources are whatever .c files lie there.

# Of each pair of twins keep the one for this system: *_linux.c or *_posix.c.
function(tally_pick_twins out)
	if(TALLY_LINUX)
		list(FILTER ARGN EXCLUDE REGEX "_posix\\.c$")
	else()
		list(FILTER ARGN EXCLUDE REGEX "_linux\\.c$")
	endif()
	set(${out} ${ARGN} PARENT_SCOPE)
endfunction()

# Of the fmt_*.c files keep those that the registry lists, as TALLY_FORMAT(name) one a line.
function(tally_pick_formats out folder registry)
	list(FILTER ARGN EXCLUDE REGEX "/fmt_[^/]*\\.c$")
	if(EXISTS ${folder}/${registry})
		set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${folder}/${registry})
		file(STRINGS ${folder}/${registry} lines REGEX "^TALLY_FORMAT\\([a-z0-9_]+\\)")
		foreach(line IN LISTS lines)
			string(REGEX REPLACE "^TALLY_FORMAT\\(([a-z0-9_]+)\\).*" "\\1" name ${line})
			list(APPEND ARGN ${folder}/fmt_${name}.c)
		endforeach()
	endif()
	set(${out} ${ARGN} PARENT_SCOPE)
endfunction()

# tally_folder(NAME [USES TARGET…] [EXCEPT FILE…] [HOT FILE…] [REGISTRY FILE])
# makes the static library tally_NAME. A folder without sources is a bare dependency. HOT files are
# those whose inner loops bound the run time; a release compiles them with -O3.
function(tally_folder name)
	cmake_parse_arguments(PARSE_ARGV 1 arg "" "REGISTRY" "USES;EXCEPT;HOT")
	set(folder ${PROJECT_SOURCE_DIR}/${name})
	file(GLOB sources CONFIGURE_DEPENDS ${folder}/*.c)
	tally_pick_twins(sources ${sources})
	if(arg_REGISTRY)
		tally_pick_formats(sources ${folder} ${arg_REGISTRY} ${sources})
	endif()
	foreach(file IN LISTS arg_EXCEPT)
		list(REMOVE_ITEM sources ${folder}/${file})
	endforeach()
	foreach(file IN LISTS arg_HOT)
		set_source_files_properties(${folder}/${file} PROPERTIES
			COMPILE_OPTIONS $<$<CONFIG:Release>:-O3>)
	endforeach()

	if(sources)
		add_library(tally_${name} STATIC ${sources})
		target_link_libraries(tally_${name} PRIVATE tally_flags_strict PUBLIC ${arg_USES})
	else()
		add_library(tally_${name} INTERFACE)
		target_link_libraries(tally_${name} INTERFACE ${arg_USES})
	endif()
endfunction()

# tally_library(TARGET FOLDER…): one library for others out of the folders' objects; what is not
# marked for export stays hidden when it is shared.
function(tally_library target)
	set(objects)
	set(uses)
	foreach(name IN LISTS ARGN)
		get_target_property(type tally_${name} TYPE)
		if(NOT type STREQUAL "INTERFACE_LIBRARY")
			list(APPEND objects $<TARGET_OBJECTS:tally_${name}>)
		endif()
		get_target_property(links tally_${name} INTERFACE_LINK_LIBRARIES)
		list(FILTER links INCLUDE REGEX "::")
		list(FILTER links EXCLUDE REGEX "LINK_ONLY")
		list(APPEND uses ${links})
	endforeach()
	if(NOT objects)
		return()
	endif()
	list(REMOVE_DUPLICATES uses)
	add_library(${target} ${objects})
	target_link_libraries(${target} PRIVATE tally_flags ${uses})
	target_include_directories(${target} INTERFACE
		$<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include> $<INSTALL_INTERFACE:include>)
	set_target_properties(${target} PROPERTIES
		OUTPUT_NAME tally LINKER_LANGUAGE C
		VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR})
endfunction()

# tally_program(TARGET FILE USES TARGET…): the program links the folders themselves, because it
# uses more of them than the library exports.
function(tally_program target main)
	cmake_parse_arguments(PARSE_ARGV 2 arg "" "" "USES")
	file(GLOB found CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${main})
	if(NOT found)
		return()
	endif()
	add_executable(${target} ${found})
	target_link_libraries(${target} PRIVATE tally_flags_strict ${arg_USES})
endfunction()
