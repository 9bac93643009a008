// The projection of text to ternary features, without TensorFlow.
//
// The meaning is fixed by pqrnn_tf/projection/definition.py; this code gives the same bits, faster.
// All arithmetic is unsigned and of fixed width: nothing depends on the platform, on the signedness
// of `char`, or on the locale.

#ifndef PQRNN_TF_PROJECTION_CC_PROJECTION_CORE_H_
#define PQRNN_TF_PROJECTION_CC_PROJECTION_CORE_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace pqrnn {

// The same fields as ProjectionSpec in pqrnn_tf/runtime/spec.py, which explains them.
struct Spec {
  enum class Segmentation { kUnicode, kSpaces, kWords };

  Segmentation segmentation = Segmentation::kUnicode;
  bool lowercase = true;
  int64_t word_features = 512;
  int64_t ngram_features = 512;
  std::vector<int> ngram_orders = {3, 4};
  int64_t ngram_hashes = 4;
  bool shape = true;
  int64_t max_code_points = 256;
  int64_t max_tokens = 64;
  int64_t seed = 1;
  int64_t version = 2;

  // Empty if the specification is valid, else what is wrong with it. A Projector needs a valid one.
  std::string Problem() const;

  // The number of features of one token.
  int64_t features() const;
};

// Sets `*segmentation` by its name, "unicode", "spaces" or "words". Returns false for another name.
bool ParseSegmentation(std::string_view name, Spec::Segmentation* segmentation);

// A number for every code point, in two stages: a page number for each 256 code points, and the
// distinct pages.
class PagedTable {
 public:
  // `all` has an entry for each code point.
  explicit PagedTable(const std::vector<uint32_t>& all);

  // The entry of a code point of at most 0x10FFFF.
  uint32_t operator[](uint32_t code_point) const {
    return entries_[(static_cast<size_t>(page_of_[code_point >> 8]) << 8) | (code_point & 0xFFu)];
  }

 private:
  std::vector<uint16_t> page_of_;
  std::vector<uint32_t> entries_;
};

// The class and the lower-case form of every code point.
class CharacterTable {
 public:
  CharacterTable();

  // The table of all versions of the projection, built when it is first asked for.
  static const CharacterTable& Get();

  int character_class(uint32_t code_point) const {
    return static_cast<int>(entry(code_point) & 7u);
  }
  uint32_t lower_case(uint32_t code_point) const {
    return code_point + static_cast<uint32_t>(LowerDelta(entry(code_point)));
  }

  // Class and lower-case form of a code point of at most 0x10FFFF, in one number: the class in the
  // low three bits, the distance to the lower-case form above them, modulo 2^29.
  uint32_t entry(uint32_t code_point) const { return table_[code_point]; }

  // The distance of an entry, modulo 2^29 and with its sign.
  static int32_t LowerDelta(uint32_t entry) {
    const uint32_t delta = entry >> 3;
    return static_cast<int32_t>(delta) - (delta >> 28 ? int32_t{1} << 29 : 0);
  }

 private:
  PagedTable table_;
};

// A folded text: its code points, and for each the half-open range of code points of the caller's
// text that it was made from.
struct Folded {
  struct Part {
    uint32_t point;
    uint32_t combining_class;
    int32_t start;
    int32_t end;
  };

  std::vector<Part> parts;
  std::vector<uint32_t> points;  // Those of the parts.
};

// What is folded; pqrnn_tf/runtime/folding.py explains it. Version 2 of the projection folds by
// itself. Whoever gives code points to a model folds them by the version of its projection: for
// version 1 that is canonical composition, and invisible characters are removed.
class FoldingTable {
 public:
  explicit FoldingTable(int64_t version);

  // The table of a version from 1 to 2, built when it is first asked for.
  static const FoldingTable& Get(int64_t version);

  // Whether folding may change a text.
  bool MayChange(std::string_view utf8) const;

  // Folds a text.
  void Fold(std::string_view utf8, Folded* folded) const;

