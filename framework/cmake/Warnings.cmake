# tarn_warnings(target): the warnings we hold ourselves to; errors only where a preset asks.
function(tarn_warnings target)
  target_compile_options(${target} PRIVATE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
    -Woverloaded-virtual $<$<BOOL:${TARN_WERROR}>:-Werror>)
endfunction()
