/** The page: loads a model, parses while one types, and shows what was found. */

import { LabelError, unescape } from "./labels.js";
import { ModelFileError } from "./metadata.js";
import { Parser, RuntimeError } from "./runtime.js";

/** @typedef {import("./rendering.js").ParsedText} ParsedText */
/** @typedef {import("./rendering.js").ParsedSlot} ParsedSlot */

const EXAMPLES = [
  "wake me up at 7am tomorrow",
  "remind me to call mom at 7pm",
  "play some jazz by Miles Davis on Spotify",
  "will it rain in Lisbon this weekend?",
];

/** Hues of slots, far apart for the eye. */
const HUES = [245, 60, 155, 335, 195, 25, 295, 110];

/** Smaller scores are shown as below this. */
const LOWEST_SCORE = 0.001;

/** Parses that the shown time is the median of. */
const TIMED = 50;
/** Parses before the first one that is shown: a browser compiles what it runs often once more, better. */
const WARM_UP = 40;
/** Other parses that are shown. */
const ALTERNATIVES = 3;
const SPEAK_AFTER_MS = 700;

/**
 * @template {HTMLElement} [Kind=HTMLElement]
 * @param {string} id
 * @returns {Kind}
 */
function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element "${id}".`);
  return /** @type {Kind} */ (found);
}

const field = /** @type {HTMLTextAreaElement} */ (element("text"));
const file = /** @type {HTMLInputElement} */ (element("file"));
const percent = new Intl.NumberFormat("en", { style: "percent", maximumFractionDigits: 1 });

/** @type {Parser | null} */
let parser = null;
/** @type {number[]} */
let times = [];
/** What waits for the parse that is running; only the newest text counts. */
let waiting = false;
let busy = false;
/** @type {ReturnType<typeof setTimeout> | undefined} */
let speaking;

/** Parses the text of the field, and again where it has changed meanwhile. */
async function update() {
  element("clear").hidden = !field.value;
  if (!parser) return;
  waiting = true;
  if (busy) return;
  busy = true;
  try {
    while (waiting) {
      waiting = false;
      const text = field.value;
      const begin = performance.now();
      const parsed = await parser.parse(text, { alternatives: ALTERNATIVES });
      if (parsed.intent !== "") times = [...times, performance.now() - begin].slice(-TIMED);
      show(parsed);
    }
  } catch (error) {
    showProblem("This text could not be parsed", error);
  } finally {
    busy = false;
  }
}

/**
 * @param {ParsedText} parsed
 */
function show(parsed) {
  const rejected = parsed.intent === null;
  const result = element("result");
  result.hidden = parsed.intent === "";
  element("status").textContent = result.hidden ? "Write a request, or take an example." : "";
  result.dataset.text = parsed.text;
  element("intent").textContent = parsed.intent === null ? "Not understood" : readable(parsed.intent);
  element("intent").classList.toggle("rejected", rejected);
  element("intent").dataset.name = parsed.intent ?? "";
  element("score-block").hidden = rejected;
  element("score").textContent = readableScore(parsed.score);
  element("score").dataset.value = String(parsed.score);
  element("score-bar").style.width = `${100 * parsed.score}%`;
  // Those of the text first, so that what is nested leaves their hues alone.
  const hues = assignHues([...parsed.slots, ...parsed.slots.flatMap(slotsInside)]);
  element("marked").replaceChildren(...markedText(rejected ? { ...parsed, slots: [] } : parsed, hues));
  element("truncated").hidden = !parsed.truncated;
  element("rejected").hidden = !rejected;
  element("parsed").hidden = rejected;
  if (parsed.intent === null) element("tree").replaceChildren();
  else showTree(parsed.intent, parsed.slots, hues);
  element("bracketed").textContent = parsed.tree;
  element("copy").textContent = "Copy";
  showOthers(parsed);
  showTimes();
  clearTimeout(speaking);
  speaking = setTimeout(() => {
    element("spoken").textContent = spoken(parsed);
  }, SPEAK_AFTER_MS);
}

/**
 * What else the text may be; of a rejected text also what it would be.
 * @param {ParsedText} parsed
 */
function showOthers(parsed) {
  const { intent, alternatives } = parsed;
  const others = intent === null ? [parsed, ...alternatives].slice(0, ALTERNATIVES) : alternatives;
  element("others-label").hidden = !others.length;
  element("others").replaceChildren(
    ...others.map(({ score, slots, tree }) => {
      // That of a rejected text stands in its tree alone.
      const name = unescape(/^\[IN:(\S*)/.exec(tree)?.[1] ?? "");
      const words = slots.map((slot) => `${readable(slot.name, false)}: ${slot.text}`).join(", ");
      const entry = make("li", "", [
        make("span", "share", [readableScore(score)]),
        make("span", "", [readable(name)]),
        make("span", "slots", [words]),
      ]);
      Object.assign(entry.dataset, { tree, score });
      return entry;
    }),
  );
}

/**
 * @param {number} score
 * @returns {string}
 */
function readableScore(score) {
  return score < LOWEST_SCORE ? `< ${percent.format(LOWEST_SCORE)}` : percent.format(score);
}

/**
 * The text with a mark around each piece of a slot.
 * @param {ParsedText} parsed
 * @param {Map<string, number>} hues
 * @returns {(string | HTMLElement)[]}
 */
function markedText({ text, slots }, hues) {
  const pieces = slots
    .flatMap((slot, index) => slot.pieces.map((range, piece) => ({ slot, index, piece, range })))
    .sort((a, b) => a.range[0] - b.range[0]);
  /** @type {(string | HTMLElement)[]} */
  const nodes = [];
  let position = 0;
  for (const { slot, index, piece, range } of pieces) {
    nodes.push(text.slice(position, range[0]));
    const mark = make("mark", "", [
      make("span", "words", [text.slice(...range)]),
      make("span", "name", [piece ? `… ${readable(slot.name, false)}` : readable(slot.name, false)]),
    ]);
    Object.assign(mark.dataset, { slot: index, name: slot.name, start: range[0], end: range[1] });
    mark.style.setProperty("--hue", String(hues.get(slot.name)));
    nodes.push(mark);
    position = range[1];
  }
  return [...nodes, text.slice(position)];
}

/**
 * @param {string} intent
 * @param {ParsedSlot[]} slots
 * @param {Map<string, number>} hues
 */
function showTree(intent, slots, hues) {
  element("tree").replaceChildren(make("ul", "", [intentBranch(intent, slots, hues)]));
  layOutTree();
}

/**
 * @param {string} intent
 * @param {ParsedSlot[]} slots
 * @param {Map<string, number>} hues
 * @returns {HTMLElement}
 */
function intentBranch(intent, slots, hues) {
  const branch = make("li", "intent-branch", [make("span", "node root", [`IN:${intent}`])]);
  if (slots.length) branch.append(make("ul", "", slots.map((slot) => slotBranch(slot, hues))));
  return branch;
}

/**
 * @param {ParsedSlot} slot
 * @param {Map<string, number>} hues
 * @returns {HTMLElement}
 */
function slotBranch({ name, words, nested }, hues) {
  const node = make("span", "node inner", [`SL:${name}`]);
  node.style.setProperty("--hue", String(hues.get(name)));
  if (nested) {
    const inside = intentBranch(nested.intent, nested.slots, hues);
    return make("li", "", [node, make("ul", "inside", [inside])]);
  }
  const leaf = make("span", "node leaf", [words.join(" ")]);
  leaf.dir = "auto";
  return make("li", "", [node, make("ul", "inside", [make("li", "", [leaf])])]);
}

/** Draws the tree as a diagram, or as an outline where the diagram is too wide. */
function layOutTree() {
  const tree = element("tree");
  tree.dataset.layout = "diagram";
  if (tree.scrollWidth > tree.clientWidth) tree.dataset.layout = "outline";
}

/** Shows the median of the last parses. */
function showTimes() {
  if (!times.length) return;
  const sorted = [...times].sort((a, b) => a - b);
  const median = sorted[(sorted.length - 1) >> 1];
  element("latency").textContent = `${median.toFixed(median < 10 ? 1 : 0)} ms`;
  element("latency").dataset.value = String(median);
  element("latency-detail").textContent =
    `text in, parse out; median of ${times.length === 1 ? "one parse" : `${times.length} parses`}`;
}

/**
 * A hue for each slot name: the same name has the same one from text to text, unless two names of a
 * text would share it.
 * @param {ParsedSlot[]} slots
 * @returns {Map<string, number>}
 */
function assignHues(slots) {
  /** @type {Map<string, number>} */
  const hues = new Map();
  const names = parser?.slotNames ?? [];
  for (const { name } of slots) {
    if (hues.has(name)) continue;
    let choice = Math.max(0, names.indexOf(name));
    const taken = new Set(hues.values());
    while (taken.size < HUES.length && taken.has(HUES[choice % HUES.length])) choice++;
    hues.set(name, HUES[choice % HUES.length]);
  }
  return hues;
}

/**
 * @param {ParsedSlot} slot
 * @returns {ParsedSlot[]} All slots below a slot.
 */
function slotsInside({ nested }) {
  return nested ? nested.slots.flatMap((slot) => [slot, ...slotsInside(slot)]) : [];
}

/**
 * `CREATE_ALARM` → `Create alarm`.
 * @param {string} name
 * @param {boolean} [capital]
 * @returns {string}
 */
function readable(name, capital = true) {
  const words = name.toLowerCase().replaceAll("_", " ");
  return capital ? words.charAt(0).toUpperCase() + words.slice(1) : words;
}

/**
 * The parse in a sentence, for screen readers.
 * @param {ParsedText} parsed
 * @returns {string}
 */
function spoken({ intent, slots }) {
  if (intent === null) return "Not understood";
  if (!intent) return "";
  const parts = slots.map(({ name, text }) => `${readable(name, false)}: ${text}`);
  return [`Intent: ${readable(intent, false)}`, ...parts].join("; ");
}

/**
 * @param {string} tag
 * @param {string} className
 * @param {(string | Node)[]} children
 * @returns {HTMLElement}
 */
function make(tag, className, children) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  node.append(...children);
  return node;
}

/**
 * @param {string} title
 * @param {unknown} error
 */
function showProblem(title, error) {
  element("status").textContent = "";
  const known = [LabelError, ModelFileError, RuntimeError].some((kind) => error instanceof kind);
  const cause = error instanceof Error && known ? error.cause : error;
  const lines = [make("strong", "", [title])];
  if (error instanceof Error && known) lines.push(make("p", "", [error.message]));
  if (cause instanceof Error) lines.push(make("p", "cause", [String(cause)]));
  element("problem").replaceChildren(...lines);
  element("problem").hidden = false;
}

/**
 * Loads a model and takes it into use; the one before stays where that fails.
 * @param {string} name Shown to the user.
 * @param {() => Promise<Uint8Array<ArrayBuffer>>} read
 */
async function load(name, read) {
  element("problem").hidden = true;
  element("status").textContent = `Loading ${name} …`;
  try {
    const bytes = await read();
    element("status").textContent = "Starting LiteRT.js …";
    const folder = new URL(document.body.dataset.wasm ?? "wasm/", document.baseURI).href;
    const loaded = await Parser.load(bytes, folder);
    for (let i = 0; i < WARM_UP; i++) await loaded.parse(EXAMPLES[0], { alternatives: ALTERNATIVES });
    parser?.delete();
    parser = loaded;
  } catch (error) {
    showProblem(`The model ${name} could not be loaded`, error);
    return;
  }
  times = [];
  const { labels, metadata, slotNames } = parser;
  element("status").textContent = "";
  element("size").textContent = readableSize(parser.size);
  element("size").dataset.bytes = String(parser.size);
  element("model").textContent = name;
  element("labels").textContent = `${labels.intents.length} intents`;
  element("labels-detail").textContent = `and ${slotNames.length} kinds of slots`;
  element("licence").textContent = metadata.licence;
  document.body.dataset.ready = name;
  await update();
}

/**
 * @param {number} bytes
 * @returns {string}
 */
function readableSize(bytes) {
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
}

/**
 * @param {string} address
 * @returns {Promise<Uint8Array<ArrayBuffer>>}
 */
async function fetchModel(address) {
  let response;
  try {
    response = await fetch(address);
  } catch (cause) {
    throw new ModelFileError(`No answer from ${address}.`, { cause });
  }
  if (!response.ok) {
    throw new ModelFileError(
      `${address} was answered with ${response.status} ${response.statusText}. Name a model in the ` +
        "address of this page (?model=…), or open a file below.",
    );
  }
  return new Uint8Array(await response.arrayBuffer());
}

/** Wires the page up and loads the first model. */
async function start() {
  const parameters = new URLSearchParams(location.search);
  field.value ||= parameters.get("text") ?? EXAMPLES[0];
  field.addEventListener("input", update);
  window.addEventListener("resize", layOutTree);
  element("clear").addEventListener("click", () => {
    field.value = "";
    field.focus();
    void update();
  });
  element("examples").append(
    ...EXAMPLES.map((text) => {
      const button = make("button", "", [text]);
      button.setAttribute("type", "button");
      button.addEventListener("click", () => {
        field.value = text;
        void update();
      });
      return make("li", "", [button]);
    }),
  );
  element("copy").addEventListener("click", async () => {
    await navigator.clipboard.writeText(element("bracketed").textContent ?? "");
    element("copy").textContent = "Copied";
  });
  file.addEventListener("change", () => {
    const chosen = file.files?.[0];
    if (chosen) {
      void load(chosen.name, async () => new Uint8Array(await chosen.arrayBuffer()));
    }
    file.value = "";
  });
  const address = new URL(
    parameters.get("model") ?? document.body.dataset.model ?? "model.tflite",
    document.baseURI,
  );
  const name = address.pathname.split("/").filter(Boolean).slice(-2).join("/");
  await load(name, () => fetchModel(address.href));
}

void start();
