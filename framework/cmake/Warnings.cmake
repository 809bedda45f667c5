# tarn_warnings(target): the warnings we hold ourselves to; errors only where a preset asks.
function(tarn_warnings target)
  # In a batch of files a local name may be that of another file's constant.
  set(shadow -Wshadow)
  if(CMAKE_UNITY_BUILD)
    set(shadow $<$<CXX_COMPILER_ID:GNU>:-Wshadow=local>)
  endif()
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic ${shadow} -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
    -Woverloaded-virtual $<$<BOOL:${TARN_WERROR}>:-Werror>)
  # g++ 12 sees overlaps in every "text" + std::string (GCC bug 105651).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE -Wno-restrict)
  endif()
endfunction()
