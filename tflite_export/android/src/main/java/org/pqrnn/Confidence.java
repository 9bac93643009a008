package org.pqrnn;

import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

/**
 * How sure a model is, by the rules of {@code pqrnn_tf/runtime/confidence.py}: calibrated probabilities,
 * and the threshold below which a request is rejected.
 */
final class Confidence {
    // What is known of a decoded parse; Python's module says what each is.
    static final int PARSE = 0;
    static final int WEAKEST = 1;
    static final int INTENT = 2;
    static final int MARGIN = 3;
    static final int TOKENS = 4;
    static final int HIGHEST = 5;
    static final int ENERGY = 6;
    static final int OUTSIDE = 7;
    static final List<String> FEATURES = Arrays.asList(
            "parse", "weakest", "intent", "margin", "tokens", "highest", "energy", "outside");

    /** The logarithm of the largest probability that log-odds are made of: they stay finite. */
    private static final double CERTAIN = -1e-12;

    private final ScoreMap parse; // null: the model's own probabilities
    private final ScoreMap intent;
    private final double[] rejection; // weights; null: nothing is rejected
    private final double threshold;
    private final String outside;

    private Confidence(
            ScoreMap parse, ScoreMap intent, double[] rejection, double threshold, String outside) {
        this.parse = parse;
        this.intent = intent;
        this.rejection = rejection;
        this.threshold = threshold;
        this.outside = outside;
    }

    /** Reads the description of a model. */
    static Confidence fromJson(JSONObject description) throws JSONException {
        ScoreMap parse = null;
        ScoreMap intent = null;
        if (description.has("calibration")) {
            JSONObject maps = description.getJSONObject("calibration");
            parse = new ScoreMap(maps.getJSONObject("parse"));
            intent = new ScoreMap(maps.getJSONObject("intent"));
        }
        if (!description.has("rejection")) {
            return new Confidence(parse, intent, null, 0, "");
        }
        JSONObject rejection = description.getJSONObject("rejection");
        return new Confidence(parse, intent, weights(rejection), rejection.getDouble("threshold"),
                rejection.optString("outside", ""));
    }

    /** The same with the map of intents for whole parses, too: what a model without slots has. */
    Confidence ofIntents() {
        return new Confidence(intent, intent, rejection, threshold, outside);
    }

    private static double[] weights(JSONObject values) throws JSONException {
        JSONObject given = values.getJSONObject("weights");
        double[] weights = new double[FEATURES.size()];
        for (Iterator<?> names = given.keys(); names.hasNext(); ) {
            String name = (String) names.next();
            if (!FEATURES.contains(name)) {
                throw new JSONException("\"weights\" must name some of " + FEATURES
                        + ". Received: " + name + ".");
            }
            weights[FEATURES.indexOf(name)] = given.getDouble(name);
        }
        return weights;
    }

    private static double weightedSum(double[] weights, double[] evidence) {
        double sum = 0;
        for (int i = 0; i < weights.length; i++) {
            sum += weights[i] == 0 ? 0 : weights[i] * evidence[i];
        }
        return sum;
    }

    /** A weighted sum of features, then a monotone piecewise linear map. */
    private static final class ScoreMap {
        final double[] weights;
        final double[] from;
        final double[] to;

        ScoreMap(JSONObject values) throws JSONException {
            weights = Confidence.weights(values);
            from = numbers(values.getJSONArray("from"));
            to = numbers(values.getJSONArray("to"));
            boolean ascends = from.length > 0 && to.length == from.length;
            for (int i = 0; ascends && i < from.length; i++) {
                ascends = (i == 0 || from[i - 1] < from[i])
                        && (i == 0 ? 0 : to[i - 1]) <= to[i] && to[i] <= 1;
            }
            if (!ascends) {
                throw new JSONException("\"from\" and \"to\" of a map of scores must be as many "
                        + "numbers, at least one, \"from\" ascend, and \"to\" be probabilities that do "
                        + "not descend. Received: " + Arrays.toString(from) + " and "
                        + Arrays.toString(to) + ".");
            }
        }

        private static double[] numbers(JSONArray values) throws JSONException {
            double[] numbers = new double[values.length()];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = values.getDouble(i);
            }
            return numbers;
        }

        double probability(double[] evidence) {
            double sum = weightedSum(weights, evidence);
            int right = 0;
            while (right < from.length && from[right] <= sum) {
                right++;
            }
            if (right == 0) {
                return to[0];
            }
            if (right == from.length) {
                return to[right - 1];
            }
            double share = (sum - from[right - 1]) / (from[right] - from[right - 1]);
            return to[right - 1] + share * (to[right] - to[right - 1]);
        }
    }

    /** Whether the features of a parse are asked for. */
    boolean isNeeded() {
        return parse != null || rejection != null;
    }

    boolean isCalibrated() {
        return parse != null;
    }

    /** The probability that a parse with these features is right. */
    double parse(double[] evidence) {
        return parse.probability(evidence);
    }

    /** The probability that its intent is right. */
    double intent(double[] evidence) {
        return intent.probability(evidence);
    }

    /** Whether a request with these features belongs to no intent. */
    boolean isRejected(double[] evidence) {
        return rejection != null && weightedSum(rejection, evidence) < threshold;
    }

    /**
     * The column of the intent of requests out of scope, which is never an answer; -1 in a model
     * without it.
     *
     * @throws LabelException if the labels of the model lack it
     */
    int outside(LabelSet labels) {
        if (outside.isEmpty()) {
            return -1;
        }
        int column = labels.intents().indexOf(outside);
        if (column < 0 || labels.intents().size() < 2) {
            throw new LabelException("The labels must have the intent \"" + outside + "\" of requests "
                    + "out of scope and another one. Received: " + labels.intents() + ".");
        }
        return column;
    }

    /** The logarithm of p / (1 - p) for the logarithm of p. */
    static double logOdds(double logProbability) {
        double log = Math.min(logProbability, CERTAIN);
        return log - Math.log(-Math.expm1(log));
    }

    /**
     * Calibrated probabilities of other answers than the best: they share what it leaves, in proportion
     * to the model's own probabilities, and none gets more than the best.
     *
     * @param best the calibrated probability of the best answer
     * @param logBest the logarithm of the model's own probability of it
     * @param logOthers the same of the others
     */
    static double[] sharedRest(double best, double logBest, double... logOthers) {
        double sum = 0;
        for (double log : logOthers) {
            sum += Math.exp(log);
        }
        double whole = Math.max(-Math.expm1(Math.min(logBest, 0)), sum);
        double[] shares = new double[logOthers.length];
        for (int i = 0; i < shares.length; i++) {
            shares[i] = whole > 0 ? Math.min(best, (1 - best) * Math.exp(logOthers[i]) / whole) : 0;
        }
        return shares;
    }
}
