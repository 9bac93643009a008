/** A model is told of names and their relations as in Python. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Entities } from "../src/entities.js";
import { EntityFeatures, EntityFeaturesError, EntityRelations } from "../src/entity_features.js";

const GOLDEN = new URL("../../../tests/golden/entity_features_v1.json", import.meta.url);
/**
 * @type {{entities: import("../src/entities.js").Entity[],
 *   described: import("../src/entity_features.js").DescribedFeatures[],
 *   cases: {text: string, spans: [number, number][], signs: number[], features: number[][]}[]}}
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
    { types: ["a"], slots: {}, distance: true },
  ])) {
    assert.throws(() => new EntityFeatures(values, list), { name: EntityFeaturesError.name });
  }
});
