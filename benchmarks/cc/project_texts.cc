// Projects texts and writes everything that comes out as bytes, to compare machines bit for bit.
//
// Usage: project_texts < TEXTS > OUTPUT, where each text is a line of UTF-8 in hexadecimal, and the
// output of a text is: number of tokens, 1 where it was cut or 0, start and end of each token (all
// as four bytes, lowest first), then the features.

#include <cstdint>
#include <iostream>
#include <string>
#include <vector>

#include "pqrnn_tf/projection/cc/projection_core.h"

namespace {

void WriteNumber(uint32_t number) {
  for (int i = 0; i < 4; ++i) std::cout.put(static_cast<char>((number >> (8 * i)) & 0xFF));
}

}  // namespace

int main() {
  const pqrnn::Projector projector{pqrnn::Spec()};
  for (std::string line; std::getline(std::cin, line);) {
    std::string text;
    for (size_t i = 0; i + 1 < line.size(); i += 2) {
      text.push_back(static_cast<char>(std::stoi(line.substr(i, 2), nullptr, 16)));
    }
    std::vector<int8_t> features;
    std::vector<pqrnn::Span> spans;
    const bool cut = projector.Project(text, &features, &spans);
    WriteNumber(static_cast<uint32_t>(spans.size()));
    WriteNumber(cut ? 1 : 0);
    for (const pqrnn::Span& span : spans) {
      WriteNumber(static_cast<uint32_t>(span.start));
      WriteNumber(static_cast<uint32_t>(span.end));
    }
    std::cout.write(reinterpret_cast<const char*>(features.data()),
                    static_cast<std::streamsize>(features.size()));
  }
  return std::cout.good() ? 0 : 1;
}
