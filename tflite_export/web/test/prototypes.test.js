/** Added intents against what Python recorded, with the vectors that Python recorded. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { IntentError, IntentPrototypes, withOwnParses } from "../src/prototypes.js";

const RESOURCES = new URL("../../android/src/test/resources/", import.meta.url);
const golden = JSON.parse(readFileSync(new URL("tiny_encoder_intents.json", RESOURCES), "utf-8"));

/** Words as coordinates: texts with common words are similar. */
const encoder = {
  width: 64,
  fingerprint: "words",
  /** @param {string} text */
  async run(text) {
    const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
    const vector = new Float32Array(64);
    for (const word of words) vector[[...word].reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) % 64, 7)] += 1;
    const norm = Math.hypot(...vector) || 1;
    return { vector: vector.map((x) => x / norm), tokens: words.length, truncated: words.length > 20 };
  },
};

async function alone() {
  const intents = new IntentPrototypes(encoder);
  await intents.addIntent("open_garage", golden.added.open_garage);
  await intents.addIntent("lights_off", golden.added.lights_off);
  return intents;
}

test("a text belongs to the intent of its words", async () => {
  const intents = await alone();
  const { intent, slots, tree, score } = await intents.parse("can you open the garage door");
  assert.deepEqual([intent, slots, tree], ["open_garage", [], "[IN:open_garage ]"]);
  assert.ok(score > 0.5 && score <= 1);
  assert.equal((await intents.parse("something else entirely")).intent, null);
  assert.deepEqual(await intents.parse(" "), {
    text: " ", intent: "", score: 0, intentScore: 0, slots: [], tree: "", truncated: false, alternatives: [],
  });
});

test("equal phrases count once, folded and in small letters", async () => {
  assert.equal((await alone()).phrases("lights_off").length, 3);
});

test("phrases are the same in any casing, also where a sigma ends a word", async () => {
  const intents = new IntentPrototypes(encoder);
  await intents.addIntent("x", ["ΟΔΟΣ-ΟΔΟΣ", "οδος-οδος", "οδοσ-οδοσ"]);
  assert.deepEqual(intents.phrases("x"), ["ΟΔΟΣ-ΟΔΟΣ"]);
});

test("additions that are made at the same time are all made, and know of each other", async () => {
  const intents = new IntentPrototypes(encoder, { trained: ["ALARM"] });
  const made = await Promise.allSettled([
    intents.addIntent("x", ["one"]),
    intents.addPhrases("x", ["two"]),
    intents.addPhrases("x", ["three"]),
    intents.addIntent("x", ["four"]),
    intents.addIntent("y", ["one"]),
    intents.addPhrases("ALARM", ["wake me"]),
    intents.addPhrases("ALARM", ["up"]),
  ]);
  assert.deepEqual(made.map(({ status }) => status[0]).join(""), "fffrrff");
  assert.deepEqual([intents.intents, intents.phrases("x")], [["x"], ["one", "two", "three"]]);
  const save = /** @type {any} */ (intents.save());
  assert.equal(save.trained.ALARM.count, 2);
});

test("an intent that is removed while phrases are added to it stays removed", async () => {
  const intents = await alone();
  const addition = intents.addPhrases("lights_off", ["dark now"]);
  await null; // the addition waits for a vector
  intents.removeIntent("lights_off");
  await assert.rejects(addition, IntentError);
  assert.deepEqual(intents.intents, ["open_garage"]);
});

test("what gives no vectors is refused", () => {
  for (const other of /** @type {any[]} */ (["encoder_en_2mb", null, {}])) {
    assert.throws(() => new IntentPrototypes(other), /"encoder" must be an Encoder/);
  }
});

test("phrases are added and intents removed", async () => {
  const intents = await alone();
  await intents.addPhrases("lights_off", ["dark now", "Dark  now"]);
  assert.equal(intents.phrases("lights_off").length, 4);
  intents.removeIntent("lights_off");
  assert.deepEqual(intents.intents, ["open_garage"]);
  assert.throws(() => intents.removeIntent("lights_off"), IntentError);
});

for (const [name, phrases] of /** @type {[any, any][]} */ ([
  ["", ["up"]],
  [null, ["up"]],
  ["lights_off", ["up"]],
  ["x", []],
  ["x", "up"],
  ["x", ["up", ""]],
  ["x", [7]],
  ["\u3000\x85", ["up"]],
  ["x", ["OPEN the garage"]],
])) {
  test(`refused: ${name} ${JSON.stringify(phrases)}`, async () => {
    const intents = await alone();
    await assert.rejects(intents.addIntent(name, phrases), IntentError);
    assert.equal(intents.intents.length, 2);
  });
}

test("a share that is none is refused", () => {
  for (const rejectedShare of [-0.1, 1, NaN]) {
    assert.throws(() => new IntentPrototypes(encoder, { rejectedShare }), RangeError);
  }
});

