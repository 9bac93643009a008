/**
 * Parses text with a .tflite of `tflite_export`, on LiteRT.js in the browser's WebAssembly.
 */

import { Environment, loadLiteRt, Tensor } from "@litertjs/core";

import { Decoder } from "./decoding.js";
import { fold } from "./folding.js";
import { LabelError } from "./labels.js";
import { ModelFileError, readMetadata } from "./metadata.js";
import { encodeText, estimateTokens, isTruncated } from "./projection_input.js";
import { emptyParse, renderParse } from "./rendering.js";

/** @typedef {import("@litertjs/core").LiteRt} LiteRt */
/** @typedef {LiteRt["liteRtWasm"]} LiteRtWasm */
/** @typedef {import("./metadata.js").Metadata} Metadata */
/** @typedef {import("./rendering.js").ParsedText} ParsedText */
/** @typedef {ReturnType<LiteRtWasm["compileModel"]>} Compiled */
/** @typedef {ReturnType<LiteRtWasm["loadModel"]>} Loaded */

/**
 * @typedef {object} Signature One size of the model: several stand in a file, over the same weights.
 * @property {number} room Code points that it takes.
 * @property {number} tokens Tokens that it has room for.
 * @property {number} intents
 * @property {number} tags
 * @property {number} nested Nested tags; 0 of a model of plain slots.
 * @property {(codePoints: Int32Array) => Promise<Outputs>} run
 * @property {() => void} release Frees its buffers.
 */

/**
 * @typedef {Record<typeof OUTPUTS[number], ArrayLike<number>> &
 *   Partial<Record<typeof NESTED, ArrayLike<number>>>} Outputs
 */

const SIGNATURE = /^parse(_\d+)?$/;
const INPUT = "code_points";
const OUTPUTS = /** @type {const} */ (["intent", "slots", "spans", "length"]);
/** An output of models of whole trees alone. */
const NESTED = "nested";
/** Outputs of whole numbers; the others are floats. */
const WHOLE = new Set(["spans", "length"]);

/** The WebAssembly runtime could not be started. */
export class RuntimeError extends Error {
  name = "RuntimeError";
}

/** @type {Promise<{liteRt: LiteRt, environment: Environment}> | undefined} */
let running;

/**
 * Starts LiteRT.js once for the page.
 * @param {string} folder URL of LiteRT.js's `wasm` folder.
 * @returns {Promise<{liteRt: LiteRt, environment: Environment}>}
 * @throws {RuntimeError} if the browser cannot run it or the files are not there.
 */
export function startRuntime(folder) {
  running ??= loadLiteRt(folder)
    // The model must run in float32 on the CPU, so no graphics device is asked for.
    .then((liteRt) => ({ liteRt, environment: new Environment({ webGpuDevice: null }) }))
    .catch((cause) => {
      running = undefined;
      throw new RuntimeError(
        `LiteRT.js could not be started from ${folder}. Were its files installed (npm install) and are ` +
          "they served? The browser needs WebAssembly with SIMD.",
        { cause },
      );
    });
  return running;
}

/** A loaded model. Parses run one after another; `delete` frees the memory. */
export class Parser {
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();

  /**
   * @param {object} parts
   * @param {Metadata} parts.metadata
   * @param {Decoder} parts.decoder
   * @param {number} parts.size Bytes of the file.
   * @param {Signature[]} parts.signatures The smallest first.
   * @param {() => void} parts.release
   */
  constructor({ metadata, decoder, size, signatures, release }) {
    this.metadata = metadata;
    this.labels = metadata.labels;
    this.slotNames = decoder.slotNames;
    this.size = size;
    this.decoder = decoder;
    this.signatures = signatures;
    this.release = release;
  }

  /**
   * Loads a model.
   * @param {Uint8Array<ArrayBuffer>} bytes A whole .tflite file.
   * @param {string} folder URL of LiteRT.js's `wasm` folder.
   * @returns {Promise<Parser>}
   * @throws {ModelFileError} if the file is cut, damaged or of another tool.
   * @throws {LabelError} if its labels do not fit its outputs.
   * @throws {RuntimeError} if LiteRT.js cannot be started.
   */
  static async load(bytes, folder) {
    const metadata = await readMetadata(bytes);
    const decoder = new Decoder(metadata.labels, metadata);
    const { liteRt, environment } = await startRuntime(folder);
    const model = await compile(bytes, liteRt, environment);
    const { intents, tags, nested = [] } = metadata.labels;
    const named = [intents.length, tags.length, nested.length];
    for (const signature of model.signatures) {
      const sizes = [signature.intents, signature.tags, signature.nested];
      if (sizes.join() === named.join()) continue;
      model.release();
      throw new LabelError(
        `The model has ${sizes[0]} intents, ${sizes[1]} tags and ${sizes[2]} nested tags; its labels ` +
          `name ${named[0]}, ${named[1]} and ${named[2]}: these are the labels of another model.`,
      );
    }
    const parser = new Parser({ metadata, decoder, size: bytes.length, ...model });
    try {
      // The first run of a signature sets its buffers up and takes several times as long.
      for (const { run, room } of model.signatures) await run(new Int32Array(room));
    } catch (cause) {
      parser.delete();
      throw new ModelFileError("The runtime cannot run this model.", { cause });
    }
    return parser;
  }

