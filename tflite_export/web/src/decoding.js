/**
 * From logits to a parse, by the rules of `pqrnn_tf/runtime/decoding.py`: the best pair of an intent
 * and a valid tag sequence in which every slot is one that training data has under that intent. What
 * is nested in its slots is chosen after that.
 */

import { isRejected, logOdds, probability, sharedRest } from "./confidence.js";
import { checkLabels, LabelError } from "./labels.js";
import { addToken, NestedDecoder } from "./nested_decoding.js";
import { SlotTrimmer } from "./slot_edges.js";
import { TagPaths } from "./tag_paths.js";

/** @typedef {import("./confidence.js").Calibration} Calibration */
/** @typedef {import("./confidence.js").Evidence} Evidence */
/** @typedef {import("./confidence.js").Rejection} Rejection */
/** @typedef {import("./labels.js").LabelSet} LabelSet */
/** @typedef {import("./nested_decoding.js").Slot} Slot */

/**
 * @typedef {object} Parse
 * @property {string} intent
 * @property {number} score Probability that the parse is right; without calibration the model's own, the
 *   softmax of the intent times that of each tag.
 * @property {number} intentScore Probability that the intent is right.
 * @property {boolean} rejected Whether the text belongs to no intent.
 * @property {Slot[]} slots In the order of the text, each with what is nested in it.
 * @property {string[]} tags Tag of each token.
 * @property {string[]} nested Nested tag of each token; empty without nested logits.
 * @property {Parse[]} alternatives The next best parses, the best first.
 */

/**
 * @typedef {object} Found An intent with tags.
 * @property {number} intent Its column.
 * @property {number[]} path Columns of the tags.
 * @property {number} total Logarithm of the probability of both.
 */

/** @typedef {ArrayLike<number>} Numbers */

/**
 * @typedef {object} Read What a parse is read with, beside intent and tags.
 * @property {Numbers | null} nestedLogits
 * @property {number} length
 * @property {string} text The caller's own string.
 * @property {[number, number][]} spans Range of each token in UTF-16 units.
 */

/** How many times as many parses as are asked for are looked at, where some are the same once trimmed. */
const SEARCHED = 8;

/** Decodes the logits of models with one label set. */
export class Decoder {
  /**
   * @param {LabelSet} labels
   * @param {{calibration?: Calibration, rejection?: Rejection}} [confidence] What makes probabilities of
   *   the model's own, and what tells requests that belong to no intent.
   * @throws {LabelError} if the labels are malformed, or lack the intent that `rejection` names.
   */
  constructor(labels, { calibration, rejection } = {}) {
    checkLabels(labels);
    this.labels = labels;
    const { intents, tags } = labels;
    // Without slots the parse is right where its intent is, also where an older file has two maps.
    const plain = calibration && tags.length === 1;
    this.calibration = plain ? { ...calibration, parse: calibration.intent } : calibration;
    this.rejection = rejection;
    this.outside = rejection?.outside ? intents.indexOf(rejection.outside) : -1;
    if (rejection?.outside && (this.outside < 0 || intents.length < 2)) {
      throw new LabelError(
        `The labels must have the intent "${rejection.outside}" of requests out of scope and another one.`,
      );
    }
    this.nested = new NestedDecoder(labels);
    this.trimmer = new SlotTrimmer(labels);
    /** Slot names in the order of their `B-` tags. */
    this.slotNames = tags.filter((tag) => tag.startsWith("B-")).map((tag) => tag.slice(2));
    this.kind = tags.map((tag) => tag[0]);
    const slotNumber = new Map(this.slotNames.map((name, i) => [name, i]));
    this.slotOf = tags.map((tag) => slotNumber.get(tag.slice(2)) ?? -1);
    const rows = labels.slots_of_intent ?? [];
    /** @type {Map<string, TagPaths>} */
    const bySlots = new Map();
    /** For each intent what its tags may be; intents with the same slots share it. */
    this.paths = intents.map((_, i) => {
      const names = rows.length ? new Set(rows[i]) : null;
      const key = JSON.stringify(names && [...names].sort());
      const paths = bySlots.get(key) ?? new TagPaths(tags, names);
      bySlots.set(key, paths);
      return paths;
    });
  }

