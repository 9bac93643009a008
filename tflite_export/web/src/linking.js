/**
 * Which entity a slot means: by match, type, and what entities have to do with each other, by the rules of
 * `pqrnn_tf/runtime/linking.py` (docs/entities.md).
 */

import { isLetterOrDigit } from "./character_kinds.js";
import { idOf, typesOf } from "./entity_words.js";
import { nestedSteps } from "./labels.js";

/** @typedef {import("./entities.js").Entities} Entities */
/** @typedef {import("./entities.js").Entity} Entity */
/** @typedef {import("./entities.js").Match} Match */
/** @typedef {import("./entities.js").Quality} Quality */
/** @typedef {import("./entity_relations.js").Named} Named */
/** @typedef {import("./entity_vectors.js").EntityVectors} EntityVectors */
/** @typedef {import("./labels.js").LabelSet} LabelSet */
/** @typedef {import("./rendering.js").ParsedSlot} ParsedSlot */
/** @typedef {import("./rendering.js").ParsedText} ParsedText */

/** @typedef {Record<string, string | string[]>} EntityTypes The types of entities that slots take, by the slot's name. */

/**
 * @typedef {object} Candidate An entity that a slot may mean.
 * @property {string} id The entity's id; its name where it has no other.
 * @property {string} name
 * @property {string} type Its first type, `""` without one.
 * @property {number} score From 0 to 1, to four decimals: how much of the slot the name covers, times how well it
 *   agrees, times how well its types and relations do. No probability.
 * @property {Quality} quality How the name agrees.
 * @property {number} start Where the name stands, in UTF-16 units of the text.
 * @property {number} end
 * @property {Entity} entity As it was given.
 */

/** Factor of the score for the quality of a match. */
const AGREEMENT = { exact: 1.0, folded: 0.98, inflected: 0.9, typing: 0.8 };
/** Factor for the second typing error. */
const FURTHER_ERROR = 0.85;
/** Factor for a type whose name is not in that of the slot, where the slot's types are not given. */
const OTHER_NAME = 0.9;
/** Factor for one that has to do with nothing that the text names, where other candidates have. */
const UNRELATED = 0.7;
/** Factor for an entity that has to do with another one by vectors only. */
const BY_VECTORS = 0.9;
/** Weight of the name that a candidate is nearest to; the mean over all names elsewhere has the rest. */
const STRONGEST = 0.8;
/** Relatedness from which on an entity in the text is what a candidate is told from others by. */
const NEAR = 0.1;
/** What a name has to cover of a slot whose types are not given. */
const LEAST_COVERED = 0.3;
/** Candidates that a slot has at most. */
const MOST = 10;

/**
 * Checks the types that slots take.
 * @param {any} types
 * @param {LabelSet} labels Those of the model.
 * @returns {asserts types is EntityTypes}
 * @throws {TypeError} if it is no mapping from slots to texts or lists of texts.
 * @throws {RangeError} if a slot is none of the model's.
 */
export function checkEntityTypes(types, labels) {
  if (typeof types !== "object" || !types || Array.isArray(types)) {
    throw new TypeError(
      `"entityTypes" must map names of slots to types. Received: ${JSON.stringify(types)}.`,
    );
  }
  const known = new Set([
    ...labels.tags.filter((tag) => tag.startsWith("B-")).map((tag) => tag.slice(2)),
    ...(labels.nested ?? []).flatMap((tag) => nestedSteps(tag).map(({ slot }) => slot)),
  ]);
  for (const [slot, own] of Object.entries(types)) {
    const several = Array.isArray(own) ? own : [own];
    if (!several.every((kind) => typeof kind === "string" && kind)) {
      throw new TypeError(
        `"entityTypes" must give each slot a type or several, which are texts. Received: ${JSON.stringify(own)} ` +
          `for "${slot}".`,
      );
    }
    if (!known.has(slot)) {
      throw new RangeError(
        `"entityTypes" must name slots of the model, ${[...known].sort().join(", ")}. Received: "${slot}".`,
      );
    }
  }
}

