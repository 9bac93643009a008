#include "pqrnn_tf/projection/cc/projection_core.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <map>
#include <utility>

#include "pqrnn_tf/projection/cc/projection_tables.h"

// Where the compiler and the C library can choose among versions of a function when the library is
// loaded, the hot loops are compiled for wider vectors as well. Sanitizers run too late for that.
#if defined(__x86_64__) && defined(__GLIBC__) && defined(__GNUC__) && __GNUC__ >= 12 && \
    !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define PQRNN_VECTOR_VERSIONS \
  __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define PQRNN_VECTOR_VERSIONS
#endif

#if defined(__GNUC__) || defined(__clang__)
#define PQRNN_RESTRICT __restrict__
#else
#define PQRNN_RESTRICT
#endif

namespace pqrnn {
namespace {

constexpr uint32_t kReplacement = 0xFFFD;
constexpr uint32_t kMaxCodePoint = 0x10FFFF;
constexpr size_t kPageSize = 256;
constexpr size_t kNumPages = (kMaxCodePoint + 1) / kPageSize;

// Totals are kept times 16, so that the modulus of 2^12 becomes the wrap-around of 16 bits and the
// two bits that decide a feature become the topmost ones.
constexpr uint32_t kScale = 65536 / kModulus;

// Factors of an n-gram's hash (NgramHash::factors) and the unrolled code below rely on these.
static_assert(kNumPrimes == 4 && kNgramPrimes == 2, "the code is written for four and two primes");
static_assert(65536 % kModulus == 0, "the modulus must divide 2^16");
static_assert(kClassAlone < Projector::kNumClasses, "a class must fit three bits");
static_assert(kPrimes[0] <= 32768 && kPrimes[1] <= 32768 && kPrimes[2] <= 32768 &&
                  kPrimes[3] <= 32768,
              "powers must fit 15 bits, so that 2^28 terms of a hash fit 64 bits");

// The generator of all coefficients (Steele, Lea and Flood 2014).
class SplitMix64 {
 public:
  explicit SplitMix64(uint64_t seed) : state_(seed) {}

  uint32_t Below(uint32_t bound) {
    state_ += 0x9E3779B97F4A7C15u;
    uint64_t z = state_;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return static_cast<uint32_t>((z ^ (z >> 31)) >> 32) % bound;
  }

  uint32_t Odd() { return 2 * Below((kMaxCoefficient + 1) / 2) + 1; }

