// The TensorFlow Lite custom operation over the projection core: strings in, features out.
//
// In C++, with TensorFlow Lite's own headers:
//   resolver.AddCustom(PqrnnProjectName(), PqrnnProjectRegistration());
// In C:
//   TfLiteInterpreterOptionsAddCustomOp(options, PqrnnProjectName(), PqrnnProjectRegistration(), 1,
//                                       1);

#ifndef PQRNN_TF_PROJECTION_CC_PROJECTION_TFLITE_OP_H_
#define PQRNN_TF_PROJECTION_CC_PROJECTION_TFLITE_OP_H_

#if defined(__GNUC__) || defined(__clang__)
#define PQRNN_EXPORT __attribute__((visibility("default")))
#else
#define PQRNN_EXPORT
#endif

struct TfLiteRegistration;

#ifdef __cplusplus
extern "C" {
#endif

// The name that models call the operation by.
PQRNN_EXPORT const char* PqrnnProjectName(void);

// The operation. It has one input, UTF-8 strings (batch,), and the outputs
//   features   int8   (batch, max_tokens, features), 0 behind the last token
//   lengths    int32  (batch,)
//   spans      int32  (batch, max_tokens, 2), half-open, in code points; 0 behind the last token
//   truncated  bool   (batch,)
// Its options are the attributes of the TensorFlow operation of the same name, a FlexBuffers map.
PQRNN_EXPORT const struct TfLiteRegistration* PqrnnProjectRegistration(void);

// For a runtime that gives away its `tflite::MutableOpResolver` and hides the functions to use it
// with, such as the Python packages: makes `resolver` find the operation. Returns NULL, or what is
// in the way; then nothing was changed. Only in the library for Python: see tflite_resolver.cc.
PQRNN_EXPORT const char* PqrnnProjectAddToResolver(void* resolver);

#ifdef __cplusplus
}  // extern "C"
#endif

#endif  // PQRNN_TF_PROJECTION_CC_PROJECTION_TFLITE_OP_H_
