package org.pqrnn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * From logits to a parse, by the rules of {@code pqrnn_tf/runtime/decoding.py}: the best pair of an
 * intent and a tag sequence under the tag grammar (I-X and G-X continue X, G-X is followed by more of
 * X) in which every slot is one that training data has under that intent; exact. What is nested in its
 * slots is chosen after that.
 */
final class Decoder {
    /** How many times as many parses as are asked for are looked at, where some are the same once trimmed. */
    private static final int SEARCHED = 8;

    private final LabelSet labels;
    private final Confidence confidence;
    private final int outside; // column of the intent that is no answer; -1: there is none
    private final int tags;
    private final String[] slotOf; // "": outside
    private final char[] kind;
    private final TagPaths[] paths; // by intent; those with the same slots share one
    private final NestedDecoder nestedDecoder;
    private final SlotTrimmer trimmer;

    /** What was decoded. */
    static final class Parse {
        final String intent;
        final String[] tags;
        final List<Slot> slots;
        final String[] nested; // none without nested logits
        final List<Parse> alternatives = new ArrayList<>(); // the best first
        double score;
        double intentScore;
        boolean rejected;

        Parse(String intent, String[] tags, List<Slot> slots, String[] nested) {
            this.intent = intent;
            this.tags = tags;
            this.slots = slots;
            this.nested = nested;
        }

        boolean isSame(Parse other) {
            return intent.equals(other.intent) && Slot.areSame(slots, other.slots);
        }
    }

    /** What a parse is read with, beside intent and tags. */
    private static final class Read {
        final float[] nestedLogits;
        final int length;
        final SlotTrimmer.Tokens tokens; // null: nothing is trimmed

        Read(float[] nestedLogits, int length, SlotTrimmer.Tokens tokens) {
            this.nestedLogits = nestedLogits;
            this.length = length;
            this.tokens = tokens;
        }
    }

    /** An intent with tags. */
    private static final class Found {
        final int intent;
        final int[] columns;
        final double total; // logarithm of the probability of both

        Found(int intent, int[] columns, double total) {
            this.intent = intent;
            this.columns = columns;
            this.total = total;
        }

        boolean isSame(Found other) {
            return intent == other.intent && Arrays.equals(columns, other.columns);
        }
    }

    /**
     * Makes a decoder.
     *
     * @param outside column of the intent of requests out of scope; -1 where there is none
     */
    Decoder(LabelSet labels, Confidence confidence, int outside) {
        this.labels = labels;
        // Without slots the parse is right where its intent is, also where an older file has two maps.
        this.confidence = labels.tags().size() > 1 ? confidence : confidence.ofIntents();
        this.outside = outside;
        nestedDecoder = new NestedDecoder(labels);
        trimmer = new SlotTrimmer(labels);
        tags = labels.tags().size();
        slotOf = new String[tags];
        kind = new char[tags];
        for (int tag = 0; tag < tags; tag++) {
            String name = labels.tags().get(tag);
            kind[tag] = name.charAt(0);
            slotOf[tag] = tag == 0 ? "" : name.substring(2);
        }
        paths = new TagPaths[labels.intents().size()];
        Map<Set<String>, TagPaths> bySlots = new HashMap<>();
        for (int intent = 0; intent < paths.length; intent++) {
            Set<String> names = labels.slotsOfIntent().isEmpty()
                    ? null : new HashSet<>(labels.slotsOfIntent().get(intent));
            if (!bySlots.containsKey(names)) {
                bySlots.put(names, new TagPaths(labels, names));
            }
            paths[intent] = bySlots.get(names);
        }
    }

