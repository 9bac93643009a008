/**
 * A parse as people and programs read it, by the rules of `pqrnn_tf/runtime/results.py`: slots with
 * offsets, and the bracketed tree in MTOP's decoupled form. Offsets are UTF-16 units, ready for
 * `String.prototype.slice`.
 */

/** @typedef {import("./decoding.js").Parse} Parse */
/** @typedef {import("./nested_decoding.js").Slot} Slot */

/**
 * @typedef {object} ParsedSlot
 * @property {string} name Slot name without `SL:`.
 * @property {number} start
 * @property {number} end Half-open range of UTF-16 units, from the first word to the last.
 * @property {string} text `text.slice(start, end)` of the utterance.
 * @property {[number, number][]} pieces The ranges that belong to the slot; two or more where words
 *   between them do not.
 * @property {string[]} words As they stand in the tree; none where an intent stands in the slot.
 * @property {{intent: string, slots: ParsedSlot[]} | null} nested The intent that stands in the slot.
 * @property {import("./linking.js").Candidate | null} entity The entity that the slot most likely means; null where
 *   no name agrees.
 * @property {import("./linking.js").Candidate[] | null} candidates All that it may mean, the best first; null where
 *   the parser knows no entities.
 */

/**
 * @typedef {object} ParsedText
 * @property {string} text
 * @property {string | null} intent Intent name without `IN:`; empty where the text has no token; null
 *   where the model rejects the text because it belongs to no intent. What it would be is in `tree`.
 * @property {number} score Probability that the whole parse is right, to six decimals: calibrated where
 *   the file has a calibration, else the model's own.
 * @property {number} intentScore Probability that the intent is right, as `score`.
 * @property {ParsedSlot[]} slots In the order of the text.
 * @property {string} tree `[IN:X [SL:Y words ] [SL:Z [IN:V … ] ] ]`, escaped as in
 *   `pqrnn_tf/runtime/trees.py`.
 * @property {boolean} truncated Whether the end of the text was beyond the model's limits.
 * @property {ParsedText[]} alternatives The next best parses, the best first, where they were asked for.
 */

// White space as Python's str.split sees it: U+FEFF is none, the separators U+001C to U+001F are.
const SPACES = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000";
const WHITE_SPACE = new RegExp(`[${SPACES}]+`, "u");
const TO_ESCAPE = new RegExp(`[\\[\\]\\\\${SPACES}]`, "gu");
const SYMBOL = /^[\p{P}\p{S}]$/u;
const POSSESSIVE = /^(.+?)(['’]s)$/iu;
const PARTS = /\p{Nd}+(?=(?:am|pm)$)|[^:/,-]+|[:/,-]/giu;
const KEPT_IN_FRONT = new Set(["#", "@", "$"]);

/**
 * Splits text into words as the trees of MTOP do: `7pm` → `7 pm`, `Rob's` → `Rob 's`.
 * @param {string} text
 * @returns {string[]}
 */
export function treeWords(text) {
  return text
    .split(WHITE_SPACE)
    .filter(Boolean)
    .flatMap((chunk) => {
      const characters = Array.from(chunk);
      let front = 0;
      let back = characters.length;
      while (
        front < back - 1 &&
        isSymbol(characters[front]) &&
        !keepsFront(characters.slice(front))
      ) {
        front++;
      }
      while (back > front + 1 && isSymbol(characters[back - 1])) back--;
      const core = characters.slice(front, back).join("");
      const [, owner, possessive] = POSSESSIVE.exec(core) ?? [null, core, null];
      return [
        ...characters.slice(0, front),
        ...(owner.match(PARTS) ?? []),
        ...(possessive ? [possessive] : []),
        ...characters.slice(back),
      ];
    });
}

/**
 * Puts a parse into the terms of the text.
 * @param {string} text
 * @param {[number, number][]} spans Range of each token in UTF-16 units.
 * @param {Parse} parse
 * @param {boolean} truncated
 * @returns {ParsedText}
 */
export function renderParse(text, spans, parse, truncated) {
  const slots = parse.slots.map((slot) => parsedSlot(text, spans, slot));
  return {
    text,
    intent: parse.rejected ? null : parse.intent,
    score: rounded(parse.score),
    intentScore: rounded(parse.intentScore),
    slots,
    tree: formatTree(parse.intent, slots),
    truncated,
    alternatives: parse.alternatives.map((one) => renderParse(text, spans, one, truncated)),
  };
}

/**
 * A score as parses have it, with six digits.
 * @param {number} score
 * @returns {number}
 */
export function rounded(score) {
  return Math.round(score * 1e6) / 1e6;
}

/**
 * @param {string} text
 * @param {[number, number][]} spans
 * @param {Slot} slot
 * @returns {ParsedSlot}
 */
function parsedSlot(text, spans, { name, pieces: tokens, nested: inside }) {
  const pieces = tokens.map(
    ([first, last]) => /** @type {[number, number]} */ ([spans[first][0], spans[last - 1][1]]),
  );
  const start = pieces[0][0];
  const end = pieces[pieces.length - 1][1];
  const words = inside ? [] : pieces.flatMap(([from, to]) => treeWords(text.slice(from, to)));
  const nested = inside
    ? { intent: inside.intent, slots: inside.slots.map((slot) => parsedSlot(text, spans, slot)) }
    : null;
  const said = text.slice(start, end);
  return { name, start, end, text: said, pieces, words, nested, entity: null, candidates: null };
}

/**
 * The bracketed parse in MTOP's decoupled form.
 * @param {string} intent
 * @param {ParsedSlot[]} slots
 * @returns {string}
 */
export function formatTree(intent, slots) {
  const parts = slots.map(({ name, words, nested }) => {
    const inside = nested ? [formatTree(nested.intent, nested.slots)] : words.map(escape);
    return [`[SL:${escape(name)}`, ...inside, "]"].join(" ");
  });
  return [`[IN:${escape(intent)}`, ...parts, "]"].join(" ");
}

/**
 * Writes a name or word so that it has no bracket of the tree and no white space.
 * @param {string} text
 * @returns {string}
 */
function escape(text) {
  return text.replace(TO_ESCAPE, (character) =>
    "[]\\".includes(character)
      ? `\\${character}`
      : `\\u{${/** @type {number} */ (character.codePointAt(0)).toString(16)}}`,
  );
}

/**
 * The parse of a text that has no token.
 * @param {string} text
 * @param {boolean} truncated
 * @returns {ParsedText}
 */
export function emptyParse(text, truncated) {
  return { text, intent: "", score: 0, intentScore: 0, slots: [], tree: "", truncated, alternatives: [] };
}

/**
 * @param {string} character
 * @returns {boolean}
 */
function isSymbol(character) {
  return character !== "_" && SYMBOL.test(character);
}

/**
 * @param {string[]} characters
 * @returns {boolean}
 */
function keepsFront(characters) {
  return KEPT_IN_FRONT.has(characters[0]) || /^['’]s$/i.test(characters.join(""));
}
