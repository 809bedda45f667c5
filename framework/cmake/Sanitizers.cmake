# TARN_SANITIZE applies to everything that is built, plugins included. How much the compiler writes
# down for debuggers (-g1 in the presets) decides how long it takes.
if(TARN_SANITIZE)
  add_compile_options(-fsanitize=${TARN_SANITIZE} -fno-omit-frame-pointer)
  # Instrumented code looks uninitialised to g++ where it is not (std::regex).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
  if(TARN_SANITIZE MATCHES "address" AND TARN_SANITIZE MATCHES "undefined")
    # What the address sanitizer finds anyway; these checks at every access double the time to build.
    add_compile_options(-fno-sanitize=null,object-size,alignment)
  endif()
  if(TARN_SANITIZE MATCHES "fuzzer")
    # A number that does not fit is undefined behaviour that `undefined` leaves out.
    add_compile_options(-fsanitize=float-cast-overflow -fno-sanitize-recover=all)
  endif()
  add_link_options(-fsanitize=${TARN_SANITIZE})
endif()