  /**
   * Parses one utterance.
   * @param {string} text Any string; what lies beyond the model's limits is cut at a token.
   * @param {{alternatives?: number}} [options] How many of the next best parses are found too, exact
   *   among all intents and valid tags.
   * @returns {Promise<ParsedText>} Text without a token has the intent `""` and no slots, text that
   *   belongs to no intent the intent null.
   * @throws {RangeError} if `alternatives` is not a whole number of at least 0.
   */
  parse(text, { alternatives = 0 } = {}) {
    if (!Number.isInteger(alternatives) || alternatives < 0) {
      throw new RangeError(
        `"alternatives" must be a whole number of at least 0. Received: ${alternatives}.`,
      );
    }
    // A model has one set of buffers: a parse begins when the one before is through, also in error.
    const parse = () => this.#parse(text, alternatives);
    const parsed = this.#last.then(parse, parse);
    this.#last = parsed;
    return parsed;
  }

  /**
   * @param {string} text
   * @param {number} alternatives
   * @returns {Promise<ParsedText>}
   */
  async #parse(text, alternatives) {
    const { version, max_code_points: limit } = this.metadata.spec;
    const input = encodeText(fold(text, version), limit);
    const expected = estimateTokens(input);
    const largest = this.signatures[this.signatures.length - 1];
    for (const signature of this.signatures) {
      if (signature !== largest && (input.used >= signature.room || expected > signature.tokens)) continue;
      const outputs = await signature.run(input.codePoints.slice(0, signature.room));
      const { intent, slots, spans, nested } = outputs;
      const length = outputs.length[0];
      const tokens = Array.from(
        { length },
        (_, t) =>
          /** @type {[number, number]} */ ([input.starts[spans[2 * t]], input.ends[spans[2 * t + 1] - 1]]),
      );
      const truncated = isTruncated(input, length ? spans[2 * length - 1] : 0);
      // The estimate decides what is tried first; the spans say whether there was room.
      if (truncated && signature !== largest) continue;
      if (!length) return emptyParse(text, truncated);
      const parse = this.decoder.decode(intent, slots, length, nested, alternatives);
      return renderParse(text, tokens, parse, truncated);
    }
    throw new ModelFileError("The model has no signature.");
  }

  /** Frees the model's memory; the parser cannot be used any more. */
  delete() {
    this.release();
  }
}

/**
 * Compiles a model for the CPU.
 *
 * LiteRT.js 2.5 refuses in `loadAndCompile` every model that has an output of booleans, as ours has
 * (`truncated`), although its WebAssembly runs them. So this goes one layer down, through the public
 * `liteRtWasm`, and reads only the outputs that it needs.
 * @param {Uint8Array} bytes
 * @param {LiteRt} liteRt
 * @param {Environment} environment
 */
async function compile(bytes, liteRt, environment) {
  const wasm = liteRt.liteRtWasm;
  const pointer = wasm._malloc(bytes.length);
  wasm.HEAPU8.set(bytes, pointer);
  /** @type {Loaded | undefined} */
  let loaded;
  /** @type {Awaited<Compiled> | undefined} */
  let compiled;
  /** @type {Signature[]} */
  let signatures = [];
  const release = () => {
    for (const signature of signatures) signature.release();
    compiled?.delete();
    loaded?.delete();
    wasm._free(pointer);
  };
  try {
    loaded = wasm.loadModel(environment.liteRtEnvironment, pointer, bytes.length);
    const options = { accelerator: /** @type {const} */ ("wasm"), cpuOptions: { numThreads: 1 } };
    compiled = await wasm.compileModel(environment.liteRtEnvironment, loaded, {
      ...options,
      gpuOptions: {},
      webNNOptions: {},
    });
    signatures = readSignatures(loaded, compiled, wasm, environment);
    return { signatures, release };
  } catch (cause) {
    release();
    if (cause instanceof ModelFileError) throw cause;
    throw new ModelFileError("The runtime refuses this model: the file is damaged.", { cause });
  }
}

