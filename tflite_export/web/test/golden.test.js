/** Decoding and rendering against what Python made of recorded logits. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Decoder } from "../src/decoding.js";
import { fold } from "../src/folding.js";
import { encodeText, isTruncated } from "../src/projection_input.js";
import { emptyParse, renderParse, treeWords } from "../src/rendering.js";

const GOLDEN = new URL("../../../tests/golden/parses_v1.json", import.meta.url);
const { spec, label_sets, confidences, parses, tree_words } = JSON.parse(readFileSync(GOLDEN, "utf-8"));

/**
 * @param {any} recorded
 */
function parse(recorded) {
  const { text, spans, intent, slots, nested, version = spec.version } = recorded;
  const input = encodeText(fold(text, version), spec.max_code_points);
  const tokens = spans.map((/** @type {number[]} */ [start, end]) => [
    input.starts[start],
    input.ends[end - 1],
  ]);
  const truncated = isTruncated(input, spans.at(-1)?.[1] ?? 0);
  if (!tokens.length) return { decoded: null, parsed: emptyParse(text, truncated) };
  const decoder = new Decoder(label_sets[recorded.labels], confidences[recorded.confidence]);
  const logits = Float32Array.from(slots.flat());
  const below = nested ? Float32Array.from(nested.flat()) : null;
  const { alternatives } = recorded;
  const of = { text, spans: tokens };
  const decoded = decoder.decode(Float32Array.from(intent), logits, spans.length, below, alternatives, of);
  return { decoded, parsed: renderParse(text, tokens, decoded, truncated) };
}

/**
 * What is nested in a slot, as the file has it.
 * @param {any} nested
 * @returns {any}
 */
function plain(nested) {
  return (
    nested && [
      nested.intent,
      nested.slots.map((/** @type {any} */ slot) => [
        slot.name,
        slot.start,
        slot.end,
        plain(slot.nested),
      ]),
    ]
  );
}

test("the file has cases of each kind", () => {
  const pieces = parses.flatMap((/** @type {any} */ recorded) => recorded.expected.pieces);
  assert.ok(parses.length >= 100);
  assert.ok(pieces.filter((/** @type {any} */ piece) => piece.length > 1).length >= 10);
  assert.ok(parses.some((/** @type {any} */ recorded) => recorded.expected.truncated));
  const trees = parses.filter((/** @type {any} */ { expected }) => /\[IN:.*\[IN:/.test(expected.tree));
  assert.ok(trees.length >= 40);
});

test("the file has scores of each kind", () => {
  const scored = parses.filter((/** @type {any} */ { confidence }) => confidence !== undefined);
  for (const i of confidences.keys()) {
    assert.ok(scored.some((/** @type {any} */ { confidence }) => confidence === i));
  }
  const rejected = scored.filter((/** @type {any} */ { expected }) => expected.intent === null);
  assert.ok(rejected.length >= 10 && rejected.length < scored.length - 10);
  const others = parses.flatMap((/** @type {any} */ { expected }) => expected.alternatives ?? []);
  assert.ok(others.length >= 60);
});

/**
 * @param {any} decoded
 * @param {any} parsed
 * @param {any} expected
 */
function compare(decoded, parsed, expected) {
  assert.deepEqual(decoded?.tags ?? [], expected.tags);
  assert.deepEqual(decoded?.nested ?? [], expected.nested ?? []);
  assert.deepEqual(decoded?.slots.map((/** @type {any} */ slot) => slot.pieces) ?? [], expected.pieces);
  assert.equal(parsed.intent, expected.intent);
  assert.equal(parsed.tree, expected.tree);
  assert.equal(parsed.truncated, expected.truncated);
  // Sums in another order differ in the last bits, which may turn the sixth decimal.
  assert.ok(Math.abs(parsed.score - expected.score) <= 1.01e-6, `score ${parsed.score}`);
  const intentScore = parsed.intentScore;
  assert.ok(Math.abs(intentScore - expected.intent_score) <= 1.01e-6, `intent score ${intentScore}`);
  assert.deepEqual(
    parsed.slots.map((/** @type {any} */ { name, text, start, end, nested }) => ({
      name,
      text,
      start,
      end,
      nested: plain(nested),
    })),
    expected.slots.map((/** @type {any} */ slot) => ({
      name: slot.name,
      text: slot.text,
      start: slot.start_utf16,
      end: slot.end_utf16,
      nested: slot.nested ?? null,
    })),
  );
  const { alternatives = [] } = expected;
  assert.equal(parsed.alternatives.length, alternatives.length);
  alternatives.forEach((/** @type {any} */ one, /** @type {number} */ i) =>
    compare(decoded.alternatives[i], parsed.alternatives[i], one),
  );
}

parses.forEach((/** @type {any} */ recorded, /** @type {number} */ i) => {
  test(`parse ${i}: ${recorded.text.trim().slice(0, 40)}`, () => {
    const { decoded, parsed } = parse(recorded);
    compare(decoded, parsed, recorded.expected);
  });
});

for (const [text, words] of tree_words) {
  test(`words of ${JSON.stringify(text)}`, () => assert.deepEqual(treeWords(text), words));
}
