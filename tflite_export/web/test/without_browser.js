/**
 * LiteRT.js in Node: it asks for a script and its WebAssembly as a page does, and gets them from the disk.
 */

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import { runInThisContext } from "node:vm";

/** Folder of LiteRT.js's WebAssembly, for `Parser.load`. */
export const WASM = fileURLToPath(new URL("../node_modules/@litertjs/core/wasm/", import.meta.url));

Object.assign(globalThis, {
  self: globalThis,
  require: createRequire(import.meta.url),
  __filename: `${WASM}litert.js`,
  __dirname: WASM,
  importScripts: (/** @type {string} */ path) => runInThisContext(readFileSync(path, "utf-8"), path),
  Module: { locateFile: (/** @type {string} */ name) => WASM + name },
});
// It logs its progress as errors, and that there is no graphics device.
console.error = console.warn = () => {};
