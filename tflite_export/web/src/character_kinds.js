/** What kind of character a code point is, by the table of `pqrnn_tf/runtime/unicode_table.py`. */

import { CHARACTER_TABLE } from "./character_table.js";

/** Kinds of characters; white space is 0. */
export const KINDS = /** @type {const} */ ({ LETTER: 1, DIGIT: 2, PUNCTUATION: 3, MARK: 4, ALONE: 5 });

/**
 * The row of a table with the last beginning that is not above a code point.
 * @param {number[][]} rows
 * @param {number} point
 * @returns {number[] | undefined}
 */
export function rowOf(rows, point) {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (rows[middle][0] <= point) low = middle + 1;
    else high = middle;
  }
  return rows[low - 1];
}

/**
 * @param {number} point
 * @returns {number} One of `KINDS`, or 0.
 */
export function kindOf(point) {
  return rowOf(CHARACTER_TABLE.classes, point)?.[2] ?? 0;
}

/**
 * Whether a code point is a letter or digit, also one that is a token by itself.
 * @param {number} point
 * @returns {boolean}
 */
export function isLetterOrDigit(point) {
  const kind = kindOf(point);
  return kind === KINDS.LETTER || kind === KINDS.DIGIT || kind === KINDS.ALONE;
}

/**
 * @typedef {object} Token
 * @property {number} first Place of its first code point.
 * @property {number} last And of its last one.
 * @property {number} kind One of `KINDS`, that of what it begins with; a mark is a letter there.
 */

/**
 * The tokens of a folded text as the projection has them, without its limits on length.
 * @param {ArrayLike<number>} codePoints
 * @param {string} [segmentation] That of the projection: `"unicode"`, `"words"` or `"spaces"`.
 * @returns {Token[]}
 */
export function tokensOf(codePoints, segmentation = "unicode") {
  const { ALONE, LETTER, MARK, PUNCTUATION } = KINDS;
  /** @type {Token[]} */
  const tokens = [];
  let previous = 0;
  for (let i = 0; i < codePoints.length; i++) {
    let kind = kindOf(codePoints[i]);
    let begins = kind !== 0 && (kind !== previous || kind === PUNCTUATION || kind === ALONE);
    if (segmentation === "words" && kind === ALONE) begins = previous !== ALONE;
    if (kind === MARK) {
      begins = previous === 0;
      kind = begins ? LETTER : previous;
    }
    if (segmentation === "spaces") begins = kind !== 0 && previous === 0;
    if (begins) tokens.push({ first: i, last: i, kind });
    else if (kind) tokens[tokens.length - 1].last = i;
    previous = kind;
  }
  return tokens;
}
