/** Slots mean the entities that they mean in Python. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Entities } from "../src/entities.js";
import { Linker } from "../src/linking.js";

const GOLDEN = new URL("../../../tests/golden/entity_links_v1.json", import.meta.url);
/**
 * @type {{entities: import("../src/entities.js").Entity[], vectors: any,
 *   types: import("../src/linking.js").EntityTypes[],
 *   cases: {text: string, types: number, vectors: boolean, slots: [string, number, number, any[]][]}[]}}
 */
const { entities, vectors, types, cases } = JSON.parse(readFileSync(GOLDEN, "utf-8"));

test("candidates, their order and their scores equal Python's", () => {
  const lists = [new Entities(entities), new Entities(entities, { vectors })];
  let known = 0;
  for (const { text, types: own, vectors: withVectors, slots } of cases) {
    const linker = new Linker(lists[Number(withVectors)], types[own]);
    const named = linker.match(text);
    // The file counts code points.
    const offsets = [0];
    for (const character of text) offsets.push(offsets[offsets.length - 1] + character.length);
    for (const [name, start, end, expected] of slots) {
      const found = linker.candidates(text, { name, start: offsets[start], end: offsets[end] }, named);
      assert.deepEqual(
        found.map((one) => [one.id, one.score, one.quality, one.start, one.end]),
        expected.map(([id, score, quality, a, b]) => [id, score, quality, offsets[a], offsets[b]]),
        `${text}, ${name} from ${start} to ${end}`,
      );
      known += found.length;
    }
  }
  assert.ok(known > 500);
});

test("candidates tell what they are, and an entity without an id is known by its name", () => {
  const anna = { name: "Anna", types: ["contact", "friend"] };
  const linker = new Linker(new Entities([anna, { name: "Lamp", id: "l1" }]), { WHO: ["contact"] });
  const slots = [{ name: "WHO", start: 5, end: 9 }, { name: "X", start: 14, end: 18 }];
  const named = linker.match("call Anna and lamp");
  const [who, what] = slots.map((slot) => linker.candidates("call Anna and lamp", slot, named)[0]);
  assert.deepEqual(who, {
    id: "Anna", name: "Anna", type: "contact", score: 1, quality: "exact", start: 5, end: 9, entity: anna,
  });
  assert.equal(who.entity, anna);
  assert.deepEqual([what.id, what.type, what.score], ["l1", "", 0.882]);
});

test("of many equal names that of the room which is named comes first", () => {
  const rows = Array.from({ length: 2000 }, (_, i) => ({ name: "Lamp", id: `l${i}`, relations: { in: `r${i}` } }));
  const rooms = rows.map((_, i) => ({ name: `Room ${i}`, id: `r${i}` }));
  const linker = new Linker(new Entities([...rows, ...rooms]));
  const text = "the lamp, the lamp, the lamp in room 17";
  const found = linker.candidates(text, { name: "DEVICE", start: 4, end: 8 }, linker.match(text));
  assert.deepEqual([found.length, found[0].id, found[0].score], [10, "l17", 0.882]);
});
