# tarn_add_plugin(name [NO_INSTALL] SOURCES file...)
#
# Builds a plugin: a shared library that tarn can load. It includes <tarn/plugin.hpp> and ends in
# TARN_PLUGIN(...). The plugin is in the build folder, for --plugin-path or TARN_PLUGIN_PATH;
# `cmake --install BUILD --prefix ~/.local` puts it where tarn looks for a user's own plugins.
function(tarn_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NO_INSTALL" "" "SOURCES")
  add_library(${name} MODULE ${arg_SOURCES})
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
    set_target_properties(${name} PROPERTIES
      LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${TARN_PLUGIN_DIR}
      INSTALL_RPATH $ORIGIN/../..)
    tarn_warnings(${name})
    if(NOT TARGET plugins)
      add_custom_target(plugins)  # all that ship with tarn
    endif()
    add_dependencies(plugins ${name})
  else()
    set(folder share/tarn/plugins-1)
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
