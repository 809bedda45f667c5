# TARN_SANITIZE applies to everything that is built, plugins included. How much the compiler writes
# down for debuggers (-g1 in the presets) decides how long it takes.
if(TARN_SANITIZE)
  # Instrumented code looks uninitialised to g++ where it is not (std::regex).
  add_compile_options(-fsanitize=${TARN_SANITIZE} -fno-omit-frame-pointer -Wno-maybe-uninitialized)
  if(TARN_SANITIZE MATCHES "address" AND TARN_SANITIZE MATCHES "undefined")
    # What the address sanitizer finds anyway; these checks at every access double the time to build.
    add_compile_options(-fno-sanitize=null,object-size,alignment)
  endif()
  add_link_options(-fsanitize=${TARN_SANITIZE})
endif()
