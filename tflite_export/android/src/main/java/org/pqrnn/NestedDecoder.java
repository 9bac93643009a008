package org.pqrnn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * From logits to what is nested in the slots of a parse, by the rules of
 * {@code pqrnn_tf/runtime/nested_decoding.py}. In each slot by itself: either words alone (tag
 * {@code O} at each token), or the sequence of other tags with the largest sum of logits that makes a
 * tree; exact unless more than {@value #CANDIDATES} partial trees differ for later tokens.
 */
final class NestedDecoder {
    static final int CANDIDATES = 32;

    private final LabelSet labels;
    private final int width;
    private final List<List<NestedStep>> steps = new ArrayList<>(); // by column

    NestedDecoder(LabelSet labels) {
        this.labels = labels;
        width = labels.nested().size();
        for (String tag : labels.nested()) {
            steps.add(NestedStep.parse(tag));
        }
    }

    /**
     * Completes slots.
     *
     * @param slots plain slots; they are given what is nested in them
     * @param logits rows of one for each nested tag
     * @param length number of tokens
     * @return the column of each token's nested tag
     */
    int[] decode(List<Slot> slots, float[] logits, int length) {
        int[] columns = new int[length];
        for (Slot slot : slots) {
            List<Integer> tokens = slot.tokens();
            Partial path = bestPath(columnsOf(slot.name), logits, tokens);
            for (int i = tokens.size() - 1; path != null && i >= 0; i--) {
                columns[tokens.get(i)] = path.column;
                path = path.before;
            }
            for (int token : tokens) {
                slot.addBelow(token, steps.get(columns[token]));
            }
        }
        return columns;
    }

    /** The columns that may stand in a slot, without the first one. */
    private List<Integer> columnsOf(String slot) {
        List<Integer> columns = new ArrayList<>();
        for (int column = 1; column < width; column++) {
            if (labels.slotsOfNested().isEmpty()
                    || labels.slotsOfNested().get(column).contains(slot)) {
                columns.add(column);
            }
        }
        return columns;
    }

    /** The best tree at its last token; null where words alone are better. */
    private Partial bestPath(List<Integer> columns, float[] logits, List<Integer> tokens) {
        double plain = 0;
        double most = 0;
        for (int token : tokens) {
            double highest = Double.NEGATIVE_INFINITY;
            for (int column : columns) {
                highest = Math.max(highest, logits[token * width + column]);
            }
            plain += logits[token * width];
            most += highest;
        }
        // No sequence has more than the best tag of each token.
        if (most <= plain) {
            return null;
        }
        List<Partial> beam = Collections.singletonList(new Partial(0, null, 0, Content.NOTHING));
        for (int token : tokens) {
            Map<Content, Partial> found = new LinkedHashMap<>();
            for (Partial partial : beam) {
                for (int column : columns) {
                    Content after = partial.content.after(steps.get(column), 0);
                    if (after == null) {
                        continue;
                    }
                    double total = partial.total + logits[token * width + column];
                    Partial other = found.get(after);
                    if (other == null || other.total < total) {
                        found.put(after, new Partial(total, partial, column, after));
                    }
                }
            }
            beam = new ArrayList<>(found.values());
            // Stable: of equal sums the one found first is kept.
            Collections.sort(beam, (one, other) -> Double.compare(other.total, one.total));
            if (beam.size() > CANDIDATES) {
                beam = beam.subList(0, CANDIDATES);
            }
        }
        return beam.isEmpty() || beam.get(0).total <= plain ? null : beam.get(0);
    }

    /** A partial tree up to a token. */
    private static final class Partial {
        final double total;
        final Partial before;
        final int column;
        final Content content;

        Partial(double total, Partial before, int column, Content content) {
            this.total = total;
            this.before = before;
            this.column = column;
            this.content = content;
        }
    }

    /** What stands in a slot so far, as far as later words depend on it. */
    private static final class Content {
        static final Content NOTHING = new Content("", Collections.<String, Content>emptyMap());
        static final Content WORDS = new Content("", Collections.<String, Content>emptyMap());

        final String intent;
        final Map<String, Content> slots; // the last one of each name
        final int hash;

        Content(String intent, Map<String, Content> slots) {
            this.intent = intent;
            this.slots = slots;
            hash = 31 * intent.hashCode() + slots.hashCode();
        }

        /** The content after one more word, null where it cannot stand here. */
        Content after(List<NestedStep> steps, int level) {
            if (level == steps.size()) {
                return this == NOTHING || this == WORDS ? WORDS : null;
            }
            NestedStep step = steps.get(level);
            if (this != NOTHING && !intent.equals(step.intent)) {
                return null;
            }
            Content last = step.begins ? NOTHING : slots.get(step.slot);
            Content inner = last == null ? null : last.after(steps, level + 1);
            if (inner == null) {
                return null;
            }
            Map<String, Content> changed = new HashMap<>(slots);
            changed.put(step.slot, inner);
            return new Content(step.intent, changed);
        }

        /** NOTHING is never compared: a word was added to whatever is. */
        @Override
        public boolean equals(Object other) {
            return this == other || (other instanceof Content && hash == ((Content) other).hash
                    && intent.equals(((Content) other).intent)
                    && slots.equals(((Content) other).slots));
        }

        @Override
        public int hashCode() {
            return hash;
        }
    }
}