    /**
     * Decodes one utterance.
     *
     * @param intentLogits one for each intent
     * @param slotLogits rows of one for each tag
     * @param nestedLogits rows of one for each nested tag; null for plain slots
     * @param length number of tokens, at least one
     * @param alternatives how many of the next best parses are found too
     * @param text the caller's own string
     * @param spans start and end of each token in it
     */
    Parse decode(float[] intentLogits, float[] slotLogits, float[] nestedLogits, int length,
            int alternatives, String text, int[] spans) {
        Read read = new Read(nestedLogits, length,
                trimmer.isNeeded() ? new SlotTrimmer.Tokens(text, spans, length) : null);
        double[] intents = logSoftmax(intentLogits, 0, intentLogits.length);
        double[][] rows = new double[length][];
        for (int t = 0; t < length; t++) {
            rows[t] = logSoftmax(slotLogits, t * tags, tags);
        }
        int intent = argmax(intents);
        int[] path = new int[length];
        double total = intents[intent];
        boolean fits = intent != outside;
        for (int t = 0; t < length; t++) {
            path[t] = argmax(rows[t]);
            total += rows[t][path[t]];
            fits &= paths[intent].allowed[path[t]];
        }
        Found best = fits && isValid(path)
                ? new Found(intent, path, total) : ranked(intents, rows, 1).get(0);
        Parse parse = parse(best, read);
        parse.score = Math.exp(best.total);
        parse.intentScore = Math.exp(intents[best.intent]);
        if (confidence.isNeeded()) {
            double[] evidence = evidence(best, intentLogits, intents, rows);
            if (confidence.isCalibrated()) {
                parse.score = confidence.parse(evidence);
                parse.intentScore = confidence.intent(evidence);
            }
            parse.rejected = confidence.isRejected(evidence);
        }
        if (alternatives > 0 && trimmer.isNeeded()) {
            List<Found> others = different(parse, intents, rows, alternatives, read);
            addAlternatives(parse, best, others, intents, read);
        } else if (alternatives > 0) {
            List<Found> others = new ArrayList<>();
            for (Found one : ranked(intents, rows, alternatives + 1)) {
                // Of equally good parses the best one may not be among them.
                if (!one.isSame(best) && others.size() < alternatives) {
                    others.add(one);
                }
            }
            addAlternatives(parse, best, others, intents, read);
        }
        return parse;
    }

    /** The next best pairs whose parses differ from the best one and from each other. */
    private List<Found> different(
            Parse best, double[] intents, double[][] rows, int count, Read read) {
        int asked = count + 1;
        for (int most = asked;; most *= 2) {
            List<Found> ranked = ranked(intents, rows, most);
            List<Parse> known = new ArrayList<>(Collections.singletonList(best));
            List<Found> others = new ArrayList<>();
            for (Found one : ranked) {
                Parse parse = parse(one, read);
                boolean isNew = true;
                for (Parse other : known) {
                    isNew &= !parse.isSame(other);
                }
                if (isNew) {
                    known.add(parse);
                    others.add(one);
                }
            }
            if (others.size() >= count || ranked.size() < most || most >= SEARCHED * asked) {
                return others.subList(0, Math.min(count, others.size()));
            }
        }
    }

    private void addAlternatives(
            Parse parse, Found best, List<Found> others, double[] intents, Read read) {
        double[] totals = new double[others.size()];
        for (int i = 0; i < totals.length; i++) {
            totals[i] = others.get(i).total;
        }
        double[] shares = Confidence.sharedRest(parse.score, best.total, totals);
        for (int i = 0; i < totals.length; i++) {
            Found one = others.get(i);
            Parse other = parse(one, read);
            if (!confidence.isCalibrated()) {
                other.score = Math.exp(one.total);
                other.intentScore = Math.exp(intents[one.intent]);
            } else {
                other.score = shares[i];
                other.intentScore = one.intent == best.intent ? parse.intentScore
                        : Confidence.sharedRest(parse.intentScore, intents[best.intent],
                                intents[one.intent])[0];
            }
            parse.alternatives.add(other);
        }
    }

    private Parse parse(Found found, Read read) {
        List<Slot> slots = slotsOf(found.columns);
        int[] columns = read.nestedLogits == null
                ? new int[0] : nestedDecoder.decode(slots, read.nestedLogits, read.length);
        String[] tags = names(found.columns, labels.tags());
        String[] nested = names(columns, labels.nested());
        if (read.tokens != null) {
            trimmer.trim(slots, tags, nested, read.tokens);
        }
        return new Parse(labels.intents().get(found.intent), tags, slots, nested);
    }

    private static String[] names(int[] columns, List<String> of) {
        String[] names = new String[columns.length];
        for (int i = 0; i < columns.length; i++) {
            names[i] = of.get(columns[i]);
        }
        return names;
    }

