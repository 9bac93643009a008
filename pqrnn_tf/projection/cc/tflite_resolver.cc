// Adds the operation to the resolver of a runtime that hides
// `tflite::MutableOpResolver::AddCustom`.
//
// A copy of that class would have to agree with the runtime about every data member, and nothing
// would tell where it does not. This code relies on less: that `tflite::OpResolver` is an abstract
// class whose first two virtual functions are
//   const TfLiteRegistration* FindOp(BuiltinOperator op, int version) const;
//   const TfLiteRegistration* FindOp(const char* op, int version) const;
// which is the interface that runtimes look operations up through. The object gets a copy of its
// table of virtual functions in which the second one knows one name more and asks the first table
// for all others. What can be asked beforehand is: the type of the object by its run-time type
// information, and what the first function says of an operation that every runtime has.

#include <cxxabi.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <typeinfo>

#include "pqrnn_tf/projection/cc/projection_tflite_op.h"
#include "pqrnn_tf/projection/cc/tflite_c_structures.h"

namespace pqrnn {
namespace {

using Registration = tflite::TfLiteRegistration;
using FindBuiltin = const Registration* (*)(const void* resolver, int32_t op, int version);
using FindCustom = const Registration* (*)(const void* resolver, const char* op, int version);

// By the C++ ABI of everything but Windows, an object begins with a pointer to its functions; in
// front of them stand the type and the distance to the whole object.
using Functions = const void* const*;
constexpr size_t kBefore = 2;
constexpr size_t kMaxFunctions = 32;
enum Function { kFindBuiltin, kFindCustom };

constexpr int32_t kAddOperator = 0;
constexpr int kOpVersion = 1;
constexpr char kResolverType[] = "N6tflite10OpResolverE";  // tflite::OpResolver

// A table of functions with one of them replaced.
struct Table {
  FindCustom original;
  std::array<const void*, kBefore + kMaxFunctions> entries;

  Functions functions() const { return entries.data() + kBefore; }
};

Functions& FunctionsOf(void* resolver) { return *static_cast<Functions*>(resolver); }
Functions FunctionsOf(const void* resolver) { return *static_cast<const Functions*>(resolver); }

const Registration* ProjectRegistration() {
  return reinterpret_cast<const Registration*>(PqrnnProjectRegistration());
}

const Registration* Find(const void* resolver, const char* op) {
  const auto find = reinterpret_cast<FindCustom>(FunctionsOf(resolver)[kFindCustom]);
  return find(resolver, op, kOpVersion);
}

// Stands in the replaced table in place of `FindOp(const char*, int)`.
const Registration* FindWithProject(const void* resolver, const char* op, int version) {
  if (op != nullptr && version == kOpVersion && std::strcmp(op, PqrnnProjectName()) == 0) {
    return ProjectRegistration();
  }
  const char* const functions = reinterpret_cast<const char*>(FunctionsOf(resolver));
  const auto* table = reinterpret_cast<const Table*>(functions - offsetof(Table, entries) -
                                                     kBefore * sizeof(void*));
  return table->original(resolver, op, version);
}

// Whether an object is a `tflite::OpResolver`, by the chain of its base classes.
bool IsResolver(Functions functions) {
  const auto distance = reinterpret_cast<std::ptrdiff_t>(functions[-2]);
  const auto* type = static_cast<const std::type_info*>(functions[-1]);
  if (distance != 0) return false;
  while (type != nullptr) {
    if (std::strcmp(type->name(), kResolverType) == 0) return true;
    const auto* derived = dynamic_cast<const abi::__si_class_type_info*>(type);
    type = derived == nullptr ? nullptr : derived->__base_type;
  }
  return false;
}

// Copies a table. It does not say how long it is: none of its functions is null, and a table behind
// it begins with the distance 0. What is copied beyond the end is never called; it lies among the
// runtime's constants, so reading it is harmless, but sanitizers would object.
#if defined(__GNUC__) || defined(__clang__)
__attribute__((no_sanitize("address")))
#endif
void CopyFunctions(Functions functions, Table* table) {
  table->entries.fill(nullptr);
  table->entries[0] = functions[-2];
  table->entries[1] = functions[-1];
  for (size_t i = 0; i < kMaxFunctions && functions[i] != nullptr; ++i) {
    table->entries[kBefore + i] = functions[i];
  }
}

// The replaced table for a class, made when it is first asked for and kept for good: objects of the
// class refer to it.
const Table& TableFor(Functions functions) {
  static auto* const mutex = new std::mutex();
  static auto* const tables = new std::map<Functions, std::unique_ptr<Table>>();
  const std::lock_guard<std::mutex> lock(*mutex);
  std::unique_ptr<Table>& table = (*tables)[functions];
  if (table == nullptr) {
    auto made = std::make_unique<Table>();
    CopyFunctions(functions, made.get());
    made->original = reinterpret_cast<FindCustom>(functions[kFindCustom]);
    made->entries[kBefore + kFindCustom] = reinterpret_cast<const void*>(&FindWithProject);
    table = std::move(made);
  }
  return *table;
}

const char* AddToResolver(void* resolver) {
  if (resolver == nullptr) return "there is no resolver.";
  const Functions before = FunctionsOf(resolver);
  if (before == nullptr || !IsResolver(before)) return "the object is no tflite::OpResolver.";
  const auto find_builtin = reinterpret_cast<FindBuiltin>(before[kFindBuiltin]);
  const Registration* add = find_builtin(resolver, kAddOperator, kOpVersion);
  if (add == nullptr || add->builtin_code != kAddOperator) {
    return "the runtime's table of operations is laid out in another way.";
  }
  if (Find(resolver, PqrnnProjectName()) != nullptr) return nullptr;  // It is there already.
  FunctionsOf(resolver) = TableFor(before).functions();
  if (Find(resolver, PqrnnProjectName()) != ProjectRegistration()) {
    FunctionsOf(resolver) = before;
    return "the runtime does not find what was added.";
  }
  return nullptr;
}

}  // namespace
}  // namespace pqrnn

extern "C" const char* PqrnnProjectAddToResolver(void* resolver) {
  try {
    return pqrnn::AddToResolver(resolver);
  } catch (const std::exception&) {
    return "out of memory.";
  }
}
