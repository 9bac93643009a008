// Runs a model with the default front end (code points) on a stock TensorFlow Lite, through its C
// API, without a custom op. Whoever decodes the text folds it: projection_core.cc is linked for
// that.
//
// Usage: parse_code_points MODEL LABELS [VERSION] < TEXTS
// LABELS is the `labels.json` beside a model, or what `unzip -p MODEL pqrnn.json` writes. Each line
// of the input is a text, UTF-8. VERSION is that of the model's projection, 2 unless it is given.
// Writes for each a line: the intent, then for each slot its name,
// where it begins and ends in code points, and its words; between them tabs.
//
// What it leaves out of the package's decoder (pqrnn_tf/runtime/decoding.py): it takes the best
// intent and the best tag of each token, and does not look for the best pair in which the tags
// follow each other and the slots are ones of the intent. It gives no probability, rejects nothing
// and says nothing of what is nested in slots.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

#include "pqrnn_tf/projection/cc/projection_core.h"

#if __has_include(<TensorFlowLiteC/c_api.h>)  // the framework for iOS
#include <TensorFlowLiteC/c_api.h>
#else
#include "tensorflow/lite/c/c_api.h"
#endif

namespace {

void Need(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what);
  std::exit(1);
}

// The strings of the list `"key": ["…", …]`. Names hold no quotes; this is no reader of JSON.
std::vector<std::string> ReadNames(const std::string& json, const std::string& key) {
  std::size_t position = json.find("\"" + key + "\":");
  Need(position != std::string::npos, "the labels lack `intents` or `tags`");
  position = json.find('[', position);
  const std::size_t last = json.find(']', position);
  Need(last != std::string::npos, "the labels are cut");
  std::vector<std::string> names;
  while ((position = json.find('"', position)) < last) {
    const std::size_t end = json.find('"', position + 1);
    names.push_back(json.substr(position + 1, end - position - 1));
    position = end + 1;
  }
  return names;
}

// Where in the bytes of a text each of its code points begins; at the end the number of bytes.
std::vector<std::size_t> Begins(const std::string& text) {
  std::vector<std::size_t> begins;
  const auto* const first = reinterpret_cast<const std::uint8_t*>(text.data());
  const std::uint8_t* position = first;
  while (position < first + text.size()) {
    begins.push_back(static_cast<std::size_t>(position - first));
    pqrnn::DecodeUtf8(&position, first + text.size());
  }
  begins.push_back(text.size());
  return begins;
}

// White space by the projection's own table of characters, version 1.
bool IsSpace(std::uint32_t point) {
  return point <= 0x20 || (point >= 0x7F && point <= 0xA0) || point == 0x1680 ||
         (point >= 0x2000 && point <= 0x200B) || point == 0x2028 || point == 0x2029 ||
         point == 0x202F || point == 0x205F || point == 0x3000 || point == 0xFEFF;
}

// The code points that the model is given: all of them where they leave room. Else white space
// before the first word is left out, and of each other run only the first code point is kept, which
// changes no token.
std::vector<pqrnn::Folded::Part> Fit(const std::vector<pqrnn::Folded::Part>& parts,
                                     std::size_t room) {
  const bool fits = parts.size() < room;
  std::vector<pqrnn::Folded::Part> kept;
  bool behind_space = true;
  for (std::size_t i = 0; i < parts.size() && kept.size() < room; ++i) {
    const bool space = IsSpace(parts[i].point);
    if (fits || !space || !behind_space) kept.push_back(parts[i]);
    behind_space = space;
  }
  return kept;
}

// One of the signatures of a file: `parse` has room for the longest texts, the others are quicker.
struct Signature {
  TfLiteSignatureRunner* runner;
  int code_points;
};

const TfLiteTensor* Output(const Signature& signature, const char* name) {
  const TfLiteTensor* tensor = TfLiteSignatureRunnerGetOutputTensor(signature.runner, name);
  Need(tensor != nullptr, "the model lacks an output");
  return tensor;
}

template <typename Value>
const Value* Values(const TfLiteTensor* tensor) {
  return static_cast<const Value*>(TfLiteTensorData(tensor));
}

std::vector<Signature> OpenSignatures(TfLiteInterpreter* interpreter) {
  std::vector<Signature> signatures;
  for (int i = 0; i < TfLiteInterpreterGetSignatureCount(interpreter); ++i) {
    TfLiteSignatureRunner* runner = TfLiteInterpreterGetSignatureRunner(
        interpreter, TfLiteInterpreterGetSignatureKey(interpreter, i));
    Need(runner && TfLiteSignatureRunnerAllocateTensors(runner) == kTfLiteOk, "no tensors");
    const TfLiteTensor* input = TfLiteSignatureRunnerGetInputTensor(runner, "code_points");
    Need(input && TfLiteTensorType(input) == kTfLiteInt32, "the model takes no code points");
    signatures.push_back({runner, TfLiteTensorDim(input, 1)});
  }
  Need(!signatures.empty(), "the model has no signatures");
  std::sort(signatures.begin(), signatures.end(),
            [](const Signature& a, const Signature& b) { return a.code_points < b.code_points; });
  return signatures;
}

