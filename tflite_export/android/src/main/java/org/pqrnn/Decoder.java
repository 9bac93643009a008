package org.pqrnn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * From logits to a parse, by the rules of {@code pqrnn_tf/runtime/decoding.py}: the best pair of an
 * intent and a tag sequence under the tag grammar (I-X and G-X continue X, G-X is followed by more of
 * X) in which every slot is one that training data has under that intent; exact among the best
 * {@value #INTENT_CANDIDATES} intents. What is nested in its slots is chosen after that.
 */
final class Decoder {
    static final int INTENT_CANDIDATES = 5;

    private final LabelSet labels;
    private final int tags;
    private final int slots;
    private final int[] begin; // column of each slot's tags; -1: the slot has no such tag
    private final int[] inside;
    private final int[] gap;
    private final int[] slotOf; // -1: outside
    private final char[] kind;
    private final boolean[][] allowed; // by intent and column
    private final NestedDecoder nestedDecoder;

    /** What was decoded. */
    static final class Parse {
        final String intent;
        final double score;
        final int[] tags; // columns
        final List<Slot> slots;
        final int[] nested; // columns; none without nested logits

        Parse(String intent, double score, int[] tags, List<Slot> slots, int[] nested) {
            this.intent = intent;
            this.score = score;
            this.tags = tags;
            this.slots = slots;
            this.nested = nested;
        }
    }

    private static final class Path {
        int[] columns;
        double score;
    }

    Decoder(LabelSet labels) {
        this.labels = labels;
        nestedDecoder = new NestedDecoder(labels);
        tags = labels.tags().size();
        Map<String, Integer> column = labels.columns();
        List<String> names = new ArrayList<>();
        for (String tag : labels.tags()) {
            if (tag.startsWith("B-")) {
                names.add(tag.substring(2));
            }
        }
        slots = names.size();
        begin = new int[slots];
        inside = new int[slots];
        gap = new int[slots];
        slotOf = new int[tags];
        Arrays.fill(slotOf, -1);
        for (int slot = 0; slot < slots; slot++) {
            begin[slot] = column.get("B-" + names.get(slot));
            inside[slot] = column.get("I-" + names.get(slot));
            Integer hole = column.get("G-" + names.get(slot));
            gap[slot] = hole == null ? -1 : hole;
            slotOf[begin[slot]] = slot;
            slotOf[inside[slot]] = slot;
            if (hole != null) {
                slotOf[hole] = slot;
            }
        }
        kind = new char[tags];
        allowed = new boolean[labels.intents().size()][tags];
        for (int tag = 0; tag < tags; tag++) {
            String name = labels.tags().get(tag);
            kind[tag] = name.charAt(0);
            for (int intent = 0; intent < allowed.length; intent++) {
                allowed[intent][tag] = tag == 0 || labels.slotsOfIntent().isEmpty()
                        || labels.slotsOfIntent().get(intent).contains(name.substring(2));
            }
        }
    }

    /**
     * Decodes one utterance.
     *
     * @param intentLogits one for each intent
     * @param slotLogits rows of one for each tag
     * @param nestedLogits rows of one for each nested tag; null for plain slots
     * @param length number of tokens, at least one
     */
    Parse decode(float[] intentLogits, float[] slotLogits, float[] nestedLogits, int length) {
        double[] intents = logSoftmax(intentLogits, 0, intentLogits.length);
        double[][] scores = new double[length][];
        for (int t = 0; t < length; t++) {
            scores[t] = logSoftmax(slotLogits, t * tags, tags);
        }
        int intent = argmax(intents);
        int[] path = new int[length];
        double total = intents[intent];
        boolean fits = true;
        for (int t = 0; t < length; t++) {
            path[t] = argmax(scores[t]);
            total += scores[t][path[t]];
            fits &= allowed[intent][path[t]];
        }
        if (!fits || !isValid(path)) {
            total = Double.NEGATIVE_INFINITY;
            boolean[] tried = new boolean[intents.length];
            for (int i = 0; i < Math.min(INTENT_CANDIDATES, intents.length); i++) {
                int candidate = bestExcept(intents, tried);
                tried[candidate] = true;
                if (intents[candidate] <= total) {
                    break;
                }
                Path found = viterbi(scores, allowed[candidate]);
                if (intents[candidate] + found.score > total) {
                    intent = candidate;
                    path = found.columns;
                    total = intents[candidate] + found.score;
                }
            }
        }
        List<Slot> found = slotsOf(path);
        int[] nested = nestedLogits == null
                ? new int[0] : nestedDecoder.decode(found, nestedLogits, length);
        return new Parse(labels.intents().get(intent), Math.exp(total), path, found, nested);
    }

    private boolean isValid(int[] path) {
        int previousSlot = -1;
        char previousKind = 'O';
        for (int tag : path) {
            boolean opens = kind[tag] == 'O' || kind[tag] == 'B';
            if (opens ? previousKind == 'G' : slotOf[tag] != previousSlot) {
                return false;
            }
            previousSlot = slotOf[tag];
            previousKind = kind[tag];
        }
        return previousKind != 'G';
    }

    private Path viterbi(double[][] scores, boolean[] may) {
        int time = scores.length;
        int[][] back = new int[time][tags];
        double[] best = new double[tags];
        Arrays.fill(best, Double.NEGATIVE_INFINITY);
        best[0] = scores[0][0];
        for (int column : begin) {
            best[column] = may[column] ? scores[0][column] : Double.NEGATIVE_INFINITY;
        }
        for (int t = 1; t < time; t++) {
            int origin = bestEnd(best);
            double[] next = new double[tags];
            Arrays.fill(next, Double.NEGATIVE_INFINITY);
            next[0] = best[origin] + scores[t][0];
            back[t][0] = origin;
            for (int slot = 0; slot < slots; slot++) {
                if (!may[begin[slot]]) {
                    continue;
                }
                next[begin[slot]] = best[origin] + scores[t][begin[slot]];
                back[t][begin[slot]] = origin;
                int same = begin[slot];
                if (best[inside[slot]] > best[same]) {
                    same = inside[slot];
                }
                if (gap[slot] >= 0 && best[gap[slot]] > best[same]) {
                    same = gap[slot];
                }
                next[inside[slot]] = best[same] + scores[t][inside[slot]];
                back[t][inside[slot]] = same;
                if (gap[slot] >= 0) {
                    next[gap[slot]] = best[same] + scores[t][gap[slot]];
                    back[t][gap[slot]] = same;
                }
            }
            best = next;
        }
        Path path = new Path();
        path.columns = new int[time];
        path.columns[time - 1] = bestEnd(best);
        path.score = best[path.columns[time - 1]];
        for (int t = time - 1; t > 0; t--) {
            path.columns[t - 1] = back[t][path.columns[t]];
        }
        return path;
    }

    /** The best column after which a slot may end: a hole must be closed by I-X. */
    private int bestEnd(double[] best) {
        int position = 0;
        for (int column = 1; column < tags; column++) {
            if (kind[column] != 'G' && best[column] > best[position]) {
                position = column;
            }
        }
        return position;
    }

    private List<Slot> slotsOf(int[] path) {
        List<Slot> found = new ArrayList<>();
        for (int t = 0; t < path.length; t++) {
            if (kind[path[t]] == 'B') {
                Slot slot = new Slot(labels.tags().get(path[t]).substring(2));
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

    private static int argmax(double[] values) {
        return bestExcept(values, new boolean[values.length]);
    }

    /** The first of the highest values that are not excluded. */
    private static int bestExcept(double[] values, boolean[] excluded) {
        int best = -1;
        for (int i = 0; i < values.length; i++) {
            if (!excluded[i] && (best < 0 || values[i] > values[best])) {
                best = i;
            }
        }
        return best;
    }
}
