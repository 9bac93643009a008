// Runs the TensorFlow Lite op in a small runtime of its own: good input, damaged options, damaged
// strings, and resolvers of several kinds. Meant for a build with sanitizers.
//
// Usage: projection_tflite_op_test OPTIONS
// OPTIONS is a file with the options of the op, a FlexBuffers map.

#include "pqrnn_tf/projection/cc/projection_tflite_op.h"

#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include "pqrnn_tf/projection/cc/tflite_c_structures.h"

namespace own = pqrnn::tflite;

#define CHECK(condition)                                                   \
  do {                                                                     \
    if (!(condition)) {                                                    \
      std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition); \
      std::exit(1);                                                        \
    }                                                                      \
  } while (false)

namespace {

std::string last_error;

void ReportError(own::TfLiteContext*, const char* format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  std::vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  last_error = text;
}

size_t ElementSize(own::TfLiteType type) {
  return type == own::kTfLiteInt32 ? sizeof(int32_t) : sizeof(int8_t);
}

own::TfLiteStatus ResizeTensor(own::TfLiteContext*, own::TfLiteTensor* tensor,
                               own::TfLiteIntArray* shape) {
  std::free(tensor->dims);
  tensor->dims = shape;
  tensor->bytes = ElementSize(tensor->type);
  for (int i = 0; i < shape->size; ++i) tensor->bytes *= static_cast<size_t>(own::Data(shape)[i]);
  std::free(tensor->data);
  tensor->data = std::malloc(tensor->bytes);
  return own::kTfLiteOk;
}

own::TfLiteIntArray* Numbers(const std::vector<int>& values) {
  auto* array = static_cast<own::TfLiteIntArray*>(
      std::malloc(sizeof(own::TfLiteIntArray) + values.size() * sizeof(int)));
  array->size = static_cast<int>(values.size());
  if (!values.empty()) std::memcpy(own::Data(array), values.data(), values.size() * sizeof(int));
  return array;
}

std::string StringTensor(const std::vector<std::string>& texts) {
  std::vector<int32_t> numbers = {static_cast<int32_t>(texts.size())};
  size_t offset = sizeof(int32_t) * (texts.size() + 2);
  for (const std::string& text : texts) {
    numbers.push_back(static_cast<int32_t>(offset));
    offset += text.size();
  }
  numbers.push_back(static_cast<int32_t>(offset));
  std::string bytes(reinterpret_cast<const char*>(numbers.data()),
                    sizeof(int32_t) * numbers.size());
  for (const std::string& text : texts) bytes += text;
  return bytes;
}

const own::TfLiteRegistration& Registration() {
  return *reinterpret_cast<const own::TfLiteRegistration*>(PqrnnProjectRegistration());
}

// One node with its tensors.
class Graph {
 public:
  // Exactly as long as the options: a read beyond their end is found.
  explicit Graph(const std::string& options) : options_(options.begin(), options.end()) {
    const own::TfLiteType types[5] = {own::kTfLiteString, own::kTfLiteInt8, own::kTfLiteInt32,
                                      own::kTfLiteInt32, own::kTfLiteBool};
    std::memset(tensors_, 0, sizeof tensors_);
    for (int i = 0; i < 5; ++i) {
      tensors_[i].type = types[i];
      tensors_[i].dims = Numbers({1});
    }
    context_.tensors_size = 5;
    context_.tensors = tensors_;
    context_.ResizeTensor = ResizeTensor;
    context_.ReportError = ReportError;
    node_.inputs = Numbers({0});
    node_.outputs = Numbers({1, 2, 3, 4});
    node_.user_data = Registration().init(&context_, options_.data(), options_.size());
  }
  ~Graph() {
    Registration().free(&context_, node_.user_data);
    for (own::TfLiteTensor& tensor : tensors_) {
      std::free(tensor.dims);
      std::free(tensor.data);
    }
    std::free(node_.inputs);
    std::free(node_.outputs);
  }

  own::TfLiteStatus Prepare() { return Registration().prepare(&context_, &node_); }
  own::TfLiteStatus Invoke(const std::string& content, int batch = 1) {
    std::free(tensors_[0].data);
    tensors_[0].data = std::malloc(content.size());
    if (!content.empty()) std::memcpy(tensors_[0].data, content.data(), content.size());
    tensors_[0].bytes = content.size();
    own::Data(tensors_[0].dims)[0] = batch;
    if (Prepare() != own::kTfLiteOk) return own::kTfLiteError;
    return Registration().invoke(&context_, &node_);
  }

  const int32_t* lengths() const { return static_cast<const int32_t*>(tensors_[2].data); }
  const int32_t* spans() const { return static_cast<const int32_t*>(tensors_[3].data); }
  const bool* truncated() const { return static_cast<const bool*>(tensors_[4].data); }
  own::TfLiteNode& node() { return node_; }

