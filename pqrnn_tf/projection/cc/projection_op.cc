// The TensorFlow op over the projection core.

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "pqrnn_tf/projection/cc/projection_core.h"
#include "tensorflow/core/framework/op.h"
#include "tensorflow/core/framework/op_kernel.h"
#include "tensorflow/core/framework/shape_inference.h"
#include "tensorflow/core/util/work_sharder.h"

#ifndef PQRNN_TENSORFLOW_VERSION
#error "PQRNN_TENSORFLOW_VERSION must be the version of the installed TensorFlow, as a string"
#endif

namespace pqrnn {

// pqrnn_tf/projection/op.py reads this in the file before it loads the library.
__attribute__((used)) static const char kBuiltFor[] =
    "pqrnn_tf projection op built for TensorFlow " PQRNN_TENSORFLOW_VERSION ";";

namespace {

using ::tensorflow::DEVICE_CPU;
using ::tensorflow::OpKernel;
using ::tensorflow::OpKernelConstruction;
using ::tensorflow::OpKernelContext;
using ::tensorflow::Tensor;
using ::tensorflow::TensorShape;
using ::tensorflow::TensorShapeUtils;
using ::tensorflow::tstring;
using ::tensorflow::shape_inference::DimensionHandle;
using ::tensorflow::shape_inference::InferenceContext;
using ::tensorflow::shape_inference::ShapeHandle;

template <typename Context>
absl::Status ReadSpec(Context* context, Spec* spec) {
  std::string segmentation;
  TF_RETURN_IF_ERROR(context->GetAttr("segmentation", &segmentation));
  if (!ParseSegmentation(segmentation, &spec->segmentation)) {
    return absl::InvalidArgumentError(absl::StrCat(
        "`segmentation` must be 'unicode', 'spaces' or 'words'. Received: '", segmentation, "'."));
  }
  TF_RETURN_IF_ERROR(context->GetAttr("lowercase", &spec->lowercase));
  TF_RETURN_IF_ERROR(context->GetAttr("word_features", &spec->word_features));
  TF_RETURN_IF_ERROR(context->GetAttr("ngram_features", &spec->ngram_features));
  spec->ngram_orders.clear();  // GetAttr appends.
  TF_RETURN_IF_ERROR(context->GetAttr("ngram_orders", &spec->ngram_orders));
  TF_RETURN_IF_ERROR(context->GetAttr("ngram_hashes", &spec->ngram_hashes));
  TF_RETURN_IF_ERROR(context->GetAttr("shape", &spec->shape));
  TF_RETURN_IF_ERROR(context->GetAttr("max_code_points", &spec->max_code_points));
  TF_RETURN_IF_ERROR(context->GetAttr("max_tokens", &spec->max_tokens));
  TF_RETURN_IF_ERROR(context->GetAttr("seed", &spec->seed));
  TF_RETURN_IF_ERROR(context->GetAttr("version", &spec->version));
  const std::string problem = spec->Problem();
  if (!problem.empty()) return absl::InvalidArgumentError(problem);
  return absl::OkStatus();
}

absl::Status InferShapes(InferenceContext* context) {
  Spec spec;
  TF_RETURN_IF_ERROR(ReadSpec(context, &spec));
  bool pad_to_max_tokens;
  TF_RETURN_IF_ERROR(context->GetAttr("pad_to_max_tokens", &pad_to_max_tokens));
  ShapeHandle texts;
  TF_RETURN_IF_ERROR(context->WithRank(context->input(0), 1, &texts));
  const DimensionHandle batch = context->Dim(texts, 0);
  const DimensionHandle time =
      pad_to_max_tokens ? context->MakeDim(spec.max_tokens) : context->UnknownDim();
  context->set_output(0, context->MakeShape({batch, time, context->MakeDim(spec.features())}));
  context->set_output(1, texts);
  context->set_output(2, context->MakeShape({batch, time, context->MakeDim(2)}));
  context->set_output(3, texts);
  return absl::OkStatus();
}

REGISTER_OP("PqrnnProject")
    .Input("texts: string")
    .Output("features: int8")
    .Output("lengths: int32")
    .Output("spans: int32")
    .Output("truncated: bool")
    .Attr("segmentation: string")
    .Attr("lowercase: bool")
    .Attr("word_features: int")
    .Attr("ngram_features: int")
    .Attr("ngram_orders: list(int)")
    .Attr("ngram_hashes: int")
    .Attr("shape: bool")
    .Attr("max_code_points: int")
    .Attr("max_tokens: int")
    .Attr("seed: int")
    .Attr("version: int")
    .Attr("pad_to_max_tokens: bool = false")
    .SetShapeFn(InferShapes)
    .Doc(R"doc(
Projects UTF-8 texts to ternary features of their tokens.

texts: `(batch,)`.
features: `(batch, time, features)`, each -1, 0 or +1; 0 behind the last token.
lengths: `(batch,)`, tokens of each text.
spans: `(batch, time, 2)`, half-open spans in code points; 0 behind the last token.
truncated: `(batch,)`, whether tokens were cut.
pad_to_max_tokens: Whether `time` is `max_tokens` or the longest length of the batch.
)doc");

class PqrnnProjectOp : public OpKernel {
 public:
  explicit PqrnnProjectOp(OpKernelConstruction* context) : OpKernel(context) {
    Spec spec;
    OP_REQUIRES_OK(context, ReadSpec(context, &spec));
    OP_REQUIRES_OK(context, context->GetAttr("pad_to_max_tokens", &pad_to_max_tokens_));
    projector_ = std::make_unique<Projector>(spec);
  }

