/**
 * Headless Chromium on the page: types texts and writes the parses that the page shows.
 *
 *     node test/browser.js <model.tflite> < texts.json > results.json
 *
 * Standard input is a JSON list of texts. The answer has `parses` (in their order, offsets in UTF-16
 * units), `problems` (what the page says about models that cannot be loaded), `size`, `latency_ms` and
 * `errors` of the console. Environment: CHROMIUM names the browser, SCREENSHOT a PNG file to write.
 */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";

import { launchBrowser, servePage } from "./serving.js";

/** Long enough for a machine that is busy with other things. */
const PATIENCE_MS = 180_000;

const model = resolve(process.argv[2]);
/** @type {string[]} */
const texts = JSON.parse(readFileSync(0, "utf-8"));

const { origin, close } = await servePage(model);
const browser = await launchBrowser();
try {
  const context = await browser.newContext({
    viewport: { width: 1000, height: 1010 },
    colorScheme: "light",
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  /** @type {string[]} */
  const errors = [];
  page.on("pageerror", (error) => errors.push(String(error)));
  page.on("console", (message) => {
    // LiteRT.js logs its progress as errors of these levels.
    if (message.type() === "error" && !/^(INFO|WARNING):/.test(message.text())) {
      errors.push(message.text());
    }
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(origin) && !/^(data|blob):/.test(url)) errors.push(`request to ${url}`);
  });
  await page.goto(`${origin}/?model=models/mtop_en_2mb/model.tflite`);
  await page.waitForSelector("body[data-ready]");

  const parses = [];
  for (const text of texts) {
    await page.fill("#text", text);
    // The page says which text the shown parse belongs to.
    await page.waitForFunction(
      (expected) => document.getElementById("result")?.dataset.text === expected,
      text,
    );
    parses.push(await page.evaluate(readParse));
  }
  // Typed key by key, the last parse is that of the whole text.
  await page.fill("#text", "");
  await page.locator("#text").pressSequentially(texts[0]);
  await page.waitForFunction(
    (expected) => document.getElementById("result")?.dataset.text === expected,
    texts[0],
  );
  const typed = await page.evaluate(readParse);

  if (process.env.SCREENSHOT) await screenshots(page, process.env.SCREENSHOT);
  const size = Number(await page.locator("#size").getAttribute("data-bytes"));
  const latency = Number(await page.locator("#latency").getAttribute("data-value"));

  /** @type {Record<string, string>} */
  const problems = {};
  for (const name of ["absent.tflite", "cut.tflite", "broken.tflite"]) {
    const other = await context.newPage();
    await other.goto(`${origin}/?model=models/${name}`);
    await other.waitForSelector("#problem:not([hidden])");
    problems[name] = await other.innerText("#problem");
    // The page goes on with a good model.
    await other.setInputFiles("#file", model);
    await other.waitForSelector("body[data-ready]");
    if (await other.isVisible("#problem")) problems[name] += " and the message stayed";
    await other.close();
  }
  const other = await context.newPage();
  await other.route("**/wasm/**", (route) => route.abort());
  await other.goto(`${origin}/?model=models/mtop_en_2mb/model.tflite`);
  await other.waitForSelector("#problem:not([hidden])");
  problems["no runtime"] = await other.innerText("#problem");
  process.stdout.write(
    JSON.stringify({ parses, typed, problems, size, latency_ms: latency, errors }),
  );
} finally {
  await browser.close();
  close();
}

/** Reads the parse from the page. */
function readParse() {
  const get = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
  /** @type {Map<string, {name: string, start: number, end: number}>} */
  const slots = new Map();
  for (const mark of document.querySelectorAll("mark")) {
    const { slot, name, start, end } = /** @type {Record<string, string>} */ (
      /** @type {HTMLElement} */ (mark).dataset
    );
    const first = slots.get(slot) ?? { name, start: Number(start), end: 0 };
    slots.set(slot, { ...first, end: Number(end) });
  }
  return {
    text: get("result").dataset.text,
    intent: get("intent").dataset.name,
    heading: get("intent").textContent,
    shown: get("parsed").hidden ? "nearest" : "parse",
    others: [...get("others").children].map((entry) => {
      const { tree, score } = /** @type {HTMLElement} */ (entry).dataset;
      return { tree, score: Number(score) };
    }),
    score: Number(get("score").dataset.value),
    tree: get("bracketed").textContent,
    nodes: [...document.querySelectorAll(".node")].map((node) => node.textContent),
    truncated: !get("truncated").hidden,
    slots: [...slots.entries()].sort((a, b) => Number(a[0]) - Number(b[0])).map(([, slot]) => slot),
  };
}

/**
 * One for the documentation; beside it, where DESIGN is set, the dark and the narrow page.
 * @param {import("playwright-core").Page} page
 * @param {string} path
 */
async function screenshots(page, path) {
  await page.fill("#text", process.env.SCREENSHOT_TEXT ?? texts[0]);
  await page.waitForTimeout(200);
  await page.locator("h1").click();
  await page.screenshot({ path, fullPage: true });
  if (!process.env.DESIGN) return;
  await page.emulateMedia({ colorScheme: "dark" });
  await page.screenshot({ path: path.replace(".png", "-dark.png"), fullPage: true });
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize({ width: 375, height: 800 });
  await page.screenshot({ path: path.replace(".png", "-narrow.png"), fullPage: true });
}
