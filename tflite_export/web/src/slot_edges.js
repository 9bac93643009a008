/**
 * Punctuation at the edges of slots: what belongs to a slot there, and slots without the rest, by the rules of
 * `pqrnn_tf/runtime/slot_edges.py` and `slot_trimming.py`.
 */

import { kindOf, KINDS } from "./character_kinds.js";
import { fold } from "./folding.js";
import { nestedPath, OUTSIDE } from "./labels.js";

/** @typedef {import("./labels.js").LabelSet} LabelSet */
/** @typedef {import("./labels.js").SlotEdges} SlotEdges */
/** @typedef {import("./nested_decoding.js").Slot} Slot */

const VERSION = 2; // of what is folded
const BEFORE_NUMBER = new Set("+-±$€£¥₹₩฿");
const BEHIND_NUMBER = new Set("+%‰°$€£¥₹₩฿");
const OPENING = [..."([{【《〈\"'"];
const CLOSING = [...")]}】》〉\"'"];

/**
 * @typedef {object} EdgeToken What the rule knows of a token.
 * @property {string} first Its outermost characters, folded, without combining marks behind them.
 * @property {string} last
 * @property {boolean} isMark Whether it is punctuation only.
 * @property {string} before What it is to a mark before it.
 * @property {string} behind And behind it.
 */

/**
 * @param {number} kind
 * @param {number} length
 * @returns {string}
 */
function beside(kind, length) {
  if (kind === KINDS.PUNCTUATION) return "mark";
  if (kind === KINDS.DIGIT) return "number";
  return kind === KINDS.LETTER && length === 1 ? "letter" : "word";
}

/**
 * @param {string} text
 * @returns {EdgeToken}
 */
function edgeToken(text) {
  const points = fold(text, VERSION).codePoints;
  const plain = points.filter((point) => kindOf(point) !== KINDS.MARK);
  if (!plain.length) return { first: "", last: "", isMark: false, before: "word", behind: "word" };
  const kinds = plain.map(kindOf);
  return {
    first: String.fromCodePoint(plain[0]),
    last: String.fromCodePoint(plain[plain.length - 1]),
    isMark: kinds.every((kind) => kind === KINDS.PUNCTUATION) && kindOf(points[0]) !== KINDS.MARK,
    before: beside(kinds[0], plain.length),
    behind: beside(kinds[kinds.length - 1], plain.length),
  };
}

/**
 * The half-open range of the tokens of a slot that stay in it; empty where nothing does.
 * @param {EdgeToken[]} tokens
 * @param {boolean[]} touches For each whether it stands directly behind the one before it.
 * @param {SlotEdges} edges
 * @returns {[number, number]}
 */
function keptTokens(tokens, touches, { begins = {}, ends = {} }) {
  let first = 0;
  let last = tokens.length;

  const belongsBefore = () => {
    const mark = tokens[first].first;
    const inside = tokens.slice(first + 1);
    const kind = inside.length ? inside[0].before : "nothing";
    if (begins[kind]?.includes(mark)) return true;
    if (kind === "number" && BEFORE_NUMBER.has(mark) && touches[first + 1]) return true;
    if (!OPENING.includes(mark)) return false;
    const partner = CLOSING[OPENING.indexOf(mark)];
    const place = inside.findIndex((token) => token.isMark && token.first === partner);
    // Around the whole slot both go.
    return place >= 0 && !inside.slice(place).every((token) => token.isMark);
  };

  const belongsBehind = () => {
    const mark = tokens[last - 1].last;
    const inside = tokens.slice(first, last - 1);
    const kind = inside.at(-1)?.behind ?? "nothing";
    if (ends[kind]?.includes(mark)) return true;
    if (kind === "number" && BEHIND_NUMBER.has(mark) && touches[last - 1]) return true;
    if (mark === "." && kind === "letter" && inside.at(-2)?.last === ".") return true; // p.m., U.S.
    if (!CLOSING.includes(mark)) return false;
    const partner = OPENING[CLOSING.indexOf(mark)];
    return inside.some((token) => token.isMark && token.first === partner);
  };

  while (first < last && tokens[first].isMark && !belongsBefore()) first++;
  while (first < last && tokens[last - 1].isMark && !belongsBehind()) last--;
  return first < last ? [first, last] : [0, 0];
}

/**
 * @param {Slot} slot
 * @returns {number[]} All its tokens.
 */
function placesOf({ pieces }) {
  return pieces.flatMap(([first, last]) => Array.from({ length: last - first }, (_, i) => first + i));
}

