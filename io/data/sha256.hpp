// SHA-256, in pieces.
#pragma once

#include <memory>
#include <string>
#include <string_view>

struct evp_md_ctx_st;

namespace tarn::io {

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;

  Sha256& add(std::string_view bytes);

  /// After its length, so that no two lists of fields are the same bytes.
  Sha256& field(std::string_view bytes);

  /// 64 hexadecimal digits. Once.
  std::string hex();

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

}  // namespace tarn::io