/** Finds the entities that the slots of a parse mean. */
export class Linker {
  /** @type {Map<string, Set<string>>} */
  #types;
  /** @type {Map<Entity, number> | undefined} Places of the entities in the list. */
  #numbers;

  /**
   * @param {Entities} list What slots may mean.
   * @param {EntityTypes} [types] The types that slots take; those of other slots are not given.
   */
  constructor(list, types = {}) {
    this.list = list;
    this.relations = list.relations;
    this.#types = new Map(Object.entries(types).map(([slot, own]) => [slot, new Set([own].flat())]));
  }

  /**
   * What the list finds in a text, prepared for linking.
   * @param {string} text
   * @returns {Named}
   */
  match(text) {
    return this.relations.named(this.list.match(text));
  }

  /**
   * The parse with the candidates of its slots and of those of its alternatives.
   * @param {ParsedText} parse
   * @param {Named} named What `match` finds in its text.
   * @returns {ParsedText}
   */
  link(parse, named) {
    return {
      ...parse,
      slots: this.#slots(parse.text, parse.slots, named),
      alternatives: parse.alternatives.map((other) => this.link(other, named)),
    };
  }

  /**
   * @param {string} text
   * @param {ParsedSlot[]} slots
   * @param {Named} named
   * @returns {ParsedSlot[]}
   */
  #slots(text, slots, named) {
    return slots.map((slot) => {
      const { nested } = slot;
      const candidates = this.candidates(text, slot, named);
      return {
        ...slot,
        nested: nested && { ...nested, slots: this.#slots(text, nested.slots, named) },
        entity: candidates[0] ?? null,
        candidates,
      };
    });
  }

