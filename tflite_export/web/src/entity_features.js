/**
 * What a model is told of the names in a text, by the rules of `pqrnn_tf/runtime/entity_features.py` and
 * `entity_relations.py` (docs/entities.md): the second input of the signatures `parse_entities…` of a .tflite.
 */

import { keyOfName, namesOf, textsOf } from "./entities.js";

/** @typedef {import("./entities.js").Entity} Entity */
/** @typedef {import("./entities.js").Match} Match */
/**
 * @typedef {object} DescribedFeatures `entity_features` of the description of a model.
 * @property {string[]} types
 * @property {Record<string, string>} slots
 * @property {boolean} [related] Whether it is told of relations.
 */

const FIELDS = ["related", "slots", "types"];
/** Features of a token for each type: begins, inside, ends, quality; a fifth says whether a name is related. */
const CHANNELS = 4;

/** Entity features that are damaged, or of a later version. */
export class EntityFeaturesError extends Error {
  name = "EntityFeaturesError";
}

/** @param {Entity} entity */
const idOf = ({ id, name }) => `\0${id || name}`;

/**
 * What an entity may be called in the relations of others.
 * @param {Entity} entity
 */
const calledOf = (entity) => new Set([...namesOf(entity).map(keyOfName), idOf(entity)]);

/** @param {Entity} entity */
const relatedTo = ({ relations }) => Object.values(relations ?? {}).flatMap((others) => textsOf(others));

/**
 * What an entity is related to, as `calledOf` has it.
 * @param {Entity} entity
 */
const objectsOf = (entity) => new Set(relatedTo(entity).flatMap((other) => [keyOfName(other), `\0${other}`]));

/** The relations of the entities of a list. */
export class EntityRelations {
  /** @type {Map<string, Entity[]>} Entities with relations by what they are called. */
  #called = new Map();
  /** @type {Set<string>} */
  #objects = new Set();
  /** @type {WeakMap<Entity, {called: Set<string>, near: Set<string>, far: Set<string>}>} */
  #around = new WeakMap();

  /** @param {readonly Entity[]} entities All of the list. */
  constructor(entities) {
    for (const entity of entities) {
      if (!relatedTo(entity).length) continue;
      for (const name of calledOf(entity)) this.#called.set(name, [...(this.#called.get(name) ?? []), entity]);
      for (const name of objectsOf(entity)) this.#objects.add(name);
    }
  }

  /** @param {Entity} entity */
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
   * Whether each match has to do with what the text names elsewhere, outside of the match's own words.
   * @param {readonly Match[]} matches What `Entities.match` finds in a text.
   * @returns {(1 | -1 | 0)[]} For each 1 where it has, −1 where its entity has relations, along or against their
   *   direction, and the text names nothing of it, and 0 where its entity has none.
   */
  signs(matches) {
    if (!this.#objects.size) return matches.map(() => 0);
    /** @type {Map<string, Match[]>} */
    const byName = new Map();
    /** @type {Map<string, Match[]>} */
    const byObject = new Map();
    for (const match of matches) {
      const { called, near } = this.#of(match.entity);
      for (const name of called) byName.set(name, [...(byName.get(name) ?? []), match]);
      for (const name of near) byObject.set(name, [...(byObject.get(name) ?? []), match]);
    }
    return matches.map((match) => {
      const { called, near, far } = this.#of(match.entity);
      /** @type {(known: Map<string, Match[]>, names: Set<string>) => boolean} */
      const elsewhere = (known, names) =>
        [...names].some((name) =>
          known.get(name)?.some(({ start, end }) => start >= match.end || end <= match.start),
        );
      if (elsewhere(byName, near) || elsewhere(byName, far) || elsewhere(byObject, called)) return 1;
      return near.size || [...called].some((name) => this.#objects.has(name)) ? -1 : 0;
    });
  }
}

/** What a model is told of the names of a list in texts. */
export class EntityFeatures {
  /** @type {EntityRelations | null} */
  #relations;

  /**
   * @param {DescribedFeatures} described `entity_features` of what `readMetadata` reads.
   * @param {import("./entities.js").Entities} list Its names are looked for.
   * @throws {EntityFeaturesError} if a field is missing, unknown or not valid.
   */
  constructor(described, list) {
    const { types, slots, related = false } = described ?? {};
    const unknown = Object.keys(described ?? {}).filter((name) => !FIELDS.includes(name));
    if (!Array.isArray(types) || !types.length || typeof slots !== "object" || unknown.length) {
      throw new EntityFeaturesError(
        `Entity features have "types", "slots" and, of models that are told of relations, "related". Received: ` +
          `${JSON.stringify(described)}.`,
      );
    }
    if (typeof related !== "boolean") {
      throw new EntityFeaturesError(`"related" must be true or false. Received: ${JSON.stringify(related)}.`);
    }
    this.types = types;
    this.related = related;
    this.list = list;
    this.#relations = related ? new EntityRelations(list.entities) : null;
    /** Features of a token. */
    this.width = (CHANNELS + (related ? 1 : 0)) * (1 + types.length);
  }

  /**
   * The features of a text.
   * @param {string} text
   * @param {readonly (readonly [number, number])[]} spans Its tokens in UTF-16 units, in order.
   * @returns {Int8Array} Of `(tokens, width)`, row by row.
   */
  of(text, spans) {
    const matches = this.list.match(text);
    const signs = this.#relations?.signs(matches) ?? matches.map(() => 0);
    /** @type {Map<string, {match: Match, group: number, sign: number}>} */
    const found = new Map();
    matches.forEach((match, i) => {
      const { start, end, entity } = match;
      const known = textsOf(entity.type, entity.types)
        .map((type) => 1 + this.types.indexOf(type))
        .filter((group) => group > 0);
      for (const group of known.length ? known : [0]) {
        const where = `${start} ${end} ${group}`;
        const before = found.get(where);
        // A related one counts before all others on the same words.
        if (!before) found.set(where, { match, group, sign: signs[i] });
        else if (signs[i] === 1 && before.sign !== 1) Object.assign(before, { match, sign: 1 });
      }
    });
    const features = new Int8Array(spans.length * this.width);
    const channels = CHANNELS + (this.related ? 1 : 0);
    for (const { match, group, sign } of found.values()) {
      const inside = spans.flatMap(([start, end], i) => (end > match.start && start < match.end ? [i] : []));
      const places = inside.map((i) => i * this.width + group * channels);
      if (!places.length || places.some((place) => features[place + 1])) continue;
      features[places[0]] = features[places[places.length - 1] + 2] = 1;
      for (const place of places) {
        features[place + 1] = 1;
        features[place + 3] = match.quality === "exact" || match.quality === "folded" ? 1 : -1;
        if (this.related) features[place + 4] = sign;
      }
    }
    return features;
  }
}
