/**
 * Headless Chromium: vectors and added intents on LiteRT.js, as JSON for the test in Python.
 *
 *     node test/encoder_page.js <encoder.tflite> <parser.tflite> < golden.json > results.json
 *
 * Standard input has `texts` and the content of `tiny_encoder_intents.json`. The answer has what that file has,
 * computed here.
 */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { launchBrowser, servePage } from "./serving.js";

const [, , encoder, model] = process.argv;
const golden = JSON.parse(readFileSync(0, "utf-8"));
const { origin, close } = await servePage(resolve(model), resolve(encoder));
const browser = await launchBrowser();
try {
  const page = await browser.newPage();
  await page.goto(`${origin}/?model=models/mtop_en_2mb/model.tflite`);
  await page.waitForSelector("body[data-ready]", { timeout: 180_000 });
  process.stdout.write(JSON.stringify(await page.evaluate(compute, golden)));
} finally {
  await browser.close();
  close();
}

/**
 * Runs in the page.
 * @param {any} given
 */
async function compute(given) {
  const from = (/** @type {string} */ name) => import(new URL(`src/${name}.js`, document.baseURI).href);
  const { Encoder } = await from("encoder");
  const { IntentPrototypes } = await from("prototypes");
  const { Parser } = await from("runtime");
  const wasm = new URL(document.body.dataset.wasm ?? "", document.baseURI).href;
  const bytes = async (/** @type {string} */ path) =>
    new Uint8Array(await (await fetch(`models/${path}`)).arrayBuffer());
  const message = (/** @type {Promise<unknown>} */ work) => work.then(() => "", (error) => error.message);

  const encoder = await Encoder.load(await bytes("encoder.tflite"), wasm);
  const vectors = [];
  for (const text of given.texts) {
    const { vector, truncated } = await encoder.run(text);
    vectors.push({ vector: Array.from(vector), truncated });
  }
  const alone = new IntentPrototypes(encoder);
  const beside = new IntentPrototypes(encoder, { trained: given.trained });
  for (const intents of [alone, beside]) {
    for (const [name, phrases] of Object.entries(given.added)) await intents.addIntent(name, phrases);
  }
  const parses = [];
  for (const { text } of given.parses) {
    parses.push({ ...(await alone.parse(text)), similarities: await alone.similarities(text) });
  }
  const matches = async () => {
    const found = [];
    for (const { text, model_score: score } of given.loaded) found.push(await beside.match(text, score));
    return found;
  };
  const steps = [await matches()];
  for (const name of given.trained) {
    await beside.addPhrases(name, given.described[name]);
    steps.push(await matches());
  }
  beside.load(given.saved);
  const loaded = await matches();

  const parser = await Parser.load(await bytes("mtop_en_2mb/model.tflite"), wasm);
  const text = "please open the garage door";
  const before = await parser.parse(text);
  const without = await message(parser.addIntent("OPEN_GARAGE", given.added.open_garage));
  parser.encoder = encoder;
  await parser.addIntent("OPEN_GARAGE", given.added.open_garage);
  const parsed = await parser.parse(text, { alternatives: 3 });
  const own = await parser.parse("Wake me at 7pm");
  const refused = [
    await message(Parser.load(await bytes("encoder.tflite"), wasm)),
    await message(Encoder.load(await bytes("mtop_en_2mb/model.tflite"), wasm)),
  ];
  return { vectors, parses, beside: steps, loaded, before, without, parsed, own: own.intent, refused };
}