  /**
   * The entities that a slot may mean, the best first.
   * @param {string} text
   * @param {{name: string, start: number, end: number}} slot A slot of it.
   * @param {Named} named What `match` finds in the text.
   * @returns {Candidate[]}
   */
  candidates(text, slot, named) {
    const inside = named.matches.filter(({ start, end }) => start < slot.end && end > slot.start);
    if (!inside.length) return [];
    const given = this.#types.get(slot.name);
    const letters = lettersOf(text, slot.start, slot.end).length;
    const { vectors } = this.list;
    /** @type {{match: Match, score: number, factor: number, strength: number | null}[]} */
    const found = [];
    /** @type {Map<string, Match>} Where names stand that tell candidates from each other. */
    const context = new Map();
    for (const match of inside) {
      const types = typesOf(match.entity);
      if (given && types.length && !types.some((kind) => given.has(kind))) continue;
      const related = this.relations.of(match, named);
      const covered = new Set(
        [match, ...related.direct].flatMap((own) =>
          lettersOf(text, Math.max(own.start, slot.start), Math.min(own.end, slot.end)),
        ),
      );
      const beyond =
        lettersOf(text, match.start, Math.min(match.end, slot.start)).length +
        lettersOf(text, Math.max(match.start, slot.end), match.end).length;
      const share = covered.size / Math.max(1, letters + beyond);
      if (!given && share < LEAST_COVERED) continue;
      const inner = related.direct.filter((own) => own.start < slot.end && own.end > slot.start);
      let score = share * Math.min(...[match, ...inner].map(agreement));
      if ((!given || !types.length) && !hasName(slot.name, types)) score *= OTHER_NAME;
      let { factor, others } = related;
      /** @type {number | null} */
      let strength = null;
      if (vectors) {
        ({ strength, others } = this.#strength(vectors, match, named.matches));
        factor = 0;
      }
      for (const other of others) context.set(`${other.start} ${other.end}`, other);
      found.push({ match, score, factor, strength });
    }
    const strongest = Math.max(0, ...found.map(({ strength }) => strength ?? 0));
    const names = [...context.values()];
    const scored = found.map(({ match, score, factor, strength }) => {
      // What names the context itself, as "kitchen lamp" does the kitchen, has no need of it.
      if (!names.length || names.some((own) => own.start < match.end && own.end > match.start)) {
        return { match, score };
      }
      const near = strength === null ? factor || UNRELATED : 1 - (1 - UNRELATED) * (strongest - strength);
      return { match, score: score * near };
    });
    scored.sort((a, b) => b.score - a.score); // equal ones stay in the order of matches
    /** @type {Map<Entity, Candidate>} */
    const candidates = new Map();
    for (const { match, score } of scored) {
      const { entity, quality, start, end } = match;
      if (candidates.has(entity)) continue;
      const [type = ""] = typesOf(entity);
      const { name } = entity;
      candidates.set(entity, { id: idOf(entity), name, type, score: rounded(score), quality, start, end, entity });
    }
    return [...candidates.values()].slice(0, MOST);
  }

  /**
   * How much a match has to do with all that the text names elsewhere, by relations and vectors.
   * @param {EntityVectors} vectors
   * @param {Match} match
   * @param {readonly Match[]} matches The longest first.
   * @returns {{strength: number | null, others: Match[]}} How near it is to the longest names elsewhere, to each by
   *   the entity of that name that is nearest: the strongest of them and a little of their mean, null without any;
   *   and the matches that it is near to.
   */
  #strength(vectors, match, matches) {
    /** @type {Map<string, Match>} */
    const spans = new Map();
    /** @type {Match[]} */
    const elsewhere = [];
    for (const other of matches) {
      if (other.start < match.end && other.end > match.start) continue;
      const isInside = [...spans.values()].some(
        ({ start, end }) =>
          start <= other.start && other.end <= end && (start !== other.start || end !== other.end),
      );
      if (isInside) continue;
      spans.set(`${other.start} ${other.end}`, other);
      elsewhere.push(other);
    }
    /** @type {Map<string, number>} */
    const mentions = new Map();
    /** @type {Match[]} */
    const others = [];
    for (const other of elsewhere) {
      const strength =
        this.relations.between(match.entity, other.entity) ||
        BY_VECTORS * vectors.relatedness(this.#numberOf(match.entity), this.#numberOf(other.entity));
      if (strength >= NEAR) others.push(other);
      const span = `${other.start} ${other.end}`;
      mentions.set(span, Math.max(mentions.get(span) ?? 0, strength * agreement(other)));
    }
    if (!mentions.size) return { strength: null, others: [] };
    const values = [...mentions.values()];
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    return { strength: STRONGEST * Math.max(...values) + (1 - STRONGEST) * mean, others };
  }

  /** @param {Entity} entity */
  #numberOf(entity) {
    this.#numbers ??= new Map(this.list.entities.map((own, number) => [own, number]));
    return /** @type {number} */ (this.#numbers.get(entity));
  }
}

/** @param {Match} match */
function agreement({ quality, errors }) {
  return AGREEMENT[quality] * FURTHER_ERROR ** Math.max(0, errors - 1);
}

/**
 * Places of the letters and digits of a part of a text.
 * @param {string} text
 * @param {number} start
 * @param {number} end
 * @returns {number[]}
 */
function lettersOf(text, start, end) {
  const places = [];
  for (let place = start; place < end; ) {
    const point = /** @type {number} */ (text.codePointAt(place));
    if (isLetterOrDigit(point)) places.push(place);
    place += point > 0xffff ? 2 : 1;
  }
  return places;
}

/**
 * Whether a type's words are among those of a slot's name.
 * @param {string} slot
 * @param {string[]} types
 */
function hasName(slot, types) {
  const wordsIn = (/** @type {string} */ name) => name.toLowerCase().replaceAll("-", "_").split("_");
  const words = new Set(wordsIn(slot));
  return types.some((kind) => wordsIn(kind).every((word) => words.has(word)));
}

/**
 * To four decimals as Python rounds: to the nearest, and what lies exactly between two to the even one.
 * @param {number} score
 */
function rounded(score) {
  // Exactly between two decimals of four digits are the odd multiples of 1/32.
  if (Math.abs((32 * score) % 2) === 1) return (2 * Math.round(Math.floor(score * 1e4) / 2)) / 1e4;
  return Number(score.toFixed(4));
}
