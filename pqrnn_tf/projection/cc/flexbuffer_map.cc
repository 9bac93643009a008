#include "pqrnn_tf/projection/cc/flexbuffer_map.h"

#include <algorithm>

namespace pqrnn {
namespace {

// Numbers of types in the format.
constexpr int kInt = 1;
constexpr int kString = 5;
constexpr int kMap = 9;
constexpr int kVectorInt = 11;
constexpr int kBool = 26;

size_t Width(uint8_t type_byte) { return size_t{1} << (type_byte & 3); }
int Type(uint8_t type_byte) { return type_byte >> 2; }

}  // namespace

bool FlexbufferMap::Parse(std::string_view bytes) {
  bytes_ = bytes;
  keys_.clear();
  // The end: the root, its type, its width.
  if (bytes.size() < 3) return false;
  const size_t root_width = static_cast<uint8_t>(bytes.back());
  const uint8_t root_type = static_cast<uint8_t>(bytes[bytes.size() - 2]);
  if (root_width != 1 && root_width != 2 && root_width != 4 && root_width != 8) return false;
  if (Type(root_type) != kMap || bytes.size() < 2 + root_width) return false;
  const size_t width = Width(root_type);
  size_t values;
  size_t size;
  if (!Follow(bytes.size() - 2 - root_width, root_width, &values)) return false;
  if (!Size(values, width, width + 1, &size)) return false;  // a type byte for each value
  // In front of the size: where the keys are, and how wide their offsets.
  if (values < 3 * width) return false;
  size_t keys;
  uint64_t keys_width;
  size_t num_keys;
  if (!Follow(values - 3 * width, width, &keys)) return false;
  if (!Unsigned(values - 2 * width, width, &keys_width)) return false;
  if (keys_width != 1 && keys_width != 2 && keys_width != 4 && keys_width != 8) return false;
  if (!Size(keys, keys_width, keys_width, &num_keys) || num_keys != size) return false;
  values_ = values;
  values_width_ = width;
  std::vector<std::string_view> names;
  for (size_t i = 0; i < size; ++i) {
    size_t start;
    if (!Follow(keys + i * keys_width, keys_width, &start)) return false;
    const size_t end = bytes.find('\0', start);
    if (end == std::string_view::npos) return false;
    names.push_back(bytes.substr(start, end - start));
  }
  keys_ = std::move(names);
  return true;
}

bool FlexbufferMap::Get(std::string_view key, int64_t* value) const {
  Value found;
  return Find(key, kInt, &found) && Signed(found.position, found.parent_width, value);
}

bool FlexbufferMap::Get(std::string_view key, bool* value) const {
  Value found;
  uint64_t number;
  if (!Find(key, kBool, &found)) return false;
  if (!Unsigned(found.position, found.parent_width, &number) || number > 1) return false;
  *value = number == 1;
  return true;
}

bool FlexbufferMap::Get(std::string_view key, std::string_view* value) const {
  Value found;
  size_t start;
  size_t size;
  if (!Find(key, kString, &found)) return false;
  if (!Follow(found.position, found.parent_width, &start)) return false;
  if (!Size(start, found.width, 1, &size)) return false;
  *value = bytes_.substr(start, size);
  return true;
}

bool FlexbufferMap::Get(std::string_view key, std::vector<int64_t>* values) const {
  Value found;
  size_t start;
  size_t size;
  if (!Find(key, kVectorInt, &found)) return false;
  if (!Follow(found.position, found.parent_width, &start)) return false;
  if (!Size(start, found.width, found.width, &size)) return false;
  values->resize(size);
  for (size_t i = 0; i < size; ++i) {
    if (!Signed(start + i * found.width, found.width, &(*values)[i])) return false;
  }
  return true;
}

bool FlexbufferMap::Find(std::string_view key, int type, Value* value) const {
  const auto found = std::find(keys_.begin(), keys_.end(), key);
  if (found == keys_.end()) return false;
  const size_t index = static_cast<size_t>(found - keys_.begin());
  const uint8_t type_byte =
      static_cast<uint8_t>(bytes_[values_ + keys_.size() * values_width_ + index]);
  *value = {values_ + index * values_width_, values_width_, Type(type_byte), Width(type_byte)};
  return value->type == type;
}

bool FlexbufferMap::Unsigned(size_t position, size_t width, uint64_t* value) const {
  if (position > bytes_.size() || width > bytes_.size() - position) return false;
  *value = 0;
  for (size_t i = width; i-- > 0;) {  // little-endian
    *value = (*value << 8) | static_cast<uint8_t>(bytes_[position + i]);
  }
  return true;
}

bool FlexbufferMap::Signed(size_t position, size_t width, int64_t* value) const {
  uint64_t number;
  if (!Unsigned(position, width, &number)) return false;
  const uint64_t sign = uint64_t{1} << (8 * width - 1);
  *value = static_cast<int64_t>((number ^ sign) - sign);
  return true;
}

bool FlexbufferMap::Follow(size_t position, size_t width, size_t* target) const {
  uint64_t distance;
  if (!Unsigned(position, width, &distance) || distance > position) return false;
  *target = position - static_cast<size_t>(distance);
  return true;
}

bool FlexbufferMap::Size(size_t position, size_t width, size_t element_width, size_t* size) const {
  uint64_t number;
  if (position < width || !Unsigned(position - width, width, &number)) return false;
  if (number > (bytes_.size() - position) / element_width) return false;
  *size = static_cast<size_t>(number);
  return true;
}

}  // namespace pqrnn
