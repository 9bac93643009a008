/** A model is told of names and their relations as in Python. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { tokensOf } from "../src/character_kinds.js";
import { Entities } from "../src/entities.js";
import { EntityFeatures, EntityFeaturesError, EntityRelations } from "../src/entity_features.js";
import { fold } from "../src/folding.js";

const GOLDEN = new URL("../../../tests/golden/entity_features_v1.json", import.meta.url);
/**
 * @type {{entities: import("../src/entities.js").Entity[],
 *   described: import("../src/entity_features.js").DescribedFeatures[],
 *   cases: {text: string, spans: [number, number][], segmented: [number, number][][], signs: number[], features: number[][]}[]}}
 */
const { entities, described, cases } = JSON.parse(readFileSync(GOLDEN, "utf-8"));
const list = new Entities(entities);

test("features and relations equal Python's", () => {
  const relations = new EntityRelations(entities);
  const models = described.map((own) => new EntityFeatures(own, list));
  assert.ok(cases.length > 15);
  for (const { text, spans, signs, features } of cases) {
    assert.deepEqual(relations.signs(list.match(text)), signs, text);
    // The file counts code points.
    const offsets = [0];
    for (const character of text) offsets.push(offsets[offsets.length - 1] + character.length);
    const own = spans.map(([start, end]) => /** @type {const} */ ([offsets[start], offsets[end]]));
    models.forEach((model, i) => {
      const found = model.of(text, own);
      assert.equal(found.length, spans.length * model.width);
      const told = [...found].flatMap((value, place) => (value ? [(place + 1) * value] : []));
      assert.deepEqual(told, features[i], text);
    });
  }
});

test("tokens equal Python's", () => {
  for (const { text, spans, segmented } of cases) {
    const { codePoints, starts, ends } = fold(text, 2);
    const places = new Map([[0, 0]]);
    let points = 0;
    let units = 0;
    for (const character of text) places.set((units += character.length), ++points);
    [spans, ...segmented].forEach((expected, i) => {
      const found = tokensOf(codePoints, ["unicode", "spaces", "words"][i]);
      assert.deepEqual(
        found.map(({ first, last }) => [places.get(starts[first]), places.get(ends[last])]),
        expected,
        text,
      );
    });
  }
});

test("a list without relations says nothing of them, and one text is one object", () => {
  const plain = new EntityRelations([{ name: "Lamp" }, { name: "Kitchen", relations: {} }]);
  assert.deepEqual(plain.signs(list.match("lamp")), [0, 0, 0]);
  const rows = [{ name: "Lamp", relations: { in: "Kitchen" } }, { name: "Kitchen" }];
  assert.deepEqual(new EntityRelations(rows).signs(new Entities(rows).match("lamp kitchen")), [1, 1]);
});

test("a description that is not known is refused", () => {
  for (const values of /** @type {any[]} */ ([
    null,
    { types: ["a"] },
    { types: [], slots: {} },
    { types: ["a"], slots: {}, related: 1 },
    { types: ["a", "a"], slots: {} },
    { types: ["a", ""], slots: {} },
    { types: [7], slots: {} },
    { types: Array.from({ length: 65 }, (_, i) => `t${i}`), slots: {} },
    { types: ["a"], slots: { S: "b" } },
    { types: ["a"], slots: [] },
    { types: ["a"], slots: null },
    { types: ["a"], slots: {}, distance: true },
  ])) {
    assert.throws(() => new EntityFeatures(values, list), { name: EntityFeaturesError.name });
  }
});
