/**
 * Intents that are known by a few phrases only: nearest prototypes over an encoder's vectors, without
 * training, by the rules of `pqrnn_tf/runtime/prototypes.py`.
 */

import { fold, textOf } from "./folding.js";
import { Queue } from "./queue.js";
import { emptyParse, formatTree, rounded, treeWords } from "./rendering.js";

/** @typedef {import("./rendering.js").ParsedText} ParsedText */

/**
 * @typedef {object} VectorSource What gives the vectors, an `Encoder`.
 * @property {number} width
 * @property {string} fingerprint
 * @property {(text: string) => Promise<{vector: ArrayLike<number>, tokens: number, truncated: boolean}>} run
 */

/**
 * @typedef {object} Known What is known of an intent.
 * @property {string[]} phrases None of one of a model's own.
 * @property {number} count
 * @property {number[]} total Sum of the vectors of its phrases.
 * @property {number[]} agreement Similarity of each phrase to the mean of the others.
 */

/**
 * @typedef {object} Match The added intent that a text is most similar to.
 * @property {string} intent
 * @property {number} similarity The cosine of the text's vector and the prototype.
 * @property {number} lead By how much that is more than what it had to exceed; negative where it does not win.
 * @property {number} score The probability that the text belongs to it: the logistic function of the
 *   lead, in units of the spread of the similarities of phrases to their own intent.
 * @property {boolean} wins Whether the text belongs to it.
 * @property {boolean} truncated
 */

const FORMAT = 1;
const FOLDING_VERSION = 2;
const REJECTED_SHARE = 0.05;
const DOUBTFUL_SHARE = 0.4;
const SINGLE_PHRASE = 0.9;
const SHARPNESS = 2.75;
const LEAST_SPREAD = 0.05;
const UNKNOWN_SPREAD = 0.1;
const LEVELS = 127;

/** Intents or phrases that cannot be added, or a file of them that does not fit. */
export class IntentError extends Error {
  name = "IntentError";
}

/**
 * Recognises intents by a few phrases each, which are added on the spot: nothing is trained. Additions are made one
 * after another, also where they are not awaited.
 */
export class IntentPrototypes {
  /** @type {Map<string, Known>} */
  #added = new Map();
  /** @type {Map<string, Known>} */
  #described = new Map();
  /** Each addition waits for the vectors of its phrases: the next one must know of it. */
  #additions = new Queue();

  /**
   * @param {VectorSource} encoder An `Encoder`.
   * @param {{trained?: string[], outside?: string, rejectedShare?: number}} [options] Names of the intents of a
   *   model that they stand beside; its name for texts that belong to none of these, which no other may have; share
   *   of the phrases themselves that would be rejected, 0 to reject nothing.
   * @throws {TypeError} if `encoder` gives no vectors.
   * @throws {RangeError} if `rejectedShare` is not from 0 to 1, 1 excluded.
   */
  constructor(encoder, { trained = [], outside = "", rejectedShare = REJECTED_SHARE } = {}) {
    if (typeof encoder?.run !== "function") {
      throw new TypeError(
        `"encoder" must be an Encoder, which Encoder.load makes of a file. Received: ${JSON.stringify(encoder)}.`,
      );
    }
    if (!(rejectedShare >= 0 && rejectedShare < 1)) {
      throw new RangeError(`"rejectedShare" must be from 0 to 1, 1 excluded. Received: ${rejectedShare}.`);
    }
    this.encoder = encoder;
    this.rejectedShare = rejectedShare;
    this.trained = new Set(trained);
    this.outside = outside;
  }