  /**
   * Decodes one utterance.
   * @param {Numbers} intentLogits One for each intent.
   * @param {Numbers} slotLogits Rows of tags, token after token; rows behind `length` are ignored.
   * @param {number} length Number of tokens, at least one.
   * @param {Numbers | null} [nestedLogits] Rows of nested tags; null for plain slots.
   * @param {number} [alternatives] How many of the next best parses are found too.
   * @param {{text?: string, spans?: [number, number][]}} [of] The caller's own string and the range of each token in
   *   UTF-16 units; needed where the labels have edges.
   * @returns {Parse}
   * @throws {LabelError} if the numbers of logits do not fit the labels, or the tokens are needed and not given.
   */
  decode(intentLogits, slotLogits, length, nestedLogits = null, alternatives = 0, { text = "", spans = [] } = {}) {
    if (this.trimmer.isNeeded && spans.length < length) {
      throw new LabelError(
        `"text" and "spans" must be given, since the labels have edges. Received: ${spans.length} spans for ` +
          `${length} tokens.`,
      );
    }
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
    const intent = argmax(intents);
    const path = rows.map((row) => argmax(row));
    const { allowed } = this.paths[intent];
    let total = intents[intent];
    path.forEach((tag, t) => (total += rows[t][tag]));
    /** @type {Found} */
    let found = { intent, path, total };
    if (intent === this.outside || !path.every((tag) => allowed[tag]) || !this.isValid(path)) {
      [found] = this.ranked(intents, rows, 1);
    }
    const best = found;
    const read = { nestedLogits, length, text, spans };
    /** @type {Found[]} */
    let others = [];
    if (alternatives && this.trimmer.isNeeded) {
      others = this.different(best, intents, rows, alternatives, read);
    } else if (alternatives) {
      others = this.ranked(intents, rows, alternatives + 1)
        .filter((one) => one.intent !== best.intent || one.path.join() !== best.path.join())
        .slice(0, alternatives);
    }
    let score = Math.exp(best.total);
    let intentScore = Math.exp(intents[best.intent]);
    let rejected = false;
    if (this.calibration || this.rejection) {
      const evidence = this.evidence(best, intentLogits, intents, rows);
      if (this.calibration) {
        score = probability(this.calibration.parse, evidence);
        intentScore = probability(this.calibration.intent, evidence);
      }
      rejected = Boolean(this.rejection && isRejected(this.rejection, evidence));
    }
    const shares = this.calibration
      ? sharedRest(score, best.total, others.map((one) => one.total))
      : others.map((one) => Math.exp(one.total));
    const intentShare = (/** @type {number} */ other) => {
      if (!this.calibration) return Math.exp(intents[other]);
      if (other === best.intent) return intentScore;
      return sharedRest(intentScore, intents[best.intent], [intents[other]])[0];
    };
    const parse = (/** @type {Found} */ one) => this.parseOf(one, read);
    return {
      ...parse(best),
      score,
      intentScore,
      rejected,
      alternatives: others.map((one, i) => ({
        ...parse(one),
        score: shares[i],
        intentScore: intentShare(one.intent),
      })),
    };
  }

  /**
   * What was found in the words of the labels, with what is nested in its slots.
   * @param {Found} found
   * @param {Read} read
   * @returns {Parse} Without its scores.
   */
  parseOf({ intent, path }, { nestedLogits, length, text, spans }) {
    const { intents, tags: tagNames, nested: nestedNames = [] } = this.labels;
    const tags = path.map((tag) => tagNames[tag]);
    const plain = slotsOfTags(tags);
    const parse = { intent: intents[intent], score: 0, intentScore: 0, rejected: false, alternatives: [] };
    let read = { slots: plain, tags, nested: /** @type {string[]} */ ([]) };
    if (nestedLogits) {
      const { slots, columns } = this.nested.decode(plain, nestedLogits, length);
      read = { slots, tags, nested: columns.map((column) => nestedNames[column]) };
    }
    return { ...parse, ...(this.trimmer.isNeeded ? this.trimmer.trim(read, text, spans) : read) };
  }

  /**
   * The next best pairs whose parses differ from the best one and from each other.
   * @param {Found} best
   * @param {Float64Array} intents Log-probabilities.
   * @param {Float64Array[]} rows Log-probabilities of the tags of each token.
   * @param {number} count How many, if there are as many.
   * @param {Read} read
   * @returns {Found[]}
   */
  different(best, intents, rows, count, read) {
    const key = (/** @type {Found} */ one) => {
      const { intent, slots } = this.parseOf(one, read);
      return JSON.stringify([intent, slots]);
    };
    for (let most = count + 1; ; most *= 2) {
      const ranked = this.ranked(intents, rows, most);
      const known = new Set([key(best)]);
      const others = ranked.filter((one) => known.size < known.add(key(one)).size);
      if (others.length >= count || ranked.length < most || most >= SEARCHED * (count + 1)) {
        return others.slice(0, count);
      }
    }
  }

  /**
   * What is known of a parse.
   * @param {Found} found
   * @param {Numbers} logits Of the intents.
   * @param {Float64Array} intents Their log-probabilities.
   * @param {Float64Array[]} rows Log-probabilities of the tags of each token.
   * @returns {Evidence}
   */
  evidence({ intent, path, total }, logits, intents, rows) {
    const others = Array.from(intents).filter((_, i) => i !== intent && i !== this.outside);
    return {
      parse: logOdds(total),
      weakest: logOdds(Math.min(...path.map((tag, t) => rows[t][tag]))),
      intent: logOdds(intents[intent]),
      margin: others.length ? intents[intent] - Math.max(...others) : 0,
      tokens: path.length,
      highest: logits[intent],
      energy: logits[intent] - intents[intent],
      outside: this.outside < 0 ? 0 : logits[this.outside],
    };
  }

  /**
   * The best pairs of an intent and valid tags, the best first.
   * @param {Float64Array} intents Log-probabilities.
   * @param {Float64Array[]} rows Log-probabilities of the tags of each token.
   * @param {number} count How many, if there are as many.
   * @returns {Found[]}
   */
  ranked(intents, rows, count) {
    /** @type {Found[]} */
    let found = [];
    /** @type {Map<TagPaths, import("./tag_paths.js").Found[]>} */
    const known = new Map();
    let worst = -Infinity; // what a further pair must exceed
    // No sequence has more than the best tag of each token.
    const most = rows.reduce((sum, row) => sum + row[argmax(row)], 0);
    const order = Array.from(intents.keys()).sort((a, b) => intents[b] - intents[a] || a - b);
    for (const intent of order) {
      if (intents[intent] + most <= worst) break;
      if (intent === this.outside) continue;
      const paths = known.get(this.paths[intent]) ?? this.paths[intent].best(rows, count);
      known.set(this.paths[intent], paths);
      for (const { path, score } of paths) {
        const total = intents[intent] + score;
        if (total > worst) found.push({ intent, path, total });
      }
      found = found.sort((one, other) => other.total - one.total).slice(0, count);
      if (found.length === count) worst = found[count - 1].total;
    }
    return found;
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
 * Column of the largest value, the first of equals.
 * @param {Numbers} values
 * @returns {number}
 */
function argmax(values) {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
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
