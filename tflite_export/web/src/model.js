/**
 * A .tflite of `tflite_export` on LiteRT.js in the browser's WebAssembly: its signatures, and texts through them.
 */

import { Environment, getGlobalLiteRtPromise, loadLiteRt } from "@litertjs/core";

import { fold } from "./folding.js";
import { ModelFileError } from "./metadata.js";
import { encodeText, estimateTokens, isTruncated } from "./projection_input.js";

/** @typedef {import("@litertjs/core").LiteRt} LiteRt */
/** @typedef {LiteRt["liteRtWasm"]} LiteRtWasm */
/** @typedef {import("./metadata.js").Spec} Spec */
/** @typedef {import("./projection_input.js").ModelInput} ModelInput */
/** @typedef {ReturnType<LiteRtWasm["compileModel"]>} Compiled */
/** @typedef {ReturnType<LiteRtWasm["loadModel"]>} Loaded */

/** @typedef {Record<string, ArrayLike<number>>} Outputs By their names. */

/**
 * @typedef {object} Signature One size of the model: several stand in a file, over the same weights.
 * @property {number} room Code points that it takes.
 * @property {number} tokens Tokens that it has room for.
 * @property {Record<string, number>} widths Length of the last axis of each output.
 * @property {number} [features] Features of a token that it takes, of one that is told of names.
 * @property {(codePoints: Int32Array, entities?: Int8Array) => Promise<Outputs>} run The features of the first tokens
 *   are `entities`; of the others, and where it is left out, nothing is known.
 * @property {() => void} release Frees its buffers.
 */

/**
 * @typedef {object} Kind What a model is.
 * @property {string} signature Name of its largest signature; those of others have a number behind it.
 * @property {string[]} outputs Outputs that it must have.
 * @property {string[]} optional Outputs that it may have.
 * @property {string} [told] Name of the largest signature that is told of names.
 */

/**
 * @typedef {object} Opened A model that can be run.
 * @property {Signature[]} signatures The smallest first.
 * @property {Signature[]} told Those that are told of names, the smallest first; none of a model that is not.
 * @property {() => void} release Frees its memory.
 */

/** @type {Kind} A model of intents and slots; that of whole trees has `nested`. */
export const PARSER = {
  signature: "parse",
  outputs: ["intent", "slots", "spans", "length"],
  optional: ["nested"],
  told: "parse_entities",
};
/** @type {Kind} A model of sentence vectors. */
export const ENCODER = { signature: "encode", outputs: ["vector", "spans", "length"], optional: [] };

const INPUT = "code_points";
/** The second input of signatures that are told of names. */
const ENTITIES = "entities";
/** Outputs of whole numbers; the others are floats. */
const WHOLE = new Set(["spans", "length"]);

/** The WebAssembly runtime could not be started. */
export class RuntimeError extends Error {
  name = "RuntimeError";
}

/** @type {Promise<{liteRt: LiteRt, environment: Environment}> | undefined} */
let running;

/**
 * Starts LiteRT.js once for the page; where the page started it before, that one is taken.
 * @param {string} folder URL of LiteRT.js's `wasm` folder.
 * @returns {Promise<{liteRt: LiteRt, environment: Environment}>}
 * @throws {RuntimeError} if the browser cannot run it or the files are not there.
 */
