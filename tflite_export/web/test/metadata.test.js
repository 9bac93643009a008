/** Reading the description behind the flatbuffer. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { ModelFileError, readEncoderMetadata, readEntry, readMetadata } from "../src/metadata.js";
import { DESCRIPTION, file, MODEL } from "./model_files.js";

for (const options of [
  {},
  { deflate: false },
  { shift: -MODEL.length }, // offsets from the start of the archive
  { comment: "a comment" },
  { comment: "PK\x05\x06 in a comment that is long enough" },
  { added: "\n" }, // behind the archive, as some ways of copying do
]) {
  test(`a description is read: ${JSON.stringify(options)}`, async () => {
    assert.deepEqual(await readMetadata(file(DESCRIPTION, options)), DESCRIPTION);
  });
}

test("an encoder is no parser and the other way round", async () => {
  const { labels, ...rest } = DESCRIPTION;
  const encoder = { ...rest, width: 4, fingerprint: "0" };
  assert.deepEqual(await readEncoderMetadata(file(encoder)), encoder);
  await assert.rejects(readMetadata(file(encoder)), /an encoder .*: Encoder.load opens it/);
  await assert.rejects(readEncoderMetadata(file(DESCRIPTION)), /a parser of 1 intents/);
  for (const values of [{ ...encoder, width: 0 }, rest]) {
    await assert.rejects(readEncoderMetadata(file(values)), /"spec" and "width"/);
  }
});

test("a model that takes strings is refused, one that takes code points is not", async () => {
  const string = readMetadata(file({ ...DESCRIPTION, frontend: "string" }));
  await assert.rejects(string, /front end "string".*--frontend code_points/);
  const { frontend } = await readMetadata(file({ ...DESCRIPTION, frontend: "code_points" }));
  assert.equal(frontend, "code_points");
});

test("a file of another kind is refused", async () => {
  await assert.rejects(readMetadata(new Uint8Array(0)), /do not begin like one/);
  await assert.rejects(readMetadata(new TextEncoder().encode("<!doctype html>")), ModelFileError);
});

test("what is no Uint8Array is refused with what to do", async () => {
  for (const bytes of /** @type {any[]} */ ([file(DESCRIPTION).buffer, "model.tflite", null, undefined])) {
    await assert.rejects(readMetadata(bytes), /"bytes" must be a Uint8Array .*new Uint8Array\(await/);
  }
  assert.deepEqual(await readMetadata(Buffer.from(file(DESCRIPTION))), DESCRIPTION);
});

test("a file that was cut is refused at any place", async () => {
  const whole = file(DESCRIPTION);
  for (let length = 8; length < whole.length; length += 13) {
    await assert.rejects(readMetadata(whole.slice(0, length)), /was cut/);
  }
});

test("a damaged description is refused", async () => {
  const whole = file(DESCRIPTION);
  for (const at of [MODEL.length, MODEL.length + 60]) {
    const broken = whole.slice();
    broken[at] ^= 0x55;
    await assert.rejects(readMetadata(broken), /damaged/);
  }
});

test("a description that is no JSON is refused as damaged", async () => {
  await assert.rejects(readMetadata(file(null, { text: "{" })), { name: "ModelFileError", message: /damaged/ });
});

test("an archive without the entry is refused", async () => {
  const other = file(DESCRIPTION, { name: "other.json" });
  assert.equal(await readEntry(other, "pqrnn.json"), null);
  await assert.rejects(readMetadata(other), /another tool made it/);
});

test("other versions are refused", async () => {
  await assert.rejects(readMetadata(file({ ...DESCRIPTION, format: 2 })), /format 2; .* format 1/);
  const spec = { ...DESCRIPTION.spec, version: 3 };
  await assert.rejects(readMetadata(file({ ...DESCRIPTION, spec })), /projection version 3; this page reads versions 1 and 2/);
  for (const limit of [undefined, 0, -1, 3.5]) {
    const values = { ...DESCRIPTION, spec: { version: 1, max_code_points: limit } };
    await assert.rejects(readMetadata(file(values)), /"spec" and "labels"/);
  }
});

test("damaged entity features are refused", async () => {
  const features = { types: ["contact"], slots: { X: "contact" } };
  const { entity_features: read } = await readMetadata(file({ ...DESCRIPTION, entity_features: features }));
  assert.deepEqual(read, features);
  for (const damage of [null, [], { types: [] }, { ...features, far: true }, { ...features, slots: { X: "b" } }]) {
    await assert.rejects(readMetadata(file({ ...DESCRIPTION, entity_features: damage })), {
      name: "ModelFileError",
      message: /is damaged: /,
    });
  }
});

test("a damaged calibration or rejection is refused", async () => {
  const map = { weights: { parse: 1 }, from: [0, 1], to: [0, 1] };
  const calibration = { parse: map, intent: map };
  const rejection = { weights: { highest: 1 }, threshold: 2 };
  const { calibration: read } = await readMetadata(file({ ...DESCRIPTION, calibration, rejection }));
  assert.deepEqual(read, calibration);
  for (const damage of [
    { calibration: { parse: map } },
    { calibration: { ...calibration, intent: { ...map, from: [1, 1] } } },
    { calibration: { ...calibration, intent: { ...map, to: [1] } } },
    { calibration: { ...calibration, parse: { ...map, weights: { other: 1 } } } },
    { calibration: { ...calibration, intent: { ...map, to: [0, 3] } } },
    { calibration: { ...calibration, intent: { ...map, to: [1, 0] } } },
    { calibration: null },
    { rejection: { weights: {}, threshold: 2 } },
    { rejection: { ...rejection, threshold: "2" } },
  ]) {
    await assert.rejects(readMetadata(file({ ...DESCRIPTION, ...damage })), /is damaged: "/);
  }
});
