/**
 * Names that only the device knows, and where a text has them, by the rules of
 * `pqrnn_tf/runtime/entities.py` (docs/entities.md).
 */

import { EntityRelations } from "./entity_relations.js";
import { EntityVectors } from "./entity_vectors.js";
import {
  allowedErrors,
  append,
  ENDING_OF_TEXT,
  hasLetters,
  isInflected,
  isOfLetters,
  keyOf,
  namesOf,
  stemsOf,
  typingErrors,
  withLettersLeftOut,
  wordsOf,
} from "./entity_words.js";

/** @typedef {import("./entity_words.js").Word} Word */

/** @typedef {"exact" | "folded" | "inflected" | "typing"} Quality */

/**
 * @typedef {object} Entity Something that a text may name.
 * @property {string} name
 * @property {string} [id] What the application knows it by; the name where it has no other.
 * @property {string} [type]
 * @property {string | string[]} [types]
 * @property {string | string[]} [synonyms]
 * @property {Record<string, string | string[]>} [relations] What it has to do with others, by their ids or
 *   names.
 */

/**
 * @typedef {object} Match A part of a text that may name an entity.
 * @property {number} start In UTF-16 units.
 * @property {number} end
 * @property {Entity} entity
 * @property {Quality} quality
 * @property {number} errors Typing errors.
 */

/** @type {readonly Quality[]} The best first. */
const QUALITIES = ["exact", "folded", "inflected", "typing"];
const LARGE = 100_000;
const MAX_ERRORS = 2;
const SHORTEST_WITH_ERRORS = 4;
const JOINED_WORDS = 6;
/** How a name is written: with its spaces, with none, or without one of several, which is its only error. */
const [AS_WRITTEN, TOGETHER, PARTLY] = [0, 1, 2];

/**
 * @typedef {object} Node Where names that begin with some words go on.
 * @property {Map<number, Node>} after
 * @property {{owner: number, joined: number}[]} forms
 */

/** @returns {Node} */
const newNode = () => ({ after: new Map(), forms: [] });

/** A list of entities, and a matcher for their names. */
export class Entities {
  /** @type {Map<string, number>} */
  #words = new Map();
  /** @type {string[][]} */
  #spelt = [];
  /** @type {Map<string, number[]>} */
  #stems = new Map();
  /** @type {Map<string, number[]>} */
  #left = new Map();
  #root = newNode();
  /** @type {EntityRelations | undefined} */
  #relations;

  /**
   * @param {Entity[]} entities Each once; other than in Python, rows are not joined.
   * @param {{vectors?: any}} [options] Vectors, by which linking knows what is near by relations: the file of
   *   `pqrnn graph` for this list, of `JSON.parse`.
   * @throws {TypeError} if one has no name, or it is no list.
   * @throws {import("./entity_vectors.js").EntityVectorsError} if the vectors are damaged or those of another list.
   */
  constructor(entities, { vectors } = {}) {
    if (!Array.isArray(entities)) {
      throw new TypeError(`"entities" must be a list. Received: ${JSON.stringify(entities)}.`);
    }
    entities.forEach((entity, place) => {
      if (typeof entity?.name !== "string") {
        throw new TypeError(
          `"entities" must be objects with a "name". Received: ${JSON.stringify(entity)} at position ${place}.`,
        );
      }
    });
    /** @type {readonly Entity[]} */
    this.entities = [...entities];
    /** @type {EntityVectors | null} */
    this.vectors = vectors ? new EntityVectors(vectors, this.entities) : null;
    const large = entities.length > LARGE;
    this.mostErrors = large ? 1 : MAX_ERRORS;
    entities.forEach((entity, owner) => {
      for (const own of namesOf(entity)) {
        const keys = wordsOf(own).map(({ points }) => keyOf(points));
        if (!keys.length) continue;
        this.#nodeOf(keys).forms.push({ owner, joined: AS_WRITTEN });
        for (const { form, joined } of large ? [] : writtenTogether(keys)) {
          this.#nodeOf(form).forms.push({ owner, joined });
        }
      }
    });
    this.#spelt.forEach((word, number) => {
      if (!isOfLetters(word)) return;
      for (const stem of stemsOf(word)) append(this.#stems, stem, number);
      if (word.length < SHORTEST_WITH_ERRORS) return;
      const errors = Math.min(this.mostErrors, allowedErrors(word, word));
      for (const part of withLettersLeftOut(word, errors)) append(this.#left, part, number);
    });
  }

