/**
 * The parses of texts, without a browser.
 *
 *     node test/parse_texts.js <model.tflite> <alternatives> < texts.json > parses.json
 *
 * Standard input is a JSON list of texts; the answer has their parses, in order.
 */

import { readFileSync } from "node:fs";

import { WASM } from "./without_browser.js";

const [, , model, alternatives] = process.argv;
const { Parser } = await import("../src/runtime.js");
const parser = await Parser.load(new Uint8Array(readFileSync(model)), WASM);
const parses = [];
for (const text of JSON.parse(readFileSync(0, "utf-8"))) {
  parses.push(await parser.parse(text, { alternatives: Number(alternatives) }));
}
await parser.delete();
process.stdout.write(JSON.stringify(parses));