 private:
  uint64_t state_;
};

// output[j] = (0, 1, −1, 0)[two topmost bits of the 16-bit total of feature j].
PQRNN_VECTOR_VERSIONS
void TernaryRow(const uint16_t* PQRNN_RESTRICT coefficients, size_t count, uint16_t x1, uint16_t x2,
                uint16_t x3, uint16_t x4, int8_t* PQRNN_RESTRICT output) {
  const uint16_t* PQRNN_RESTRICT a1 = coefficients;
  const uint16_t* PQRNN_RESTRICT a2 = coefficients + count;
  const uint16_t* PQRNN_RESTRICT a3 = coefficients + 2 * count;
  const uint16_t* PQRNN_RESTRICT a4 = coefficients + 3 * count;
  const uint16_t* PQRNN_RESTRICT b = coefficients + 4 * count;
  for (size_t j = 0; j < count; ++j) {
    // Products of 16-bit numbers are taken as unsigned: as int they could overflow.
    const uint16_t total = static_cast<uint16_t>(
        static_cast<uint32_t>(a1[j]) * x1 + static_cast<uint32_t>(a2[j]) * x2 +
        static_cast<uint32_t>(a3[j]) * x3 + static_cast<uint32_t>(a4[j]) * x4 + b[j]);
    // As a signed number the upper byte is in [−128, 128); its quotient by 64, rounded toward zero,
    // is the feature.
    const int8_t upper = static_cast<int8_t>(total >> 8);
    output[j] = static_cast<int8_t>((upper >= 64) - (upper < -64));
  }
}

template <typename Counter>
inline void ClampCounts(const Counter* counts, size_t count, int8_t* output) {
  for (size_t j = 0; j < count; ++j) {
    output[j] = static_cast<int8_t>((counts[j] > 0) - (counts[j] < 0));
  }
}

PQRNN_VECTOR_VERSIONS
void ClampInPlace(int8_t* counts, size_t count) { ClampCounts(counts, count, counts); }

// Reduces a hash to twelve bits. The switch lets the compiler divide by constants.
inline uint32_t Residue(uint64_t hash, int k) {
  switch (k) {
    case 0:
      return static_cast<uint32_t>(hash % kPrimes[0]) % kModulus;
    case 1:
      return static_cast<uint32_t>(hash % kPrimes[1]) % kModulus;
    case 2:
      return static_cast<uint32_t>(hash % kPrimes[2]) % kModulus;
    default:
      return static_cast<uint32_t>(hash % kPrimes[3]) % kModulus;
  }
}

}  // namespace

std::string Spec::Problem() const {
  const std::map<std::string_view, int64_t> values = {
      {"word_features", word_features}, {"ngram_features", ngram_features},
      {"ngram_hashes", ngram_hashes},   {"max_code_points", max_code_points},
      {"max_tokens", max_tokens},       {"seed", seed},
  };
  if (version < kFirstVersion || version > kFoldedVersion) {
    return "`version` must be from " + std::to_string(kFirstVersion) + " to " +
           std::to_string(kFoldedVersion) +
           ", the projections that this library computes. Received: version=" +
           std::to_string(version) + ".";
  }
  for (const Limit& limit : kLimits) {
    const int64_t value = values.at(limit.name);
    if (value < limit.low || value > limit.high) {
      return "`" + std::string(limit.name) + "` must be from " + std::to_string(limit.low) +
             " to " + std::to_string(limit.high) + ". Received: " + std::to_string(value) + ".";
    }
  }
  if (ngram_features & (ngram_features - 1)) {
    return "`ngram_features` must be 0 or a power of two. Received: " +
           std::to_string(ngram_features) + ".";
  }
  int previous = 0;
  for (const int order : ngram_orders) {
    if (order <= previous || order > kMaxNgramOrder) {
      return "`ngram_orders` must rise from 1 to at most " + std::to_string(kMaxNgramOrder) +
             " without repeats. Received: " + std::to_string(order) + " after " +
             std::to_string(previous) + ".";
    }
    previous = order;
  }
  if (ngram_orders.empty() != (ngram_features == 0)) {
    return "`ngram_orders` must be empty exactly when `ngram_features` is 0. Received: " +
           std::to_string(ngram_orders.size()) +
           " orders, ngram_features=" + std::to_string(ngram_features) + ".";
  }
  return "";
}

int64_t Spec::features() const {
  return word_features + ngram_features + (shape ? kNumShapeFeatures : 0);
}

bool ParseSegmentation(std::string_view name, Spec::Segmentation* segmentation) {
  if (name == "unicode") {
    *segmentation = Spec::Segmentation::kUnicode;
    return true;
  }
  if (name == "spaces") {
    *segmentation = Spec::Segmentation::kSpaces;
    return true;
  }
  if (name == "words") {
    *segmentation = Spec::Segmentation::kWords;
    return true;
  }
  return false;
}

PagedTable::PagedTable(const std::vector<uint32_t>& all) : page_of_(kNumPages) {
  std::map<std::vector<uint32_t>, uint16_t> pages;
  for (size_t i = 0; i < kNumPages; ++i) {
    std::vector<uint32_t> page(all.begin() + i * kPageSize, all.begin() + (i + 1) * kPageSize);
    const auto [known, added] = pages.emplace(page, static_cast<uint16_t>(pages.size()));
    if (added) entries_.insert(entries_.end(), page.begin(), page.end());
    page_of_[i] = known->second;
  }
}

namespace {

std::vector<uint32_t> CharacterEntries() {
  std::vector<uint32_t> all(kMaxCodePoint + 1, kClassPunctuation);
  for (const ClassRange& range : kClassRanges) {
    std::fill(all.begin() + range.first, all.begin() + range.last + 1,
              static_cast<uint32_t>(range.kind));
  }
  for (const SteppedRange& range : kLowerRanges) {
    for (int32_t point = range.first; point <= range.last; point += range.step) {
      all[point] |= static_cast<uint32_t>(range.delta) << 3;
    }
  }
  return all;
}

}  // namespace

CharacterTable::CharacterTable() : table_(CharacterEntries()) {}

const CharacterTable& CharacterTable::Get() {
  static const CharacterTable* const table = new CharacterTable();
  return *table;
}

uint32_t DecodeUtf8(const uint8_t** position, const uint8_t* end) {
  const uint8_t lead = *(*position)++;
  if (lead < 0x80) return lead;
  // Range of the byte after the lead, and how many follow (Unicode 14.0, table 3-7).
  uint8_t low = 0x80;
  uint8_t high = 0xBF;
  int following = 0;
  uint32_t point = 0;
  if (lead >= 0xC2 && lead <= 0xDF) {
    following = 1;
    point = lead & 0x1Fu;
  } else if ((lead & 0xF0) == 0xE0) {
    following = 2;
    point = lead & 0x0Fu;
    if (lead == 0xE0) low = 0xA0;
    if (lead == 0xED) high = 0x9F;
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    following = 3;
    point = lead & 0x07u;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;
  } else {
    return kReplacement;
  }
  for (; following > 0; --following) {
    if (*position == end || **position < low || **position > high) return kReplacement;
    point = (point << 6) | (*(*position)++ & 0x3Fu);
    low = 0x80;
    high = 0xBF;
  }
  return point;
}

namespace {

// Entries of FoldingTable: the combining class, what to do, whether that may change a text that is
// in order, and an argument.
constexpr uint32_t kClassMask = 0xFFu;
constexpr uint32_t kActionMask = 3u << 8;
constexpr uint32_t kRemoved = 1u << 8;
constexpr uint32_t kReplaced = 2u << 8;    // By the argument.
constexpr uint32_t kDecomposed = 3u << 8;  // By this row of kDecompositions.
constexpr uint32_t kChanges = 1u << 10;
constexpr int kArgumentShift = 11;
static_assert((kMaxCodePoint << kArgumentShift) >> kArgumentShift == kMaxCodePoint,
              "a code point must fit an argument");

// Hangul syllables, which are composed by a rule.
constexpr uint32_t kHangul = 0xAC00;
constexpr uint32_t kLeads = 0x1100;
constexpr uint32_t kVowels = 0x1161;
constexpr uint32_t kTails = 0x11A7;
constexpr uint32_t kNumLeads = 19;
constexpr uint32_t kNumVowels = 21;
constexpr uint32_t kNumTails = 28;
constexpr uint32_t kNumSyllables = kNumLeads * kNumVowels * kNumTails;

void Replace(const SteppedRange& range, std::vector<uint32_t>* all) {
  for (int32_t point = range.first; point <= range.last; point += range.step) {
    const uint32_t target = static_cast<uint32_t>(point + range.delta);
    (*all)[point] = kReplaced | kChanges | target << kArgumentShift;
  }
}

std::vector<uint32_t> FoldingEntries(bool all_forms) {
  std::vector<uint32_t> all(kMaxCodePoint + 1);
  for (const CombiningRange& range : kCombiningRanges) {
    for (int32_t point = range.first; point <= range.last; ++point) all[point] |= range.kind;
  }
  uint32_t row = 0;
  for (const Decomposition& pair : kDecompositions) {
    all[pair.composed] |= kDecomposed | kChanges | row++ << kArgumentShift;
  }
  for (const Composition& pair : kCompositions) {
    all[pair.composed] &= ~kChanges;  // What is left with it does not come together again.
  }
  if (!all_forms) {
    for (const Decomposition& pair : kDecompositions) {
      if (all[pair.composed] & kChanges) all[pair.composed] &= kClassMask;
    }
  }
  for (const Composition& pair : kCompositions) all[pair.second] |= kChanges;
  for (uint32_t i = 0; i < kNumVowels; ++i) all[kVowels + i] |= kChanges;
  for (uint32_t i = 1; i < kNumTails; ++i) all[kTails + i] |= kChanges;
  for (const SteppedRange& range : kSingletonRanges) Replace(range, &all);
  if (all_forms) {
    for (const SteppedRange& range : kMappedRanges) Replace(range, &all);
  }
  for (const PointRange& range : kRemovedRanges) {
    for (int32_t point = range.first; point <= range.last; ++point) {
      all[point] = kRemoved | kChanges;
    }
  }
  if (!all_forms) {
    for (const uint32_t point : kJoiners) all[point] = 0;
  }
  return all;
}

// The character that two make together, or 0.
uint32_t Compose(uint32_t first, uint32_t second) {
  if (first - kLeads < kNumLeads && second - kVowels < kNumVowels) {
    return kHangul + ((first - kLeads) * kNumVowels + (second - kVowels)) * kNumTails;
  }
  if (first - kHangul < kNumSyllables && (first - kHangul) % kNumTails == 0 && second > kTails &&
      second - kTails < kNumTails) {
    return first + (second - kTails);
  }
  const Composition* const found = std::lower_bound(
      std::begin(kCompositions), std::end(kCompositions), std::make_pair(first, second),
      [](const Composition& pair, const std::pair<uint32_t, uint32_t>& wanted) {
        return std::make_pair(pair.first, pair.second) < wanted;
      });
  const bool is_there =
      found != std::end(kCompositions) && found->first == first && found->second == second;
  return is_there ? found->composed : 0;
}

bool ByClass(const Folded::Part& a, const Folded::Part& b) {
  return a.combining_class < b.combining_class;
}

// Puts marks between characters of class 0 into canonical order.
void Reorder(std::vector<Folded::Part>* parts) {
  auto begin = parts->begin();
  for (auto end = begin;; ++end) {
    if (end != parts->end() && end->combining_class != 0) continue;
    if (!std::is_sorted(begin, end, ByClass)) std::stable_sort(begin, end, ByClass);
    if (end == parts->end()) return;
    begin = end + 1;
  }
}

// Composes what can be, in place.
void ComposeParts(std::vector<Folded::Part>* parts) {
  constexpr size_t kNone = static_cast<size_t>(-1);
  size_t count = 0;
  size_t base = kNone;  // The last character of class 0.
  uint32_t before = 0;  // Class of the last one behind it that was not composed with it.
  for (const Folded::Part part : *parts) {
    const bool near = base != kNone && (before < part.combining_class || base + 1 == count);
    const uint32_t together = near ? Compose((*parts)[base].point, part.point) : 0;
    if (together != 0) {
      Folded::Part& composed = (*parts)[base];
      composed.point = together;
      composed.start = std::min(composed.start, part.start);
      composed.end = std::max(composed.end, part.end);
      continue;
    }
    if (part.combining_class == 0) base = count;
    before = part.combining_class;
    (*parts)[count++] = part;
  }
  parts->resize(count);
}

}  // namespace

FoldingTable::FoldingTable(int64_t version) : table_(FoldingEntries(version == kFoldedVersion)) {}

const FoldingTable& FoldingTable::Get(int64_t version) {
  if (version == kFoldedVersion) {
    static const FoldingTable* const table = new FoldingTable(kFoldedVersion);
    return *table;
  }
  static const FoldingTable* const table = new FoldingTable(kFirstVersion);
  return *table;
}

bool FoldingTable::MayChange(std::string_view utf8) const {
  const uint8_t* position = reinterpret_cast<const uint8_t*>(utf8.data());
  const uint8_t* const end = position + utf8.size();
  uint32_t last_class = 0;
  while (position < end) {
    const uint32_t entry = table_[*position < 0x80 ? *position++ : DecodeUtf8(&position, end)];
    const uint32_t combining_class = entry & kClassMask;
    if (entry & kChanges || (combining_class != 0 && combining_class < last_class)) return true;
    last_class = combining_class;
  }
  return false;
}

void FoldingTable::AppendDecomposition(uint32_t point, int32_t index,
                                       std::vector<Folded::Part>* parts) const {
  const auto append = [&](uint32_t part) {
    parts->push_back({part, table_[part] & kClassMask, index, index + 1});
  };
  if (point - kHangul < kNumSyllables) {
    const uint32_t syllable = point - kHangul;
    append(kLeads + syllable / (kNumVowels * kNumTails));
    append(kVowels + syllable / kNumTails % kNumVowels);
    if (syllable % kNumTails != 0) append(kTails + syllable % kNumTails);
    return;
  }
  const size_t first = parts->size();
  uint32_t entry = table_[point];
  for (; (entry & kActionMask) == kDecomposed; entry = table_[point]) {
    const Decomposition& pair = kDecompositions[entry >> kArgumentShift];
    append(pair.second);
    point = pair.first;
  }
  append(point);
  std::reverse(parts->begin() + static_cast<std::ptrdiff_t>(first), parts->end());
}

void FoldingTable::Fold(std::string_view utf8, Folded* folded) const {
  std::vector<Folded::Part>& parts = folded->parts;
  parts.clear();
  const uint8_t* position = reinterpret_cast<const uint8_t*>(utf8.data());
  const uint8_t* const end = position + utf8.size();
  for (int32_t index = 0; position < end; ++index) {
    uint32_t point = DecodeUtf8(&position, end);
    const uint32_t entry = table_[point];
    if ((entry & kActionMask) == kRemoved) continue;
    if ((entry & kActionMask) == kReplaced) point = entry >> kArgumentShift;
    AppendDecomposition(point, index, &parts);
  }
  Reorder(&parts);
  ComposeParts(&parts);
  // Marks may have changed places: neither end of the ranges ever falls.
  for (size_t i = parts.size(); i > 1; --i) {
    parts[i - 2].start = std::min(parts[i - 2].start, parts[i - 1].start);
  }
  for (size_t i = 1; i < parts.size(); ++i) {
    parts[i].end = std::max(parts[i].end, parts[i - 1].end);
  }
  folded->points.resize(parts.size());
  for (size_t i = 0; i < parts.size(); ++i) folded->points[i] = parts[i].point;
}

void Segmented::Clear() {
  values.clear();
  capital.clear();
  tokens.clear();
}

Projector::Projector(const Spec& spec, const CharacterTable& table)
    : spec_(spec),
      table_(table),
      folding_(spec.version == kFoldedVersion ? &FoldingTable::Get(kFoldedVersion) : nullptr),
      features_(spec.features()),
      ngram_bits_(0) {
  while ((int64_t{1} << ngram_bits_) < spec_.ngram_features) ++ngram_bits_;

  for (int state = 0; state < kNumClasses; ++state) {
    for (int kind = 0; kind < kNumClasses; ++kind)
      transitions_[state][kind] = Transition(state, kind);
  }

  // The draws come in the order that docs/projection.md gives.
  SplitMix64 generator(static_cast<uint64_t>(spec_.seed));
  uint32_t bases[kNumPrimes];
  for (int k = 0; k < kNumPrimes; ++k) bases[k] = 256 + generator.Below(kPrimes[k] - 512);

  const size_t words = static_cast<size_t>(spec_.word_features);
  word_coefficients_.resize((kNumPrimes + 1) * words);
  for (size_t j = 0; j < words; ++j) {
    for (int k = 0; k < kNumPrimes; ++k) {
      word_coefficients_[k * words + j] = static_cast<uint16_t>(generator.Odd() * kScale);
    }
    word_coefficients_[kNumPrimes * words + j] =
        static_cast<uint16_t>(generator.Below(kModulus) * kScale);
  }
  for (size_t order = 0; order < spec_.ngram_orders.size(); ++order) {
    for (int64_t h = 0; h < spec_.ngram_hashes; ++h) {
      NgramHash hash;
      for (uint32_t& factor : hash.factors) factor = generator.Odd();
      hash.offset = generator.Below(2 * static_cast<uint32_t>(spec_.ngram_features));
      ngram_hashes_.push_back(hash);
    }
  }

  const size_t longest = std::max<size_t>(spec_.max_code_points, kMaxNgramOrder);
  powers_.resize(kNumPrimes * longest);
  for (int k = 0; k < kNumPrimes; ++k) {
    uint32_t power = bases[k];
    for (size_t i = 0; i < longest; ++i) {
      powers_[kNumPrimes * i + k] = power;
      power = power * bases[k] % kPrimes[k];
    }
  }
}

uint8_t Projector::Transition(int state, int kind) const {
  bool starts;
  if (kind == kClassMark) {  // Stays with what it follows; after a space it begins a word.
    starts = state == kClassSpace;
    kind = starts ? static_cast<int>(kClassLetter) : state;
  } else if (spec_.segmentation == Spec::Segmentation::kSpaces) {
    starts = kind != kClassSpace && state == kClassSpace;
  } else {
    const bool single = kind == kClassPunctuation ||
                        (kind == kClassAlone && spec_.segmentation != Spec::Segmentation::kWords);
    starts = kind != kClassSpace && (kind != state || single);
  }
  const bool boundary = starts || kind == kClassSpace;
  return static_cast<uint8_t>(kind | (starts ? kStarts : 0) | (boundary ? kBoundary : 0));
}

namespace {

// Code points of UTF-8, one after the other.
struct Utf8Source {
  const uint8_t* position;
  const uint8_t* end;

