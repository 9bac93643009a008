/**
 * Where the time of a parse goes in headless Chromium: medians in milliseconds, as JSON.
 *
 *     node test/time_parts.js <model.tflite> ["a text" …]
 *
 * `input` is folding and code points, `model` a run in WebAssembly with its buffers, `decode` logits → parse,
 * `alternatives` the same with three of them, `render` slots and tree in the terms of the text, `parse` all
 * of them as `Parser.parse` has them, one after the other. `typed` is a parse of the page with its drawing, with
 * pauses as between keys, in which caches cool down.
 */

import { resolve } from "node:path";

import { launchBrowser, servePage } from "./serving.js";

const TEXTS = ["call mum", "wake me up at 7am tomorrow", "play “thriller” by jackson on spotify 🎉"];

const [, , model, ...given] = process.argv;
const { origin, close } = await servePage(resolve(model));
const browser = await launchBrowser();
try {
  const page = await browser.newPage();
  await page.goto(`${origin}/?model=models/mtop_en_2mb/model.tflite`);
  await page.waitForSelector("body[data-ready]", { timeout: 60_000 });
  const times = await page.evaluate(measure, given.length ? given : TEXTS);
  process.stdout.write(`${JSON.stringify(times, null, 1)}\n`);
} finally {
  await browser.close();
  close();
}

/**
 * Runs in the page.
 * @param {string[]} texts
 */
async function measure(texts) {
  const from = (/** @type {string} */ name) => import(new URL(`src/${name}.js`, document.baseURI).href);
  const { Parser } = await from("runtime");
  const { fold } = await from("folding");
  const { encodeText, estimateTokens } = await from("projection_input");
  const { renderParse } = await from("rendering");
  const file = await fetch("models/mtop_en_2mb/model.tflite");
  const wasm = new URL(document.body.dataset.wasm ?? "", document.baseURI).href;
  const parser = await Parser.load(new Uint8Array(await file.arrayBuffer()), wasm);
  const { version, max_code_points: limit } = parser.metadata.spec;

  /** @param {() => unknown} run */
  const median = async (run, times = 200, pause = 0) => {
    const taken = [];
    for (let i = 0; i < times; i++) {
      if (pause) await new Promise((done) => setTimeout(done, pause));
      const begin = performance.now();
      await run();
      taken.push(performance.now() - begin);
    }
    const sorted = taken.slice(times >> 2).sort((a, b) => a - b);
    return Number(sorted[sorted.length >> 1].toFixed(3));
  };
  const field = /** @type {HTMLTextAreaElement} */ (document.getElementById("text"));
  const result = /** @type {HTMLElement} */ (document.getElementById("result"));

  /** @type {Record<string, Record<string, number>>} */
  const found = {};
  for (const text of texts) {
    const input = encodeText(fold(text, version), limit);
    const signature = parser.signatures.find(
      (/** @type {any} */ one) => input.used < one.room && estimateTokens(input) <= one.tokens,
    );
    const points = input.codePoints.slice(0, signature.room);
    const { intent, slots, length, spans, nested } = await signature.run(points);
    const tokens = Array.from({ length: length[0] }, (_, t) => [
      input.starts[spans[2 * t]],
      input.ends[spans[2 * t + 1] - 1],
    ]);
    const decode = (/** @type {number} */ others) =>
      parser.decoder.decode(intent, slots, length[0], nested, others, { text, spans: tokens });
    const parse = decode(3);
    const type = () => {
      const shown = new Promise((done) => new MutationObserver(done).observe(result, { attributes: true }));
      field.value = field.value === text ? `${text} ` : text;
      field.dispatchEvent(new Event("input"));
      return shown;
    };
    found[text] = {
      code_points: signature.room,
      tokens: length[0],
      input: await median(() => estimateTokens(encodeText(fold(text, version), limit))),
      model: await median(() => signature.run(points)),
      decode: await median(() => decode(0)),
      alternatives: await median(() => decode(3)),
      render: await median(() => renderParse(text, tokens, parse, false)),
      parse: await median(() => parser.parse(text)),
      typed: await median(type, 40, 80),
    };
  }
  return found;
}
