/**
 * Strings at the border between JavaScript and a model: code points in, UTF-16 offsets out.
 *
 * A model reads code points; strings of JavaScript are UTF-16. Everything that a page shows
 * must be cut in UTF-16 units, so the offset of each code point is kept.
 */

import { textOf } from "./folding.js";

/** @typedef {import("./folding.js").Folded} Folded */

/** A lone surrogate is no character; the projection reads it as U+FFFD. */
const REPLACEMENT = 0xfffd;

/**
 * The class "space" of the projection's character table, version 1, as first and last code point.
 * `String.prototype.trim` and `\s` know other spaces than this table.
 */
const SPACES = [
  [0x0000, 0x0020],
  [0x007f, 0x00a0],
  [0x1680, 0x1680],
  [0x2000, 0x200b],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];

/**
 * Whether a code point separates tokens.
 * @param {number} codePoint
 * @returns {boolean}
 */
export function isSpace(codePoint) {
  return SPACES.some(([first, last]) => first <= codePoint && codePoint <= last);
}

/**
 * @typedef {object} ModelInput
 * @property {Int32Array} codePoints `limit + 1` code points; 0 after the end of the text.
 * @property {number} used How many of them the text has.
 * @property {number[]} starts For each of these where the part of the caller's string begins that it was
 *   made from, in UTF-16 units.
 * @property {number[]} ends And where that ends.
 * @property {boolean} more Whether words of the text are not in the buffer.
 */

/**
 * Turns a folded text into the input of a model, by the rules of `pqrnn_tf/runtime/text.py`: in a text that
 * is too long for the buffer, white space before the first word is left out, and of each other run of white
 * space only the first code point is kept. That changes no token.
 * @param {Folded} folded
 * @param {number} limit `max_code_points` of the model's projection.
 * @returns {ModelInput}
 */
export function encodeText(folded, limit) {
  const room = limit + 1;
  const squeezed = folded.codePoints.length > limit;
  const codePoints = new Int32Array(room);
  /** @type {number[]} */
  const starts = [];
  /** @type {number[]} */
  const ends = [];
  let behindSpace = true;
  let position = 0;
  for (; position < folded.codePoints.length && starts.length < room; position++) {
    const codePoint = folded.codePoints[position];
    const space = isSpace(codePoint);
    if (!(squeezed && space && behindSpace)) {
      codePoints[starts.length] = isSurrogate(codePoint) ? REPLACEMENT : codePoint;
      starts.push(folded.starts[position]);
      ends.push(folded.ends[position]);
    }
    behindSpace = space;
  }
  const more = folded.codePoints.slice(position).some((codePoint) => !isSpace(codePoint));
  return { codePoints, used: starts.length, starts, ends, more };
}

/**
 * Whether a token stands behind the last one that the model kept. Every character that is not
 * space belongs to a token, so one of them is enough.
 * @param {ModelInput} input
 * @param {number} end Number of code points up to the end of the last kept token; 0 where there is none.
 * @returns {boolean}
 */
export function isTruncated({ codePoints, used, more }, end) {
  return more || codePoints.subarray(end, used).some((codePoint) => !isSpace(codePoint));
}

const ALONE = ["Han", "Hiragana", "Katakana", "Khmer", "Lao", "Myanmar", "Thai"]
  .map((script) => `\\p{Script=${script}}`)
  .join("");

/** About what a token is: good enough to guess how many there will be. */
const TOKEN = new RegExp(
  [
    `(?!\\p{M})[${ALONE}]\\p{M}*`,
    `(?:(?![${ALONE}])[\\p{L}\\p{M}])+`,
    "\\p{N}+",
    "[\\p{P}\\p{S}]",
  ].join("|"),
  "gu",
);

/**
 * About how many tokens the input of a model has.
 * @param {ModelInput} input
 * @returns {number}
 */
export function estimateTokens({ codePoints, used }) {
  return textOf(codePoints.subarray(0, used)).match(TOKEN)?.length ?? 0;
}

/**
 * @param {number} codePoint
 * @returns {boolean}
 */
function isSurrogate(codePoint) {
  return 0xd800 <= codePoint && codePoint <= 0xdfff;
}
