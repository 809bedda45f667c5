# tarn_add_plugin(name [NO_INSTALL] SOURCES file... [FIGURES file.vl.json...])
#
# Builds a plugin: a shared library that tarn can load. It includes <tarn/plugin.hpp> and ends in
# TARN_PLUGIN(...). The plugin is in the build folder, for --plugin-path or TARN_PLUGIN_PATH;
# `cmake --install BUILD --prefix ~/.local` puts it where tarn looks for a user's own plugins.
# FIGURES: see tarn_embed_figures.
function(tarn_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NO_INSTALL" "" "SOURCES;FIGURES")
  add_library(${name} MODULE ${arg_SOURCES})
  tarn_embed_figures(${name} ${arg_FIGURES})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_link_libraries(${name} PRIVATE tarn::framework)
  if(NOT TARN_SANITIZE)  # whose own symbols only a program defines
    # A symbol that is missing is found when the plugin is built, not when somebody loads it.
    target_link_options(${name} PRIVATE -Wl,--no-undefined)
  endif()
  if(NOT CMAKE_BUILD_TYPE AND NOT CMAKE_CONFIGURATION_TYPES)
    target_compile_options(${name} PRIVATE -O2)  # samplers are run more often than debugged
  endif()
  set_target_properties(${name} PROPERTIES PREFIX "" SUFFIX .so CXX_VISIBILITY_PRESET hidden
                                           VISIBILITY_INLINES_HIDDEN ON)
  if(DEFINED TARN_PLUGIN_DIR)  # inside tarn's own tree
    set(folder ${TARN_PLUGIN_DIR})
    set(up ../..)
    cmake_path(GET CMAKE_CURRENT_SOURCE_DIR PARENT_PATH role)
    cmake_path(GET role FILENAME role)
    if(role MATCHES "^(families|diagnostics)$")  # loaded when they are asked for
      string(APPEND folder /${role})
      string(APPEND up /..)
    endif()
    set_target_properties(${name} PROPERTIES
      LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${folder}
      INSTALL_RPATH $ORIGIN/${up})
    tarn_warnings(${name})
    if(NOT TARGET plugins)
      add_custom_target(plugins)  # all that ship with tarn
    endif()
    add_dependencies(plugins ${name})
  else()
    set(folder share/tarn/plugins-4)
    set_target_properties(${name} PROPERTIES INSTALL_RPATH_USE_LINK_PATH ON)
  endif()
  # tarn refuses what others may write, which a umask of 002 would allow.
  add_custom_command(TARGET ${name} POST_BUILD VERBATIM
    COMMAND chmod go-w $<TARGET_FILE:${name}> $<TARGET_FILE_DIR:${name}>)
  if(NOT arg_NO_INSTALL)
    install(DIRECTORY DESTINATION ${folder} DIRECTORY_PERMISSIONS
      OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
    install(TARGETS ${name} LIBRARY DESTINATION ${folder})
  endif()
endfunction()

# tarn_embed_figures(target file.vl.json...)
#
# Gives the sources of a target a header "figures.hpp": for figures/trace.vl.json it declares
# figures::trace, the text of that file. A file that is no JSON is refused when CMake runs.
function(tarn_embed_figures target)
  foreach(file IN LISTS ARGN)
    file(READ ${file} text)
    string(JSON kind ERROR_VARIABLE fault TYPE "${text}")
    if(NOT fault STREQUAL "NOTFOUND")
      message(FATAL_ERROR "${file} is not JSON: ${fault}")
    endif()
    file(REAL_PATH ${file} whole_path)
    set_property(GLOBAL APPEND PROPERTY TARN_FIGURES ${whole_path})
  endforeach()
  if(ARGN)
    tarn_embed(${target} figures ${ARGN})
  endif()
endfunction()

# tarn_embed(target name file...): the header "<name>.hpp" with the texts of files, as
# name::stem. CMake runs again when one of them changes.
function(tarn_embed target name)
  set(body "#pragma once\n\n#include <string_view>\n\nnamespace ${name} {\n")
  foreach(file IN LISTS ARGN)
    string(REGEX REPLACE "^.*/|[.][^/]*$" "" stem ${file})
    string(MAKE_C_IDENTIFIER ${stem} identifier)
    file(READ ${file} text)
    string(APPEND body "\ninline constexpr std::string_view ${identifier} =\n"
      "    R\"text(${text})text\";\n")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  endforeach()
  string(APPEND body "\n}  // namespace ${name}\n")
  set(folder ${CMAKE_CURRENT_BINARY_DIR}/${target}_${name})
  file(CONFIGURE OUTPUT ${folder}/${name}.hpp CONTENT "@body@" @ONLY)
  target_include_directories(${target} PRIVATE ${folder})
endfunction()