    /** What is known of a parse: values of {@link Confidence#FEATURES}. */
    private double[] evidence(Found found, float[] logits, double[] intents, double[][] rows) {
        double weakest = 0;
        for (int t = 0; t < rows.length; t++) {
            weakest = Math.min(weakest, rows[t][found.columns[t]]);
        }
        double second = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < intents.length; i++) {
            if (i != found.intent && i != outside) {
                second = Math.max(second, intents[i]);
            }
        }
        double own = intents[found.intent];
        double[] evidence = new double[Confidence.FEATURES.size()];
        evidence[Confidence.PARSE] = Confidence.logOdds(found.total);
        evidence[Confidence.WEAKEST] = Confidence.logOdds(weakest);
        evidence[Confidence.INTENT] = Confidence.logOdds(own);
        evidence[Confidence.MARGIN] = second == Double.NEGATIVE_INFINITY ? 0 : own - second;
        evidence[Confidence.TOKENS] = rows.length;
        evidence[Confidence.HIGHEST] = logits[found.intent];
        evidence[Confidence.ENERGY] = logits[found.intent] - own;
        evidence[Confidence.OUTSIDE] = outside < 0 ? 0 : logits[outside];
        return evidence;
    }

    /** The best pairs of an intent and valid tags, the best first: as many as there are, at most count. */
    private List<Found> ranked(double[] intents, double[][] rows, int count) {
        double most = 0; // no sequence has more than the best tag of each token
        for (double[] row : rows) {
            most += row[argmax(row)];
        }
        List<Integer> order = new ArrayList<>();
        for (int intent = 0; intent < intents.length; intent++) {
            order.add(intent);
        }
        Collections.sort(order, (one, other) -> Double.compare(intents[other], intents[one]));
        Map<TagPaths, List<TagPaths.Path>> known = new HashMap<>();
        List<Found> found = new ArrayList<>();
        double worst = Double.NEGATIVE_INFINITY; // what a further pair must exceed
        for (int intent : order) {
            if (intents[intent] + most <= worst) {
                break;
            }
            if (intent == outside) {
                continue;
            }
            if (!known.containsKey(paths[intent])) {
                known.put(paths[intent], paths[intent].best(rows, count));
            }
            for (TagPaths.Path path : known.get(paths[intent])) {
                double total = intents[intent] + path.score;
                if (total > worst) {
                    found.add(new Found(intent, path.columns, total));
                }
            }
            Collections.sort(found, (one, other) -> Double.compare(other.total, one.total));
            if (found.size() >= count) {
                found = new ArrayList<>(found.subList(0, count));
                worst = found.get(count - 1).total;
            }
        }
        return found;
    }

    private boolean isValid(int[] path) {
        String previousSlot = "";
        char previousKind = 'O';
        for (int tag : path) {
            boolean opens = kind[tag] == 'O' || kind[tag] == 'B';
            if (opens ? previousKind == 'G' : !slotOf[tag].equals(previousSlot)) {
                return false;
            }
            previousSlot = slotOf[tag];
            previousKind = kind[tag];
        }
        return previousKind != 'G';
    }

    private List<Slot> slotsOf(int[] path) {
        List<Slot> found = new ArrayList<>();
        for (int t = 0; t < path.length; t++) {
            if (kind[path[t]] == 'B') {
                Slot slot = new Slot(slotOf[path[t]]);
                slot.add(t);
                found.add(slot);
            } else if (kind[path[t]] == 'I') {
                found.get(found.size() - 1).add(t);
            }
        }
        return found;
    }

    private static double[] logSoftmax(float[] logits, int start, int length) {
        double highest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < length; i++) {
            highest = Math.max(highest, logits[start + i]);
        }
        double[] result = new double[length];
        double sum = 0;
        for (int i = 0; i < length; i++) {
            result[i] = logits[start + i] - highest;
            sum += Math.exp(result[i]);
        }
        double logarithm = Math.log(sum);
        for (int i = 0; i < length; i++) {
            result[i] -= logarithm;
        }
        return result;
    }

    /** The first of the highest values. */
    private static int argmax(double[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            if (values[i] > values[best]) {
                best = i;
            }
        }
        return best;
    }
}
