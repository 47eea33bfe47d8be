# Files in the binary, as they are (.incbin), and tables of them:
#   kith_asset_table(kith_assets web PREFIX / DIR web FILES index.html ... [ETAG 4.8.4])
#   kith_embed(kith_assets HEADER server/assets.hpp)
# makes the library kith_assets, which defines `web_assets()` as HEADER declares it. Without ETAG the tag of a file is a hash
# of its bytes.
set(KITH_TYPE_html "text/html; charset=utf-8")
set(KITH_TYPE_css "text/css; charset=utf-8")
set(KITH_TYPE_js "application/javascript; charset=utf-8")
set(KITH_TYPE_map "application/json")
set(KITH_TYPE_json "application/json")
set(KITH_TYPE_svg "image/svg+xml")
set(KITH_TYPE_png "image/png")
set(KITH_TYPE_ico "image/x-icon")
set(KITH_TYPE_woff2 "font/woff2")

function(kith_asset_table target table)
  cmake_parse_arguments(ARG "" "PREFIX;DIR;ETAG" "FILES" ${ARGN})
  set(assembly "")
  set(externs "")
  set(rows "")
  set(index 0)
  foreach(file ${ARG_FILES})
    set(path ${CMAKE_SOURCE_DIR}/${ARG_DIR}/${file})
    string(REGEX REPLACE "^.*\\." "" extension ${file})
    if(NOT DEFINED KITH_TYPE_${extension})
      message(FATAL_ERROR "${ARG_DIR}/${file}: no content type is known for .${extension}")
    endif()
    set(tag "${ARG_ETAG}")
    if(NOT tag)
      file(SHA256 ${path} tag)
      string(SUBSTRING ${tag} 0 16 tag)
    endif()
    set(name kith_${table}_asset_${index})
    string(APPEND assembly ".global ${name}, ${name}_end\n${name}:\n.incbin \"${path}\"\n${name}_end:\n.byte 0\n")
    string(APPEND externs "extern const char ${name}[];\nextern const char ${name}_end[];\n")
    string(APPEND rows "      {\"${ARG_PREFIX}${file}\", between(${name}, ${name}_end), "
      "\"${KITH_TYPE_${extension}}\", \"\\\"${tag}\\\"\"},\n")
    math(EXPR index "${index} + 1")
    set_property(GLOBAL APPEND PROPERTY ${target}_SOURCES ${path})
  endforeach()
  set_property(GLOBAL APPEND_STRING PROPERTY ${target}_ASSEMBLY "${assembly}")
  string(CONCAT code "extern \"C\" {\n${externs}}\n\nstd::span<const front::Asset> ${table}_assets() {\n"
    "  static const std::array<front::Asset, ${index}> table{{\n${rows}  }};\n  return table;\n}\n\n")
  set_property(GLOBAL APPEND_STRING PROPERTY ${target}_CODE "${code}")
endfunction()

function(kith_embed target)
  cmake_parse_arguments(ARG "" "HEADER" "" ${ARGN})
  get_property(sources GLOBAL PROPERTY ${target}_SOURCES)
  get_property(assembly GLOBAL PROPERTY ${target}_ASSEMBLY)
  get_property(code GLOBAL PROPERTY ${target}_CODE)
  set(dir ${CMAKE_BINARY_DIR}/embedded/${target})
  file(CONFIGURE OUTPUT ${dir}/assets.S @ONLY CONTENT
".section .rodata
${assembly}.section .note.GNU-stack,\"\",@progbits
")
  file(CONFIGURE OUTPUT ${dir}/assets.cpp @ONLY CONTENT
"#include \"${ARG_HEADER}\"

#include <array>

namespace kith::server {
namespace {

std::string_view between(const char* begin, const char* end) {
  return {begin, static_cast<std::size_t>(end - begin)};
}

}  // namespace

${code}}  // namespace kith::server
")
  add_library(${target} STATIC ${dir}/assets.S ${dir}/assets.cpp)
  target_link_libraries(${target} PUBLIC kith_front)
  # A changed file changes the object, and its tag.
  set_source_files_properties(${dir}/assets.S PROPERTIES OBJECT_DEPENDS "${sources}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${sources})
endfunction()
