// Tests of the projection core: cases computed by the definition, and random bytes.
//
// Usage: projection_core_test CASES_TSV FOLDING_TSV [RANDOM_TEXTS], where write_cases.py wrote the
// cases.

#include "pqrnn_tf/projection/cc/projection_core.h"

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <memory>
#include <random>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

namespace pqrnn {
namespace {

int failures = 0;

void Check(bool condition, const std::string& what) {
  if (condition) return;
  if (++failures <= 20) std::cerr << "FAILED: " << what << "\n";
}

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) parts.push_back(part);
  return parts;
}

std::string FromHex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes.push_back(static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16)));
  }
  return bytes;
}

// Projects a copy that ends where its memory ends, so that a sanitizer sees a read behind it.
bool ProjectCopy(const Projector& projector, std::string_view text, std::vector<int8_t>* features,
                 std::vector<Span>* spans) {
  const std::unique_ptr<char[]> copy(new char[text.size()]);
  std::copy(text.begin(), text.end(), copy.get());
  return projector.Project(std::string_view(copy.get(), text.size()), features, spans);
}

// The columns of a case of folding: version, text in hexadecimal, and for each folded code point
// point:start:end with commas.
void TestFolding(const char* path) {
  std::ifstream file(path);
  int cases = 0;
  Folded folded;
  for (std::string line; std::getline(file, line); ++cases) {
    std::vector<std::string> column = Split(line, '\t');
    column.resize(3);
    const std::string text = FromHex(column[1]);
    const FoldingTable& table = FoldingTable::Get(std::stoll(column[0]));
    table.Fold(text, &folded);
    std::string found;
    for (size_t i = 0; i < folded.parts.size(); ++i) {
      const Folded::Part& part = folded.parts[i];
      Check(folded.points[i] == part.point, "points");
      found += (found.empty() ? "" : ",") + std::to_string(part.point) + ":" +
               std::to_string(part.start) + ":" + std::to_string(part.end);
    }
    Check(found == column[2], "folding " + line + ": " + found);
    // A text that is not folded is one that folding leaves as it is.
    if (!table.MayChange(text)) {
      std::string same;
      const uint8_t* position = reinterpret_cast<const uint8_t*>(text.data());
      const uint8_t* const end = position + text.size();
      for (int i = 0; position < end; ++i) {
        same += (same.empty() ? "" : ",") + std::to_string(DecodeUtf8(&position, end)) + ":" +
                std::to_string(i) + ":" + std::to_string(i + 1);
      }
      Check(found == same, "may not change " + line);
    }
  }
  Check(cases > 300, "there are cases of folding");
}

// The columns of a case: segmentation, lowercase, word_features, ngram_features, ngram_orders with
// commas, ngram_hashes, shape, max_code_points, max_tokens, seed, version, text in hexadecimal,
// truncated, spans as start:end with commas, features as one of "0+-" each.
void TestCases(const char* path) {
  std::ifstream file(path);
  int cases = 0;
  for (std::string line; std::getline(file, line); ++cases) {
    std::vector<std::string> column = Split(line, '\t');
    column.resize(15);  // Split drops an empty last column.
    Spec spec;
    Check(ParseSegmentation(column[0], &spec.segmentation), "segmentation " + column[0]);
    spec.lowercase = column[1] == "1";
    spec.word_features = std::stoll(column[2]);
    spec.ngram_features = std::stoll(column[3]);
    spec.ngram_orders.clear();
    for (const std::string& order : Split(column[4], ',')) {
      spec.ngram_orders.push_back(std::stoi(order));
    }
    spec.ngram_hashes = std::stoll(column[5]);
    spec.shape = column[6] == "1";
    spec.max_code_points = std::stoll(column[7]);
    spec.max_tokens = std::stoll(column[8]);
    spec.seed = std::stoll(column[9]);
    spec.version = std::stoll(column[10]);
    const std::string problem = spec.Problem();
    Check(problem.empty(), problem);
    if (!problem.empty()) continue;

    std::vector<int8_t> features;
    std::vector<Span> spans;
    const bool truncated = ProjectCopy(Projector(spec), FromHex(column[11]), &features, &spans);
    std::string spans_text;
    for (const Span& span : spans) {
      spans_text += (spans_text.empty() ? "" : ",") + std::to_string(span.start) + ":" +
                    std::to_string(span.end);
    }
    std::string features_text;
    for (const int8_t feature : features) features_text += "-0+"[feature + 1];
    const std::string name = "case " + std::to_string(cases + 1) + ", text " + column[11] + ": ";
    Check(truncated == (column[12] == "1"), name + "truncated");
    Check(spans_text == column[13], name + "spans " + spans_text + " for " + column[13]);
    Check(features_text == column[14], name + "features");
  }
  Check(cases > 0, std::string("no cases in ") + path);
  std::cout << cases << " cases\n";
}