  /** Names of the intents that were added. */
  get intents() {
    return [...this.#added.keys()];
  }

  /** Names of the model's own intents of which phrases are known. */
  get described() {
    return [...this.#described.keys()];
  }

  /**
   * The phrases of an intent that was added.
   * @param {string} intent
   * @throws {IntentError} if there is no such intent.
   */
  phrases(intent) {
    return [...this.#known(intent).phrases];
  }

  /**
   * Adds an intent.
   * @param {string} intent Its name.
   * @param {string[]} phrases What people say, at least one phrase; five to ten of different wording are
   *   better. Equal ones count once.
   * @returns {Promise<void>}
   * @throws {IntentError} if the name is empty or taken, there is no phrase, one has no word, or one is a
   *   phrase of another intent that was added.
   */
  addIntent(intent, phrases) {
    return this.#additions.add(() => this.#addIntent(intent, phrases));
  }

  /**
   * @param {string} intent
   * @param {string[]} phrases
   */
  async #addIntent(intent, phrases) {
    if (typeof intent !== "string" || !treeWords(intent).length) {
      throw new IntentError(`"intent" must be a name. Received: ${JSON.stringify(intent)}.`);
    }
    if (this.#added.has(intent) || this.#isOfModel(intent)) {
      const whose = this.#isOfModel(intent) ? "is one of the model's" : "was added before";
      throw new IntentError(
        `"intent" must be a new name. Received: "${intent}", which ${whose}. addPhrases adds to it, and ` +
          "removeIntent takes away what was added.",
      );
    }
    this.#added.set(intent, await this.#knownOf(intent, this.#checked(intent, phrases)));
  }

  /**
   * Adds phrases to an intent that was added, or tells phrases of one that the model was trained on, whose
   * prototype is kept, not its phrases.
   * @param {string} intent
   * @param {string[]} phrases
   * @returns {Promise<void>}
   * @throws {IntentError} as `addIntent` does, and if there is no such intent.
   */
  addPhrases(intent, phrases) {
    return this.#additions.add(() => this.#addPhrases(intent, phrases));
  }

  /**
   * @param {string} intent
   * @param {string[]} phrases
   */
  async #addPhrases(intent, phrases) {
    if (!this.trained.has(intent)) {
      const all = [...this.#known(intent).phrases, ...this.#checked(intent, phrases)];
      const known = await this.#knownOf(intent, all);
      this.#known(intent); // which may be removed by now
      this.#added.set(intent, known);
      return;
    }
    const checked = this.#checked(intent, phrases);
    const before = this.#described.get(intent);
    const total = before ? [...before.total] : new Array(this.encoder.width).fill(0);
    for (const phrase of checked) addTo(total, await this.#vector(intent, phrase));
    const count = checked.length + (before?.count ?? 0);
    this.#described.set(intent, { phrases: [], count, total, agreement: [] });
  }

  /**
   * Takes away an intent that was added, or what is known of one of the model's own.
   * @param {string} intent
   * @throws {IntentError} if nothing is known of it.
   */
  removeIntent(intent) {
    if (this.#described.delete(intent)) return;
    this.#known(intent);
    this.#added.delete(intent);
  }

  /**
   * The cosine of a text's vector and the prototype of each intent of which phrases are known.
   * @param {string} text
   * @returns {Promise<Record<string, number>>}
   */
  async similarities(text) {
    return Object.fromEntries(this.#similarities((await this.encoder.run(text)).vector));
  }

  /**
   * The added intent that a text is most similar to, and whether it belongs to it.
   * @param {string} text
   * @param {number} [modelScore] The probability of the intent that a model says.
   * @returns {Promise<Match | null>} null where no intent was added or the text has no token.
   */
  async match(text, modelScore) {
    const { vector, tokens, truncated } = await this.encoder.run(text);
    if (!this.#added.size || !tokens) return null;
    const values = this.#similarities(vector);
    let [intent, similarity] = values[0];
    for (const [name, value] of values.slice(0, this.#added.size)) {
      if (value > similarity) [intent, similarity] = [name, value];
    }
    const others = values.filter(([name]) => name !== intent).map(([, value]) => value);
    const rival = Math.max(-1, ...others);
    let bar = this.rejectedShare ? this.#threshold(this.rejectedShare, -1) : -1;
    if (modelScore !== undefined && this.#described.size < this.trained.size) {
      const share = DOUBTFUL_SHARE * Math.min(Math.max(modelScore, 0), 1);
      bar = Math.max(bar, this.#threshold(share, SINGLE_PHRASE));
    }
    const lead = similarity - Math.max(rival, bar);
    const score = 1 / (1 + Math.exp((-SHARPNESS * lead) / this.#spread()));
    const wins = similarity >= bar && similarity > rival;
    return { intent, similarity, lead, score, wins, truncated };
  }

  /**
   * The intent of an utterance, without slots.
   * @param {string} text
   * @returns {Promise<ParsedText>} Its intent is null where the text is too far from all intents, and `""`
   *   where it has no token or no intent was added.
   */
  async parse(text) {
    const match = await this.match(text);
    return match ? prototypeParse(text, match) : emptyParse(text, false);
  }

  /** All that is known, for `JSON.stringify` and a small file; Python and Java read it too. */
  save() {
    return {
      format: FORMAT,
      encoder: this.encoder.fingerprint,
      width: this.encoder.width,
      added: toJson(this.#added),
      trained: toJson(this.#described),
    };
  }

  /**
   * Takes what `save` gave, in place of all that is known.
   * @param {any} values
   * @throws {IntentError} if it is damaged, was saved with another encoder, or does not fit the model's
   *   intents.
   */
  load(values) {
    if (values?.format !== FORMAT) {
      throw new IntentError(`The intents must have format ${FORMAT}. Received: ${values?.format}.`);
    }
    const { fingerprint, width } = this.encoder;
    if (values.encoder !== fingerprint || values.width !== width) {
      throw new IntentError(
        `The intents were saved with the encoder ${values.encoder} of width ${values.width}. Received: the ` +
          `encoder ${fingerprint} of width ${width}. Take that one, or add the intents anew: their phrases ` +
          "stand in the file.",
      );
    }
    const added = fromJson(values.added, width);
    const described = fromJson(values.trained, width);
    for (const name of added.keys()) {
      if (this.#isOfModel(name)) throw unfit(name, "the model was trained on it since");
    }
    for (const name of described.keys()) {
      if (!this.trained.has(name)) throw unfit(name, "the model has no such intent");
    }
    this.#added = added;
    this.#described = described;
  }

  /** @param {string} intent */
  #isOfModel(intent) {
    return this.trained.has(intent) || intent === this.outside;
  }

  /**
   * @param {string} intent
   * @param {string} phrase
   */
  async #vector(intent, phrase) {
    const { vector, tokens } = await this.encoder.run(phrase);
    if (tokens) return vector;
    throw new IntentError(
      `"phrases" must have words. Received: "${phrase}" for "${intent}", of which the encoder reads none.`,
    );
  }

  /** @param {string} intent */
  #known(intent) {
    const known = this.#added.get(intent);
    if (known) return known;
    throw new IntentError(
      `"intent" must be one that was added, ${this.intents.join(", ")}. Received: "${intent}".`,
    );
  }

  /**
   * The phrases, each once.
   * @param {string} intent
   * @param {string[]} phrases
   */
  #checked(intent, phrases) {
    if (!Array.isArray(phrases) || !phrases.length) {
      throw new IntentError(
        `"phrases" must be a list of at least one phrase. Received: ${JSON.stringify(phrases)} for "${intent}".`,
      );
    }
    for (const phrase of phrases) {
      if (typeof phrase !== "string" || !keyOf(phrase)) {
        throw new IntentError(
          `"phrases" must have words. Received: ${JSON.stringify(phrase)} for "${intent}".`,
        );
      }
      for (const [name, known] of this.#added) {
        if (name !== intent && known.phrases.some((own) => keyOf(own) === keyOf(phrase))) {
          throw new IntentError(
            `"phrases" must not be phrases of another intent. Received: "${phrase}" for "${intent}", which is ` +
              `one of "${name}". Leave it out, or remove that intent.`,
          );
        }
      }
    }
    return eachOnce(phrases);
  }

  /**
   * @param {string} intent
   * @param {string[]} given
   * @returns {Promise<Known>}
   */
  async #knownOf(intent, given) {
    const phrases = eachOnce(given);
    const total = new Array(this.encoder.width).fill(0);
    const vectors = [];
    for (const phrase of phrases) {
      const vector = await this.#vector(intent, phrase);
      vectors.push(vector);
      addTo(total, vector);
    }
    const agreement = phrases.length < 2 ? [] : vectors.map((vector) => {
      const rest = [...total];
      addTo(rest, vector, -1);
      return Math.round(cosine(rest, vector) * 1e4) / 1e4;
    });
    return { phrases, count: phrases.length, total, agreement };
  }

  /**
   * @param {ArrayLike<number>} vector
   * @returns {[string, number][]} The added intents first.
   */
  #similarities(vector) {
    return [...this.#added, ...this.#described].map(([name, known]) => [name, cosine(known.total, vector)]);
  }

  /** The similarities of all phrases that were added to the others of their intent. */
  #agreement() {
    return [...this.#added.values()].flatMap((known) => known.agreement);
  }

  /** Their standard deviation: what is far and what is near for this encoder. */
  #spread() {
    const values = this.#agreement();
    if (!values.length) return UNKNOWN_SPREAD;
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    return Math.max(Math.sqrt(variance), LEAST_SPREAD);
  }

  /**
   * The similarity that a share of the phrases is below, between two of them by linear interpolation.
   * @param {number} share
   * @param {number} otherwise
   */
  #threshold(share, otherwise) {
    const sorted = this.#agreement().sort((a, b) => a - b);
    if (!sorted.length) return otherwise;
    const place = share * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}

/**
 * The parse of a text that belongs to an intent that was added, or is nearest to it and belongs to none.
 * @param {string} text
 * @param {Match} match
 * @returns {ParsedText}
 */
export function prototypeParse(text, { intent, score, wins, truncated }) {
  return {
    text,
    intent: wins ? intent : null,
    score: rounded(score),
    intentScore: rounded(score),
    slots: [],
    tree: formatTree(intent, []),
    truncated,
    alternatives: [],
  };
}

/**
 * The parse of an added intent with those of the model as its alternatives. They share what it leaves: the
 * probability of each, times 1 − its score. Its score is at least a half, so that none has more.
 * @param {ParsedText} parse Of a text that belongs to the added intent.
 * @param {ParsedText} own What the model says of it, with alternatives. Where the model rejects the text, it is
 *   none itself.
 * @param {number} alternatives How many there are at most.
 * @returns {ParsedText}
 */
export function withOwnParses(parse, own, alternatives) {
  const rest = 1 - parse.score;
  const others = own.intent === null ? own.alternatives : [own, ...own.alternatives];
  return {
    ...parse,
    truncated: parse.truncated || own.truncated,
    alternatives: others.slice(0, alternatives).map((other) => ({
      ...other,
      score: rounded(rest * other.score),
      intentScore: rounded(rest * other.intentScore),
      alternatives: [],
    })),
  };
}

/**
 * What two phrases have in common that are the same: folded, in small letters, with single spaces.
 * @param {string} phrase
 */
function keyOf(phrase) {
  // Where a sigma ends a word is not the same for every platform.
  const lower = textOf(fold(phrase, FOLDING_VERSION).codePoints).toLowerCase().replaceAll("ς", "σ");
  return lower.trim().replace(/\s+/g, " ");
}

/**
 * Phrases without those that are the same as one before.
 * @param {string[]} phrases
 */
function eachOnce(phrases) {
  /** @type {Map<string, string>} */
  const first = new Map();
  for (const phrase of phrases) if (!first.has(keyOf(phrase))) first.set(keyOf(phrase), phrase);
  return [...first.values()];
}

/**
 * @param {number[]} total
 * @param {ArrayLike<number>} vector
 * @param {number} [times]
 */
function addTo(total, vector, times = 1) {
  for (let i = 0; i < total.length; i++) total[i] += times * vector[i];
}

/**
 * The product of a vector of any length, made a unit one, and a unit one.
 * @param {number[]} total
 * @param {ArrayLike<number>} vector
 */
function cosine(total, vector) {
  let product = 0;
  let squares = 0;
  for (let i = 0; i < total.length; i++) {
    product += total[i] * vector[i];
    squares += total[i] * total[i];
  }
  return product / Math.max(Math.sqrt(squares), 1e-12);
}

/** @param {Map<string, Known>} intents */
function toJson(intents) {
  return Object.fromEntries(
    [...intents].map(([name, { phrases, count, total, agreement }]) => {
      const largest = Math.max(...total.map(Math.abs)) || 1;
      const levels = total.map((value) => Math.floor((value / largest) * LEVELS + 0.5));
      return [name, { phrases, count, agreement, step: largest / LEVELS, total: levels }];
    }),
  );
}

/**
 * @param {any} values
 * @param {number} width
 * @returns {Map<string, Known>}
 */
function fromJson(values, width) {
  if (values === null || typeof values !== "object" || Array.isArray(values)) throw damaged();
  return new Map(
    Object.entries(values).map(([name, known]) => {
      const { phrases, count, agreement, step, total } = known ?? {};
      if (![phrases, agreement, total].every(Array.isArray) || total.length !== width) throw damaged();
      if (![step, ...agreement, ...total].every(Number.isFinite)) throw damaged();
      if (!phrases.every((/** @type {unknown} */ phrase) => typeof phrase === "string")) throw damaged();
      if (!(Number.isInteger(count) && count > 0 && step > 0 && total.some(Boolean))) throw damaged();
      return [name, { phrases, count, agreement, total: total.map((/** @type {number} */ x) => x * step) }];
    }),
  );
}

function damaged() {
  return new IntentError("The file of intents is damaged.");
}

/**
 * @param {string} name
 * @param {string} why
 */
function unfit(name, why) {
  return new IntentError(`The intents must fit the model. Received: "${name}", but ${why}.`);
}