 private:
  void AppendDecomposition(uint32_t point, int32_t index, std::vector<Folded::Part>* parts) const;

  // The combining class in the low eight bits, what to do above them, and its argument.
  PagedTable table_;
};

// Decodes the code point at `*position` and moves `*position` behind it. Each ill-formed sequence
// (maximal subpart, Unicode 14.0 section 3.9) is one U+FFFD. `*position` must be before `end`.
uint32_t DecodeUtf8(const uint8_t** position, const uint8_t* end);

// A half-open span of code points of the text.
struct Span {
  int32_t start = 0;
  int32_t end = 0;
};

struct Token {
  Span span;           // In code points of the caller's text.
  size_t first = 0;    // Index of its first code point in Segmented::values.
  size_t length = 0;   // Of its code points there.
  uint8_t kind = 0;    // Class of its first code point.
  bool glued = false;  // Whether no space stands before it.
};

// The tokens of any number of texts, and the code points that their features are computed from.
struct Segmented {
  std::vector<uint32_t> values;  // Code points, lower-cased where the specification says so.
  std::vector<uint8_t> capital;  // Whether lower-casing changes the caller's code point.
  std::vector<Token> tokens;
  Folded folded;  // The last text, where folding may have changed it. Kept for its memory.

  void Clear();
};

// Computes what one specification describes. Constant after its construction: any number of threads
// may use it.
class Projector {
 public:
  // `spec.Problem()` must be empty. `table` must outlive the projector.
  explicit Projector(const Spec& spec, const CharacterTable& table = CharacterTable::Get());

  const Spec& spec() const { return spec_; }
  int64_t features() const { return features_; }

  // Appends the tokens of a text to `*segmented`. Returns whether tokens were cut.
  bool Segment(std::string_view utf8, Segmented* segmented) const;

  // Writes the `features()` features of one token of `segmented`.
  void Features(const Segmented& segmented, const Token& token, int8_t* output) const;

  // Appends the features and the spans of the tokens of a text. Returns whether tokens were cut.
  bool Project(std::string_view utf8, std::vector<int8_t>* features,
               std::vector<Span>* spans) const;

  // A power of two above every character class.
  static constexpr int kNumClasses = 8;

 private:
  // Appends the tokens of code points, with spans in them. Reads no more of them than it takes.
  template <typename Source>
  bool SegmentPoints(Source source, Segmented* segmented) const;

  // What a character class does in a state, which is the class that the last code point counted as:
  // the next state, and whether a token starts, and whether an open one ends, before the code
  // point.
  static constexpr uint8_t kStateMask = 7;
  static constexpr uint8_t kStarts = 8;
  static constexpr uint8_t kBoundary = 16;
  uint8_t Transition(int state, int kind) const;

  void WordFeatures(const uint32_t* values, size_t length, int8_t* output) const;
  void NgramFeatures(const uint32_t* values, size_t length, int8_t* output) const;
  template <typename Counter>
  void CountNgrams(const uint32_t* values, size_t length, Counter* counts) const;
  void ShapeFeatures(const uint8_t* capital, size_t length, const Token& token,
                     int8_t* output) const;

  struct NgramHash {
    uint32_t factors[2];
    uint32_t offset;
  };

  Spec spec_;
  const CharacterTable& table_;
  const FoldingTable* folding_;  // Null where texts are not folded.
  int64_t features_;
  uint8_t transitions_[kNumClasses][kNumClasses];
  int ngram_bits_;                           // log2 of the number of n-gram features.
  std::vector<uint32_t> powers_;             // base_k^(i + 1) modulo prime_k, at [4 i + k].
  std::vector<uint16_t> word_coefficients_;  // One row for each prime, then the offsets.
  std::vector<NgramHash> ngram_hashes_;      // By order, then by hash.
};

}  // namespace pqrnn

#endif  // PQRNN_TF_PROJECTION_CC_PROJECTION_CORE_H_
