// Holds our declarations of TensorFlow Lite's structures against the official ones: this file
// compiles where they agree. The official headers come in the folder `headers/` of the Android
// archive org.tensorflow:tensorflow-lite.

#include <cstddef>
#include <type_traits>

#include "pqrnn_tf/projection/cc/projection_tflite_op.h"
#include "pqrnn_tf/projection/cc/tflite_c_structures.h"
#include "tensorflow/lite/core/c/common.h"

namespace own = pqrnn::tflite;

#define SAME_SIZE(type) \
  static_assert(sizeof(own::type) == sizeof(::type) && alignof(own::type) == alignof(::type), #type)

// Where a member stands, and how large it is.
#define SAME_PLACE(type, ours, official)                                               \
  static_assert(offsetof(own::type, ours) == offsetof(::type, official), #type #ours); \
  static_assert(sizeof(own::type::ours) == sizeof(::type::official), #type #ours)

#define SAME(type, member) SAME_PLACE(type, member, member)

#define SAME_NUMBER(name) \
  static_assert(static_cast<int>(own::name) == static_cast<int>(::name), #name)

SAME_NUMBER(kTfLiteOk);
SAME_NUMBER(kTfLiteError);
SAME_NUMBER(kTfLiteInt32);
SAME_NUMBER(kTfLiteString);
SAME_NUMBER(kTfLiteBool);
SAME_NUMBER(kTfLiteInt8);
static_assert(sizeof(own::TfLiteStatus) == sizeof(::TfLiteStatus));
static_assert(sizeof(own::TfLiteType) == sizeof(::TfLiteType));

// The numbers follow the size at once.
static_assert(sizeof(own::TfLiteIntArray) == offsetof(::TfLiteIntArray, data));
SAME(TfLiteIntArray, size);

SAME_SIZE(TfLiteTensor);
SAME(TfLiteTensor, type);
SAME(TfLiteTensor, data);
SAME(TfLiteTensor, dims);
SAME(TfLiteTensor, params);
SAME(TfLiteTensor, allocation_type);
SAME(TfLiteTensor, bytes);
SAME(TfLiteTensor, allocation);
SAME(TfLiteTensor, name);
SAME(TfLiteTensor, delegate);
SAME(TfLiteTensor, buffer_handle);
SAME(TfLiteTensor, data_is_stale);
SAME(TfLiteTensor, is_variable);
SAME(TfLiteTensor, quantization);
SAME(TfLiteTensor, sparsity);
SAME(TfLiteTensor, dims_signature);

SAME(TfLiteNode, inputs);
SAME(TfLiteNode, outputs);
SAME(TfLiteNode, intermediates);
SAME(TfLiteNode, temporaries);
SAME(TfLiteNode, user_data);

SAME(TfLiteContext, tensors_size);
SAME_PLACE(TfLiteContext, get_execution_plan, GetExecutionPlan);
SAME(TfLiteContext, tensors);
SAME_PLACE(TfLiteContext, impl, impl_);
SAME(TfLiteContext, ResizeTensor);
SAME(TfLiteContext, ReportError);

SAME_SIZE(TfLiteRegistration);
SAME(TfLiteRegistration, init);
SAME(TfLiteRegistration, free);
SAME(TfLiteRegistration, prepare);
SAME(TfLiteRegistration, invoke);
SAME(TfLiteRegistration, profiling_string);
SAME(TfLiteRegistration, builtin_code);
SAME(TfLiteRegistration, custom_name);
SAME(TfLiteRegistration, version);
SAME(TfLiteRegistration, registration_external);
SAME(TfLiteRegistration, async_kernel);
SAME(TfLiteRegistration, inplace_operator);

// What an application passes on is the official type.
static_assert(std::is_same_v<decltype(PqrnnProjectRegistration()), const ::TfLiteRegistration*>);
