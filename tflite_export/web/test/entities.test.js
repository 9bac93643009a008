/** Names of a list are found as in Python. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Entities } from "../src/entities.js";

const GOLDEN = new URL("../../../tests/golden/entity_matches_v1.json", import.meta.url);
/**
 * @type {{entities: import("../src/entities.js").Entity[],
 *   cases: {text: string, matches: [number, number, string, string, number][]}[]}}
 */
const { entities, cases } = JSON.parse(readFileSync(GOLDEN, "utf-8"));

test("matches, their order and their offsets equal Python's", () => {
  const list = new Entities(entities);
  assert.ok(cases.length > 200);
  for (const { text, matches } of cases) {
    // The file counts code points.
    const offsets = [0];
    for (const character of text) offsets.push(offsets[offsets.length - 1] + character.length);
    const found = list
      .match(text)
      .map(({ start, end, entity, quality, errors }) => [start, end, entity.id, quality, errors]);
    const expected = matches.map(([start, end, ...rest]) => [offsets[start], offsets[end], ...rest]);
    assert.deepEqual(found, expected, text);
  }
});

test("words are as long as they like, and what is no text is refused", () => {
  const list = new Entities([{ name: "Anna" }]);
  assert.equal(list.match(`${"é".repeat(150_000)} Anna`).length, 1);
  for (const text of /** @type {any[]} */ ([7, null, undefined])) assert.throws(() => list.match(text), TypeError);
  for (const rows of /** @type {any[]} */ ([["Anna"], [{}], [null]])) {
    assert.throws(() => new Entities(rows), /"entities" must be objects with a "name"/);
  }
});

test("one synonym is a text or a list of one, and null is none", () => {
  for (const synonyms of /** @type {any[]} */ (["my sister", ["my sister"]])) {
    const list = new Entities([{ name: "Anna", synonyms }]);
    assert.deepEqual(list.match("i call my sister").map(({ start, end }) => [start, end]), [[7, 16]]);
  }
  const list = new Entities([/** @type {any} */ ({ name: "Anna", synonyms: null })]);
  assert.equal(list.match("anna").length, 1);
});

test("a space too few or too many anywhere in a name is one error, and a final sigma is any", () => {
  const names = ["Living room lamp", "Big bathroom", "O'Brien", "Κως"];
  const list = new Entities(names.map((name) => ({ name })));
  const found = list
    .match("livingroom lamp big bath room obrien ΚΩΣ")
    .map(({ entity, errors }) => [entity.name, errors]);
  assert.deepEqual(found, [
    [names[0], 1],
    [names[1], 1],
    [names[2], 1],
    [names[3], 0],
  ]);
});

test("a list without entities finds nothing", () => {
  assert.deepEqual(new Entities([]).match("call Anna"), []);
});
