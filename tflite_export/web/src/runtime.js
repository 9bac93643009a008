/**
 * Parses text with a .tflite of `tflite_export`, on LiteRT.js in the browser's WebAssembly.
 */

import { tokensOf } from "./character_kinds.js";
import { Decoder } from "./decoding.js";
import { Entities } from "./entities.js";
import { EntityFeatures } from "./entity_features.js";
import { fold } from "./folding.js";
import { LabelError } from "./labels.js";
import { checkEntityTypes, Linker } from "./linking.js";
import { ModelFileError, readMetadata } from "./metadata.js";
import { openModel, PARSER, runText, RuntimeError, startRuntime } from "./model.js";
import { IntentError, IntentPrototypes, prototypeParse, withOwnParses } from "./prototypes.js";
import { Queue } from "./queue.js";
import { emptyParse, renderParse } from "./rendering.js";

/** @typedef {import("./encoder.js").Encoder} Encoder */
/** @typedef {import("./entities.js").Entity} Entity */
/** @typedef {import("./entity_relations.js").Named} Named */
/** @typedef {import("./linking.js").EntityTypes} EntityTypes */
/** @typedef {import("./metadata.js").Metadata} Metadata */
/** @typedef {import("./model.js").Signature} Signature */
/** @typedef {import("./rendering.js").ParsedText} ParsedText */

export { RuntimeError, startRuntime };

/** A loaded parser. Parses run one after another; `delete` frees the memory. */
export class Parser {
  #queue = new Queue();
  /** @type {IntentPrototypes | null} */
  #prototypes = null;
  /** @type {Linker | null} */
  #linker = null;
  /** @type {EntityFeatures | null} What the model is told of the names of the list. */
  #features = null;
  /** @type {EntityTypes} */
  #entityTypes;

  /**
   * @param {object} parts
   * @param {Metadata} parts.metadata
   * @param {Decoder} parts.decoder
   * @param {number} parts.size Bytes of the file.
   * @param {Signature[]} parts.signatures The smallest first.
   * @param {Signature[]} [parts.told] Those that are told of names, the smallest first.
   * @param {() => void} parts.release
   */
  constructor({ metadata, decoder, size, signatures, told = [], release }) {
    this.metadata = metadata;
    this.#entityTypes = { ...metadata.entity_features?.slots };
    this.labels = metadata.labels;
    this.slotNames = decoder.slotNames;
    this.size = size;
    this.decoder = decoder;
    this.signatures = signatures;
    this.told = told;
    this.release = release;
  }

  /**
   * Loads a model.
   * @param {Uint8Array<ArrayBuffer>} bytes A whole .tflite file.
   * @param {string} folder URL of LiteRT.js's `wasm` folder.
   * @returns {Promise<Parser>}
   * @throws {TypeError} if `bytes` is no `Uint8Array`.
   * @throws {ModelFileError} if the file is cut, damaged or of another tool.
   * @throws {LabelError} if its labels do not fit its outputs.
   * @throws {RuntimeError} if LiteRT.js cannot be started.
   */
  static async load(bytes, folder) {
    const metadata = await readMetadata(bytes);
    const decoder = new Decoder(metadata.labels, metadata);
    const { intents, tags, nested = [] } = metadata.labels;
    const named = [intents.length, tags.length, nested.length];
    const described = metadata.entity_features;
    const known = described && new EntityFeatures(described, new Entities([]));
    const model = await openModel(bytes, folder, PARSER, ({ widths, features = 0 }) => {
      if (features && known && features !== known.width) {
        throw new ModelFileError(
          `The model is told of names by ${features} features of a token; its description has ${known.width}.`,
        );
      }
      const sizes = [widths.intent, widths.slots, widths.nested ?? 0];
      if (sizes.join() === named.join()) return;
      throw new LabelError(
        `The model has ${sizes[0]} intents, ${sizes[1]} tags and ${sizes[2]} nested tags; its labels ` +
          `name ${named[0]}, ${named[1]} and ${named[2]}: these are the labels of another model.`,
      );
    });
    if (known && !model.told.length) {
      model.release();
      throw new ModelFileError(
        `The description has "entity_features"; the model has no signature "${PARSER.told}".`,
      );
    }
    return new Parser({ metadata, decoder, size: bytes.length, ...model });
  }

