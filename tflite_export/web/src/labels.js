/** The names of intents, slot tags and nested tags, by the rules of `pqrnn_tf/runtime/labels.py`. */

/**
 * @typedef {object} LabelSet
 * @property {string[]} intents Intent names without `IN:`, in the order of the logits.
 * @property {string[]} tags `O` first, then `B-X`, `I-X` and, where a slot may have a hole, `G-X`.
 * @property {string[][]} [slots_of_intent] The slots of each intent; empty to allow every slot.
 * @property {string[]} [nested] What stands inside top-level slots: `O` first, for a word of a plain
 *   slot, then paths (see `nestedSteps`); empty for a model of plain slots.
 * @property {string[][]} [slots_of_nested] The slots that may hold each nested tag; empty to allow all.
 * @property {Record<string, SlotEdges>} [edges] What punctuation belongs to the edges of slots; slots that are not
 *   named stay as they are decoded.
 */

/**
 * @typedef {object} SlotEdges For what stands inside of a mark at an edge of a slot (`word`, `letter`, `number`,
 *   `mark` or `nothing`) the marks that belong to the slot there, as one string.
 * @property {Record<string, string>} [begins]
 * @property {Record<string, string>} [ends]
 */

/**
 * @typedef {object} NestedStep One level of a nested tag: a slot of the intent in the slot above.
 * @property {boolean} begins Whether the token begins the slot, or goes on with the last of that name.
 * @property {string} intent
 * @property {string} slot
 */

export const OUTSIDE = "O";

/** Labels that are malformed or do not belong to the model. */
export class LabelError extends Error {
  name = "LabelError";
}

/**
 * A name of a nested tag or of a tree, in which what these could not hold is written as its code point, `\u{20}`.
 * @param {string} name
 * @returns {string}
 */
export function unescape(name) {
  return name.replace(/\\(?:([[\]\\])|u\{([0-9a-f]{1,4})\})/giu, (_, character, point) =>
    character ?? String.fromCharCode(parseInt(point, 16)),
  );
}

/**
 * Reads a nested tag, such as `I-GET_TODO/TODO B-CREATE_CALL/CONTACT`; `O` has no steps.
 * @param {string} tag
 * @returns {NestedStep[]}
 * @throws {LabelError} if it is none, or begins a slot and goes on with one below it.
 */
export function nestedSteps(tag) {
  /** @type {NestedStep[]} */
  const steps = [];
  for (const part of tag === OUTSIDE ? [] : tag.split(" ")) {
    const [, prefix, intent, slot] = /^([BI])-([^/]+)\/(.+)$/su.exec(part) ?? [];
    const begins = prefix === "B";
    if (!prefix || (steps.at(-1)?.begins && !begins)) {
      throw new LabelError(
        'A nested tag must be "O" or one "B-INTENT/SLOT" or "I-INTENT/SLOT" a level with a space ' +
          `between them, where below a B there are only Bs. Received: "${tag}".`,
      );
    }
    steps.push({ begins, intent: unescape(intent), slot: unescape(slot) });
  }
  return steps;
}

/**
 * A level of a nested tag without its prefix; what it could not hold is written as its code point.
 * @param {string} intent
 * @param {string} slot
 * @returns {string}
 */
export function nestedPath(intent, slot) {
  const escaped = (/** @type {string} */ character) => `\\u{${character.charCodeAt(0).toString(16)}}`;
  return `${intent.replace(/[ /\\]/gu, escaped)}/${slot.replace(/[ \\]/gu, escaped)}`;
}

/**
 * @param {unknown} value
 * @returns {boolean}
 */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const BESIDE = ["word", "letter", "number", "mark", "nothing"];

/**
 * @param {unknown} edges
 * @throws {LabelError} if they are not as they must be.
 */
function checkEdges(edges) {
  const areMarks = (/** @type {unknown} */ marks) =>
    isObject(marks) &&
    Object.entries(/** @type {object} */ (marks)).every(
      ([kind, value]) => BESIDE.includes(kind) && typeof value === "string",
    );
  const areEdges = (/** @type {unknown} */ of) =>
    isObject(of) &&
    Object.entries(/** @type {object} */ (of)).every(
      ([side, marks]) => (side === "begins" || side === "ends") && areMarks(marks),
    );
  if (!isObject(edges) || !Object.values(/** @type {object} */ (edges)).every(areEdges)) {
    throw new LabelError(
      '"edges" must map names of slots to "begins" and "ends", which map some of ' +
        `${BESIDE.join(", ")} to strings of marks. Received: ${JSON.stringify(edges)}.`,
    );
  }
}

/**
 * @param {unknown} values
 * @returns {boolean}
 */
function areNames(values) {
  return Array.isArray(values) && values.every((name) => typeof name === "string");
}

/**
 * @param {LabelSet} labels
 * @throws {LabelError} if a field is no list, a name is empty or repeated, a slot lacks its `B-` or `I-` tag, or a
 *   nested tag cannot be read.
 */
export function checkLabels({
  intents,
  tags,
  slots_of_intent: ofIntent = [],
  nested = [],
  slots_of_nested: ofNested = [],
  edges = {},
}) {
  checkEdges(edges);
  for (const [field, names] of /** @type {const} */ ([
    ["intents", intents],
    ["tags", tags],
    ["nested", nested],
  ])) {
    if (field === "nested" && areNames(nested) && !nested.length) continue;
    if (!areNames(names) || !names.length || new Set(names).size < names.length || !names.every(Boolean)) {
      throw new LabelError(`"${field}" must be distinct names, at least one. Received: ${names}.`);
    }
    if (field !== "intents" && names[0] !== OUTSIDE) {
      throw new LabelError(`"${field}" must begin with "${OUTSIDE}". Received: ${names[0]}.`);
    }
  }
  const known = new Set(tags);
  for (const tag of tags.slice(1)) {
    const name = tag.slice(2);
    if (!/^[BIG]-./u.test(tag) || !known.has(`B-${name}`) || !known.has(`I-${name}`)) {
      throw new LabelError(
        'Each of "tags" must be "O" or "B-X", "I-X", "G-X", where X has at least "B-X" and "I-X". ' +
          `Received: ${tag}.`,
      );
    }
  }
  nested.forEach(nestedSteps);
  for (const [field, rows, of, names] of /** @type {const} */ ([
    ["slots_of_intent", ofIntent, "intents", intents],
    ["slots_of_nested", ofNested, "nested", nested],
  ])) {
    if (!Array.isArray(rows) || !rows.every(areNames)) {
      throw new LabelError(`"${field}" must be a list of lists of names. Received: ${JSON.stringify(rows)}.`);
    }
    if (rows.length && rows.length !== names.length) {
      throw new LabelError(
        `"${field}" must have one entry for each of the ${names.length} ${of}. ` +
          `Received: ${rows.length}.`,
      );
    }
  }
}