/**
 * What of a slot's pieces lies from `first` to before `last`.
 * @param {Slot} slot
 * @param {number} first
 * @param {number} last
 * @returns {[number, number][]}
 */
function clipped({ pieces }, first, last) {
  return pieces
    .map(([begin, end]) => /** @type {[number, number]} */ ([Math.max(begin, first), Math.min(end, last)]))
    .filter(([begin, end]) => begin < end);
}

/** Leaves punctuation at the edges out of decoded slots, at each level of a parse. */
export class SlotTrimmer {
  /**
   * @param {LabelSet} labels Checked ones.
   */
  constructor({ edges = {} }) {
    this.edges = new Map(Object.entries(edges));
    /** Whether there is anything to apply. */
    this.isNeeded = this.edges.size > 0;
  }

  /**
   * Trims the slots of a parse.
   * @param {{slots: Slot[], tags: string[], nested: string[]}} parse
   * @param {string} text The caller's own string.
   * @param {[number, number][]} spans Range of each token in UTF-16 units.
   * @returns {{slots: Slot[], tags: string[], nested: string[]}} What agrees with each other.
   */
  trim({ slots, tags, nested }, text, spans) {
    const tokens = spans.slice(0, tags.length).map(([start, end]) => edgeToken(text.slice(start, end)));
    if (!tokens.some(({ isMark }) => isMark)) return { slots, tags, nested };
    const touches = spans.map(([start], t) => t > 0 && spans[t - 1][1] === start);
    const newTags = [...tags];
    const newNested = [...nested];
    const kept = slots.flatMap((slot) => {
      const left = this.trimmed(slot, tokens, touches);
      if (left === slot) return [slot];
      const [[first]] = slot.pieces;
      const last = slot.pieces[slot.pieces.length - 1][1];
      newTags.fill(OUTSIDE, first, last);
      if (slot.nested) newNested.fill(OUTSIDE, first, last);
      if (!left) return [];
      const [[begin]] = left.pieces;
      newTags.fill(`G-${left.name}`, begin, left.pieces[left.pieces.length - 1][1]);
      for (const place of placesOf(left)) {
        newTags[place] = `${place === begin ? "B" : "I"}-${left.name}`;
        if (slot.nested) newNested[place] = nestedTag(left, place);
      }
      return [left];
    });
    return { slots: kept, tags: newTags, nested: newNested };
  }

  /**
   * @param {Slot} slot
   * @param {EdgeToken[]} tokens
   * @param {boolean[]} touches
   * @returns {Slot | null} The same object where nothing changes; null where nothing is left.
   */
  trimmed(slot, tokens, touches) {
    if (slot.nested) {
      const inside = slot.nested.slots.map((below) => this.trimmed(below, tokens, touches));
      if (inside.every((left, i) => left === slot.nested?.slots[i])) return slot;
      const slots = inside.filter((left) => left !== null);
      if (!slots.length) return null;
      const first = Math.min(...slots.map(({ pieces }) => pieces[0][0]));
      const last = Math.max(...slots.map(({ pieces }) => pieces[pieces.length - 1][1]));
      const { intent } = slot.nested;
      return { name: slot.name, pieces: clipped(slot, first, last), nested: { intent, slots } };
    }
    const edges = this.edges.get(slot.name);
    const places = placesOf(slot);
    const end = places.length - 1;
    if (!edges || !(tokens[places[0]].isMark || tokens[places[end]].isMark)) return slot;
    const [first, last] = keptTokens(
      places.map((place) => tokens[place]),
      // Over a gap nothing touches.
      places.map((place, i) => i > 0 && places[i - 1] + 1 === place && touches[place]),
      edges,
    );
    if (first === last) return null;
    if (first === 0 && last === places.length) return slot;
    return { ...slot, pieces: clipped(slot, places[first], places[last - 1] + 1) };
  }
}

/**
 * The nested tag of a token of a slot; that of one in no innermost slot is `O`.
 * @param {Slot} slot
 * @param {number} place
 * @returns {string}
 */
function nestedTag(slot, place) {
  /** @type {string[]} */
  const steps = [];
  let around = slot;
  while (around.nested) {
    const { intent, slots } = around.nested;
    const below = slots.find((one) => placesOf(one).includes(place));
    if (!below) return OUTSIDE;
    const prefix = place === below.pieces[0][0] ? "B" : "I";
    steps.push(`${prefix}-${nestedPath(intent, below.name)}`);
    around = below;
  }
  return steps.join(" ") || OUTSIDE;
}
