/**
 * Vectors of the entities of a list, which say how near two of them are by their relations, as
 * `pqrnn_tf/runtime/entity_vectors.py` has them (docs/entities.md). `pqrnn graph` makes the file.
 */

import { idOf, textsOf, typesOf } from "./entity_words.js";

/** @typedef {import("./entities.js").Entity} Entity */

const FORMAT = 1;
/** Factors for entities that are one relation from each other, and two. */
export const RELATED = [1.0, 0.95];

/** A file of vectors that is damaged or belongs to another list. */
export class EntityVectorsError extends Error {
  name = "EntityVectorsError";
}

/** @param {string} text */
function bytesOf(text) {
  return Int8Array.from(atob(text), (character) => character.charCodeAt(0));
}

/**
 * CRC-32, of more bytes after those before.
 * @param {Uint8Array} bytes
 * @param {number} before
 */
function crc32(bytes, before) {
  let digest = ~before;
  for (const byte of bytes) {
    digest ^= byte;
    for (let bit = 0; bit < 8; bit++) digest = (digest >>> 1) ^ (digest & 1 ? 0xedb88320 : 0);
  }
  return ~digest >>> 0;
}

/**
 * What tells lists from each other.
 * @param {readonly Entity[]} entities
 * @returns {string}
 */
export function fingerprintOf(entities) {
  const encoder = new TextEncoder();
  let digest = 0;
  for (const entity of entities) {
    const { name, synonyms, relations } = entity;
    const told = Object.keys(relations ?? {})
      .sort()
      .flatMap((relation) => [relation, ...textsOf(relations?.[relation])]);
    const parts = [idOf(entity), name, ...typesOf(entity), ...textsOf(synonyms), ...told];
    digest = crc32(encoder.encode(`${parts.join("\t")}\n`), digest);
  }
  return digest.toString(16).padStart(8, "0");
}

/** Vectors of the entities of one list. */
export class EntityVectors {
  /**
   * @param {any} values What the file has, of `JSON.parse`.
   * @param {readonly Entity[]} entities The list that the vectors belong to.
   * @throws {EntityVectorsError} if the file is damaged, or belongs to another list or to this one before it
   *   was changed.
   */
  constructor(values, entities) {
    if (values?.format !== FORMAT) {
      throw new EntityVectorsError(`The vectors must have format ${FORMAT}. Received: ${values?.format}.`);
    }
    const { width, steps, floor, ceiling, fingerprint } = values;
    try {
      this.vectors = bytesOf(values.vectors);
      this.stepVectors = bytesOf(values.step_vectors);
    } catch (error) {
      throw new EntityVectorsError("The file of vectors is damaged.", { cause: error });
    }
    const fits =
      Number.isInteger(width) &&
      width > 0 &&
      Array.isArray(steps) &&
      steps.every((step) => Array.isArray(step) && (step.length === 1 || step.length === RELATED.length)) &&
      this.vectors.length % width === 0 &&
      this.stepVectors.length === width * steps.length &&
      floor < ceiling;
    if (!fits) {
      throw new EntityVectorsError(`The file of vectors is damaged: it has not the width ${width}.`);
    }
    const own = fingerprintOf(entities);
    if (fingerprint !== own || this.vectors.length !== width * entities.length) {
      throw new EntityVectorsError(
        `The vectors must be those of this list, with the fingerprint ${own}. Received: ${fingerprint}, of ` +
          "another list or of this one before it was changed. Make them anew with `pqrnn graph`.",
      );
    }
    /** @type {number} */
    this.width = width;
    /** @type {string[][]} */
    this.steps = steps;
    this.floor = Number(floor);
    this.ceiling = Number(ceiling);
  }

  /**
   * How much an entity has to do with another one, from 0 to 1.
   * @param {number} start Its place in the list.
   * @param {number} end The other one's.
   * @returns {number}
   */
  relatedness(start, end) {
    const { width, vectors, stepVectors } = this;
    let best = -1;
    this.steps.forEach((step, number) => {
      let product = 0;
      let ofStart = 0;
      let ofEnd = 0;
      for (let i = 0; i < width; i++) {
        const from = vectors[start * width + i] + stepVectors[number * width + i];
        const to = vectors[end * width + i];
        product += from * to;
        ofStart += from * from;
        ofEnd += to * to;
      }
      const cosine = ofStart * ofEnd > 0 ? product / Math.sqrt(ofStart * ofEnd) : 0;
      best = Math.max(best, cosine * RELATED[step.length - 1]);
    });
    return Math.min(1, Math.max(0, (best - this.floor) / (this.ceiling - this.floor)));
  }
}
