/** Decoding: values worked out by hand, and labels that are not valid. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Decoder, LabelError, slotsOfTags } from "../src/decoding.js";

const LABELS = {
  intents: ["A", "B"],
  tags: ["O", "B-X", "I-X", "G-X", "B-Y", "I-Y"],
  slots_of_intent: [["X"], ["Y"]],
};
const [O, BX, IX, GX, BY, IY] = LABELS.tags.keys();

/**
 * Logits with 5 at the given columns.
 * @param {number[]} columns
 */
function rows(columns) {
  return columns.flatMap((column) => LABELS.tags.map((_, i) => (i === column ? 5 : 0)));
}

test("the score is the product of the probabilities", () => {
  const parse = new Decoder(LABELS).decode([1, 0], rows([BX, IX]), 2);
  const tag = Math.exp(5) / (Math.exp(5) + 5);
  assert.equal(parse.intent, "A");
  assert.ok(Math.abs(parse.score - (tag * tag) / (1 + Math.exp(-1))) < 1e-12);
});

test("a slot that the intent never has moves the intent or the tags", () => {
  assert.equal(new Decoder(LABELS).decode([1, 0], rows([BY, IY]), 2).intent, "B");
  assert.deepEqual(new Decoder(LABELS).decode([30, 0], rows([BY, IY]), 2).slots, []);
});

test("every slot is allowed where the labels do not say which", () => {
  const labels = { ...LABELS, slots_of_intent: [] };
  assert.equal(new Decoder(labels).decode([9, 0], rows([BY, IY]), 2).slots[0].name, "Y");
});

test("a hole is closed", () => {
  const { tags } = new Decoder(LABELS).decode([1, 0], rows([BX, GX, O]), 3);
  assert.ok(!/G-X,?(O|B|$)/.test(tags.join()), tags.join());
});

test("rows behind the length are ignored", () => {
  assert.deepEqual(new Decoder(LABELS).decode([1, 0], rows([O, BX, BX]), 1).tags, ["O"]);
});

test("slots are collected with their holes", () => {
  assert.deepEqual(slotsOfTags(["B-X", "G-X", "I-X", "O", "B-X", "I-X"]), [
    { name: "X", pieces: [[0, 1], [2, 3]] },
    { name: "X", pieces: [[4, 6]] },
  ]);
});

test("logits of another model are refused", () => {
  const decoder = new Decoder(LABELS);
  assert.throws(() => decoder.decode([1, 0, 0], rows([O]), 1), LabelError);
  assert.throws(() => decoder.decode([1, 0], [1, 2, 3], 1), /labels of another model/);
  assert.throws(() => decoder.decode([1, 0], rows([O]), 2), LabelError);
});

for (const [change, message] of /** @type {[object, RegExp][]} */ ([
  [{ intents: [] }, /"intents" must be distinct/],
  [{ intents: ["A", "A"] }, /"intents" must be distinct/],
  [{ tags: ["B-X", "I-X", "O"] }, /begin with "O"/],
  [{ tags: ["O", "B-X"] }, /at least "B-X" and "I-X"/],
  [{ tags: ["O", "X"] }, /Each of "tags"/],
  [{ slots_of_intent: [["X"]] }, /one entry for each of the 2 intents/],
])) {
  test(`labels with ${JSON.stringify(change)} are refused`, () => {
    assert.throws(() => new Decoder({ ...LABELS, ...change }), message);
  });
}
