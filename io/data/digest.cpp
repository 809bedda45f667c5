// SHA-256 of a data set, computed beside the parsing.
#include "data/digest.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <stop_token>
#include <utility>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "tarn/error.hpp"

namespace tarn::io {
namespace {

void require(int status) {
  if (status != 1) throw IoError("OpenSSL cannot compute SHA-256 here");
}

std::string sha256(const std::stop_token& stop, const std::vector<std::string_view>& parts) {
  constexpr std::size_t block = std::size_t{1} << 20;
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        EVP_MD_CTX_free);
  require(EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr));
  for (std::string_view part : parts) {
    while (!part.empty() && !stop.stop_requested()) {
      const std::size_t n = std::min(block, part.size());
      require(EVP_DigestUpdate(context.get(), part.data(), n));
      part.remove_prefix(n);
    }
  }
  std::array<unsigned char, 32> digest{};
  require(EVP_DigestFinal_ex(context.get(), digest.data(), nullptr));
  std::string hex;
  for (const unsigned char byte : digest) hex += fmt::format("{:02x}", byte);
  return hex;
}

}  // namespace

Digest::Digest(std::vector<std::string_view> parts) {
  std::packaged_task<std::string(std::stop_token)> task(
      [parts = std::move(parts)](const std::stop_token& stop) { return sha256(stop, parts); });
  result_ = task.get_future();
  thread_ = std::jthread(std::move(task));
}

}  // namespace tarn::io
