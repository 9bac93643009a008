/**
 * What a model is told of the names in a text, by the rules of `pqrnn_tf/runtime/entity_features.py`
 * (docs/entities.md): the second input of the signatures `parse_entities…` of a .tflite.
 */

import { typesOf } from "./entity_words.js";

export { EntityRelations } from "./entity_relations.js";

/** @typedef {import("./entities.js").Match} Match */
/** @typedef {import("./entity_relations.js").Named} Named */
/**
 * @typedef {object} DescribedFeatures `entity_features` of the description of a model.
 * @property {string[]} types
 * @property {Record<string, string>} slots
 * @property {boolean} [related] Whether it is told of relations.
 */

const FIELDS = ["related", "slots", "types"];
const MAX_TYPES = 64;
/** Features of a token for each type: begins, inside, ends, quality; a fifth says whether a name is related. */
const CHANNELS = 4;

/** Entity features that are damaged, or of a later version. */
export class EntityFeaturesError extends Error {
  name = "EntityFeaturesError";
}

/**
 * Checks what the description of a model says of entity features.
 * @param {any} described
 * @returns {asserts described is DescribedFeatures}
 * @throws {EntityFeaturesError} if a field is missing, unknown or not valid.
 */
export function checkEntityFeatures(described) {
  const { types, slots, related = false } = described ?? {};
  const unknown = Object.keys(described ?? {}).filter((name) => !FIELDS.includes(name));
  if (!Array.isArray(types) || typeof slots !== "object" || !slots || Array.isArray(slots) || unknown.length) {
    throw new EntityFeaturesError(
      `Entity features have "types", "slots" and, of models that are told of relations, "related". Received: ` +
        `${JSON.stringify(described)}.`,
    );
  }
  const areNames = types.every((type) => typeof type === "string" && type);
  if (!areNames || !types.length || types.length > MAX_TYPES || new Set(types).size < types.length) {
    throw new EntityFeaturesError(
      `"types" must be 1 to ${MAX_TYPES} distinct names. Received: ${JSON.stringify(types)}.`,
    );
  }
  const other = Object.values(slots).filter((type) => !types.includes(type));
  if (other.length) {
    throw new EntityFeaturesError(
      `"slots" must take types among ${types.join(", ")}. Received: ${JSON.stringify(other[0])}.`,
    );
  }
  if (typeof related !== "boolean") {
    throw new EntityFeaturesError(`"related" must be true or false. Received: ${JSON.stringify(related)}.`);
  }
}

/** What a model is told of the names of a list in texts. */
export class EntityFeatures {
  /**
   * @param {DescribedFeatures} described `entity_features` of what `readMetadata` reads.
   * @param {import("./entities.js").Entities} list Its names are looked for.
   * @throws {EntityFeaturesError} if a field is missing, unknown or not valid.
   */
  constructor(described, list) {
    checkEntityFeatures(described);
    const { types, related = false } = described;
    this.types = types;
    this.related = related;
    this.list = list;
    /** Features of a token. */
    this.width = (CHANNELS + (related ? 1 : 0)) * (1 + types.length);
  }

  /**
   * The features of a text.
   * @param {string} text
   * @param {readonly (readonly [number, number])[]} spans Its tokens in UTF-16 units, in order.
   * @param {Named} [named] What the list finds in the text, where that is known.
   * @returns {Int8Array} Of `(tokens, width)`, row by row.
   */
  of(text, spans, named = this.list.relations.named(this.list.match(text))) {
    const { matches } = named;
    const signs = this.related ? this.list.relations.signs(matches, named) : matches.map(() => 0);
    /** @type {Map<string, {match: Match, group: number, sign: number}>} */
    const found = new Map();
    matches.forEach((match, i) => {
      const { start, end, entity } = match;
      const known = typesOf(entity)
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
