/**
 * Folding: characters that mean the same become the same, by the rules and the table of
 * `pqrnn_tf/runtime/folding.py`.
 */

import { FOLDING_TABLE } from "./folding_table.js";

const HANGUL = 0xac00;
const LEADS = 0x1100;
const VOWELS = 0x1161;
const TAILS = 0x11a7;
const NUM_LEADS = 19;
const NUM_VOWELS = 21;
const NUM_TAILS = 28;
const SYLLABLES = NUM_LEADS * NUM_VOWELS * NUM_TAILS;

/** Versions of the projection that this module folds for. */
export const PROJECTION_VERSIONS = Array.from({ length: FOLDING_TABLE.version }, (_, i) => i + 1);

/**
 * @typedef {object} Folding What is folded in one version, by code point.
 * @property {Set<number>} removed Left out.
 * @property {Map<number, number>} replaced Code points that become another one.
 * @property {Map<number, [number, number]>} decomposed Canonical decompositions into two, one step.
 * @property {Map<number, Map<number, number>>} composed By the first of a pair and its second.
 * @property {Map<number, number>} combining Canonical combining classes, where they are not 0.
 */

/**
 * @typedef {object} Folded A folded text.
 * @property {number[]} codePoints
 * @property {number[]} starts For each code point where the part of the caller's string begins that it
 *   was made from, in UTF-16 units.
 * @property {number[]} ends And where that ends.
 */

/**
 * @typedef {object} Part A code point on its way.
 * @property {number} point
 * @property {number} kind Its combining class.
 * @property {number} start
 * @property {number} end
 */

/** @type {Map<number, Folding>} */
const loaded = new Map();

/**
 * What is folded for models of a version of the projection: for the first one canonical composition,
 * and invisible characters but for the joiners are removed; for the last one all of the table.
 * @param {number} version
 * @returns {Folding}
 */
export function foldingOf(version) {
  const found = loaded.get(version);
  if (found) return found;
  const { removed, joiners, singletons, mapped, compositions, decompositions, combining } = FOLDING_TABLE;
  const canonical = version < FOLDING_TABLE.version;
  /** @type {Folding} */
  const folding = {
    removed: new Set(removed.flatMap(([first, last]) => range(first, last))),
    // Those in `mapped` win.
    replaced: new Map(
      [...singletons, ...(canonical ? [] : mapped)].flatMap(([first, last, step, delta]) =>
        range(first, last, step).map((point) => /** @type {const} */ ([point, point + delta])),
      ),
    ),
    decomposed: new Map(
      [...compositions, ...(canonical ? [] : decompositions)].map(([point, first, second]) => [
        point,
        [first, second],
      ]),
    ),
    composed: new Map(),
    combining: new Map(
      combining.flatMap(([first, last, kind]) =>
        range(first, last).map((point) => /** @type {const} */ ([point, kind])),
      ),
    ),
  };
  if (canonical) joiners.forEach((point) => folding.removed.delete(point));
  for (const [point, first, second] of compositions) {
    const seconds = folding.composed.get(first) ?? new Map();
    folding.composed.set(first, seconds.set(second, point));
  }
  loaded.set(version, folding);
  return folding;
}

/**
 * @param {number} first
 * @param {number} last
 * @param {number} [step]
 * @returns {number[]}
 */
function range(first, last, step = 1) {
  return Array.from({ length: Math.floor((last - first) / step) + 1 }, (_, i) => first + i * step);
}

/**
 * Folds any string; a lone surrogate stays as it is.
 * @param {string} text
 * @param {number} version Of the model's projection.
 * @returns {Folded}
 * @throws {TypeError} if it is no string: every text of a caller is folded first.
 */
export function fold(text, version) {
  if (typeof text !== "string") {
    throw new TypeError(`"text" must be a string. Received: ${text === null ? null : typeof text}.`);
  }
  const folding = foldingOf(version);
  return isPlain(text, folding) ? unchanged(text) : compose(decompose(text, folding), folding);
}

/**
 * The string of code points. `String.fromCodePoint(...points)` fails on more than about a hundred thousand.
 * @param {ArrayLike<number>} points
 * @returns {string}
 */
export function textOf(points) {
  return Array.from(points, (point) => String.fromCodePoint(point)).join("");
}

