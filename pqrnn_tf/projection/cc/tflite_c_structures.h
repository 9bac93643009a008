// The few C structures of TensorFlow Lite that a custom operation touches, declared here so that
// the operation compiles without TensorFlow Lite's sources.
// tests/projection/cc/tflite_layout_test.cc holds them against the official header,
// tensorflow/lite/core/c/common.h.
//
// The official names stand in a namespace of their own: both headers fit into one file.

#ifndef PQRNN_TF_PROJECTION_CC_TFLITE_C_STRUCTURES_H_
#define PQRNN_TF_PROJECTION_CC_TFLITE_C_STRUCTURES_H_

#include <cstddef>
#include <cstdint>

namespace pqrnn::tflite {

enum TfLiteStatus { kTfLiteOk = 0, kTfLiteError = 1 };

enum TfLiteType : int {
  kTfLiteInt32 = 2,
  kTfLiteString = 5,
  kTfLiteBool = 6,
  kTfLiteInt8 = 9,
};

// What the table of operations calls an operation that has a name and no number.
constexpr int32_t kTfLiteBuiltinCustom = 32;

// The runtime releases what a kernel gives it by `free`. `size` numbers follow the structure.
struct TfLiteIntArray {
  int size;
};

inline const int* Data(const TfLiteIntArray* array) {
  return reinterpret_cast<const int*>(array + 1);
}
inline int* Data(TfLiteIntArray* array) { return reinterpret_cast<int*>(array + 1); }

// Whole, because tensors stand side by side in an array.
struct TfLiteTensor {
  TfLiteType type;
  void* data;
  TfLiteIntArray* dims;
  struct {
    float scale;
    int32_t zero_point;
  } params;
  int allocation_type;
  size_t bytes;
  const void* allocation;
  const char* name;
  void* delegate;
  int buffer_handle;
  bool data_is_stale;
  bool is_variable;
  struct {
    int type;
    void* params;
  } quantization;
  void* sparsity;
  const TfLiteIntArray* dims_signature;
};

// Only the beginning.
struct TfLiteNode {
  TfLiteIntArray* inputs;
  TfLiteIntArray* outputs;
  TfLiteIntArray* intermediates;
  TfLiteIntArray* temporaries;
  void* user_data;
};

// Only the beginning.
struct TfLiteContext {
  size_t tensors_size;
  void* get_execution_plan;
  TfLiteTensor* tensors;
  void* impl;
  TfLiteStatus (*ResizeTensor)(TfLiteContext*, TfLiteTensor* tensor, TfLiteIntArray* new_size);
  void (*ReportError)(TfLiteContext*, const char* format, ...);
};

struct TfLiteRegistration {
  void* (*init)(TfLiteContext* context, const char* buffer, size_t length);
  void (*free)(TfLiteContext* context, void* buffer);
  TfLiteStatus (*prepare)(TfLiteContext* context, TfLiteNode* node);
  TfLiteStatus (*invoke)(TfLiteContext* context, TfLiteNode* node);
  const char* (*profiling_string)(const TfLiteContext* context, const TfLiteNode* node);
  int32_t builtin_code;
  const char* custom_name;
  int version;
  void* registration_external;
  void* (*async_kernel)(TfLiteContext* context, TfLiteNode* node);
  uint64_t inplace_operator;
};

}  // namespace pqrnn::tflite

#endif  // PQRNN_TF_PROJECTION_CC_TFLITE_C_STRUCTURES_H_
