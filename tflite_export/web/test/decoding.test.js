/** Decoding: values worked out by hand, and labels that are not valid. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { Decoder, slotsOfTags } from "../src/decoding.js";
import { LabelError, nestedSteps } from "../src/labels.js";
import { renderParse } from "../src/rendering.js";

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

const NESTED = {
  ...LABELS,
  nested: ["O", "B-C/P", "I-C/P", "B-C/P B-D/Q", "I-C/P I-D/Q", "B-E/R"],
  slots_of_nested: [[], ["X"], ["X"], ["X"], ["X"], ["X", "Y"]],
};

/**
 * The tree of a slot X of three words, of logits of nested tags with 5 at the given columns.
 * @param {number[]} columns
 */
function treeOf(columns) {
  const logits = columns.flatMap((column) => NESTED.nested.map((_, i) => (i === column ? 5 : 0)));
  const parse = new Decoder(NESTED).decode([1, 0], rows([BX, IX, IX]), 3, logits);
  return renderParse("a b c", [[0, 1], [2, 3], [4, 5]], parse, false);
}

test("what is nested stands in the tree and in the slots", () => {
  const { tree, slots } = treeOf([3, 4, 1]);
  assert.equal(tree, "[IN:A [SL:X [IN:C [SL:P [IN:D [SL:Q a b ] ] ] [SL:P c ] ] ] ]");
  assert.deepEqual(slots.map(({ name, start, end, words }) => [name, start, end, words]), [
    ["X", 0, 5, []],
  ]);
  const [first, second] = slots[0].nested?.slots ?? [];
  assert.deepEqual([first.start, first.end, first.nested?.intent], [0, 3, "D"]);
  assert.deepEqual([second.words, second.nested], [["c"], null]);
});

test("tags that make no tree give way to the best that do", () => {
  // Nothing was begun, then words where an intent stands, then a second intent.
  assert.equal(treeOf([2, 2, 2]).tree, "[IN:A [SL:X [IN:C [SL:P a b c ] ] ] ]");
  assert.equal(treeOf([3, 2, 1]).tree, "[IN:A [SL:X [IN:C [SL:P [IN:D [SL:Q a ] ] ] [SL:P b ] [SL:P c ] ] ] ]");
  assert.equal(treeOf([1, 1, 5]).tree, "[IN:A [SL:X [IN:C [SL:P a ] [SL:P b ] [SL:P c ] ] ] ]");
});

test("words alone win where they are likelier", () => {
  assert.equal(treeOf([0, 0, 2]).tree, "[IN:A [SL:X a b c ] ]");
  assert.equal(treeOf([0, 0, 0]).slots[0].nested, null);
});

test("a model of whole trees without nested logits gives plain slots", () => {
  const parse = new Decoder(NESTED).decode([1, 0], rows([BX, IX, IX]), 3);
  assert.deepEqual([parse.slots, parse.nested], [[{ name: "X", pieces: [[0, 3]] }], []]);
});

test("nested logits of another model are refused", () => {
  assert.throws(() => new Decoder(NESTED).decode([1, 0], rows([O]), 1, [1, 2]), /6 nested tags/);
  assert.throws(() => new Decoder(LABELS).decode([1, 0], rows([O]), 1, [1, 2]), LabelError);
});

test("labels with edges ask for the text, and leave marks out of slots", () => {
  const decoder = new Decoder({ ...LABELS, edges: { X: { ends: { letter: "!" } } } });
  assert.throws(() => decoder.decode([1, 0], rows([BX, IX]), 2), /"text" and "spans" must be given/);
  const spans = /** @type {[number, number][]} */ ([[0, 1], [1, 2], [2, 3]]);
  const parse = decoder.decode([1, 0], rows([BX, IX, IX]), 3, null, 2, { text: "a!.", spans });
  assert.deepEqual([parse.tags, parse.slots], [["B-X", "I-X", "O"], [{ name: "X", pieces: [[0, 2]] }]]);
  assert.equal(parse.alternatives.length, 2);
});

test("nested tags are read", () => {
  assert.deepEqual(nestedSteps("O"), []);
  assert.deepEqual(nestedSteps("I-A-B/C/D B-𝔊/Ü"), [
    { begins: false, intent: "A-B", slot: "C/D" },
    { begins: true, intent: "𝔊", slot: "Ü" },
  ]);
  for (const tag of ["", "B-A", "B-/X", "G-A/X", "B-A/X I-A/X", "B-A/X  B-A/X", "B-A/X "]) {
    assert.throws(() => nestedSteps(tag), /A nested tag must be/, tag);
  }
});

for (const [change, message] of /** @type {[object, RegExp][]} */ ([
  [{ intents: [] }, /"intents" must be distinct/],
  [{ intents: ["A", "A"] }, /"intents" must be distinct/],
  [{ intents: "AB" }, /"intents" must be distinct/],
  [{ intents: ["A", 2] }, /"intents" must be distinct/],
  [{ tags: ["O", 2] }, /"tags" must be distinct/],
  [{ nested: "" }, /"nested" must be distinct/],
  [{ slots_of_intent: null }, /"slots_of_intent" must be a list of lists/],
  [{ slots_of_intent: [7, 7] }, /"slots_of_intent" must be a list of lists/],
  [{ tags: ["B-X", "I-X", "O"] }, /begin with "O"/],
  [{ tags: ["O", "B-X"] }, /at least "B-X" and "I-X"/],
  [{ tags: ["O", "X"] }, /Each of "tags"/],
  [{ slots_of_intent: [["X"]] }, /one entry for each of the 2 intents/],
  [{ nested: ["B-A/X"] }, /"nested" must begin with "O"/],
  [{ nested: ["O", "O"] }, /"nested" must be distinct/],
  [{ nested: ["O", "A/X"] }, /A nested tag must be/],
  [{ edges: [] }, /"edges" must map names of slots/],
  [{ edges: { X: { middle: {} } } }, /"edges" must map names of slots/],
  [{ edges: { X: { ends: { words: "." } } } }, /"edges" must map names of slots/],
  [{ edges: { X: { ends: { word: 1 } } } }, /"edges" must map names of slots/],
  [{ nested: ["O"], slots_of_nested: [[], []] }, /one entry for each of the 1 nested/],
])) {
  test(`labels with ${JSON.stringify(change)} are refused`, () => {
    assert.throws(() => new Decoder({ ...LABELS, ...change }), message);
  });
}
