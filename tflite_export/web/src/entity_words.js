/**
 * The words of names and of texts in which names are looked for, by the rules of
 * `pqrnn_tf/runtime/entity_words.py` (docs/entities.md).
 */

import { kindOf, KINDS, rowOf, tokensOf } from "./character_kinds.js";
import { CHARACTER_TABLE } from "./character_table.js";
import { fold, foldingOf, textOf } from "./folding.js";

/** @typedef {import("./entities.js").Entity} Entity */

const { LETTER, MARK, PUNCTUATION } = KINDS;
/** Version of the projection as whose models names and texts are folded. */
const VERSION = 2;
const COMPARED = 8;
/** The most letters of an ending of a word of a text, and of one of a name. */
export const [ENDING_OF_TEXT, ENDING_OF_NAME] = [3, 2];
/** @type {Record<string, string>} */
const SPELT = { ß: "ss", æ: "ae", œ: "oe", ø: "o", đ: "d", ł: "l", ı: "i", ς: "σ" };

/**
 * The texts of a field of an entity, each once: as for Python it may hold one, several or none.
 * @param {(string | string[] | null | undefined)[]} values
 * @returns {string[]}
 */
export function textsOf(...values) {
  return [...new Set(values.flatMap((value) => value ?? []).filter(Boolean))];
}

/** @param {Entity} entity */
export const namesOf = ({ name, synonyms }) => textsOf(name, synonyms);

/**
 * All types of an entity, the most telling first.
 * @param {Entity} entity
 */
export const typesOf = ({ type, types }) => textsOf(type, types);

/**
 * What the application knows an entity by.
 * @param {Entity} entity
 * @returns {string}
 */
export const idOf = ({ id, name }) => ((id ?? "") === "" ? name : String(id));

/** @param {number} kind A canonical combining class. */
const isAccent = (kind) => kind === 7 || (kind >= 10 && kind <= 35) || (kind >= 200 && kind <= 240);

/**
 * @param {number} point
 * @returns {string}
 */
function keyOfCharacter(point) {
  const { decomposed, combining } = foldingOf(VERSION);
  const row = rowOf(CHARACTER_TABLE.lower, point);
  if (row && point <= row[1] && (point - row[0]) % row[2] === 0) point += row[3];
  for (let two = decomposed.get(point); two; two = decomposed.get(point)) {
    if (!isAccent(combining.get(two[1]) ?? 0)) break;
    point = two[0];
  }
  if (isAccent(combining.get(point) ?? 0)) return "";
  const character = String.fromCodePoint(point);
  return SPELT[character] ?? character;
}

/**
 * What a word is compared by: lower case, without accents.
 * @param {number[]} points
 * @returns {string[]} Its characters.
 */
export function keyOf(points) {
  const key = points.map(keyOfCharacter).join("");
  return Array.from(key || textOf(points));
}

/**
 * @typedef {object} Word
 * @property {number} start In UTF-16 units of the caller's text.
 * @property {number} end
 * @property {string} text Folded.
 * @property {number[]} points
 */

/**
 * The words of a text: the tokens of the projection, except punctuation.
 * @param {string} text
 * @returns {Word[]}
 */
export function wordsOf(text) {
  const { codePoints, starts, ends } = fold(text, VERSION);
  return tokensOf(codePoints)
    .filter(({ kind }) => kind !== PUNCTUATION)
    .map(({ first, last }) => {
      const points = codePoints.slice(first, last + 1);
      return {
        start: starts[first],
        end: ends[last],
        text: textOf(points),
        points,
      };
    });
}

/**
 * What a whole name is compared by: the keys of its words, and the name itself where it has none.
 * @param {string} name
 */
export function keyOfName(name) {
  return (
    wordsOf(name)
      .map(({ points }) => keyOf(points).join(""))
      .join(" ") || name
  );
}

/** @param {string[]} key */
export const isOfLetters = (key) => key.length > 1 && hasLetters(key);

/** @param {string[]} key */
export function hasLetters(key) {
  const kind = kindOf(/** @type {number} */ (key[0].codePointAt(0)));
  return kind === LETTER || kind === MARK;
}

/**
 * Whether two words differ in their endings only.
 * @param {string[]} text
 * @param {string[]} name
 */
export function isInflected(text, name) {
  let common = 0;
  while (common < text.length && text[common] === name[common]) common++;
  if (common < 3) return false;
  const [ofText, ofName] = common === 3 ? [1, 0] : common === 4 ? [2, 1] : [ENDING_OF_TEXT, ENDING_OF_NAME];
  return text.length - common <= ofText && name.length - common <= ofName;
}

/**
 * @param {string[]} one
 * @param {string[]} other
 */
export function allowedErrors(one, other) {
  const shorter = Math.min(one.length, other.length);
  return shorter < 4 ? 0 : shorter < 8 ? 1 : 2;
}

/**
 * The optimal string alignment distance.
 * @param {string[]} a
 * @param {string[]} b
 */
export function typingErrors(a, b) {
  /** @type {number[]} */
  let before = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      let best = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, before[j - 2] + 1);
      }
      row.push(best);
    }
    before = last;
    last = row;
  }
  return last[b.length];
}

/**
 * The beginning of a word, and what is left of it where up to some letters are left out.
 * @param {string[]} word
 * @param {number} errors
 * @returns {Set<string>}
 */
export function withLettersLeftOut(word, errors) {
  let last = [word.slice(0, COMPARED)];
  const found = new Set([last[0].join("")]);
  for (let n = 0; n < errors; n++) {
    last = last.flatMap((part) => part.map((_, i) => part.filter((_, k) => k !== i)));
    last.forEach((part) => found.add(part.join("")));
  }
  return found;
}

/**
 * What a word of a name may be cut to.
 * @param {string[]} word
 * @returns {string[]}
 */
export function stemsOf(word) {
  if (word.length <= 3) return word.length === 3 ? [word.join("")] : [];
  const stems = [];
  for (let length = Math.max(4, word.length - ENDING_OF_NAME); length <= word.length; length++) {
    stems.push(word.slice(0, length).join(""));
  }
  return stems;
}

/**
 * Adds a value to those of a key.
 * @template K, V
 * @param {Map<K, V[]>} map
 * @param {K} key
 * @param {V} value
 */
export function append(map, key, value) {
  const found = map.get(key);
  if (found) found.push(value);
  else map.set(key, [value]);
}
