/**
 * Sentence vectors with a .tflite of an encoder, on LiteRT.js in the browser's WebAssembly.
 */

import { ModelFileError, readEncoderMetadata } from "./metadata.js";
import { ENCODER, openModel, runText } from "./model.js";
import { Queue } from "./queue.js";

/** @typedef {import("./metadata.js").EncoderMetadata} EncoderMetadata */
/** @typedef {import("./model.js").Signature} Signature */

/**
 * @typedef {object} Encoded
 * @property {Float32Array} vector Of unit length; zeros where the text has no token.
 * @property {number} tokens
 * @property {boolean} truncated Whether the end of the text was beyond the model's limits.
 */

/** A loaded encoder: texts that mean the same have similar vectors. `delete` frees the memory. */
export class Encoder {
  #queue = new Queue();

  /**
   * @param {object} parts
   * @param {EncoderMetadata} parts.metadata
   * @param {Signature[]} parts.signatures The smallest first.
   * @param {() => void} parts.release
   */
  constructor({ metadata, signatures, release }) {
    this.metadata = metadata;
    this.width = metadata.width;
    this.fingerprint = metadata.fingerprint;
    this.signatures = signatures;
    this.release = release;
  }

  /**
   * Loads an encoder.
   * @param {Uint8Array<ArrayBuffer>} bytes A whole .tflite file.
   * @param {string} folder URL of LiteRT.js's `wasm` folder.
   * @returns {Promise<Encoder>}
   * @throws {TypeError} if `bytes` is no `Uint8Array`.
   * @throws {ModelFileError} if the file is cut, damaged, of another tool or a parser.
   * @throws {import("./model.js").RuntimeError} if LiteRT.js cannot be started.
   */
  static async load(bytes, folder) {
    const metadata = await readEncoderMetadata(bytes);
    const model = await openModel(bytes, folder, ENCODER, ({ widths }) => {
      if (widths.vector === metadata.width) return;
      throw new ModelFileError(
        `The model gives vectors of width ${widths.vector}; its description says ${metadata.width}.`,
      );
    });
    return new Encoder({ metadata, ...model });
  }

  /**
   * The vector of a text.
   * @param {string} text Any string; what lies beyond the model's limits is cut at a token.
   * @returns {Promise<Float32Array>} Of unit length, so that the product of two is their cosine; zeros
   *   where the text has no token.
   * @throws {TypeError} if the text is no string.
   */
  async encode(text) {
    return (await this.run(text)).vector;
  }

  /**
   * The vector of a text, with what else is known of it.
   * @param {string} text
   * @returns {Promise<Encoded>}
   */
  run(text) {
    return this.#queue.add(async () => {
      const { outputs, length, truncated } = await runText(this.signatures, text, this.metadata.spec);
      const vector = length ? Float32Array.from(outputs.vector) : new Float32Array(this.width);
      return { vector, tokens: length, truncated };
    });
  }

  /**
   * Frees the model's memory when the texts that were given before are through; the encoder cannot be used any
   * more. A second call changes nothing.
   * @returns {Promise<void>}
   */
  delete() {
    return this.#queue.close(this.release);
  }
}
