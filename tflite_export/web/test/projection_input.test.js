/** Code points, offsets and cutting. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { encodeText, estimateTokens, isTruncated } from "../src/projection_input.js";

test("code points and UTF-16 offsets", () => {
  const { codePoints, offsets } = encodeText("a🙂b", 4);
  assert.deepEqual([...codePoints], [0x61, 0x1f642, 0x62, 0, 0]);
  assert.deepEqual(offsets, [0, 1, 3, 4]);
});

test("a lone surrogate is U+FFFD and counts as one", () => {
  const { codePoints, offsets } = encodeText("x\ud800y", 3);
  assert.deepEqual([...codePoints], [0x78, 0xfffd, 0x79, 0]);
  assert.deepEqual(offsets, [0, 1, 2, 3]);
});

test("one code point behind the limit is read", () => {
  const { codePoints, offsets } = encodeText("🙂🙂🙂🙂", 2);
  assert.equal(codePoints.length, 3);
  assert.deepEqual(offsets, [0, 2, 4, 6]);
});

test("in a text that is too long a run of white space takes one code point", () => {
  const { codePoints, offsets } = encodeText("   🙂 \u200b\t b    ", 4);
  assert.deepEqual([...codePoints], [0x1f642, 0x20, 0x62, 0x20, 0]);
  assert.deepEqual(offsets, [3, 5, 9, 10, 11]);
  assert.deepEqual(encodeText(" ".repeat(9), 4).offsets, [0]);
});

test("a text that fits keeps its white space", () => {
  assert.deepEqual(encodeText("  a ", 4).offsets, [0, 1, 2, 3, 4]);
});

test("only what is not space was cut", () => {
  assert.equal(isTruncated("ab cd", 2), true);
  assert.equal(isTruncated("ab \u200b\ufeff\t\u0085", 2), false);
  assert.equal(isTruncated("ab \u180e", 2), true); // a mark in the table
  assert.equal(isTruncated("", 0), false);
});

for (const [text, tokens] of /** @type {const} */ ([
  ["", 0],
  ["wake me at 7am!", 6],
  ["明天早上7点", 6],
  ["कल सुबह", 2],
  ["ตั้งปลุก 7", 6],
  ["abc明日", 3],
])) {
  test(`about ${tokens} tokens in ${text}`, () => assert.equal(estimateTokens(text), tokens));
}
