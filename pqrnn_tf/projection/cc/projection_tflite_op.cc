#include "pqrnn_tf/projection/cc/projection_tflite_op.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "pqrnn_tf/projection/cc/flexbuffer_map.h"
#include "pqrnn_tf/projection/cc/projection_core.h"
#include "pqrnn_tf/projection/cc/tflite_c_structures.h"

namespace pqrnn {
namespace {

using tflite::Data;
using tflite::kTfLiteBool;
using tflite::kTfLiteError;
using tflite::kTfLiteInt32;
using tflite::kTfLiteInt8;
using tflite::kTfLiteOk;
using tflite::kTfLiteString;
using tflite::TfLiteContext;
using tflite::TfLiteIntArray;
using tflite::TfLiteNode;
using tflite::TfLiteRegistration;
using tflite::TfLiteStatus;
using tflite::TfLiteTensor;
using tflite::TfLiteType;

constexpr char kName[] = "PqrnnProject";

enum Output { kFeatures, kLengths, kSpans, kTruncated, kNumOutputs };
constexpr TfLiteType kOutputTypes[kNumOutputs] = {kTfLiteInt8, kTfLiteInt32, kTfLiteInt32,
                                                  kTfLiteBool};

// What one node of a graph keeps.
struct Node {
  std::string problem;  // Of its options; empty if there is a projector.
  std::unique_ptr<Projector> projector;
  Segmented segmented;  // Kept to be used again: an interpreter runs in one thread at a time.
};

// Reads a specification from the options of a node. Returns what is wrong with them, or nothing.
std::string ReadSpec(std::string_view options, Spec* spec) {
  FlexbufferMap map;
  if (!map.Parse(options)) return "the options must be a FlexBuffers map.";
  std::string_view segmentation;
  std::vector<int64_t> orders;
  bool pad_to_max_tokens = false;
  std::string missing;
  size_t known = 0;
  const auto read = [&](std::string_view key, auto* value) {
    ++known;
    if (missing.empty() && !map.Get(key, value)) missing = key;
  };
  read("segmentation", &segmentation);
  read("lowercase", &spec->lowercase);
  read("word_features", &spec->word_features);
  read("ngram_features", &spec->ngram_features);
  read("ngram_hashes", &spec->ngram_hashes);
  read("shape", &spec->shape);
  read("max_code_points", &spec->max_code_points);
  read("max_tokens", &spec->max_tokens);
  read("seed", &spec->seed);
  read("version", &spec->version);
  read("pad_to_max_tokens", &pad_to_max_tokens);
  // TensorFlow's converter leaves empty lists out.
  const auto& keys = map.keys();
  if (std::find(keys.begin(), keys.end(), "ngram_orders") != keys.end()) {
    read("ngram_orders", &orders);
  }
  if (!missing.empty()) return "the option `" + missing + "` is missing or of another type.";
  if (keys.size() != known) return "there are options that this version does not know.";
  if (!ParseSegmentation(segmentation, &spec->segmentation)) {
    return "`segmentation` must be 'unicode', 'spaces' or 'words'. Received: '" +
           std::string(segmentation) + "'.";
  }
  if (!pad_to_max_tokens) return "`pad_to_max_tokens` must be true.";
  spec->ngram_orders.clear();
  for (const int64_t order : orders) {
    // Within `int`, where Problem() checks it again.
    spec->ngram_orders.push_back(static_cast<int>(std::clamp<int64_t>(order, -1, 1 << 20)));
  }
  return spec->Problem();
}

// The tensor of a node, or null where the model names none.
TfLiteTensor* GetTensor(TfLiteContext* context, const TfLiteIntArray* indices, int i) {
  const int index = Data(indices)[i];
  if (index < 0 || static_cast<size_t>(index) >= context->tensors_size) return nullptr;
  return &context->tensors[index];
}

TfLiteStatus Resize(TfLiteContext* context, TfLiteTensor* tensor, const std::vector<int>& shape) {
  auto* array = static_cast<TfLiteIntArray*>(
      std::malloc(sizeof(TfLiteIntArray) + shape.size() * sizeof(int)));
  if (array == nullptr) return kTfLiteError;
  array->size = static_cast<int>(shape.size());
  std::copy(shape.begin(), shape.end(), Data(array));
  return context->ResizeTensor(context, tensor, array);
}

void* Init(TfLiteContext*, const char* buffer, size_t length) {
  try {
    auto node = std::make_unique<Node>();
    Spec spec;
    node->problem =
        ReadSpec(buffer == nullptr ? std::string_view() : std::string_view(buffer, length), &spec);
    if (node->problem.empty()) node->projector = std::make_unique<Projector>(spec);
    return node.release();
  } catch (const std::exception&) {
    return nullptr;  // Prepare says so.
  }
}

void Free(TfLiteContext*, void* buffer) { delete static_cast<Node*>(buffer); }

TfLiteStatus Prepare(TfLiteContext* context, TfLiteNode* graph_node) {
  const auto* node = static_cast<const Node*>(graph_node->user_data);
  if (node == nullptr) {
    context->ReportError(context, "%s: out of memory.", kName);
    return kTfLiteError;
  }
  if (!node->problem.empty()) {
    context->ReportError(context, "%s: %s", kName, node->problem.c_str());
    return kTfLiteError;
  }
  if (graph_node->inputs->size != 1 || graph_node->outputs->size != kNumOutputs) {
    context->ReportError(context, "%s: there must be 1 input and %d outputs. Received: %d and %d.",
                         kName, static_cast<int>(kNumOutputs), graph_node->inputs->size,
                         graph_node->outputs->size);
    return kTfLiteError;
  }
  const TfLiteTensor* texts = GetTensor(context, graph_node->inputs, 0);
  if (texts == nullptr || texts->type != kTfLiteString || texts->dims == nullptr ||
      texts->dims->size != 1) {
    context->ReportError(context, "%s: the input must be strings of shape (batch,).", kName);
    return kTfLiteError;
  }
  const Projector& projector = *node->projector;
  const int batch = Data(texts->dims)[0];
  const int time = static_cast<int>(projector.spec().max_tokens);
  const std::vector<int> shapes[kNumOutputs] = {
      {batch, time, static_cast<int>(projector.features())}, {batch}, {batch, time, 2}, {batch}};
  for (int i = 0; i < kNumOutputs; ++i) {
    TfLiteTensor* output = GetTensor(context, graph_node->outputs, i);
    if (output == nullptr || output->type != kOutputTypes[i]) {
      context->ReportError(context, "%s: output %d must be of type %d.", kName, i,
                           static_cast<int>(kOutputTypes[i]));
      return kTfLiteError;
    }
    if (Resize(context, output, shapes[i]) != kTfLiteOk) return kTfLiteError;
  }
  return kTfLiteOk;
}

// The strings of a tensor: their number, where each begins, where the last one ends, the bytes; all
// int32. Returns false where the bytes are not that.
class StringTensor {
 public:
  bool Parse(const TfLiteTensor& tensor) {
    if (tensor.data == nullptr || tensor.bytes < sizeof(int32_t)) return false;
    bytes_ = std::string_view(static_cast<const char*>(tensor.data), tensor.bytes);
    size_ = Number(0);
    const size_t room = bytes_.size() / sizeof(int32_t);
    if (size_ < 0 || static_cast<size_t>(size_) + 2 > room) return false;
    for (int32_t i = 0; i < size_; ++i) {
      if (Number(i + 1) < 0 || Number(i + 2) < Number(i + 1)) return false;
    }
    return size_ == 0 || static_cast<size_t>(Number(size_ + 1)) <= bytes_.size();
  }