// Runs the smallest signature that the text fits into; the last one cuts what it has no room for.
const Signature& Run(const std::vector<Signature>& signatures, const std::vector<int32_t>& points) {
  for (const Signature& signature : signatures) {
    const bool is_last = &signature == &signatures.back();
    const auto room = static_cast<std::size_t>(signature.code_points);
    if (!is_last && points.size() >= room) continue;
    std::vector<int32_t> buffer(room, 0);  // zeros behind the text
    std::copy_n(points.begin(), std::min(points.size(), room), buffer.begin());
    TfLiteTensor* input = TfLiteSignatureRunnerGetInputTensor(signature.runner, "code_points");
    Need(TfLiteTensorCopyFromBuffer(input, buffer.data(), room * sizeof(int32_t)) == kTfLiteOk,
         "the text was not copied");
    Need(TfLiteSignatureRunnerInvoke(signature.runner) == kTfLiteOk, "the model did not run");
    // Set where there are more tokens than the signature has room for, too.
    if (is_last || !*Values<bool>(Output(signature, "truncated"))) return signature;
  }
  std::abort();  // the last one returns
}

struct Slot {
  std::string name;
  int32_t begin, end;  // in code points
};

// Reads the best tags: B-X begins a slot, I-X goes on with it, G-X is a word in its midst that does
// not belong to it, O is none. I-X without a slot X before it begins one.
std::vector<Slot> ReadSlots(const std::vector<std::string>& tags, const float* logits,
                            const int32_t* spans, int length) {
  std::vector<Slot> slots;
  std::string open;  // name of the slot that may go on
  for (int t = 0; t < length; ++t) {
    const float* row = logits + t * tags.size();
    const std::string& tag = tags[std::max_element(row, row + tags.size()) - row];
    if (tag[0] == 'G') continue;
    const std::string name = tag[0] == 'O' ? "" : tag.substr(2);
    if (tag[0] == 'I' && name == open) {
      slots.back().end = spans[2 * t + 1];
    } else if (!name.empty()) {
      slots.push_back({name, spans[2 * t], spans[2 * t + 1]});
    }
    open = name;
  }
  return slots;
}

}  // namespace

int main(int argc, char** argv) {
  Need(argc == 3 || argc == 4, "two arguments are needed: MODEL LABELS");
  const pqrnn::FoldingTable& folding = pqrnn::FoldingTable::Get(argc == 4 ? std::atoi(argv[3]) : 2);
  pqrnn::Folded folded;
  std::ifstream file(argv[2]);
  const std::string json{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  const std::vector<std::string> intents = ReadNames(json, "intents");
  const std::vector<std::string> tags = ReadNames(json, "tags");

  TfLiteModel* model = TfLiteModelCreateFromFile(argv[1]);
  Need(model != nullptr, "no model");
  TfLiteInterpreterOptions* options = TfLiteInterpreterOptionsCreate();
  TfLiteInterpreterOptionsSetNumThreads(options, 1);
  TfLiteInterpreter* interpreter = TfLiteInterpreterCreate(model, options);
  Need(interpreter != nullptr, "no interpreter");
  const std::vector<Signature> signatures = OpenSignatures(interpreter);
  const auto fits = [&](const char* name, int axis, std::size_t size) {
    return TfLiteTensorDim(Output(signatures.back(), name), axis) == static_cast<int>(size);
  };
  Need(fits("intent", 1, intents.size()) && fits("slots", 2, tags.size()),
       "these are the labels of another model");

  for (std::string text; std::getline(std::cin, text);) {
    folding.Fold(text, &folded);
    const std::vector<pqrnn::Folded::Part> parts =
        Fit(folded.parts, static_cast<std::size_t>(signatures.back().code_points));
    std::vector<int32_t> points;
    for (const auto& part : parts) points.push_back(static_cast<int32_t>(part.point));
    const Signature& signature = Run(signatures, points);
    const int length = *Values<int32_t>(Output(signature, "length"));
    if (length > 0) {  // else the text has no word, and the intent means nothing
      const std::vector<std::size_t> begins = Begins(text);
      const float* logits = Values<float>(Output(signature, "intent"));
      std::cout << intents[std::max_element(logits, logits + intents.size()) - logits];
      for (const Slot& slot : ReadSlots(tags, Values<float>(Output(signature, "slots")),
                                        Values<int32_t>(Output(signature, "spans")), length)) {
        // In the caller's text: from where its first code point begins to where its last one ends.
        const int32_t first = parts[slot.begin].start, last = parts[slot.end - 1].end;
        std::cout << '\t' << slot.name << '\t' << first << '\t' << last << '\t'
                  << text.substr(begins[first], begins[last] - begins[first]);
      }
    }
    std::cout << '\n';
  }

  for (const Signature& signature : signatures) TfLiteSignatureRunnerDelete(signature.runner);
  TfLiteInterpreterDelete(interpreter);
  TfLiteInterpreterOptionsDelete(options);
  TfLiteModelDelete(model);
  return 0;
}
