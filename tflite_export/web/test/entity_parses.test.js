/**
 * A parser that knows names says what Python's says: tiny models on LiteRT.js in Node. The variable ENTITY_PARSES names
 * another file of `tests/tflite_export/make_entity_parses_golden.py`.
 */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { pathToFileURL } from "node:url";

import { Decoder } from "../src/decoding.js";
import { Entities } from "../src/entities.js";
import { readMetadata } from "../src/metadata.js";
import { file } from "./model_files.js";
import { WASM } from "./without_browser.js";

const { Parser } = await import("../src/runtime.js");

/** @typedef {import("../src/linking.js").Candidate} Candidate */
/** @typedef {import("../src/rendering.js").ParsedSlot} ParsedSlot */

const RESOURCES = new URL("../../android/src/test/resources/", import.meta.url);
const { ENTITY_PARSES: given } = process.env;
const EXPECTED = given ? pathToFileURL(given) : new URL("tiny_entities_parses.json", RESOURCES);
const { rounding, lists, models } = JSON.parse(readFileSync(EXPECTED, "utf-8"));
const own = { skip: given ? "of the tiny models" : false };

/** @param {string} file */
const load = (file) => Parser.load(new Uint8Array(readFileSync(new URL(file, RESOURCES))), WASM);

/**
 * All slots with their candidates, as the file has them.
 * @param {ParsedSlot[]} slots
 * @returns {any[]}
 */
function linked(slots) {
  return slots.flatMap(({ name, start, end, candidates, entity, nested }) => {
    assert.equal(entity, candidates?.[0] ?? null);
    const told = candidates?.map((one) => [one.id, one.score, one.quality, one.start, one.end]) ?? null;
    return [[name, start, end, told], ...linked(nested?.slots ?? [])];
  });
}

/** @param {{tree: string, score: number, slots: ParsedSlot[]}} parsed */
const comparable = ({ tree, slots }) => ({ tree, linked: linked(slots) });

for (const { file: name, parses } of models) {
  test(`parses by ${name} equal Python's, whatever list was set before`, async () => {
    const parser = await load(given ? pathToFileURL(name).href : name);
    const known = lists.map((/** @type {any} */ rows) => new Entities(rows));
    let told = 0;
    for (const row of parses) {
      parser.entities = row.list === null ? null : known[row.list];
      parser.entityTypes = row.types;
      const parsed = await parser.parse(row.text, { alternatives: row.alternatives.length });
      if ((row.margin ?? Infinity) < rounding && parsed.tree !== row.tree) continue;
      assert.deepEqual(comparable(parsed), { tree: row.tree, linked: row.linked }, row.text);
      assert.equal(parsed.truncated, row.truncated);
      assert.ok(Math.abs(parsed.score - row.score) < rounding, `${row.text}: ${parsed.score} and ${row.score}`);
      assert.ok(Math.abs(parsed.intentScore - row.intent_score) < rounding, row.text);
      assert.equal(parsed.alternatives.length, row.alternatives.length);
      parsed.alternatives.forEach((other, i) => {
        const [tree, score, links] = row.alternatives[i];
        assert.ok(Math.abs(other.score - score) < rounding, row.text);
        assert.deepEqual(comparable(other), { tree, linked: links }, row.text);
      });
      told += row.linked.filter((/** @type {any} */ [, , , own]) => own?.length).length;
    }
    assert.ok(told >= 20);
    await parser.delete();
  });
}

