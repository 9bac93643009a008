/**
 * From logits to a parse, by the rules of `pqrnn_tf/runtime/decoding.py`: the best pair of an intent
 * and a valid tag sequence in which every slot is one that training data has under that intent. What
 * is nested in its slots is chosen after that.
 */

import { checkLabels, LabelError } from "./labels.js";
import { addToken, NestedDecoder } from "./nested_decoding.js";

/** @typedef {import("./labels.js").LabelSet} LabelSet */
/** @typedef {import("./nested_decoding.js").Slot} Slot */

/** Intents tried where the best tags do not fit the best intent. */
export const INTENT_CANDIDATES = 5;

/**
 * @typedef {object} Parse
 * @property {string} intent
 * @property {number} score Probability of the parse: softmax of the intent times that of each tag.
 * @property {Slot[]} slots In the order of the text, each with what is nested in it.
 * @property {string[]} tags Tag of each token.
 * @property {string[]} nested Nested tag of each token; empty without nested logits.
 */

/** @typedef {ArrayLike<number>} Numbers */

/** Decodes the logits of models with one label set. */
export class Decoder {
  /**
   * @param {LabelSet} labels
   * @throws {LabelError} if the labels are malformed.
   */
  constructor(labels) {
    checkLabels(labels);
    this.labels = labels;
    const { intents, tags } = labels;
    this.nested = new NestedDecoder(labels);
    const column = new Map(tags.map((tag, i) => [tag, i]));
    /** Slot names in the order of their `B-` tags. */
    this.slotNames = tags.filter((tag) => tag.startsWith("B-")).map((tag) => tag.slice(2));
    const columns = (/** @type {string} */ prefix) =>
      this.slotNames.map((name) => column.get(`${prefix}-${name}`) ?? -1);
    this.begin = columns("B");
    this.inside = columns("I");
    /** Column of `G-X`, or −1. */
    this.gap = columns("G");
    this.kind = tags.map((tag) => tag[0]);
    this.isHole = this.kind.map((kind) => kind === "G");
    const slotNumber = new Map(this.slotNames.map((name, i) => [name, i]));
    this.slotOf = tags.map((tag) => slotNumber.get(tag.slice(2)) ?? -1);
    const rows = labels.slots_of_intent ?? [];
    /** For each intent, whether a column may be used. */
    this.allowed = intents.map((_, i) => {
      const names = rows.length ? new Set(rows[i]) : null;
      return tags.map((tag) => tag === "O" || names === null || names.has(tag.slice(2)));
    });
  }

  /**
   * Decodes one utterance.
   * @param {Numbers} intentLogits One for each intent.
   * @param {Numbers} slotLogits Rows of tags, token after token; rows behind `length` are ignored.
   * @param {number} length Number of tokens.
   * @param {Numbers | null} [nestedLogits] Rows of nested tags; null for plain slots.
   * @returns {Parse}
   * @throws {LabelError} if the numbers of logits do not fit the labels.
   */
  decode(intentLogits, slotLogits, length, nestedLogits = null) {
    const { intents: intentNames, tags: tagNames, nested: nestedNames = [] } = this.labels;
    const width = tagNames.length;
    if (intentLogits.length !== intentNames.length || !areRows(slotLogits, width, length)) {
      throw new LabelError(
        `The labels name ${intentNames.length} intents and ${width} tags. Received ` +
          `${intentLogits.length} and ${slotLogits.length} logits for ${length} tokens: these are ` +
          "the labels of another model.",
      );
    }
    if (nestedLogits && !areRows(nestedLogits, nestedNames.length, length)) {
      throw new LabelError(
        `The labels name ${nestedNames.length} nested tags. Received ${nestedLogits.length} nested ` +
          `logits for ${length} tokens: these are the labels of another model.`,
      );
    }
    const intents = logSoftmax(intentLogits, 0, intentNames.length);
    const rows = Array.from({ length }, (_, t) => logSoftmax(slotLogits, t * width, width));
    let intent = argmax(intents);
    let path = rows.map((row) => argmax(row));
    let total = intents[intent] + rows.reduce((sum, row, t) => sum + row[path[t]], 0);
    if (!path.every((tag) => this.allowed[intent][tag]) || !this.isValid(path)) {
      total = -Infinity;
      const order = Array.from(intents.keys()).sort((a, b) => intents[b] - intents[a] || a - b);
      for (const candidate of order.slice(0, INTENT_CANDIDATES)) {
        if (intents[candidate] <= total) break;
        const best = this.viterbi(rows, this.allowed[candidate]);
        if (intents[candidate] + best.score > total) {
          intent = candidate;
          path = best.path;
          total = intents[candidate] + best.score;
        }
      }
    }
    const tags = path.map((tag) => tagNames[tag]);
    const parse = { intent: intentNames[intent], score: Math.exp(total), tags };
    const plain = slotsOfTags(tags);
    if (!nestedLogits) return { ...parse, slots: plain, nested: [] };
    const { slots, columns } = this.nested.decode(plain, nestedLogits, length);
    return { ...parse, slots, nested: columns.map((column) => nestedNames[column]) };
  }

