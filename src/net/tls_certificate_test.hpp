#pragma once

#include "base/scratch_test.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cstdio>
#include <memory>
#include <string>

// For the tests of TLS: a key and a certificate that it signs itself, as files that go with them.
namespace kith::net {

class TestCertificate {
 public:
  TestCertificate() { make(); }

  std::string certificate_file() const { return folder_.file("cert.pem"); }

  std::string key_file() const { return folder_.file("key.pem"); }

  std::string locked_key_file() const { return folder_.file("locked.pem"); }  // with a password

  std::string missing_file() const { return folder_.file("missing.pem"); }

 private:
  template <class Write>
  static void write(const std::string& path, Write write_to) {
    FILE* file = std::fopen(path.c_str(), "w");
    EXPECT_NE(file, nullptr);
    EXPECT_EQ(write_to(file), 1);
    std::fclose(file);
  }

  void make() {
    const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
    const std::unique_ptr<X509, void (*)(X509*)> made{X509_new(), X509_free};
    ASN1_INTEGER_set(X509_get_serialNumber(made.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(made.get()), 0);
    X509_gmtime_adj(X509_getm_notAfter(made.get()), 3'600);
    X509_set_pubkey(made.get(), key.get());
    X509_NAME* name = X509_get_subject_name(made.get());
    const unsigned char host[] = "localhost";
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, host, -1, -1, 0);
    X509_set_issuer_name(made.get(), name);
    EXPECT_GT(X509_sign(made.get(), key.get(), EVP_sha256()), 0);
    write(certificate_file(), [&](FILE* to) { return PEM_write_X509(to, made.get()); });
    write(key_file(), [&](FILE* to) {
      return PEM_write_PrivateKey(to, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
    unsigned char password[] = "secret";
    write(locked_key_file(), [&](FILE* to) {
      return PEM_write_PrivateKey(to, key.get(), EVP_aes_128_cbc(), password, 6, nullptr, nullptr);
    });
  }

  base::ScratchFolder folder_;
};

}  // namespace kith::net
