/** Text is folded as in Python. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { fold, textOf } from "../src/folding.js";

const GOLDEN = new URL("../../../tests/golden/folding_v2.json", import.meta.url);
/** @type {{version: number, text: string, folded: string, starts: number[], ends: number[]}[]} */
const rows = JSON.parse(readFileSync(GOLDEN, "utf-8"));

test("folded texts and their offsets equal Python's", () => {
  assert.deepEqual([...new Set(rows.map(({ version }) => version))].sort(), [1, 2]);
  for (const { version, text, folded, starts, ends } of rows) {
    // The file counts code points.
    const offsets = [0];
    for (const character of text) offsets.push(offsets[offsets.length - 1] + character.length);
    const found = fold(text, version);
    assert.equal(String.fromCodePoint(...found.codePoints), folded, `version ${version}: ${text}`);
    assert.deepEqual(found.starts, starts.map((at) => offsets[at]), `version ${version}: ${text}`);
    assert.deepEqual(found.ends, ends.map((at) => offsets[at]), `version ${version}: ${text}`);
  }
});

test("a run of marks is as long as it likes, and the marks are sorted", () => {
  const { codePoints, ends } = fold(`x${"\u0301\u0323".repeat(75_000)}`, 2);
  assert.equal(textOf(codePoints), `x${"\u0323".repeat(75_000)}${"\u0301".repeat(75_000)}`.normalize("NFC"));
  assert.equal(ends[ends.length - 1], 150_001);
});

test("what is no text is refused", () => {
  for (const text of /** @type {any[]} */ ([undefined, null, 7, {}, ["a"], true])) {
    assert.throws(() => fold(text, 2), { name: "TypeError", message: /"text" must be a string. Received: / });
  }
});

test("what is folded stays when it is folded again", () => {
  for (const { version, folded } of rows) {
    assert.equal(String.fromCodePoint(...fold(folded, version).codePoints), folded);
  }
});
