/**
 * How sure a model is, by the rules of `pqrnn_tf/runtime/confidence.py`: calibrated probabilities, and the
 * threshold below which a request is rejected.
 */

/** What is known of a decoded parse; `pqrnn_tf/runtime/confidence.py` says what each is. */
export const FEATURES = /** @type {const} */ ([
  "parse",
  "weakest",
  "intent",
  "margin",
  "tokens",
  "highest",
  "energy",
  "outside",
]);

/** @typedef {Partial<Record<typeof FEATURES[number], number>>} Weights */
/** @typedef {Record<typeof FEATURES[number], number>} Evidence */

/**
 * @typedef {object} ScoreMap A weighted sum of features, then a monotone piecewise linear map.
 * @property {Weights} weights
 * @property {number[]} from Sums at the knots, strictly ascending.
 * @property {number[]} to Probabilities at the knots.
 */

/**
 * @typedef {object} Calibration
 * @property {ScoreMap} parse Probability that the whole parse is right.
 * @property {ScoreMap} intent Probability that its intent is.
 */

/**
 * @typedef {object} Rejection
 * @property {Weights} weights
 * @property {number} threshold Sum below which a request is rejected.
 * @property {string} [outside] Intent of requests out of scope, which is never an answer.
 */

/** The logarithm of the largest probability that log-odds are made of: they stay finite. */
const CERTAIN = -1e-12;

/**
 * The logarithm of p / (1 − p).
 * @param {number} logProbability The logarithm of p.
 * @returns {number}
 */
export function logOdds(logProbability) {
  const log = Math.min(logProbability, CERTAIN);
  return log - Math.log(-Math.expm1(log));
}

/**
 * @param {Weights} weights
 * @param {Evidence} evidence
 * @returns {number}
 */
function weightedSum(weights, evidence) {
  return FEATURES.reduce((sum, name) => sum + (weights[name] ? weights[name] * evidence[name] : 0), 0);
}

/**
 * The probability for the features of a parse.
 * @param {ScoreMap} map
 * @param {Evidence} evidence
 * @returns {number}
 */
export function probability({ weights, from, to }, evidence) {
  const sum = weightedSum(weights, evidence);
  const found = from.findIndex((knot) => sum < knot);
  const right = found < 0 ? from.length : found;
  if (right === 0) return to[0];
  if (right === from.length) return to[right - 1];
  const share = (sum - from[right - 1]) / (from[right] - from[right - 1]);
  return to[right - 1] + share * (to[right] - to[right - 1]);
}

/**
 * Whether a request with the features of a parse belongs to no intent.
 * @param {Rejection} rejection
 * @param {Evidence} evidence
 * @returns {boolean}
 */
export function isRejected({ weights, threshold }, evidence) {
  return weightedSum(weights, evidence) < threshold;
}

/**
 * Calibrated probabilities of other answers than the best: they share what it leaves, in proportion to
 * the model's own probabilities, and none gets more than the best.
 * @param {number} best The calibrated probability of the best answer.
 * @param {number} logBest The logarithm of the model's own probability of it.
 * @param {number[]} logOthers The same of the others.
 * @returns {number[]}
 */
export function sharedRest(best, logBest, logOthers) {
  const own = logOthers.map(Math.exp);
  const sum = own.reduce((one, other) => one + other, 0);
  const whole = Math.max(-Math.expm1(Math.min(logBest, 0)), sum);
  return own.map((value) => (whole > 0 ? Math.min(best, ((1 - best) * value) / whole) : 0));
}

/**
 * What is wrong with the calibration and the rejection of a description.
 * @param {any} values The description of a model.
 * @returns {string} Empty where nothing is.
 */
export function confidenceProblem({ calibration, rejection }) {
  if (calibration !== undefined) {
    for (const name of ["parse", "intent"]) {
      const map = calibration?.[name];
      const [from, to] = [map?.from, map?.to];
      const numbers = isNumbers(from) && isNumbers(to) && from.length > 0 && to.length === from.length;
      const ascends =
        numbers && from.every((/** @type {number} */ value, /** @type {number} */ i) => !i || from[i - 1] < value);
      const probable =
        numbers &&
        to.every((/** @type {number} */ value, /** @type {number} */ i) => (i ? to[i - 1] : 0) <= value && value <= 1);
      if (!ascends || !probable || !areWeights(map.weights)) {
        return (
          `"calibration" must have the map "${name}" with "weights", ascending knots "from", and as many ` +
          'probabilities "to" that do not descend'
        );
      }
    }
  }
  if (rejection !== undefined) {
    const { weights, threshold, outside = "" } = rejection ?? {};
    if (!areWeights(weights) || !Number.isFinite(threshold) || typeof outside !== "string") {
      return '"rejection" must have "weights" and a "threshold"';
    }
  }
  return "";
}

/**
 * @param {any} values
 * @returns {boolean}
 */
function isNumbers(values) {
  return Array.isArray(values) && values.every(Number.isFinite);
}

/**
 * @param {any} weights
 * @returns {boolean}
 */
function areWeights(weights) {
  const names = Object.keys(weights ?? {});
  return (
    names.length > 0 &&
    names.every((name) => FEATURES.some((known) => known === name)) &&
    Object.values(weights).every(Number.isFinite)
  );
}
