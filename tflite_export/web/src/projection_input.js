/**
 * Strings at the border between JavaScript and a model: code points in, UTF-16 offsets out.
 *
 * A model reads code points; strings of JavaScript are UTF-16. Everything that a page shows
 * must be cut in UTF-16 units, so the offset of each code point is kept.
 */

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
 * @property {number[]} offsets UTF-16 offset of each code point in `codePoints`, and of the end of the
 *   last one.
 */

/**
 * Turns a text into the input of a model, by the rules of `pqrnn_tf/runtime/text.py`: in a text that is
 * too long for the buffer, white space before the first word is left out, and of each other run of white
 * space only the first code point is kept. That changes no token.
 * @param {string} text
 * @param {number} limit `max_code_points` of the model's projection.
 * @returns {ModelInput}
 */
export function encodeText(text, limit) {
  const whole = encode(text, limit, false);
  return whole.offsets.length - 1 > limit ? encode(text, limit, true) : whole;
}

/**
 * @param {string} text
 * @param {number} limit
 * @param {boolean} squeezed Whether a run of white space takes one code point.
 * @returns {ModelInput}
 */
function encode(text, limit, squeezed) {
  const codePoints = new Int32Array(limit + 1);
  const offsets = [];
  let end = 0;
  let behindSpace = true;
  for (let position = 0; position < text.length && offsets.length <= limit; ) {
    const codePoint = /** @type {number} */ (text.codePointAt(position));
    const next = position + (codePoint > 0xffff ? 2 : 1);
    const space = isSpace(codePoint);
    if (!(squeezed && space && behindSpace)) {
      codePoints[offsets.length] = isSurrogate(codePoint) ? REPLACEMENT : codePoint;
      offsets.push(position);
      end = next;
    }
    behindSpace = space;
    position = next;
  }
  offsets.push(end);
  return { codePoints, offsets };
}

/**
 * Whether a token stands behind the last one that the model kept. Every character that is not
 * space belongs to a token, so one of them is enough.
 * @param {string} text
 * @param {number} end UTF-16 offset of the end of the last kept token; 0 where there is none.
 * @returns {boolean}
 */
export function isTruncated(text, end) {
  for (const character of text.slice(end)) {
    if (!isSpace(/** @type {number} */ (character.codePointAt(0)))) return true;
  }
  return false;
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
 * About how many tokens a text has.
 * @param {string} text
 * @returns {number}
 */
export function estimateTokens(text) {
  return text.match(TOKEN)?.length ?? 0;
}

/**
 * @param {number} codePoint
 * @returns {boolean}
 */
function isSurrogate(codePoint) {
  return 0xd800 <= codePoint && codePoint <= 0xdfff;
}
