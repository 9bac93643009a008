/** Work that is done one after another, and models that are deleted meanwhile. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Decoder } from "../src/decoding.js";
import { Queue } from "../src/queue.js";
import { Parser } from "../src/runtime.js";

test("work goes on after an error", async () => {
  const queue = new Queue();
  const first = queue.add(async () => {
    throw new RangeError("first");
  });
  const second = queue.add(async () => 2);
  await assert.rejects(first, RangeError);
  assert.equal(await second, 2);
});

/** A parser over signatures that are never really run, and how often its memory was freed. */
function parser() {
  const freed = { times: 0 };
  const labels = { intents: ["ALARM", "MUSIC"], tags: ["O"] };
  const outputs = { intent: [1, 0], slots: [1], spans: [0, 4], length: [1] };
  const run = async () => {
    assert.equal(freed.times, 0, "run after its memory was freed");
    return outputs;
  };
  const metadata = /** @type {any} */ ({ labels, spec: { version: 2, max_code_points: 8 } });
  const signatures = [{ room: 9, tokens: 4, widths: {}, run, release: () => {} }];
  const release = () => (freed.times += 1);
  return {
    freed,
    made: new Parser({ metadata, decoder: new Decoder(labels), size: 0, signatures, release }),
  };
}

test("a parser that is deleted answers what was asked before, and says so afterwards", async () => {
  const { made, freed } = parser();
  const parses = [made.parse("wake"), made.parse("wake")];
  const deletions = [made.delete(), made.delete()];
  await assert.rejects(made.parse("wake"), /was deleted/);
  assert.deepEqual((await Promise.all(parses)).map(({ intent }) => intent), ["ALARM", "ALARM"]);
  await Promise.all(deletions);
  assert.equal(freed.times, 1);
});

test("what is no text is refused, not parsed as an empty one", async () => {
  const { made } = parser();
  for (const text of /** @type {any[]} */ ([undefined, null, 7, ["wake"], {}])) {
    await assert.rejects(made.parse(text), { name: "TypeError", message: /"text" must be a string. Received: / });
  }
});