  void Compute(OpKernelContext* context) override {
    const Tensor& texts_tensor = context->input(0);
    OP_REQUIRES(context, TensorShapeUtils::IsVector(texts_tensor.shape()),
                absl::InvalidArgumentError(
                    absl::StrCat("`texts` must be of shape (batch,). Received: shape ",
                                 texts_tensor.shape().DebugString(), ".")));
    const auto texts = texts_tensor.vec<tstring>();
    const int64_t batch = texts.size();
    const int64_t width = projector_->features();

    Tensor* lengths_tensor = nullptr;
    Tensor* truncated_tensor = nullptr;
    OP_REQUIRES_OK(context, context->allocate_output(1, TensorShape({batch}), &lengths_tensor));
    OP_REQUIRES_OK(context, context->allocate_output(3, TensorShape({batch}), &truncated_tensor));
    auto lengths = lengths_tensor->vec<int32_t>();
    auto truncated = truncated_tensor->vec<bool>();

    // A block of texts is the unit of work: first it is split into tokens, which gives the size of
    // the outputs, then their features are written in place.
    const int64_t num_blocks = (batch + kBlock - 1) / kBlock;
    std::vector<Segmented> blocks(num_blocks);
    InParallel(context, num_blocks, kBlock * kSegmentCost, [&](int64_t block) {
      for (int64_t i = block * kBlock; i < std::min(batch, (block + 1) * kBlock); ++i) {
        const size_t before = blocks[block].tokens.size();
        truncated(i) =
            projector_->Segment(std::string_view(texts(i).data(), texts(i).size()), &blocks[block]);
        lengths(i) = static_cast<int32_t>(blocks[block].tokens.size() - before);
      }
    });

    int64_t time = projector_->spec().max_tokens;
    if (!pad_to_max_tokens_) {
      time = batch == 0 ? 0 : *std::max_element(lengths.data(), lengths.data() + batch);
    }
    Tensor* features_tensor = nullptr;
    Tensor* spans_tensor = nullptr;
    TensorShape features_shape;
    OP_REQUIRES_OK(context, TensorShape::BuildTensorShape({batch, time, width}, &features_shape));
    OP_REQUIRES_OK(context, context->allocate_output(0, features_shape, &features_tensor));
    OP_REQUIRES_OK(context,
                   context->allocate_output(2, TensorShape({batch, time, 2}), &spans_tensor));
    int8_t* const features = features_tensor->flat<int8_t>().data();
    int32_t* const spans = spans_tensor->flat<int32_t>().data();

    InParallel(context, num_blocks, kBlock * time * width, [&](int64_t block) {
      const Token* token = blocks[block].tokens.data();
      for (int64_t i = block * kBlock; i < std::min(batch, (block + 1) * kBlock); ++i) {
        const int64_t length = lengths(i);
        int8_t* row = features + i * time * width;
        int32_t* span = spans + i * time * 2;
        for (int64_t t = 0; t < length; ++t, ++token, row += width, span += 2) {
          projector_->Features(blocks[block], *token, row);
          span[0] = token->span.start;
          span[1] = token->span.end;
        }
        std::memset(row, 0, static_cast<size_t>((time - length) * width));
        std::fill_n(span, 2 * (time - length), 0);
      }
    });
  }

 private:
  static constexpr int64_t kBlock = 32;
  static constexpr int64_t kSegmentCost = 500;  // Cycles for a text, roughly.

  template <typename Function>
  static void InParallel(OpKernelContext* context, int64_t count, int64_t cost,
                         const Function& function) {
    const auto& workers = *context->device()->tensorflow_cpu_worker_threads();
    tensorflow::Shard(workers.num_threads, workers.workers, count, cost,
                      [&function](int64_t first, int64_t last) {
                        for (int64_t i = first; i < last; ++i) function(i);
                      });
  }

  bool pad_to_max_tokens_ = false;
  std::unique_ptr<Projector> projector_;
};

REGISTER_KERNEL_BUILDER(Name("PqrnnProject").Device(DEVICE_CPU), PqrnnProjectOp);

}  // namespace
}  // namespace pqrnn