  /**
   * Whether a sequence of columns follows the grammar.
   * @param {number[]} path
   * @returns {boolean}
   */
  isValid(path) {
    let previousSlot = -1;
    let previousKind = "O";
    for (const tag of path) {
      const slot = this.slotOf[tag];
      const kind = this.kind[tag];
      const opens = kind === "O" || kind === "B";
      if (opens ? previousKind === "G" : slot !== previousSlot) return false;
      previousSlot = slot;
      previousKind = kind;
    }
    return previousKind !== "G";
  }

  /**
   * The best valid sequence: `O` and `B-X` follow everything but a hole, `I-X` and `G-X` follow a
   * tag of X, and the end is no hole.
   * @param {Float64Array[]} rows Log-probabilities of the tags of each token, at least one token.
   * @param {boolean[]} allowed
   * @returns {{path: number[], score: number}}
   */
  viterbi(rows, allowed) {
    const { begin, inside, gap, isHole } = this;
    const width = allowed.length;
    /** @type {Int32Array[]} */
    const back = [];
    let best = new Float64Array(width).fill(-Infinity);
    best[0] = rows[0][0];
    for (const tag of begin) if (allowed[tag]) best[tag] = rows[0][tag];
    for (const row of rows.slice(1)) {
      const origin = new Int32Array(width);
      const next = new Float64Array(width).fill(-Infinity);
      const free = argmax(best, isHole);
      next[0] = best[free] + row[0];
      origin[0] = free;
      for (let slot = 0; slot < begin.length; slot++) {
        const [b, i, g] = [begin[slot], inside[slot], gap[slot]];
        if (!allowed[b]) continue;
        next[b] = best[free] + row[b];
        origin[b] = free;
        let from = best[i] > best[b] ? i : b;
        if (g >= 0 && best[g] > best[from]) from = g;
        next[i] = best[from] + row[i];
        origin[i] = from;
        if (g >= 0) {
          next[g] = best[from] + row[g];
          origin[g] = from;
        }
      }
      back.push(origin);
      best = next;
    }
    let tag = argmax(best, isHole);
    const score = best[tag];
    const path = [tag];
    for (const origin of back.reverse()) {
      tag = origin[tag];
      path.push(tag);
    }
    return { path: path.reverse(), score };
  }
}

/**
 * Collects the slots of a valid tag sequence.
 * @param {string[]} tags
 * @returns {Slot[]}
 */
export function slotsOfTags(tags) {
  /** @type {Slot[]} */
  const slots = [];
  tags.forEach((tag, t) => {
    if (tag[0] === "B") {
      slots.push({ name: tag.slice(2), pieces: [[t, t + 1]] });
    } else if (tag[0] === "I") {
      addToken(slots[slots.length - 1], t);
    }
  });
  return slots;
}

/**
 * Whether logits are whole rows, enough for all tokens.
 * @param {Numbers} logits
 * @param {number} width
 * @param {number} length
 * @returns {boolean}
 */
function areRows(logits, width, length) {
  return width > 0 && logits.length % width === 0 && logits.length >= length * width;
}

/**
 * Column of the largest value, the first of equals; columns marked in `except` are passed over.
 * @param {Numbers} values
 * @param {boolean[]} [except]
 * @returns {number}
 */
function argmax(values, except) {
  let best = -1;
  for (let i = 0; i < values.length; i++) {
    if (!except?.[i] && (best < 0 || values[i] > values[best])) best = i;
  }
  return best;
}

/**
 * @param {Numbers} values
 * @param {number} start
 * @param {number} length
 * @returns {Float64Array}
 */
function logSoftmax(values, start, length) {
  const result = new Float64Array(length);
  let largest = -Infinity;
  for (let i = 0; i < length; i++) largest = Math.max(largest, values[start + i]);
  let sum = 0;
  for (let i = 0; i < length; i++) {
    result[i] = values[start + i] - largest;
    sum += Math.exp(result[i]);
  }
  const normalizer = Math.log(sum);
  for (let i = 0; i < length; i++) result[i] -= normalizer;
  return result;
}
