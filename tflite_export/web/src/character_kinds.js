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
