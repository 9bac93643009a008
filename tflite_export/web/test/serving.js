/** What the tests in a browser share: a server of the page on this machine, and headless Chromium. */

import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const PAGE = fileURLToPath(new URL("..", import.meta.url));
const TYPES = /** @type {Record<string, string>} */ ({
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
});
// With them the browser measures time in steps of 5 instead of 100 microseconds.
const ISOLATED = {
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
};
// No connection but to localhost: the browser's own services are switched off.
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/**
 * Serves the page, with the models at `models/mtop_en_2mb/model.tflite` (that is the given one),
 * `models/cut.tflite` and `models/broken.tflite`, and an encoder at `models/encoder.tflite`.
 * @param {string} model Path of a .tflite.
 * @param {string} [encoder] Path of the .tflite of an encoder.
 * @returns {Promise<{origin: string, close: () => void}>}
 */
export async function servePage(model, encoder = model) {
  const server = createServer(async (request, response) => {
    const asked = decodeURIComponent(new URL(request.url ?? "/", "http://localhost").pathname);
    const path = asked === "/" ? "/index.html" : asked;
    try {
      let content;
      if (path === "/models/mtop_en_2mb/model.tflite") content = await readFile(model);
      else if (path === "/models/encoder.tflite") content = await readFile(encoder);
      else if (path === "/models/cut.tflite") content = (await readFile(model)).subarray(0, 50_000);
      else if (path === "/models/broken.tflite") {
        content = await readFile(model);
        content.fill(0xff, 8, 4096);
      } else {
        content = await readFile(join(PAGE, normalize(path)));
      }
      const type = TYPES[extname(path)] ?? "application/octet-stream";
      response.writeHead(200, { "content-type": type, ...ISOLATED });
      response.end(content);
    } catch {
      response.writeHead(404, { "content-type": "text/plain" });
      response.end("not found");
    }
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(null)));
  const address = server.address();
  if (!address || typeof address === "string") throw new Error("The server has no port.");
  return { origin: `http://127.0.0.1:${address.port}`, close: () => server.close() };
}

/** Starts Chromium, that of the variable CHROMIUM where it is set. */
export function launchBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: FLAGS,
  });
}
