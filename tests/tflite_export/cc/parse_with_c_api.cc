// Runs a model with the string front end through TensorFlow Lite's C API, as an application would:
// the official headers, the operation, one function that registers it.
//
// Usage: parse_with_c_api MODEL < TEXT
// Writes, separated by spaces: the number of the best intent, whether the text was cut, the number
// of tokens, their spans.

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <iterator>
#include <string>

#include "pqrnn_tf/projection/cc/projection_tflite_op.h"
#include "tensorflow/lite/c/c_api.h"
#include "tensorflow/lite/c/c_api_experimental.h"
#include "tensorflow/lite/core/c/common.h"

namespace {

void Need(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "%s\n", what);
  std::exit(1);
}

// Gives a string tensor one text: the number of texts, where it begins and ends, the bytes.
void SetText(TfLiteTensor* tensor, const std::string& text) {
  const int32_t begin = 3 * sizeof(int32_t);
  const int32_t header[] = {1, begin, begin + static_cast<int32_t>(text.size())};
  Need(TfLiteTensorRealloc(sizeof header + text.size(), tensor) == kTfLiteOk, "no memory");
  std::memcpy(tensor->data.raw, header, sizeof header);
  std::memcpy(tensor->data.raw + sizeof header, text.data(), text.size());
}

}  // namespace

int main(int argc, char** argv) {
  Need(argc == 2, "one argument is needed: MODEL");
  const std::string text{std::istreambuf_iterator<char>(std::cin),
                         std::istreambuf_iterator<char>()};

  TfLiteModel* model = TfLiteModelCreateFromFile(argv[1]);
  Need(model != nullptr, "no model");
  TfLiteInterpreterOptions* options = TfLiteInterpreterOptionsCreate();
  TfLiteInterpreterOptionsSetNumThreads(options, 1);
  TfLiteInterpreterOptionsAddCustomOp(options, PqrnnProjectName(), PqrnnProjectRegistration(), 1,
                                      1);
  TfLiteInterpreter* interpreter = TfLiteInterpreterCreate(model, options);
  Need(interpreter != nullptr, "no interpreter");
  TfLiteSignatureRunner* parse = TfLiteInterpreterGetSignatureRunner(interpreter, "parse");
  Need(parse != nullptr, "no signature");
  Need(TfLiteSignatureRunnerAllocateTensors(parse) == kTfLiteOk, "no tensors");

  SetText(TfLiteSignatureRunnerGetInputTensor(parse, "text"), text);
  Need(TfLiteSignatureRunnerInvoke(parse) == kTfLiteOk, "the model did not run");

  const auto output = [&](const char* name) {
    return TfLiteTensorData(TfLiteSignatureRunnerGetOutputTensor(parse, name));
  };
  const auto* intent = static_cast<const float*>(output("intent"));
  const int intents = TfLiteTensorDim(TfLiteSignatureRunnerGetOutputTensor(parse, "intent"), 1);
  const auto* spans = static_cast<const int32_t*>(output("spans"));
  const int length = *static_cast<const int32_t*>(output("length"));
  std::printf("%d %d %d", static_cast<int>(std::max_element(intent, intent + intents) - intent),
              static_cast<int>(*static_cast<const bool*>(output("truncated"))), length);
  for (int i = 0; i < 2 * length; ++i) std::printf(" %d", spans[i]);
  std::printf("\n");

  TfLiteSignatureRunnerDelete(parse);
  TfLiteInterpreterDelete(interpreter);
  TfLiteInterpreterOptionsDelete(options);
  TfLiteModelDelete(model);
  return 0;
}