void TestDecoding() {
  const struct {
    std::string bytes;
    std::vector<uint32_t> points;
  } cases[] = {
      {"a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80", {0x61, 0xE9, 0x20AC, 0x1F600}},
      {"\xF4\x8F\xBF\xBF", {0x10FFFF}},
      {"\xED\xA0\x80", {0xFFFD, 0xFFFD, 0xFFFD}},              // a surrogate
      {"\xC0\x80", {0xFFFD, 0xFFFD}},                          // too long a form
      {"\xE0\x9F\xBF", {0xFFFD, 0xFFFD, 0xFFFD}},              // too long a form
      {"\xF4\x90\x80\x80", {0xFFFD, 0xFFFD, 0xFFFD, 0xFFFD}},  // above U+10FFFF
      {"\xF0\x9F\x98", {0xFFFD}},                              // cut at the end
      {"\xE2\x82x", {0xFFFD, 0x78}},                           // cut by a letter
      {"\xF0\x9F\xC3\xA9", {0xFFFD, 0xE9}},                    // cut by another lead
  };
  for (const auto& item : cases) {
    const uint8_t* position = reinterpret_cast<const uint8_t*>(item.bytes.data());
    const uint8_t* const end = position + item.bytes.size();
    std::vector<uint32_t> points;
    while (position < end) points.push_back(DecodeUtf8(&position, end));
    Check(points == item.points, "decoding, first point " + std::to_string(item.points[0]));
  }
}

void TestTable() {
  const CharacterTable& table = CharacterTable::Get();
  Check(table.lower_case('A') == 'a', "lower case of A");
  Check(table.lower_case('a') == 'a', "lower case of a");
  Check(table.lower_case(0x0416) == 0x0436, "lower case of a Cyrillic letter");
  Check(table.lower_case(0x1E9E) == 0xDF, "lower case far below");
  Check(table.lower_case(0x10FFFF) == 0x10FFFF, "lower case of the last code point");
  Check(table.character_class(' ') == 0 && table.character_class('a') == 1 &&
            table.character_class('7') == 2 && table.character_class('!') == 3 &&
            table.character_class(0x0301) == 4 && table.character_class(0x4E00) == 5,
        "classes");
}

void TestProblems() {
  Spec spec;
  Check(spec.Problem().empty(), "the default specification is valid");
  spec.word_features = 0;
  Check(spec.Problem().find("`word_features`") == 0, "word_features 0");
  spec = Spec();
  spec.ngram_features = 3;
  Check(spec.Problem().find("`ngram_features`") == 0, "ngram_features 3");
  spec = Spec();
  spec.ngram_orders = {4, 3};
  Check(spec.Problem().find("`ngram_orders`") == 0, "falling orders");
  spec = Spec();
  spec.ngram_orders = {};
  Check(spec.Problem().find("`ngram_orders`") == 0, "no orders");
  spec = Spec();
  spec.version = 3;
  Check(spec.Problem().find("`version`") == 0, "version 3");
  Spec::Segmentation segmentation;
  Check(!ParseSegmentation("letters", &segmentation), "segmentation letters");
}

std::vector<Spec> RandomSpecs() {
  std::vector<Spec> specs(4);
  specs[0].version = specs[3].version = 1;
  specs[0].max_code_points = 24;
  specs[0].max_tokens = 6;
  specs[0].word_features = 33;  // not a multiple of a vector
  specs[0].ngram_orders = {1, 2, 8};
  specs[1].segmentation = Spec::Segmentation::kSpaces;
  specs[1].lowercase = false;
  specs[1].ngram_features = 0;
  specs[1].ngram_orders = {};
  specs[2].word_features = 1;
  specs[2].ngram_features = 1;
  specs[2].ngram_hashes = 16;
  specs[2].max_code_points = 1;
  specs[2].max_tokens = 1;
  specs[3].max_code_points = 4096;
  specs[3].max_tokens = 4096;
  specs[3].seed = INT64_MAX;
  specs[3].shape = false;
  return specs;
}

