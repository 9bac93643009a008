/** Entities are as near as in Python. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { EntityVectors, EntityVectorsError, fingerprintOf } from "../src/entity_vectors.js";

const GOLDEN = new URL("../../../tests/golden/entity_vectors_v1.json", import.meta.url);
/**
 * @type {{entities: import("../src/entities.js").Entity[], file: any,
 *   relatedness: [number, number, number][]}}
 */
const { entities, file, relatedness } = JSON.parse(readFileSync(GOLDEN, "utf-8"));

test("relatedness equals Python's", () => {
  const vectors = new EntityVectors(file, entities);
  assert.equal(vectors.width, file.width);
  assert.ok(relatedness.length > 20);
  for (const [start, end, expected] of relatedness) {
    assert.equal(vectors.relatedness(start, end), expected, `${start} ${end}`);
  }
});

test("a list has the fingerprint of Python, however one text and none are written", () => {
  const lamp = { name: "Lamp", type: "light", types: ["light", "switch"], synonyms: "Lampe" };
  const rows = /** @type {any[]} */ ([
    { ...lamp, relations: { in: ["Kitchen", "Kitchen"] } },
    { name: "Anna", synonyms: ["Annie", "Annie"], relations: null },
    { name: "Kitchen", types: null },
  ]);
  assert.equal(fingerprintOf(rows), "0539c012"); // as tests/runtime/test_entity_vectors.py has it
});

test("vectors of another list, of a changed one, and damaged ones are refused", () => {
  const changed = entities.map((entity, i) => (i ? entity : { ...entity, relations: {} }));
  for (const [values, list, message] of /** @type {[any, any[], RegExp][]} */ ([
    [file, entities.slice(1), /of another list/],
    [file, changed, /before it was changed/],
    [{ ...file, width: 7 }, entities, /width 7/],
    [{ ...file, vectors: "?" }, entities, /damaged/],
    [{ ...file, steps: file.steps.map(() => null) }, entities, /damaged/],
    [{ ...file, format: 2 }, entities, /format 1/],
    [null, entities, /format 1/],
  ])) {
    assert.throws(() => new EntityVectors(values, list), {
      name: EntityVectorsError.name,
      message,
    });
  }
});
