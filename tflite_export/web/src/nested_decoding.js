/**
 * From logits to what is nested in the slots of a parse, by the rules of
 * `pqrnn_tf/runtime/nested_decoding.py`.
 */

import { nestedSteps } from "./labels.js";

/** @typedef {import("./labels.js").LabelSet} LabelSet */
/** @typedef {import("./labels.js").NestedStep} NestedStep */

/** Partial trees that are kept a token where the best tags do not fit each other. */
export const NESTED_CANDIDATES = 32;

/**
 * @typedef {object} Slot
 * @property {string} name Slot name without `SL:`.
 * @property {[number, number][]} pieces Half-open token ranges; more than one where there is a hole.
 * @property {NestedIntent} [nested] The intent that stands in the slot; none in a slot of words.
 */

/**
 * @typedef {object} NestedIntent
 * @property {string} intent Name without `IN:`.
 * @property {Slot[]} slots In the order of their first words.
 */

/**
 * What stands in a slot so far, as far as later words depend on it: `intent` is null for nothing, ""
 * for words, and `slots` has the last slot of each name. Equal contents have equal keys.
 * @typedef {object} Content
 * @property {string | null} intent
 * @property {Map<string, Content>} slots
 * @property {string} key
 */

/** @type {Content} */
const NOTHING = { intent: null, slots: new Map(), key: "" };
/** @type {Content} */
const WORDS = { intent: "", slots: new Map(), key: '""' };

/**
 * The content of a slot after one more word; null where the word cannot stand there.
 * @param {Content} content
 * @param {NestedStep[]} steps
 * @param {number} [level] Steps before this one are above the slot.
 * @returns {Content | null}
 */
function afterWord(content, steps, level = 0) {
  if (level === steps.length) return content === NOTHING || content === WORDS ? WORDS : null;
  const { begins, intent, slot } = steps[level];
  if (content !== NOTHING && content.intent !== intent) return null;
  const last = begins ? NOTHING : content.slots.get(slot);
  const inner = last && afterWord(last, steps, level + 1);
  if (!inner) return null;
  const slots = new Map(content.slots).set(slot, inner);
  const parts = [...slots].map(([name, { key }]) => [name, key]);
  parts.sort(([a], [b]) => (a < b ? -1 : 1));
  return { intent, slots, key: JSON.stringify([intent, ...parts]) };
}

/**
 * Chooses what is nested in each slot by itself: either words alone (tag `O` at each token), or the
 * sequence of other tags with the largest sum of logits that makes a tree.
 */
export class NestedDecoder {
  /**
   * @param {LabelSet} labels Checked ones.
   */
  constructor({ tags, nested = [], slots_of_nested: rows = [] }) {
    this.width = nested.length;
    this.steps = nested.map(nestedSteps);
    /** For each slot the columns that may stand in it, without `O`. */
    this.columns = new Map(
      tags
        .filter((tag) => tag.startsWith("B-"))
        .map((tag) => tag.slice(2))
        .map((name) => [
          name,
          [...nested.keys()].slice(1).filter((i) => !rows.length || rows[i].includes(name)),
        ]),
    );
  }

  /**
   * Completes slots.
   * @param {Slot[]} slots Plain slots.
   * @param {ArrayLike<number>} logits Rows of nested tags, token after token.
   * @param {number} length Number of tokens.
   * @returns {{slots: Slot[], columns: number[]}} The slots with what is nested in them, and the column
   *   of each token.
   */
  decode(slots, logits, length) {
    /** @type {number[]} */
    const columns = Array(length).fill(0);
    const completed = slots.map((plain) => {
      const tokens = plain.pieces.flatMap(([first, last]) =>
        Array.from({ length: last - first }, (_, i) => first + i),
      );
      const path = this.bestPath(plain.name, logits, tokens);
      if (!path.length) return plain;
      const slot = { ...plain };
      tokens.forEach((token, i) => {
        columns[token] = path[i];
        addBelow(slot, token, this.steps[path[i]]);
      });
      return slot;
    });
    return { slots: completed, columns };
  }

  /**
   * The columns of the tags in a slot; empty for words alone.
   * @param {string} name
   * @param {ArrayLike<number>} logits
   * @param {number[]} tokens
   * @returns {number[]}
   */
  bestPath(name, logits, tokens) {
    const columns = this.columns.get(name) ?? [];
    if (!columns.length) return [];
    const rows = tokens.map((token) => columns.map((column) => logits[token * this.width + column]));
    const plain = tokens.reduce((sum, token) => sum + logits[token * this.width], 0);
    // No sequence has more than the best tag of each token.
    if (rows.reduce((sum, row) => sum + Math.max(...row), 0) <= plain) return [];
    /** Partial trees, best first. */
    let beam = [{ total: 0, path: /** @type {number[]} */ ([]), content: NOTHING }];
    for (const row of rows) {
      /** @type {Map<string, typeof beam[number]>} */
      const found = new Map();
      for (const { total, path, content } of beam) {
        columns.forEach((column, i) => {
          const after = afterWord(content, this.steps[column]);
          if (!after) return;
          const sum = total + row[i];
          const other = found.get(after.key);
          if (other && other.total >= sum) return;
          found.set(after.key, { total: sum, path: [...path, column], content: after });
        });
      }
      beam = [...found.values()].sort((a, b) => b.total - a.total).slice(0, NESTED_CANDIDATES);
      if (!beam.length) return [];
    }
    return beam[0].total > plain ? beam[0].path : [];
  }
}

/**
 * Lets a slot end with a token, over a hole where there is one before it.
 * @param {Slot} slot
 * @param {number} token
 */
export function addToken({ pieces }, token) {
  const last = pieces.at(-1);
  if (last?.[1] === token) last[1] = token + 1;
  else pieces.push([token, token + 1]);
}

/**
 * Adds a token of a slot to the slots below it.
 * @param {Slot} slot
 * @param {number} token
 * @param {NestedStep[]} steps
 */
function addBelow(slot, token, steps) {
  let around = slot;
  for (const { begins, intent, slot: name } of steps) {
    const { slots } = (around.nested ??= { intent, slots: [] });
    if (begins) slots.push({ name, pieces: [] });
    around = /** @type {Slot} */ (slots.findLast((below) => below.name === name));
    addToken(around, token);
  }
}
