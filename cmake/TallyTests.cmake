# How tests are made and registered. The names say what they are: unit.FOLDER.MODULE,
# stress.FOLDER.MODULE, cli.CASE, replay.TARGET, fuzz.TARGET.

# A leaking Criterion test otherwise passes: the report comes after the verdict.
set(TALLY_TEST_FAILS
	"ERROR: (Address|Leak)Sanitizer|WARNING: ThreadSanitizer|runtime error:")
set(TALLY_TEST_ENV LC_ALL=C TZ=UTC0
	ASAN_OPTIONS=detect_leaks=1:detect_stack_use_after_return=1:exitcode=99
	UBSAN_OPTIONS=print_stacktrace=1
	TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1)
if(NOT TALLY_LINUX)
	list(APPEND TALLY_TEST_ENV TALLY_PORTABLE=1)
endif()
set(TALLY_TEST_SECONDS 120)
if(TALLY_SANITIZE OR TALLY_COVERAGE)
	set(TALLY_TEST_SECONDS 400)
endif()

# ThreadSanitizer's shadow memory collides with strongly randomised addresses on newer kernels.
set(TALLY_TEST_LAUNCHER)
if(TALLY_SANITIZE MATCHES "thread")
	execute_process(COMMAND setarch --addr-no-randomize true
		RESULT_VARIABLE failed OUTPUT_QUIET ERROR_QUIET)
	if(NOT failed)
		set(TALLY_TEST_LAUNCHER setarch --addr-no-randomize)
	endif()
endif()

# tally_test(NAME LABEL COMMAND…)
function(tally_test name label)
	add_test(NAME ${name} COMMAND ${TALLY_TEST_LAUNCHER} ${ARGN})
	set_tests_properties(${name} PROPERTIES
		LABELS ${label}
		TIMEOUT ${TALLY_TEST_SECONDS}
		SKIP_RETURN_CODE 77
		FAIL_REGULAR_EXPRESSION "${TALLY_TEST_FAILS}"
		ENVIRONMENT "${TALLY_TEST_ENV}")
endfunction()

# tally_test_program(TARGET FOLDER SOURCE…): an executable with what FOLDER may use; a folder of
# tests that is not a folder of the program (laws, for instance) gets everything.
function(tally_test_program target folder)
	add_executable(${target} ${ARGN})
	if(NOT TARGET tally_${folder})
		set(folder cli)
	endif()
	target_include_directories(${target} PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit)
	target_link_libraries(${target} PRIVATE tally_flags tally_test_support tally_${folder})
endfunction()

# tally_unit(FOLDER MODULE SOURCE…): one Criterion program; tests run one by one, ctest is parallel.
function(tally_unit folder module)
	set(target test_${folder}_${module})
	tally_test_program(${target} ${folder} ${ARGN})
	target_link_libraries(${target} PRIVATE PkgConfig::criterion)
	tally_test(unit.${folder}.${module} unit $<TARGET_FILE:${target}> -j1)
endfunction()

# tally_stress(FOLDER MODULE SOURCE…): a plain main for threaded code, since Criterion stops under
# ThreadSanitizer.
function(tally_stress folder module)
	set(target stress_${folder}_${module})
	tally_test_program(${target} ${folder} ${ARGN})
	tally_test(stress.${folder}.${module} stress $<TARGET_FILE:${target}>)
endfunction()

# tally_each(PREFIX FUNCTION): calls FUNCTION for each tests/unit/FOLDER/PREFIX_MODULE.c
function(tally_each prefix function)
	file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/unit/*/${prefix}_*.c)
	tally_pick_twins(sources ${sources})
	foreach(source IN LISTS sources)
		cmake_path(GET source PARENT_PATH folder)
		cmake_path(GET folder FILENAME folder)
		cmake_path(GET source STEM module)
		string(REGEX REPLACE "^${prefix}_" "" module ${module})
		cmake_language(CALL ${function} ${folder} ${module} ${source})
	endforeach()
endfunction()
