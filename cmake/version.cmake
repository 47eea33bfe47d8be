# kith_version(target): the target gets version.cpp, made again whenever what `git describe` says has changed.
# Run as a script (cmake -P) it writes that file; without git or a repository the version is the project's alone.
if(CMAKE_SCRIPT_MODE_FILE)
  set(KITH_DESCRIBE "")
  find_program(GIT git)
  if(GIT)
    execute_process(COMMAND ${GIT} -C ${SOURCE_DIR} describe --always --dirty --abbrev=10 OUTPUT_VARIABLE KITH_DESCRIBE
      OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
  configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
  return()
endif()

function(kith_version target)
  set(output ${CMAKE_BINARY_DIR}/generated/version.cpp)
  set(template ${CMAKE_SOURCE_DIR}/src/server/version.cpp.in)
  add_custom_target(kith_version_file BYPRODUCTS ${output}
    COMMAND ${CMAKE_COMMAND} -DSOURCE_DIR=${CMAKE_SOURCE_DIR} -DTEMPLATE=${template} -DOUTPUT=${output}
      -DKITH_VERSION=${PROJECT_VERSION} -P ${CMAKE_SOURCE_DIR}/cmake/version.cmake
    COMMENT "")
  target_sources(${target} PRIVATE ${output})
  set_source_files_properties(${output} PROPERTIES GENERATED ON SKIP_PRECOMPILE_HEADERS ON)
  add_dependencies(${target} kith_version_file)
endfunction()
