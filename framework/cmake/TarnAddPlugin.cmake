# tarn_add_plugin(name SOURCES file...)
#
# Builds a plugin: a shared library that tarn can load. It includes <tarn/plugin.hpp> and ends in
# TARN_PLUGIN(...). Inside tarn's own tree the plugin is installed with tarn; elsewhere it is left
# in the build folder, to be loaded with --plugin-path or TARN_PLUGIN_PATH.
function(tarn_add_plugin name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "SOURCES")
  add_library(${name} MODULE ${arg_SOURCES})
  target_compile_features(${name} PRIVATE cxx_std_20)
  target_link_libraries(${name} PRIVATE tarn::framework)
  # A symbol that is missing is found when the plugin is built, not when somebody loads it.
  target_link_options(${name} PRIVATE $<$<NOT:$<BOOL:${TARN_SANITIZE}>>:-Wl,--no-undefined>)
  set_target_properties(${name} PROPERTIES PREFIX "" CXX_VISIBILITY_PRESET hidden
                                           VISIBILITY_INLINES_HIDDEN ON)
  if(DEFINED TARN_PLUGIN_DIR)
    set_target_properties(${name} PROPERTIES
      LIBRARY_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/${TARN_PLUGIN_DIR}
      INSTALL_RPATH $ORIGIN/../..)
    tarn_warnings(${name})
    install(TARGETS ${name} LIBRARY DESTINATION ${TARN_PLUGIN_DIR})
  endif()
endfunction()