  /** What the entities have to do with each other. */
  get relations() {
    this.#relations ??= new EntityRelations(this.entities);
    return this.#relations;
  }

  /**
   * @param {string[][]} keys
   * @returns {Node}
   */
  #nodeOf(keys) {
    let node = this.#root;
    for (const key of keys) {
      const text = key.join("");
      let word = this.#words.get(text);
      if (word === undefined) {
        word = this.#spelt.length;
        this.#words.set(text, word);
        this.#spelt.push(key);
      }
      let after = node.after.get(word);
      if (!after) node.after.set(word, (after = newNode()));
      node = after;
    }
    return node;
  }

  /**
   * Where a text has names of the list: the longest first, then the best; overlapping ones are kept.
   * @param {string} text
   * @returns {Match[]}
   * @throws {TypeError} if the text is no string.
   */
  match(text) {
    const words = wordsOf(text);
    const meant = words.map(({ points }) => this.#lookUp(keyOf(points)));
    /** @type {{first: number, last: number, node: Node, rank: number, errors: number, apart: boolean}[]} */
    const ways = [];
    const apartWords = meant.map(({ key }, i) => this.#writtenApart(key, meant[i + 1]?.key ?? []));
    meant.forEach(({ candidates }, i) => {
      for (const { word, rank, errors } of candidates) {
        const node = this.#root.after.get(word);
        if (node) ways.push({ first: i, last: i, node, rank, errors, apart: false });
      }
      const word = apartWords[i];
      const node = word === undefined ? undefined : this.#root.after.get(word);
      if (node) ways.push({ first: i, last: i + 1, node, rank: 3, errors: 1, apart: true });
    });
    /** @type {Map<string, {first: number, last: number, owner: number, rank: number, errors: number}>} */
    const found = new Map();
    for (const { first, last, node, rank, errors, apart } of ways) {
      for (const { owner, joined } of node.forms) {
        const all = errors + (joined === AS_WRITTEN ? 0 : 1);
        if (all > MAX_ERRORS || (joined === PARTLY && errors)) continue;
        if (joined && (apart || rank === 2)) continue;
        const own = { first, last, owner, rank: joined ? 3 : rank, errors: all };
        const place = `${first} ${last} ${owner}`;
        const other = found.get(place);
        if (!other || own.rank < other.rank || (own.rank === other.rank && all < other.errors)) {
          found.set(place, own);
        }
      }
      if (last + 1 >= words.length) continue;
      for (const { word, rank: next, errors: more } of meant[last + 1].candidates) {
        const after = node.after.get(word);
        if (!after || errors + more > MAX_ERRORS) continue;
        const all = errors + more;
        ways.push({ first, last: last + 1, node: after, rank: Math.max(rank, next), errors: all, apart });
      }
      const both = apartWords[last + 1];
      const after = both === undefined || apart ? undefined : node.after.get(both);
      if (after && errors < MAX_ERRORS) {
        ways.push({ first, last: last + 2, node: after, rank: 3, errors: errors + 1, apart: true });
      }
    }
    const length = (/** @type {number} */ from, /** @type {number} */ to) =>
      Array.from(text.slice(from, to)).length;
    return [...found.values()]
      .map(({ first, last, owner, rank, errors }) => {
        const entity = this.entities[owner];
        const { start } = words[first];
        const { end } = words[last];
        if (!rank && !isAsWritten(entity, words.slice(first, last + 1))) rank = 1;
        return { start, end, entity, owner, rank, errors, size: length(start, end) };
      })
      .sort(
        (a, b) =>
          b.size - a.size ||
          a.rank - b.rank ||
          a.errors - b.errors ||
          a.start - b.start ||
          a.owner - b.owner,
      )
      .map(({ start, end, entity, rank, errors }) => ({
        start,
        end,
        entity,
        quality: QUALITIES[rank],
        errors,
      }));
  }

  /**
   * What a word of a text may be.
   * @param {string[]} key
   * @returns {{key: string[], candidates: {word: number, rank: number, errors: number}[]}} The key is
   *   empty where the word is not one of letters.
   */
  #lookUp(key) {
    const own = this.#words.get(key.join(""));
    const candidates = own === undefined ? [] : [{ word: own, rank: 0, errors: 0 }];
    if (!isOfLetters(key)) return { key: [], candidates };
    /** @type {Set<number>} */
    const near = new Set();
    for (let cut = 0; cut <= Math.min(ENDING_OF_TEXT, key.length - 3); cut++) {
      for (const word of this.#stems.get(key.slice(0, key.length - cut).join("")) ?? []) near.add(word);
    }
    for (const word of near) {
      if (word !== own && isInflected(key, this.#spelt[word])) {
        candidates.push({ word, rank: 2, errors: 0 });
      }
    }
    if (!candidates.length && key.length >= SHORTEST_WITH_ERRORS) candidates.push(...this.#withErrors(key));
    return { key, candidates };
  }

  /**
   * The word of names that a text may have written as two.
   * @param {string[]} key
   * @param {string[]} behind
   * @returns {number | undefined}
   */
  #writtenApart(key, behind) {
    const both = key.length && behind.length ? [...key, ...behind] : [];
    return both.length >= SHORTEST_WITH_ERRORS ? this.#words.get(both.join("")) : undefined;
  }

  /**
   * The words that a word with typing errors may be: those with the fewest.
   * @param {string[]} key
   * @returns {{word: number, rank: number, errors: number}[]}
   */
  #withErrors(key) {
    const most = Math.min(this.mostErrors, allowedErrors(key, key));
    /** @type {Set<number>} */
    const near = new Set();
    for (const part of withLettersLeftOut(key, most)) {
      for (const word of this.#left.get(part) ?? []) near.add(word);
    }
    const found = [...near]
      .map((word) => ({ word, rank: 3, errors: typingErrors(key, this.#spelt[word]) }))
      .filter(({ word, errors }) => errors <= Math.min(most, allowedErrors(key, this.#spelt[word])));
    const fewest = Math.min(...found.map(({ errors }) => errors));
    return found.filter(({ errors }) => errors === fewest);
  }
}

/**
 * The words of a name without the space between two of them, and without both spaces of a name of three.
 * @param {string[][]} keys
 * @returns {{form: string[][], joined: number}[]}
 */
function writtenTogether(keys) {
  /** @type {[number, number][]} */
  const ranges = keys.slice(1).map((_, i) => [i, i + 2]);
  if (keys.length === 3) ranges.push([0, 3]);
  return (keys.length > JOINED_WORDS ? [] : ranges)
    .filter(([first, last]) => {
      const own = keys.slice(first, last);
      return own.every(hasLetters) && own.flat().length >= SHORTEST_WITH_ERRORS;
    })
    .map(([first, last]) => ({
      form: [...keys.slice(0, first), keys.slice(first, last).flat(), ...keys.slice(last)],
      joined: last - first === keys.length ? TOGETHER : PARTLY,
    }));
}

/**
 * Whether a name of an entity has these words, capitals and accents included.
 * @param {Entity} entity
 * @param {Word[]} words
 */
function isAsWritten(entity, words) {
  return namesOf(entity).some((one) => {
    const own = wordsOf(one);
    return own.length === words.length && own.every(({ text }, i) => text === words[i].text);
  });
}