test("beside a model: one phrase takes what is very similar, and told phrases keep their texts", async () => {
  const intents = new IntentPrototypes(encoder, { trained: ["ALARM"] });
  await intents.addIntent("open", ["open the garage"]);
  assert.ok((await intents.match("open the garage", 0.9))?.wins);
  const match = await intents.match("open the window", 0.5);
  assert.ok(match && !match.wins && Math.abs(match.lead - (match.similarity - 0.9)) < 1e-9);
  await assert.rejects(intents.addIntent("ALARM", ["wake me"]), /one of the model's/);
  await intents.addPhrases("ALARM", ["open the garage at seven"]);
  await intents.addPhrases("ALARM", ["wake me at seven"]);
  assert.deepEqual(intents.described, ["ALARM"]);
  assert.ok(!(await intents.match("wake me at seven", 0.1))?.wins);
  assert.ok((await intents.match("open the window", 0.9))?.wins);
});

test("a phrase of which the encoder reads no word is none, also where it is told of a model's own intent", async () => {
  const intents = new IntentPrototypes(encoder, { trained: ["ALARM"] });
  await assert.rejects(intents.addPhrases("ALARM", ["wake me", "7"]), /of which the encoder reads none/);
  assert.deepEqual(intents.described, []);
});

test("the model's name for what is none of its intents is taken", async () => {
  const intents = new IntentPrototypes(encoder, { trained: ["ALARM"], outside: "oos" });
  await assert.rejects(intents.addIntent("oos", ["who won"]), /one of the model's/);
  const other = new IntentPrototypes(encoder);
  await other.addIntent("oos", ["who won"]);
  assert.throws(() => intents.load(other.save()), /trained on it since/);
});

test("the model's own parses share what an added intent leaves, the best first", () => {
  const { before, parse, alternatives } = golden.own_parses;
  const [own, ...others] = before.map((/** @type {any} */ { intent_score: intentScore, ...one }) => ({
    ...one, intentScore, slots: [], truncated: false, alternatives: [],
  }));
  const added = { ...own, intent: parse.intent, score: parse.score };
  const most = alternatives.length;
  const shared = withOwnParses(added, { ...own, alternatives: others }, most).alternatives;
  assert.deepEqual(shared.map(({ tree }) => tree), alternatives.map((/** @type {any} */ { tree }) => tree));
  let left = 1 - parse.score;
  let last = parse.score;
  shared.forEach(({ score, intentScore }, i) => {
    assert.ok(Math.abs(score - alternatives[i].score) < 2e-6 && score <= last);
    assert.ok(Math.abs(intentScore - alternatives[i].intent_score) < 2e-6);
    left -= score;
    last = score;
  });
  assert.ok(left > -1e-5);
  const rejected = withOwnParses(added, { ...own, intent: null, truncated: true, alternatives: others }, most);
  assert.deepEqual(rejected.alternatives, shared.slice(1));
  assert.ok(rejected.truncated);
  assert.deepEqual(withOwnParses(added, { ...own, alternatives: others }, 0).alternatives, []);
});

test("what is saved is loaded", async () => {
  const intents = await alone();
  const saved = JSON.parse(JSON.stringify(intents.save()));
  const other = new IntentPrototypes(encoder);
  other.load(saved);
  assert.deepEqual(other.phrases("open_garage"), intents.phrases("open_garage"));
  const [one, two] = [await intents.similarities("garage"), await other.similarities("garage")];
  for (const name of intents.intents) assert.ok(Math.abs(one[name] - two[name]) < 0.01);
});

test("what does not fit is not loaded", async () => {
  const intents = await alone();
  const saved = intents.save();
  for (const values of [
    null,
    { ...saved, format: 2 },
    { ...saved, encoder: "0" },
    { ...saved, added: [] },
    { ...saved, added: { x: null } },
    { ...saved, added: { x: { ...saved.added.open_garage, total: [1] } } },
    { ...saved, added: { x: { ...saved.added.open_garage, step: -1 } } },
    { ...saved, added: { x: { ...saved.added.open_garage, count: 0 } } },
    { ...saved, added: { x: { ...saved.added.open_garage, agreement: [null] } } },
    { ...saved, added: { x: { ...saved.added.open_garage, total: Array(64).fill(0) } } },
    { ...saved, added: { x: { ...saved.added.open_garage, phrases: [7] } } },
    { ...saved, trained: saved.added },
    golden.saved,
  ]) {
    assert.throws(() => intents.load(values), IntentError);
  }
  const beside = new IntentPrototypes(encoder, { trained: ["open_garage"] });
  assert.throws(() => beside.load(saved), /trained on it since/);
  assert.equal(intents.intents.length, 2);
});

test("a file of Python gives what it gave there", async () => {
  /** Vectors that give the recorded similarities need the encoder; the browser's test has it. */
  const { fingerprint, width } = { fingerprint: golden.saved.encoder, width: golden.saved.width };
  const intents = new IntentPrototypes({ ...encoder, fingerprint, width }, { trained: golden.trained });
  intents.load(golden.saved);
  assert.deepEqual(intents.intents, Object.keys(golden.added));
  assert.deepEqual(intents.described, golden.trained);
  assert.deepEqual(intents.save(), golden.saved);
});
