/**
 * What entities of a list have to do with each other, and with what a text names, by the rule of
 * `pqrnn_tf/runtime/entity_relations.py` (docs/entities.md): directly, over a third entity, or against the direction
 * of a relation. Linking and the second input of a model share it.
 */

import { RELATED } from "./entity_vectors.js";
import { append, idOf, keyOfName, namesOf, textsOf } from "./entity_words.js";

/** @typedef {import("./entities.js").Entity} Entity */
/** @typedef {import("./entities.js").Match} Match */

/**
 * @typedef {object} Around What is around an entity: names as they are compared, and ids behind `\0`.
 * @property {Set<string>} called What it may be called in the relations of others.
 * @property {Set<string>} near What it is related to.
 * @property {Set<string>} far What these are related to.
 */

/**
 * @typedef {object} Named The matches of a text, and which of them have a name or are related to one.
 * @property {readonly Match[]} matches
 * @property {Map<string, Match[]>} byName By what they may be called.
 * @property {Map<string, Match[]>} byObject By what they are related to.
 */

/**
 * @typedef {object} Related What a match has to do with what a text names elsewhere.
 * @property {number} factor Of its score in linking; 0 without relation.
 * @property {Match[]} others What it has to do with.
 * @property {Match[]} direct What it is directly related to.
 */

/** @type {Related} */
const UNRELATED = { factor: 0, others: [], direct: [] };

/** @param {Entity} entity */
const calledOf = (entity) => new Set([...namesOf(entity).map(keyOfName), `\0${idOf(entity)}`]);

/** @param {Entity} entity */
const relatedTo = ({ relations }) => Object.values(relations ?? {}).flatMap((others) => textsOf(others));

/** @param {Entity} entity */
const objectsOf = (entity) => new Set(relatedTo(entity).flatMap((other) => [keyOfName(other), `\0${other}`]));

/**
 * Those of some names that do not overlap with a match.
 * @param {Match} match
 * @param {Map<string, Match[]>} known
 * @param {Set<string>} names
 * @returns {Match[]}
 */
function elsewhere(match, known, names) {
  /** @type {Match[]} */
  const found = [];
  for (const name of names) {
    for (const other of known.get(name) ?? []) {
      if (other.start >= match.end || other.end <= match.start) found.push(other);
    }
  }
  return found;
}

/**
 * @param {Set<string>} ones
 * @param {Set<string>} others
 */
const meet = (ones, others) => [...ones].some((one) => others.has(one));

/** The relations of the entities of a list. */
export class EntityRelations {
  /** @type {Map<string, Entity[]>} Entities with relations by what they are called. */
  #called = new Map();
  /** @type {Set<string>} */
  #objects = new Set();
  /** @type {WeakMap<Entity, Around>} */
  #around = new WeakMap();

  /** @param {readonly Entity[]} entities All of the list. */
  constructor(entities) {
    for (const entity of entities) {
      if (!relatedTo(entity).length) continue;
      for (const name of calledOf(entity)) append(this.#called, name, entity);
      for (const name of objectsOf(entity)) this.#objects.add(name);
    }
  }

  /** Whether there are any. */
  get any() {
    return this.#objects.size > 0;
  }

  /**
   * @param {Entity} entity
   * @returns {Around}
   */
  #of(entity) {
    let found = this.#around.get(entity);
    if (!found) {
      const near = objectsOf(entity);
      const between = [...near].flatMap((name) => this.#called.get(name) ?? []);
      const far = new Set(between.flatMap((other) => [...objectsOf(other)]));
      found = { called: calledOf(entity), near, far };
      this.#around.set(entity, found);
    }
    return found;
  }

  /**
   * The matches of a text, as the other methods ask for them.
   * @param {readonly Match[]} matches What `Entities.match` finds in it.
   * @returns {Named}
   */
  named(matches) {
    /** @type {Named} */
    const named = { matches, byName: new Map(), byObject: new Map() };
    for (const match of this.any ? matches : []) {
      const { called, near } = this.#of(match.entity);
      for (const name of called) append(named.byName, name, match);
      for (const name of near) append(named.byObject, name, match);
    }
    return named;
  }

  /**
   * What a match has to do with what the text names elsewhere, outside of its own words.
   * @param {Match} match One of the matches.
   * @param {Named} named
   * @returns {Related}
   */
  of(match, { byName, byObject }) {
    if (!this.any) return UNRELATED;
    const { called, near, far } = this.#of(match.entity);
    const direct = elsewhere(match, byName, near);
    if (direct.length) return { factor: RELATED[0], others: direct, direct };
    const others = [...elsewhere(match, byName, far), ...elsewhere(match, byObject, called)];
    return others.length ? { factor: RELATED[1], others, direct: [] } : UNRELATED;
  }

  /**
   * The factor for an entity that has to do with another one, 0 without relation.
   * @param {Entity} entity
   * @param {Entity} other
   * @returns {number}
   */
  between(entity, other) {
    const [own, its] = [this.#of(entity), this.#of(other)];
    if (meet(own.near, its.called)) return RELATED[0];
    return meet(own.far, its.called) || meet(its.near, own.called) ? RELATED[1] : 0;
  }

  /**
   * Whether each match has to do with what the text names elsewhere, outside of the match's own words.
   * @param {readonly Match[]} matches What `Entities.match` finds in a text.
   * @param {Named} [named] The same as `named` gives them, where that is known.
   * @returns {(1 | -1 | 0)[]} For each 1 where it has, −1 where its entity has relations, along or against their
   *   direction, and the text names nothing of it, and 0 where its entity has none.
   */
  signs(matches, named = this.named(matches)) {
    if (!this.any) return matches.map(() => 0);
    return matches.map((match) => {
      if (this.of(match, named).factor) return 1;
      const { called, near } = this.#of(match.entity);
      return near.size || meet(called, this.#objects) ? -1 : 0;
    });
  }
}