  /**
   * The names that this device knows (docs/entities.md); null at first. Set it at any time, to `Entities` or to a list
   * of what they are made of: texts that are parsed from then on have slots with `candidates`, and a model that is told
   * of names (`metadata.entity_features`) is told where they stand.
   */
  get entities() {
    return /** @type {Entities | null} */ (this.#linker?.list ?? null);
  }

  /** @param {Entities | Entity[] | null} entities */
  set entities(entities) {
    const given = entities ?? null;
    const list = given === null || given instanceof Entities ? given : new Entities(given);
    const described = this.metadata.entity_features;
    this.#features = list && described ? new EntityFeatures(described, list) : null;
    this.#linker = list && new Linker(list, this.#entityTypes);
  }

  /**
   * The types of entities that each slot takes, such as `{CONTACT: "contact", DEVICE: ["light", "fan"]}`; at first those
   * that the model was trained with. A slot that is not named takes all, those of its own name first. Setting it throws
   * a `TypeError` where it is no such mapping, and a `RangeError` where a slot is none of the model's.
   * @type {EntityTypes}
   */
  get entityTypes() {
    return this.#entityTypes;
  }

  set entityTypes(types) {
    checkEntityTypes(types, this.labels);
    this.#entityTypes = { ...types };
    if (this.#linker) this.#linker = new Linker(this.#linker.list, this.#entityTypes);
  }

  /**
   * What gives the vectors by which intents are added without training; null at first. Set it to an
   * `Encoder`; nothing is added then yet.
   */
  get encoder() {
    return /** @type {Encoder | null} */ (this.#prototypes?.encoder ?? null);
  }

  set encoder(encoder) {
    const { outside } = this.decoder;
    const trained = this.labels.intents.filter((_, i) => i !== outside);
    const names = { trained, outside: this.labels.intents[outside] ?? "" };
    this.#prototypes = encoder && new IntentPrototypes(encoder, names);
  }

  /**
   * The intents that were added, and what is known of the model's own: add, remove, save and load them there.
   * @throws {IntentError} if there is no encoder.
   */
  get prototypes() {
    if (!this.#prototypes) {
      throw new IntentError('"encoder" must be set before intents are added: parser.encoder = encoder.');
    }
    return this.#prototypes;
  }

  /**
   * Adds an intent by a few phrases, as `IntentPrototypes.addIntent` does.
   * @param {string} intent
   * @param {string[]} phrases
   * @returns {Promise<void>}
   */
  async addIntent(intent, phrases) {
    return this.prototypes.addIntent(intent, phrases);
  }

  /**
   * Parses one utterance.
   * @param {string} text Any string; what lies beyond the model's limits is cut at a token.
   * @param {{alternatives?: number}} [options] How many of the next best parses are found too, exact
   *   among all intents and valid tags.
   * @returns {Promise<ParsedText>} Text without a token has the intent `""` and no slots, text that
   *   belongs to no intent the intent null.
   * @throws {TypeError} if the text is no string.
   * @throws {RangeError} if `alternatives` is not a whole number of at least 0.
   */
  parse(text, { alternatives = 0 } = {}) {
    if (!Number.isInteger(alternatives) || alternatives < 0) {
      throw new RangeError(
        `"alternatives" must be a whole number of at least 0. Received: ${alternatives}.`,
      );
    }
    // A parse knows the list of when it was asked for, though it may wait for others.
    const [linker, features] = [this.#linker, this.#features];
    return this.#queue.add(() => this.#parse(text, alternatives, linker, features));
  }

  /**
   * @param {string} text
   * @param {number} alternatives
   * @param {Linker | null} linker
   * @param {EntityFeatures | null} features
   * @returns {Promise<ParsedText>}
   */
  async #parse(text, alternatives, linker, features) {
    const named = linker?.match(text);
    const { outputs, input, length, truncated } =
      features && named?.matches.length
        ? await runText(this.told, text, this.metadata.spec, this.#told(text, features, named))
        : await runText(this.signatures, text, this.metadata.spec);
    if (!length) return emptyParse(text, truncated);
    const { intent, slots, spans, nested } = outputs;
    const tokens = Array.from(
      { length },
      (_, t) =>
        /** @type {[number, number]} */ ([input.starts[spans[2 * t]], input.ends[spans[2 * t + 1] - 1]]),
    );
    const parse = this.decoder.decode(intent, slots, length, nested, alternatives, {
      text,
      spans: tokens,
    });
    const rendered = renderParse(text, tokens, parse, truncated);
    const parsed = linker && named ? linker.link(rendered, named) : rendered;
    const match = await this.#prototypes?.match(text, parsed.intentScore);
    if (!match?.wins) return parsed;
    return withOwnParses(prototypeParse(text, match), parsed, alternatives);
  }

  /**
   * What the model is told of the names in a text.
   * @param {string} text
   * @param {EntityFeatures} features
   * @param {Named} named
   */
  #told(text, features, named) {
    const { version, segmentation } = this.metadata.spec;
    const { codePoints, starts, ends } = fold(text, version);
    const spans = tokensOf(codePoints, segmentation).map(
      ({ first, last }) => /** @type {const} */ ([starts[first], ends[last]]),
    );
    return features.of(text, spans, named);
  }

  /**
   * Frees the model's memory when the texts that were given before are through; the parser cannot be used any
   * more. A second call changes nothing.
   * @returns {Promise<void>}
   */
  delete() {
    return this.#queue.close(this.release);
  }
}