 private:
  std::vector<char> options_;
  own::TfLiteTensor tensors_[5];
  own::TfLiteContext context_ = {};
  own::TfLiteNode node_ = {};
};

void TestBatch(const std::string& options) {
  Graph graph(options);
  const std::string with_nul("a\0b", 3);
  CHECK(graph.Invoke(StringTensor({"", with_nul, "Wake me at 7pm, please"}), 3) == own::kTfLiteOk);
  CHECK(graph.lengths()[0] == 0 && graph.lengths()[1] == 2 && graph.lengths()[2] == 5);
  CHECK(!graph.truncated()[0] && !graph.truncated()[1] && graph.truncated()[2]);
  const int32_t* second = graph.spans() + 5 * 2;
  CHECK(second[0] == 0 && second[1] == 1 && second[2] == 2 && second[3] == 3 && second[4] == 0);
  CHECK(graph.Invoke(StringTensor({}), 0) == own::kTfLiteOk);
}

void TestDamagedStrings(const std::string& options) {
  Graph graph(options);
  const std::string good = StringTensor({"one", "two"});
  CHECK(graph.Invoke(good, 2) == own::kTfLiteOk);
  CHECK(graph.Invoke(good, 1) == own::kTfLiteError);
  for (size_t size = 0; size < 16; ++size) {
    CHECK(graph.Invoke(good.substr(0, size), 2) == own::kTfLiteError);
  }
  CHECK(last_error.find("must hold 2 strings") != std::string::npos);
  for (size_t i = 0; i < 16; ++i) {
    for (const int bit : {1, 2, 0x40, 0x80}) {
      std::string damaged = good;
      damaged[i] = static_cast<char>(damaged[i] ^ bit);
      graph.Invoke(damaged, 2);  // Whatever it says.
    }
  }
}

void TestDamagedOptions(const std::string& options) {
  const std::string text = StringTensor({"Wake me at 7pm"});
  for (size_t size = 0; size < options.size(); ++size) {
    Graph(options.substr(0, size)).Invoke(text);
    Graph(options.substr(size)).Invoke(text);
  }
  size_t refused = 0;
  for (size_t i = 0; i < options.size(); ++i) {
    for (const int bit : {1, 2, 4, 0x10, 0x80, 0xFF}) {
      std::string damaged = options;
      damaged[i] = static_cast<char>(damaged[i] ^ bit);
      refused += Graph(damaged).Invoke(text) != own::kTfLiteOk;
    }
  }
  CHECK(refused > options.size());
}

void TestBadNodes(const std::string& options) {
  Graph graph(options);
  own::Data(graph.node().inputs)[0] = -1;
  CHECK(graph.Prepare() == own::kTfLiteError);
  own::Data(graph.node().inputs)[0] = 5;
  CHECK(graph.Prepare() == own::kTfLiteError);
  own::Data(graph.node().inputs)[0] = 0;
  own::Data(graph.node().outputs)[3] = -1;
  CHECK(graph.Prepare() == own::kTfLiteError);
}

}  // namespace

// Classes with the names and the first functions that runtimes have.
namespace tflite {

class OpResolver {
 public:
  virtual const own::TfLiteRegistration* FindOp(int32_t op, int version) const = 0;
  virtual const own::TfLiteRegistration* FindOp(const char* op, int version) const = 0;
  virtual ~OpResolver() = default;
};

class MutableOpResolver : public OpResolver {
 public:
  explicit MutableOpResolver(int32_t code) : add_{} { add_.builtin_code = code; }
  const own::TfLiteRegistration* FindOp(int32_t, int) const override { return &add_; }
  const own::TfLiteRegistration* FindOp(const char* op, int) const override {
    return std::strcmp(op, "Other") == 0 ? &add_ : nullptr;
  }

 private:
  own::TfLiteRegistration add_;
};

}  // namespace tflite

namespace {

class BuiltinOpResolver : public tflite::MutableOpResolver {
  using MutableOpResolver::MutableOpResolver;
};

class Another {
 public:
  virtual ~Another() = default;
};

void TestResolvers() {
  // By pointer to the abstract class, as a runtime calls it.
  auto resolver = std::make_unique<BuiltinOpResolver>(0);
  tflite::OpResolver* volatile seen = resolver.get();
  CHECK(seen->FindOp(PqrnnProjectName(), 1) == nullptr);
  CHECK(PqrnnProjectAddToResolver(resolver.get()) == nullptr);
  CHECK(seen->FindOp(PqrnnProjectName(), 1) == &Registration());
  CHECK(PqrnnProjectAddToResolver(resolver.get()) == nullptr);
  CHECK(seen->FindOp(PqrnnProjectName(), 2) == nullptr);
  CHECK(seen->FindOp("Other", 1) != nullptr && seen->FindOp("Another", 1) == nullptr);
  CHECK(seen->FindOp(3, 1) != nullptr);

  BuiltinOpResolver untouched(0);
  seen = &untouched;
  CHECK(seen->FindOp(PqrnnProjectName(), 1) == nullptr);

  // Its first function knows no addition: the runtime is laid out in another way.
  BuiltinOpResolver strange(7);
  CHECK(PqrnnProjectAddToResolver(&strange) != nullptr);
  seen = &strange;
  CHECK(seen->FindOp(PqrnnProjectName(), 1) == nullptr);

  Another another;
  CHECK(PqrnnProjectAddToResolver(&another) != nullptr);
  CHECK(PqrnnProjectAddToResolver(nullptr) != nullptr);
}

}  // namespace

int main(int argc, char** argv) {
  CHECK(argc == 2);
  std::ifstream file(argv[1], std::ios::binary);
  const std::string options{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
  CHECK(!options.empty());
  TestBatch(options);
  TestDamagedStrings(options);
  TestDamagedOptions(options);
  TestBadNodes(options);
  TestResolvers();
  std::printf("all passed\n");
  return 0;
}
