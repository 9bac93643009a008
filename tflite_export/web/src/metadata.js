/**
 * What a .tflite file says about itself: a ZIP archive behind the flatbuffer with `pqrnn.json`, as
 * `pqrnn_tf/runtime/metadata.py` writes it.
 */

import { confidenceProblem } from "./confidence.js";
import { checkEntityFeatures, EntityFeaturesError } from "./entity_features.js";
import { PROJECTION_VERSIONS } from "./folding.js";

/** @typedef {import("./labels.js").LabelSet} LabelSet */

/**
 * @typedef {object} Spec The fields of the projection that a runtime needs; there are more.
 * @property {number} version
 * @property {number} max_code_points
 * @property {number} max_tokens
 * @property {string} [segmentation] How it finds tokens; `"unicode"` where it is absent.
 */

/**
 * @typedef {object} Metadata
 * @property {number} format
 * @property {Spec} spec
 * @property {LabelSet} labels
 * @property {string} quantization
 * @property {string} [frontend] What the model takes; absent for code points.
 * @property {Record<string, string>} versions
 * @property {string} licence
 * @property {Record<string, unknown>} extra
 * @property {import("./confidence.js").Calibration} [calibration] What makes probabilities of the model's
 *   own; absent to keep these.
 * @property {import("./confidence.js").Rejection} [rejection] What tells requests that belong to no
 *   intent; absent to answer all.
 * @property {import("./entity_features.js").DescribedFeatures} [entity_features] What the model can be told of
 *   names; absent for nothing.
 */

/**
 * @typedef {object} EncoderMetadata The description of an encoder.
 * @property {number} format
 * @property {Spec} spec
 * @property {number} width Length of its vectors.
 * @property {string} fingerprint Digits that tell the encoder from others.
 * @property {string} quantization
 * @property {Record<string, string>} versions
 * @property {string} licence
 * @property {Record<string, unknown>} extra
 */

export const FORMAT = 1;
export const FRONTEND = "code_points";
export const ENTRY = "pqrnn.json";

const IDENTIFIER = "TFL3";
const END_OF_DIRECTORY = 0x06054b50;
const END_OF_DIRECTORY_BYTES = 22;
const DIRECTORY_ENTRY = 0x02014b50;
const DIRECTORY_ENTRY_BYTES = 46;
const LOCAL_HEADER = 0x04034b50;
const LOCAL_HEADER_BYTES = 30;
const LONGEST_COMMENT = 0xffff;
const STORED = 0;
const DEFLATED = 8;

/** A file that is not a complete model of this package. */
export class ModelFileError extends Error {
  name = "ModelFileError";
}

/**
 * Reads the description of the .tflite file of a parser.
 * @param {Uint8Array<ArrayBuffer>} bytes The whole file.
 * @returns {Promise<Metadata>}
 * @throws {ModelFileError} if it is not a .tflite, was cut, was not made by this package, was made by a
 *   version that this page does not know, takes anything but code points, or is an encoder.
 */
export async function readMetadata(bytes) {
  const values = await readDescription(bytes);
  if ("width" in values) {
    throw new ModelFileError(
      "The model is an encoder of sentence vectors, which has no intents: Encoder.load opens it.",
    );
  }
  if (!values.labels) throw incomplete(values, "labels");
  const problem = confidenceProblem(values);
  if (problem) throw new ModelFileError(`The description of the model is damaged: ${problem}.`);
  try {
    if (values.entity_features !== undefined) checkEntityFeatures(values.entity_features);
  } catch (error) {
    if (!(error instanceof EntityFeaturesError)) throw error;
    throw new ModelFileError(`The description of the model is damaged: ${error.message}`, { cause: error });
  }
  return values;
}

/**
 * Reads the description of the .tflite file of an encoder.
 * @param {Uint8Array<ArrayBuffer>} bytes The whole file.
 * @returns {Promise<EncoderMetadata>}
 * @throws {ModelFileError} as `readMetadata` does, and if it is a parser.
 */
export async function readEncoderMetadata(bytes) {
  const values = await readDescription(bytes);
  if (values.labels) {
    throw new ModelFileError(
      `The model is a parser of ${values.labels.intents?.length} intents and no encoder: Parser.load opens it.`,
    );
  }
  if (!Number.isInteger(values.width) || values.width < 1) throw incomplete(values, "width");
  return values;
}

/**
 * @param {any} values
 * @param {string} name
 */
