/** Files that look like models, with a description of the test's choice. */

import { crc32, deflateRawSync } from "node:zlib";

/** What stands in front of the archive: what begins like a model. */
export const MODEL = Buffer.concat([Buffer.from([28, 0, 0, 0]), Buffer.from("TFL3"), Buffer.alloc(92, 7)]);
export const DESCRIPTION = {
  format: 1,
  spec: { version: 1, max_code_points: 256, max_tokens: 64 },
  labels: { intents: ["A"], tags: ["O"], slots_of_intent: [] },
  quantization: "none",
  versions: {},
  licence: "ünïcode",
  extra: {},
};

/**
 * A model with a ZIP archive of one entry behind it.
 * @param {unknown} values
 * @param {object} [options]
 * @param {Uint8Array} [options.model] What stands in front of it.
 * @param {boolean} [options.deflate]
 * @param {number} [options.shift] Added to the offsets that the archive states.
 * @param {string} [options.comment]
 * @param {string} [options.added] What stands behind the archive.
 * @param {string} [options.name]
 * @param {string} [options.text] What stands there instead of the values.
 */
export function file(values, options = {}) {
  const { model = MODEL, deflate = true, shift = 0, comment = "", added = "", name = "pqrnn.json", text } = options;
  const content = Buffer.from(text ?? JSON.stringify(values));
  const packed = deflate ? deflateRawSync(content) : content;
  const shared = Buffer.alloc(22);
  shared.writeUInt16LE(20, 0);
  shared.writeUInt16LE(deflate ? 8 : 0, 4);
  shared.writeUInt32LE(crc32(content), 10);
  shared.writeUInt32LE(packed.length, 14);
  shared.writeUInt32LE(content.length, 18);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), shared, uint16(name.length, 3), Buffer.from(`${name}xyz`)]);
  const directory = Buffer.concat([
    Buffer.from("PK\x01\x02"),
    uint16(20),
    shared,
    uint16(name.length, 0, 0, 0, 0, 0, 0),
    uint32(model.length + shift),
    Buffer.from(name),
  ]);
  const end = Buffer.concat([
    Buffer.from("PK\x05\x06"),
    uint16(0, 0, 1, 1),
    uint32(directory.length, model.length + shift + local.length + packed.length),
    uint16(comment.length),
    Buffer.from(comment + added),
  ]);
  return Uint8Array.from(Buffer.concat([model, local, packed, directory, end]));
}

/** @param {number[]} values */
function uint16(...values) {
  return Buffer.from(Uint16Array.from(values).buffer);
}

/** @param {number[]} values */
function uint32(...values) {
  return Buffer.from(Uint32Array.from(values).buffer);
}