  bool done() const { return position == end; }
  size_t at_most() const { return static_cast<size_t>(end - position); }
  uint32_t Next() { return *position < 0x80 ? *position++ : DecodeUtf8(&position, end); }
};

// Code points that are there already.
struct PointSource {
  const uint32_t* position;
  const uint32_t* end;

  bool done() const { return position == end; }
  size_t at_most() const { return static_cast<size_t>(end - position); }
  uint32_t Next() { return *position++; }
};

}  // namespace

bool Projector::Segment(std::string_view utf8, Segmented* segmented) const {
  if (spec_.version != kFoldedVersion || !folding_->MayChange(utf8)) {
    const uint8_t* const begin = reinterpret_cast<const uint8_t*>(utf8.data());
    return SegmentPoints(Utf8Source{begin, begin + utf8.size()}, segmented);
  }
  Folded& folded = segmented->folded;
  folding_->Fold(utf8, &folded);
  const size_t first = segmented->tokens.size();
  const uint32_t* const begin = folded.points.data();
  const bool truncated = SegmentPoints(PointSource{begin, begin + folded.points.size()}, segmented);
  for (size_t i = first; i < segmented->tokens.size(); ++i) {
    Span& span = segmented->tokens[i].span;
    span = {folded.parts[span.start].start, folded.parts[span.end - 1].end};
  }
  return truncated;
}

template <typename Source>
bool Projector::SegmentPoints(Source source, Segmented* segmented) const {
  const size_t max_code_points = static_cast<size_t>(spec_.max_code_points);
  const size_t max_tokens = static_cast<size_t>(spec_.max_tokens);
  const size_t first_value = segmented->values.size();
  // UTF-8 has at most as many code points as bytes.
  segmented->values.resize(first_value + std::min(source.at_most(), max_code_points));
  segmented->capital.resize(segmented->values.size());
  uint32_t* const values = segmented->values.data() + first_value;
  uint8_t* const capital = segmented->capital.data() + first_value;

  const bool lowercase = spec_.lowercase;
  const CharacterTable& table = table_;

  size_t i = 0;
  size_t start = 0;  // Of the token that is open; the state says whether there is one.
  size_t count = 0;
  bool truncated = false;
  bool glued = false;
  uint8_t state = kClassSpace;
  uint8_t first_kind = kClassSpace;
  const auto close = [&] {
    segmented->tokens.push_back({{static_cast<int32_t>(start), static_cast<int32_t>(i)},
                                 first_value + start,
                                 i - start,
                                 first_kind,
                                 glued});
  };
  for (; !source.done() && i < max_code_points; ++i) {
    const uint32_t point = source.Next();
    const uint32_t entry = table.entry(point);
    const uint32_t lowered = point + static_cast<uint32_t>(CharacterTable::LowerDelta(entry));
    values[i] = lowercase ? lowered : point;
    capital[i] = lowered != point;
    const uint8_t next = transitions_[state][entry & 7u];
    if (next & kBoundary) {
      if (state != kClassSpace) close();
      if (next & kStarts) {
        if (count == max_tokens) {
          truncated = true;
          state = kClassSpace;
          break;
        }
        ++count;
        start = i;
        first_kind = next & kStateMask;
        glued = state != kClassSpace;
      }
    }
    state = next & kStateMask;
  }
  if (!truncated) {
    // Behind the end, spaces cut nothing; anything else is a token that is cut, or more of the last
    // one, which then does not end in time.
    bool open = state != kClassSpace;
    for (bool first = true; !source.done(); first = false) {
      const uint32_t kind = table.entry(source.Next()) & 7u;
      if (kind == kClassSpace) continue;
      truncated = true;
      if (first && !(transitions_[state][kind] & kBoundary)) open = false;
      break;
    }
    if (open) close();
  }
  segmented->values.resize(first_value + i);
  segmented->capital.resize(first_value + i);
  return truncated;
}

void Projector::Features(const Segmented& segmented, const Token& token, int8_t* output) const {
  const uint32_t* const values = segmented.values.data() + token.first;
  const size_t length = token.length;
  WordFeatures(values, length, output);
  output += spec_.word_features;
  if (spec_.ngram_features > 0) {
    NgramFeatures(values, length, output);
    output += spec_.ngram_features;
  }
  if (spec_.shape) {
    ShapeFeatures(segmented.capital.data() + token.first, length, token, output);
  }
}

void Projector::WordFeatures(const uint32_t* values, size_t length, int8_t* output) const {
  // A term is below 2^21 · 2^15, so that the sums of 4096 terms fit 64 bits without a reduction.
  uint64_t hashes[kNumPrimes] = {};
  const uint32_t* powers = powers_.data();
  for (size_t i = 0; i < length; ++i, powers += kNumPrimes) {
    const uint64_t value = uint64_t{values[i]} + 1;
    for (int k = 0; k < kNumPrimes; ++k) hashes[k] += value * powers[k];
  }
  uint16_t x[kNumPrimes];
  for (int k = 0; k < kNumPrimes; ++k) x[k] = static_cast<uint16_t>(Residue(hashes[k], k));
  TernaryRow(word_coefficients_.data(), static_cast<size_t>(spec_.word_features), x[0], x[1], x[2],
             x[3], output);
}

template <typename Counter>
void Projector::CountNgrams(const uint32_t* values, size_t length,
                            Counter* PQRNN_RESTRICT counts) const {
  // In local variables: a store to `counts` could change anything else that is reached by pointers.
  const uint32_t mask = static_cast<uint32_t>(spec_.ngram_features) - 1;
  const int bits = ngram_bits_;
  const size_t num_orders = spec_.ngram_orders.size();
  const size_t num_hashes = static_cast<size_t>(spec_.ngram_hashes);
  const NgramHash* const hashes = ngram_hashes_.data();
  const uint32_t* const powers = powers_.data();
  size_t orders[kMaxNgramOrder];
  std::copy(spec_.ngram_orders.begin(), spec_.ngram_orders.end(), orders);
  const size_t marked = length + 2;
  for (size_t start = 0; start < marked; ++start) {
    // A longer n-gram from the same start continues the sums of the shorter one.
    uint64_t hash_0 = 0;
    uint64_t hash_1 = 0;
    size_t i = 0;
    const NgramHash* hash = hashes;
    for (size_t o = 0; o < num_orders && start + orders[o] <= marked; ++o) {
      for (; i < orders[o]; ++i) {
        const size_t at = start + i;
        const uint64_t value = at == 0 ? kBegin : at <= length ? values[at - 1] : kEnd;
        hash_0 += (value + 1) * powers[kNumPrimes * i];
        hash_1 += (value + 1) * powers[kNumPrimes * i + 1];
      }
      const uint32_t x_0 = Residue(hash_0, 0);
      const uint32_t x_1 = Residue(hash_1, 1);
      for (size_t h = 0; h < num_hashes; ++h, ++hash) {
        const uint32_t total = hash->offset + hash->factors[0] * x_0 + hash->factors[1] * x_1;
        const int sign = 1 - 2 * static_cast<int>(total >> bits & 1u);
        counts[total & mask] = static_cast<Counter>(counts[total & mask] + sign);
      }
    }
  }
}

void Projector::NgramFeatures(const uint32_t* values, size_t length, int8_t* output) const {
  const size_t count = static_cast<size_t>(spec_.ngram_features);
  const size_t most = (length + 2) * ngram_hashes_.size();
  if (most <= 127) {  // No count can leave eight bits: count in place.
    std::memset(output, 0, count);
    CountNgrams(values, length, output);
    ClampInPlace(output, count);
  } else {
    std::vector<int32_t> counts(count);
    CountNgrams(values, length, counts.data());
    ClampCounts(counts.data(), count, output);
  }
}

void Projector::ShapeFeatures(const uint8_t* capital, size_t length, const Token& token,
                              int8_t* output) const {
  const size_t capitals = static_cast<size_t>(std::count(capital, capital + length, 1));
  const bool initial = capital[0] != 0;
  const bool all = capitals == length && length > 1;
  output[kShapeInitialCapital] = initial;
  output[kShapeAllCapitals] = all;
  output[kShapeInnerCapital] = capitals > static_cast<size_t>(initial) && !all;
  output[kShapeDigit] = token.kind == kClassDigit;
  output[kShapePunctuation] = token.kind == kClassPunctuation;
  output[kShapeAlone] = token.kind == kClassAlone;
  output[kShapeGlued] = token.glued;
  output[kShapeSingle] = length == 1;
}

bool Projector::Project(std::string_view utf8, std::vector<int8_t>* features,
                        std::vector<Span>* spans) const {
  Segmented segmented;
  const bool truncated = Segment(utf8, &segmented);
  const size_t first = features->size();
  const size_t width = static_cast<size_t>(features_);
  features->resize(first + segmented.tokens.size() * width);
  for (size_t i = 0; i < segmented.tokens.size(); ++i) {
    spans->push_back(segmented.tokens[i].span);
    Features(segmented, segmented.tokens[i], features->data() + first + i * width);
  }
  return truncated;
}

}  // namespace pqrnn