test("nothing is told where nothing is known", async () => {
  /** @type {Int8Array[]} */
  const heard = [];
  const outputs = { intent: [1, 0], slots: [5, 0, 0, 0, 9, 0], spans: [0, 2, 3, 7], length: [2] };
  const signature = { room: 9, tokens: 3, widths: {}, run: async () => outputs, release: () => {} };
  const labels = { intents: ["A", "B"], tags: ["O", "B-X", "I-X"] };
  const features = { types: ["contact"], slots: { X: "contact" }, related: true };
  const metadata = /** @type {any} */ ({
    labels, spec: { version: 2, max_code_points: 8 }, entity_features: features,
  });
  const told = {
    ...signature,
    run: async (/** @type {Int32Array} */ _, /** @type {Int8Array | undefined} */ entities) => {
      if (entities) heard.push(entities);
      return outputs;
    },
  };
  const release = () => {};
  const parts = { metadata, decoder: new Decoder(labels), size: 0, release };
  const parser = new Parser({ ...parts, signatures: [signature], told: [told] });
  for (const list of [null, [], [{ name: "Berta" }]]) {
    parser.entities = list;
    assert.equal((await parser.parse("hi anna")).slots[0].entity, null);
  }
  assert.deepEqual(heard, []);
  parser.entities = [{ name: "Anna", type: "contact" }];
  assert.equal((await parser.parse("hi anna")).slots[0].entity?.id, "Anna");
  assert.deepEqual([...heard[0]], [...new Array(15).fill(0), 1, 1, 1, 1, 0]);
});

test("a description of features that the model does not take is damaged", own, async () => {
  const described = async (/** @type {string} */ name, /** @type {any} */ changes) => {
    const model = new Uint8Array(readFileSync(new URL(name, RESOURCES)));
    return file({ ...(await readMetadata(model)), ...changes }, { model });
  };
  const features = { types: ["contact"], slots: {} };
  for (const [name, changes, message] of /** @type {[string, any, RegExp][]} */ ([
    ["tiny_trees.tflite", { entity_features: features }, /has no signature "parse_entities"/],
    ["tiny_entities.tflite", { entity_features: features }, /by 20 features of a token; its description has 8/],
  ])) {
    await assert.rejects(Parser.load(await described(name, changes), WASM), { name: "ModelFileError", message });
  }
});

test("parses that wait know the list of when they were asked for", own, async () => {
  const parser = await load("tiny_entities.tflite");
  const text = "text Zoë that I am late";
  parser.entities = lists[0];
  const first = parser.parse(text);
  parser.entities = [];
  const second = parser.parse(text);
  parser.entities = null;
  const third = parser.parse(text);
  const slots = (await Promise.all([first, second, third])).map((parsed) => parsed.slots);
  assert.equal(slots[0][0].entity?.id, "c2");
  assert.deepEqual(slots[1].map(({ candidates }) => candidates), slots[1].map(() => []));
  assert.deepEqual(slots[2].map(({ candidates }) => candidates), slots[2].map(() => null));
  assert.equal(parser.entities, null);
  await parser.delete();
});

test("added intents and what the model says of the same text have their entities", own, async () => {
  const parser = await load("tiny_entities.tflite");
  const vector = Float32Array.of(1, 0);
  const run = async () => ({ vector, tokens: 1, truncated: false });
  parser.encoder = /** @type {any} */ ({ width: 2, fingerprint: "f", run });
  await parser.addIntent("GREET", ["hello you"]);
  parser.entities = lists[0];
  const parsed = await parser.parse("text Zoë that I am late", { alternatives: 2 });
  assert.equal(parsed.intent, "GREET");
  assert.equal(parsed.alternatives[0].slots[0].entity?.id, "c2");
  await parser.delete();
});

test("what is no list and no types is refused, and what was set stays", own, async () => {
  const parser = await load("tiny_entities.tflite");
  const types = parser.entityTypes;
  assert.equal(types.SENDER, "contact");
  parser.entities = [{ name: "Anna" }];
  const { entities } = parser;
  for (const value of /** @type {any[]} */ (["Anna", "", 0, 7, {}, [7], ["Anna"], [{ id: "x" }]])) {
    assert.throws(() => (parser.entities = value), { name: "TypeError", message: /"entities" must be / });
  }
  for (const value of /** @type {any[]} */ ([
    null, "SENDER", [], { SENDER: 7 }, { SENDER: [""] }, { SENDER: { contact: 1 } },
  ])) {
    assert.throws(() => (parser.entityTypes = value), { name: "TypeError", message: /"entityTypes" must / });
  }
  assert.throws(() => (parser.entityTypes = { NONE: "contact" }), {
    name: "RangeError",
    message: /must name slots of the model, .*SENDER.* Received: "NONE"/,
  });
  assert.equal(parser.entities, entities);
  assert.equal(parser.entityTypes, types);
  await parser.delete();
});