/**
 * The signatures `parse`, `parse_8`, … of a model.
 * @param {Loaded} loaded
 * @param {Awaited<Compiled>} compiled
 * @param {LiteRtWasm} wasm
 * @param {Environment} environment
 * @returns {Signature[]} The smallest first, at least one.
 */
function readSignatures(loaded, compiled, wasm, environment) {
  /** @type {Signature[]} */
  const signatures = [];
  for (let index = 0; index < loaded.getNumSignatures(); index++) {
    const signature = loaded.getSignature(index);
    const key = signature.key();
    const inputs = toArray(signature.inputNames()).map(String);
    const outputs = toArray(signature.outputNames()).map(String);
    signature.delete();
    if (!SIGNATURE.test(key)) continue;
    if (inputs.join() !== INPUT || !OUTPUTS.every((name) => outputs.includes(name))) {
      throw new ModelFileError(
        `The signature "${key}" must have the input ${INPUT} and the outputs ${OUTPUTS.join(", ")}. ` +
          `Received: ${inputs.join(", ")} and ${outputs.join(", ")}.`,
      );
    }
    const hasNested = outputs.includes(NESTED);
    const names = [...OUTPUTS, ...(hasNested ? [NESTED] : [])];
    const columns = names.map(
      (name) => /** @type {const} */ ([/** @type {keyof Outputs} */ (name), outputs.indexOf(name)]),
    );
    const shape = (/** @type {keyof Outputs} */ name) =>
      dimensions(loaded.getOutputTensorType(index, outputs.indexOf(name)));
    const [, tokens, tags] = shape("slots");
    const [, room] = dimensions(loaded.getInputTensorType(index, 0));
    signatures.push({
      room,
      tokens,
      tags,
      intents: shape("intent")[1],
      nested: hasNested ? shape(NESTED)[2] : 0,
      ...signatureRunner(compiled, index, columns, room, wasm, environment),
    });
  }
  if (!signatures.length) throw new ModelFileError('The model has no signature "parse".');
  return signatures.sort((a, b) => a.room - b.room || a.tokens - b.tokens);
}

/**
 * What runs one signature. Its input is written into one buffer again and again, and outputs are read where
 * they lie: the tensors of LiteRT.js would ask WebAssembly a dozen times for each what does not change.
 * @param {Awaited<Compiled>} compiled
 * @param {number} index
 * @param {(readonly [keyof Outputs, number])[]} columns Names and numbers of the outputs.
 * @param {number} room Code points that it takes.
 * @param {LiteRtWasm} wasm
 * @param {Environment} environment
 * @returns {{run: Signature["run"], release: () => void}}
 */
function signatureRunner(compiled, index, columns, room, wasm, environment) {
  const { READ, WRITE } = wasm.LiteRtTensorBufferLockMode;
  const input = new Tensor(new Int32Array(room), [1, room], environment);
  const inputs = [input.liteRtTensorBuffer];
  const run = async (/** @type {Int32Array} */ codePoints) => {
    const pointer = inputs[0].lock(WRITE);
    // The memory may have moved: its views are asked for anew.
    new Int32Array(wasm.HEAPU8.buffer, pointer, room).set(codePoints);
    inputs[0].unlock();
    const buffers = await compiled.run(index, inputs);
    try {
      const outputs = /** @type {Record<string, ArrayLike<number>>} */ ({});
      for (const [name, column] of columns) {
        const buffer = buffers[column];
        const begin = buffer.lock(READ);
        const bytes = wasm.HEAPU8.slice(begin, begin + buffer.packedSize());
        buffer.unlock();
        outputs[name] = WHOLE.has(name) ? new Int32Array(bytes.buffer) : new Float32Array(bytes.buffer);
      }
      return /** @type {Outputs} */ (outputs);
    } finally {
      for (const buffer of buffers) buffer.delete();
    }
  };
  return { run, release: () => input.delete() };
}

/**
 * @param {ReturnType<Loaded["getInputTensorType"]>} type Is deleted.
 * @returns {number[]}
 */
function dimensions(type) {
  const layout = type.layout();
  const values = toArray(layout.dimensions());
  layout.delete();
  type.delete();
  return values;
}

/**
 * @template Item
 * @param {{size(): number, get(index: number): Item, delete(): void}} vector Is deleted.
 * @returns {Item[]}
 */
function toArray(vector) {
  const items = Array.from({ length: vector.size() }, (_, i) => vector.get(i));
  vector.delete();
  return items;
}