function incomplete(values, name) {
  return new ModelFileError(
    `The description of a model has "spec" and "${name}". Received: ${Object.keys(values).sort()}.`,
  );
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @returns {Promise<any>}
 */
async function readDescription(bytes) {
  // By its tag, which arrays of another frame and Node's Buffer have too.
  const kind = Object.prototype.toString.call(bytes).slice(8, -1);
  if (kind !== "Uint8Array") {
    throw new TypeError(
      `"bytes" must be a Uint8Array of the whole file, such as new Uint8Array(await response.arrayBuffer()). ` +
        `Received: ${kind}.`,
    );
  }
  if (String.fromCharCode(...bytes.subarray(4, 8)) !== IDENTIFIER) {
    throw new ModelFileError(
      `This is not a .tflite file: its ${bytes.length.toLocaleString("en")} bytes do not begin like one.`,
    );
  }
  const content = await readEntry(bytes, ENTRY);
  if (content === null) {
    throw new ModelFileError(
      `The file has no ${ENTRY} at its end: it was cut, or another tool made it. ` +
        "Export it again with tflite_export.",
    );
  }
  return checkMetadata(jsonOf(content));
}

/**
 * @param {Uint8Array<ArrayBuffer>} content
 * @returns {any}
 */
function jsonOf(content) {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch (error) {
    throw damaged(error);
  }
}

/**
 * @param {any} values
 * @returns {any}
 */
function checkMetadata(values) {
  if (values?.format !== FORMAT) {
    throw new ModelFileError(
      `The description of the model has format ${values?.format}; this page reads format ${FORMAT}. ` +
        `Use the page of the version that made the file: ${JSON.stringify(values?.versions)}.`,
    );
  }
  if (!PROJECTION_VERSIONS.includes(values.spec?.version)) {
    throw new ModelFileError(
      `The model was made with projection version ${values.spec?.version}; this page reads versions ` +
        `${PROJECTION_VERSIONS.join(" and ")}.`,
    );
  }
  const { frontend = FRONTEND } = values;
  if (frontend !== FRONTEND) {
    throw new ModelFileError(
      `The model has the front end "${frontend}", which takes the text by an operation that LiteRT.js ` +
        `does not have; this page gives code points. Export it again with --frontend ${FRONTEND}.`,
    );
  }
  const { max_code_points: limit } = values.spec;
  if (!Number.isInteger(limit) || limit < 1) throw incomplete(values, "labels");
  return values;
}

/**
 * One entry of the ZIP archive at the end of a file.
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {string} name
 * @returns {Promise<Uint8Array<ArrayBuffer> | null>} null where there is no archive or no such entry.
 * @throws {ModelFileError} if the archive is damaged.
 */
export async function readEntry(bytes, name) {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view);
  if (end < 0) return null;
  const count = view.getUint16(end + 10, true);
  const size = view.getUint32(end + 12, true);
  // Offsets count from the start of the archive or of the file, as the writer liked; the directory
  // stands directly before its end record, and that tells which.
  const shift = end - size - view.getUint32(end + 16, true);
  try {
    let position = end - size;
    for (let i = 0; i < count; i++) {
      if (view.getUint32(position, true) !== DIRECTORY_ENTRY) throw damaged();
      const nameBytes = view.getUint16(position + 28, true);
      const nameStart = position + DIRECTORY_ENTRY_BYTES;
      const found = new TextDecoder().decode(bytes.subarray(nameStart, nameStart + nameBytes));
      if (found === name) return await extract(bytes, view, position, shift);
      position =
        nameStart +
        nameBytes +
        view.getUint16(position + 30, true) +
        view.getUint16(position + 32, true);
    }
  } catch (error) {
    if (error instanceof RangeError) throw damaged(error);
    throw error;
  }
  return null;
}

/**
 * Position of the end record: the last one whose comment is in the file. As for Python, what was added behind it
 * does no harm.
 * @param {DataView} view
 * @returns {number} −1 where there is none.
 */
function findEnd(view) {
  const last = view.byteLength - END_OF_DIRECTORY_BYTES;
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at--) {
    if (view.getUint32(at, true) === END_OF_DIRECTORY && view.getUint16(at + 20, true) <= last - at) {
      return at;
    }
  }
  return -1;
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes
 * @param {DataView} view
 * @param {number} position Of the entry in the directory.
 * @param {number} shift Added to the offsets of the directory.
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function extract(bytes, view, position, shift) {
  const method = view.getUint16(position + 10, true);
  const checksum = view.getUint32(position + 16, true);
  const packedSize = view.getUint32(position + 20, true);
  const header = view.getUint32(position + 42, true) + shift;
  if (view.getUint32(header, true) !== LOCAL_HEADER) throw damaged();
  const start =
    header +
    LOCAL_HEADER_BYTES +
    view.getUint16(header + 26, true) +
    view.getUint16(header + 28, true);
  const packed = bytes.slice(start, start + packedSize);
  if (method !== STORED && method !== DEFLATED) {
    throw new ModelFileError(`The description of the model is packed by an unknown method ${method}.`);
  }
  const content = method === STORED ? packed : await inflate(packed);
  if (crc32(content) !== checksum) throw damaged();
  return content;
}

/**
 * @param {Uint8Array<ArrayBuffer>} packed
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function inflate(packed) {
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  try {
    return new Uint8Array(await new Response(stream).arrayBuffer());
  } catch (error) {
    throw damaged(error);
  }
}

/**
 * CRC-32 as ZIP archives hold it.
 * @param {Uint8Array} bytes
 * @returns {number}
 */
function crc32(bytes) {
  let remainder = ~0;
  for (const byte of bytes) {
    remainder ^= byte;
    for (let bit = 0; bit < 8; bit++) {
      remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0);
    }
  }
  return ~remainder >>> 0;
}

/**
 * @param {unknown} [cause]
 * @returns {ModelFileError}
 */
function damaged(cause) {
  return new ModelFileError(
    "The description at the end of the model is damaged. Load or export the file again.",
    { cause },
  );
}
