# TARN_SANITIZE applies to everything that is built, plugins included.
if(TARN_SANITIZE)
  add_compile_options(-fsanitize=${TARN_SANITIZE} -fno-omit-frame-pointer -g)
  add_link_options(-fsanitize=${TARN_SANITIZE})
endif()