  int32_t size() const { return size_; }
  std::string_view operator[](int32_t i) const {
    return bytes_.substr(Number(i + 1), Number(i + 2) - Number(i + 1));
  }

 private:
  int32_t Number(int32_t i) const {
    int32_t number;
    std::memcpy(&number, bytes_.data() + sizeof(number) * i, sizeof(number));
    return number;
  }

  std::string_view bytes_;
  int32_t size_ = 0;
};

TfLiteStatus Invoke(TfLiteContext* context, TfLiteNode* graph_node) {
  auto* node = static_cast<Node*>(graph_node->user_data);
  const TfLiteTensor& input = *GetTensor(context, graph_node->inputs, 0);
  StringTensor texts;
  const int batch = Data(input.dims)[0];
  if (!texts.Parse(input) || texts.size() != batch) {
    context->ReportError(context, "%s: the input must hold %d strings.", kName, batch);
    return kTfLiteError;
  }
  const auto output = [&](Output i) { return GetTensor(context, graph_node->outputs, i)->data; };
  auto* features = static_cast<int8_t*>(output(kFeatures));
  auto* lengths = static_cast<int32_t*>(output(kLengths));
  auto* spans = static_cast<int32_t*>(output(kSpans));
  auto* truncated = static_cast<bool*>(output(kTruncated));
  const Projector& projector = *node->projector;
  const int64_t width = projector.features();
  const int64_t time = projector.spec().max_tokens;
  try {
    for (int i = 0; i < batch; ++i) {
      node->segmented.Clear();
      truncated[i] = projector.Segment(texts[i], &node->segmented);
      const int64_t length = static_cast<int64_t>(node->segmented.tokens.size());
      lengths[i] = static_cast<int32_t>(length);
      for (const Token& token : node->segmented.tokens) {
        projector.Features(node->segmented, token, features);
        features += width;
        *spans++ = token.span.start;
        *spans++ = token.span.end;
      }
      features = std::fill_n(features, (time - length) * width, int8_t{0});
      spans = std::fill_n(spans, 2 * (time - length), 0);
    }
  } catch (const std::exception&) {  // C code calls this.
    context->ReportError(context, "%s: out of memory.", kName);
    return kTfLiteError;
  }
  return kTfLiteOk;
}

constexpr TfLiteRegistration kRegistration = {
    Init,          Free,    Prepare, Invoke, nullptr, tflite::kTfLiteBuiltinCustom, kName,
    /*version=*/1, nullptr, nullptr, 0};

}  // namespace
}  // namespace pqrnn

extern "C" const char* PqrnnProjectName() { return pqrnn::kName; }

extern "C" const ::TfLiteRegistration* PqrnnProjectRegistration() {
  return reinterpret_cast<const ::TfLiteRegistration*>(&pqrnn::kRegistration);
}