std::string RandomText(std::mt19937* generator) {
  static const std::string pieces[] = {" ",
                                       "a",
                                       "B",
                                       "7",
                                       ".",
                                       "\xCC\x81",
                                       "\xE4\xB8\x80",
                                       "\xE0\xB8\x81",
                                       "\xC3\x89",
                                       "\xE2\x82",
                                       "\xF0\x9F",
                                       std::string(1, '\0')};
  std::string text;
  const bool raw = (*generator)() % 2 == 0;
  for (uint32_t n = (*generator)() % 64; n > 0; --n) {
    if (raw) {
      text.push_back(static_cast<char>((*generator)() & 0xFF));
    } else {
      text += pieces[(*generator)() % 12];
    }
  }
  return text;
}

// What holds for any text, and what one specification says about another.
void TestRandomBytes(int texts) {
  std::mt19937 generator(7);
  for (const Spec& spec : RandomSpecs()) {
    Spec wide = spec;
    wide.max_code_points = 4096;
    wide.max_tokens = 4096;
    const Projector projector(spec);
    const Projector all(wide);
    for (int i = 0; i < texts; ++i) {
      const std::string text = RandomText(&generator);
      std::vector<int8_t> features, all_features;
      std::vector<Span> spans, all_spans;
      const bool truncated = ProjectCopy(projector, text, &features, &spans);
      Check(!ProjectCopy(all, text, &all_features, &all_spans), "nothing to cut");
      const size_t kept = spans.size();
      if (spec.version == 1) {  // Later ones count folded code points.
        size_t expected = 0;
        while (expected < all_spans.size() && expected < static_cast<size_t>(spec.max_tokens) &&
               all_spans[expected].end <= spec.max_code_points) {
          ++expected;
        }
        Check(kept == expected, "number of tokens that are kept");
      }
      Check(truncated == (kept < all_spans.size()), "truncated");
      Check(features.size() == kept * static_cast<size_t>(spec.features()), "size of features");
      Check(std::equal(features.begin(), features.end(), all_features.begin()),
            "a cut does not change the tokens before it");
      int32_t end = 0;
      for (const Span& span : all_spans) {
        Check(end <= span.start && span.start < span.end, "spans rise");
        end = span.end;
      }
      for (const int8_t feature : features) {
        Check(-1 <= feature && feature <= 1, "features are ternary");
      }
    }
  }
}

void TestLongTexts() {
  const Projector projector{Spec()};
  std::vector<int8_t> features;
  std::vector<Span> spans;
  Check(projector.Project(std::string(1 << 20, 'a'), &features, &spans), "1 MB word is cut");
  Check(spans.empty(), "1 MB word is no token");
  Check(!projector.Project(std::string(1 << 20, ' '), &features, &spans), "1 MB of spaces");
  Check(projector.Project(std::string(1 << 20, ' ') + "a", &features, &spans), "word after 1 MB");
  Check(!projector.Project(std::string_view(), &features, &spans), "no text");
  Check(spans.empty() && features.empty(), "no tokens");

  // The longest token that there can be, with counts that need more than eight bits.
  Spec spec;
  spec.max_code_points = 4096;
  spec.ngram_hashes = 16;
  spec.ngram_orders = {1, 2, 3, 4, 5, 6, 7, 8};
  std::string text;
  for (int i = 0; i < 4096; ++i) text += "\xF4\x8F\xBF\xBF";
  spec.segmentation = Spec::Segmentation::kSpaces;
  Check(!Projector(spec).Project(text, &features, &spans), "4096 code points fit");
  Check(spans.size() == 1 && spans[0].end == 4096, "one token of 4096 code points");
}

}  // namespace
}  // namespace pqrnn

int main(int argc, char** argv) {
  if (argc != 3 && argc != 4) {
    std::cerr << "usage: projection_core_test CASES_TSV FOLDING_TSV [RANDOM_TEXTS]\n";
    return 2;
  }
  pqrnn::TestDecoding();
  pqrnn::TestTable();
  pqrnn::TestProblems();
  pqrnn::TestCases(argv[1]);
  pqrnn::TestFolding(argv[2]);
  pqrnn::TestRandomBytes(argc == 4 ? std::atoi(argv[3]) : 3000);
  pqrnn::TestLongTexts();
  if (pqrnn::failures > 0) {
    std::cerr << pqrnn::failures << " checks failed\n";
    return 1;
  }
  std::cout << "all passed\n";
  return 0;
}
