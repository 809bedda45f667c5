// SHA-256, in pieces.
#include "data/sha256.hpp"

#include <array>
#include <cstdint>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "tarn/error.hpp"

namespace tarn::io {
namespace {

void require(int status) {
  if (status != 1) throw IoError("OpenSSL cannot compute SHA-256 here");
}

}  // namespace

Sha256::Sha256() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) {
  require(EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr));
}

Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;

Sha256& Sha256::add(std::string_view bytes) {
  require(EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()));
  return *this;
}

Sha256& Sha256::field(std::string_view bytes) {
  const std::uint64_t length = bytes.size();
  return add({reinterpret_cast<const char*>(&length), sizeof length}).add(bytes);
}

std::string Sha256::hex() {
  std::array<unsigned char, 32> digest{};
  require(EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr));
  std::string text;
  for (const unsigned char byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace tarn::io