/**
 * Whether a text has only characters that stay as they are, whatever stands beside them.
 * @param {string} text
 * @param {Folding} folding
 * @returns {boolean}
 */
function isPlain(text, { removed, replaced }) {
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f || removed.has(unit) || replaced.has(unit)) return false;
  }
  return true;
}

/**
 * @param {string} text
 * @returns {Folded}
 */
function unchanged(text) {
  const starts = Array.from({ length: text.length }, (_, i) => i);
  return {
    codePoints: starts.map((i) => text.charCodeAt(i)),
    starts,
    ends: starts.map((i) => i + 1),
  };
}

/**
 * The full canonical decomposition of what is not removed, in canonical order.
 * @param {string} text
 * @param {Folding} folding
 * @returns {Part[]}
 */
function decompose(text, { removed, replaced, decomposed, combining }) {
  /** @type {Part[]} */
  const parts = [];
  let end = 0;
  for (let start = 0; start < text.length; start = end) {
    const given = /** @type {number} */ (text.codePointAt(start));
    end = start + (given > 0xffff ? 2 : 1);
    if (removed.has(given)) continue;
    let point = replaced.get(given) ?? given;
    const behind = [];
    const syllable = point - HANGUL;
    if (0 <= syllable && syllable < SYLLABLES) {
      if (syllable % NUM_TAILS) behind.push(TAILS + (syllable % NUM_TAILS));
      behind.push(VOWELS + (Math.floor(syllable / NUM_TAILS) % NUM_VOWELS));
      point = LEADS + Math.floor(syllable / (NUM_VOWELS * NUM_TAILS));
    }
    for (let two = decomposed.get(point); two; two = decomposed.get(point)) {
      point = two[0];
      behind.push(two[1]);
    }
    for (const part of [point, ...behind.reverse()]) {
      parts.push({ point: part, kind: combining.get(part) ?? 0, start, end });
    }
  }
  // Marks between characters of class 0 are sorted by class; equal ones stay in order.
  let begin = 0;
  for (let i = 0; i <= parts.length; i++) {
    if (i < parts.length && parts[i].kind) continue;
    if (i - begin > 1) {
      const marks = parts.slice(begin, i).sort((one, other) => one.kind - other.kind);
      marks.forEach((mark, k) => (parts[begin + k] = mark));
    }
    begin = i + 1;
  }
  return parts;
}

/**
 * @param {Part[]} parts
 * @param {Folding} folding
 * @returns {Folded}
 */
function compose(parts, folding) {
  /** @type {Part[]} */
  const folded = [];
  /** @type {Part | null} The last character of class 0. */
  let base = null;
  /** Class of the last one behind it that was not composed with it; 0 is none. */
  let before = 0;
  for (const part of parts) {
    if (base && (before < part.kind || (!before && base === folded[folded.length - 1]))) {
      const together = composition(base.point, part.point, folding);
      if (together !== undefined) {
        base.point = together;
        base.start = Math.min(base.start, part.start);
        base.end = Math.max(base.end, part.end);
        continue;
      }
    }
    if (!part.kind) base = part;
    before = part.kind;
    folded.push(part);
  }
  // Marks that changed places: both ends of ranges never fall.
  for (let i = folded.length - 1; i > 0; i--) {
    folded[i - 1].start = Math.min(folded[i - 1].start, folded[i].start);
  }
  for (let i = 1; i < folded.length; i++) {
    folded[i].end = Math.max(folded[i].end, folded[i - 1].end);
  }
  return {
    codePoints: folded.map(({ point }) => point),
    starts: folded.map(({ start }) => start),
    ends: folded.map(({ end }) => end),
  };
}

/**
 * The character that two make together.
 * @param {number} first
 * @param {number} second
 * @param {Folding} folding
 * @returns {number | undefined}
 */
function composition(first, second, { composed }) {
  const lead = first - LEADS;
  const vowel = second - VOWELS;
  if (0 <= lead && lead < NUM_LEADS && 0 <= vowel && vowel < NUM_VOWELS) {
    return HANGUL + (lead * NUM_VOWELS + vowel) * NUM_TAILS;
  }
  const syllable = first - HANGUL;
  const tail = second - TAILS;
  if (0 <= syllable && syllable < SYLLABLES && syllable % NUM_TAILS === 0 && 0 < tail && tail < NUM_TAILS) {
    return first + tail;
  }
  return composed.get(first)?.get(second);
}
