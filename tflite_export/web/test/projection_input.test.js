/** Code points, offsets and cutting. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { fold } from "../src/folding.js";
import { encodeText, estimateTokens, isTruncated } from "../src/projection_input.js";

/**
 * @param {string} text
 * @param {number} limit
 * @param {number} [version]
 */
const encode = (text, limit, version = 1) => encodeText(fold(text, version), limit);

test("code points and UTF-16 offsets", () => {
  const { codePoints, used, starts, ends } = encode("a🙂b", 4);
  assert.deepEqual([...codePoints], [0x61, 0x1f642, 0x62, 0, 0]);
  assert.equal(used, 3);
  assert.deepEqual(starts, [0, 1, 3]);
  assert.deepEqual(ends, [1, 3, 4]);
});

test("a lone surrogate is U+FFFD and counts as one", () => {
  const { codePoints, ends } = encode("x\ud800y", 3);
  assert.deepEqual([...codePoints], [0x78, 0xfffd, 0x79, 0]);
  assert.deepEqual(ends, [1, 2, 3]);
});

test("one code point behind the limit is read", () => {
  const { codePoints, starts, ends } = encode("🙂🙂🙂🙂", 2);
  assert.equal(codePoints.length, 3);
  assert.deepEqual(starts, [0, 2, 4]);
  assert.deepEqual(ends, [2, 4, 6]);
});

test("in a text that is too long a run of white space takes one code point", () => {
  const { codePoints, starts, ends } = encode("   🙂 \u3000\t b    ", 4);
  assert.deepEqual([...codePoints], [0x1f642, 0x20, 0x62, 0x20, 0]);
  assert.deepEqual(starts, [3, 5, 9, 10]);
  assert.deepEqual(ends, [5, 6, 10, 11]);
  assert.equal(encode(" ".repeat(9), 4).used, 0);
});

test("a text that fits keeps its white space", () => {
  assert.deepEqual(encode("  a ", 4).starts, [0, 1, 2, 3]);
});

test("what is folded has the offsets of the caller's string", () => {
  const { codePoints, starts, ends } = encode("\u201c\ufeffu\u0308\u200d\uff42\u200e", 4, 2);
  assert.deepEqual([...codePoints], [0x22, 0xfc, 0x62, 0, 0]);
  assert.deepEqual(starts, [0, 2, 5]);
  assert.deepEqual(ends, [1, 4, 6]);
});

test("only what is not space was cut", () => {
  assert.equal(isTruncated(encode("ab cd", 4), 2), true);
  assert.equal(isTruncated(encode("ab cd", 9), 2), true);
  assert.equal(isTruncated(encode("ab \u200b\ufeff\t\u0085\u200e", 4), 2), false);
  assert.equal(isTruncated(encode("ab  x", 2), 2), true);
  assert.equal(isTruncated(encode("", 4), 0), false);
});

for (const [text, tokens] of /** @type {const} */ ([
  ["", 0],
  ["wake me at 7am!", 6],
  ["明天早上7点", 6],
  ["कल सुबह", 2],
  ["ตั้งปลุก 7", 6],
  ["abc明日", 3],
])) {
  test(`about ${tokens} tokens in ${text}`, () => assert.equal(estimateTokens(encode(text, 40)), tokens));
}
