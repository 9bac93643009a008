// Reads the options of a TensorFlow Lite custom operation: a map in FlexBuffers' format, as
// TensorFlow's converter writes the attributes of an operation. Every access is checked: the bytes
// come from a model file.

#ifndef PQRNN_TF_PROJECTION_CC_FLEXBUFFER_MAP_H_
#define PQRNN_TF_PROJECTION_CC_FLEXBUFFER_MAP_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace pqrnn {

class FlexbufferMap {
 public:
  // Reads the keys. Returns false where the bytes are no map. They must outlive this object.
  bool Parse(std::string_view bytes);

  const std::vector<std::string_view>& keys() const { return keys_; }

  // Each returns false where there is no such key, its value is of another type, or it is damaged.
  bool Get(std::string_view key, int64_t* value) const;
  bool Get(std::string_view key, bool* value) const;
  bool Get(std::string_view key, std::string_view* value) const;
  bool Get(std::string_view key, std::vector<int64_t>* values) const;

 private:
  // Where a value stands and what its type byte says.
  struct Value {
    size_t position;
    size_t parent_width;
    int type;
    size_t width;
  };

  bool Find(std::string_view key, int type, Value* value) const;
  bool Unsigned(size_t position, size_t width, uint64_t* value) const;
  bool Signed(size_t position, size_t width, int64_t* value) const;
  // The position that is as far in front of `position` as the number there says.
  bool Follow(size_t position, size_t width, size_t* target) const;
  // The number of elements, which stands in front of them, of a vector or a string that is
  // `element_width · size` bytes long.
  bool Size(size_t position, size_t width, size_t element_width, size_t* size) const;

  std::string_view bytes_;
  std::vector<std::string_view> keys_;
  size_t values_ = 0;  // Position of the map's values; their type bytes follow them.
  size_t values_width_ = 1;
};

}  // namespace pqrnn

#endif  // PQRNN_TF_PROJECTION_CC_FLEXBUFFER_MAP_H_