export function startRuntime(folder) {
  running ??= (getGlobalLiteRtPromise() ?? loadLiteRt(folder))
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

/**
 * Loads a model and runs each signature once. Those that are told of names are prepared when they are first run.
 * @param {Uint8Array} bytes A whole .tflite file.
 * @param {string} folder URL of LiteRT.js's `wasm` folder.
 * @param {Kind} kind
 * @param {(signature: Signature) => void} check Throws where a signature does not fit.
 * @returns {Promise<Opened>}
 * @throws {ModelFileError} if the file is damaged or of another kind.
 * @throws {RuntimeError} if LiteRT.js cannot be started.
 */
export async function openModel(bytes, folder, kind, check) {
  const { liteRt, environment } = await startRuntime(folder);
  const model = await compile(bytes, liteRt, environment, kind);
  try {
    [...model.signatures, ...model.told].forEach(check);
    // The first run of a signature sets its buffers up and takes several times as long.
    for (const { run, room } of model.signatures) await run(new Int32Array(room));
  } catch (error) {
    model.release();
    throw error;
  }
  return model;
}

/**
 * Gives a text to the smallest signature in which it has room.
 * @param {Signature[]} signatures The smallest first.
 * @param {string} text
 * @param {Spec} spec
 * @param {Int8Array} [entities] What is known of names in it, for signatures that are told.
 * @returns {Promise<{outputs: Outputs, input: ModelInput, length: number, truncated: boolean}>}
 */
export async function runText(signatures, text, { version, max_code_points: limit }, entities) {
  const input = encodeText(fold(text, version), limit);
  const expected = estimateTokens(input);
  const largest = signatures[signatures.length - 1];
  for (const signature of signatures) {
    if (signature !== largest && (input.used >= signature.room || expected > signature.tokens)) continue;
    const outputs = await signature.run(input.codePoints.slice(0, signature.room), entities);
    const length = outputs.length[0];
    const truncated = isTruncated(input, length ? outputs.spans[2 * length - 1] : 0);
    // The estimate decides what is tried first; the spans say whether there was room.
    if (!truncated || signature === largest) return { outputs, input, length, truncated };
  }
  throw new ModelFileError("The model has no signature.");
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
 * @param {Kind} kind
 */
async function compile(bytes, liteRt, environment, kind) {
  const wasm = liteRt.liteRtWasm;
  const pointer = wasm._malloc(bytes.length);
  wasm.HEAPU8.set(bytes, pointer);
  /** @type {Loaded | undefined} */
  let loaded;
  /** @type {Awaited<Compiled> | undefined} */
  let compiled;
  /** @type {Signature[]} */
  let signatures = [];
  /** @type {Signature[]} */
  let told = [];
  const release = () => {
    for (const signature of [...signatures, ...told]) signature.release();
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
    const inputs = [INPUT];
    signatures = readSignatures(loaded, compiled, wasm, environment, kind, kind.signature, inputs);
    if (!signatures.length) throw new ModelFileError(`The model has no signature "${kind.signature}".`);
    if (kind.told) {
      told = readSignatures(loaded, compiled, wasm, environment, kind, kind.told, [...inputs, ENTITIES]);
    }
    return { signatures, told, release };
  } catch (cause) {
    release();
    if (cause instanceof ModelFileError) throw cause;
    throw new ModelFileError("The runtime refuses this model: the file is damaged.", { cause });
  }
}

/**
 * The signatures of a model with a name, such as `parse`, `parse_8`, ….
 * @param {Loaded} loaded
 * @param {Awaited<Compiled>} compiled
 * @param {LiteRtWasm} wasm
 * @param {Environment} environment
 * @param {Kind} kind
 * @param {string} name
 * @param {string[]} needed The inputs that they must have, in order.
 * @returns {Signature[]} The smallest first.
 */
function readSignatures(loaded, compiled, wasm, environment, kind, name, needed) {
  const pattern = new RegExp(`^${name}(_\\d+)?$`);
  /** @type {Signature[]} */
  const signatures = [];
  for (let index = 0; index < loaded.getNumSignatures(); index++) {
    const signature = loaded.getSignature(index);
    const key = signature.key();
    const inputs = toArray(signature.inputNames()).map(String);
    const outputs = toArray(signature.outputNames()).map(String);
    signature.delete();
    if (!pattern.test(key)) continue;
    if ([...inputs].sort().join() !== needed.join() || !kind.outputs.every((name) => outputs.includes(name))) {
      throw new ModelFileError(
        `The signature "${key}" must have the inputs ${needed.join(", ")} and the outputs ${kind.outputs.join(", ")}. ` +
          `Received: ${inputs.join(", ")} and ${outputs.join(", ")}.`,
      );
    }
    const names = [...kind.outputs, ...kind.optional.filter((name) => outputs.includes(name))];
    const columns = names.map((name) => /** @type {const} */ ([name, outputs.indexOf(name)]));
    const shapes = Object.fromEntries(
      columns.map(([name, column]) => [name, dimensions(loaded.getOutputTensorType(index, column))]),
    );
    const shapeOf = (/** @type {string} */ input) =>
      dimensions(loaded.getInputTensorType(index, inputs.indexOf(input)));
    const [, room] = shapeOf(INPUT);
    const [, , features = 0] = needed.includes(ENTITIES) ? shapeOf(ENTITIES) : [];
    signatures.push({
      room,
      features,
      tokens: shapes.spans[1],
      widths: Object.fromEntries(names.map((name) => [name, shapes[name][shapes[name].length - 1]])),
      ...signatureRunner(loaded, compiled, index, columns, inputs, wasm, environment),
    });
  }
  return signatures.sort((a, b) => a.room - b.room || a.tokens - b.tokens);
}

/**
 * What runs one signature. Each input is written into one buffer again and again, which is made when it is first run,
 * and outputs are read where they lie: the tensors of LiteRT.js would ask WebAssembly a dozen times for each what does
 * not change, and know no numbers of 8 bits.
 * @param {Loaded} loaded
 * @param {Awaited<Compiled>} compiled
 * @param {number} index
 * @param {(readonly [string, number])[]} columns Names and numbers of the outputs.
 * @param {string[]} names Its inputs.
 * @param {LiteRtWasm} wasm
 * @param {Environment} environment
 * @returns {{run: Signature["run"], release: () => void}}
 */
function signatureRunner(loaded, compiled, index, columns, names, wasm, environment) {
  const { READ, WRITE } = wasm.LiteRtTensorBufferLockMode;
  const make = (/** @type {number} */ input) => {
    const type = loaded.getInputTensorType(index, input);
    const { HOST_MEMORY } = wasm.LiteRtTensorBufferType;
    const { liteRtEnvironment: own } = environment;
    const buffer = wasm.LiteRtTensorBuffer.createManaged(own, HOST_MEMORY, type, type.bytes());
    type.delete();
    return buffer;
  };
  /** @type {ReturnType<typeof make>[]} */
  let inputs = [];
  const fill = (/** @type {Int32Array} */ codePoints, /** @type {Int8Array} */ entities) => {
    if (!inputs.length) inputs = names.map((_, input) => make(input));
    inputs.forEach((buffer, input) => {
      const { buffer: bytes, byteOffset, byteLength } = names[input] === INPUT ? codePoints : entities;
      const pointer = buffer.lock(WRITE);
      // The memory may have moved: its views are asked for anew.
      const memory = new Uint8Array(wasm.HEAPU8.buffer, pointer, buffer.packedSize());
      memory.fill(0).set(new Uint8Array(bytes, byteOffset, Math.min(byteLength, memory.length)));
      buffer.unlock();
    });
  };
  /** @type {Signature["run"]} */
  const run = async (codePoints, entities = new Int8Array(0)) => {
    const buffers = await (async () => {
      fill(codePoints, entities);
      return compiled.run(index, inputs);
    })().catch((cause) => {
      throw new ModelFileError("The runtime cannot run this model.", { cause });
    });
    try {
      const outputs = /** @type {Outputs} */ ({});
      for (const [name, column] of columns) {
        const buffer = buffers[column];
        const begin = buffer.lock(READ);
        const bytes = wasm.HEAPU8.slice(begin, begin + buffer.packedSize());
        buffer.unlock();
        outputs[name] = WHOLE.has(name) ? new Int32Array(bytes.buffer) : new Float32Array(bytes.buffer);
      }
      return outputs;
    } finally {
      for (const buffer of buffers) buffer.delete();
    }
  };
  return { run, release: () => inputs.forEach((buffer) => buffer.delete()) };
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
