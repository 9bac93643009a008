package org.pqrnn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** A parsed utterance. */
public final class ParsedText {
    private final String text;
    private final String intent;
    private final double score;
    private final List<ParsedSlot> slots;
    private final String tree;
    private final boolean truncated;
    private final double intentScore;
    private final List<ParsedText> alternatives;

    ParsedText(String text, String intent, double score, double intentScore, List<ParsedSlot> slots,
            String tree, boolean truncated, List<ParsedText> alternatives) {
        this.text = text;
        this.intent = intent;
        this.score = score;
        this.slots = Collections.unmodifiableList(new ArrayList<>(slots));
        this.tree = tree;
        this.truncated = truncated;
        this.intentScore = intentScore;
        this.alternatives = Collections.unmodifiableList(new ArrayList<>(alternatives));
    }

    /**
     * This parse, of an added intent, with those of the model as its alternatives. They share what it
     * leaves: the probability of each, times 1 - its score. Its score is at least a half, so that none
     * has more.
     *
     * @param own what the model says of the text, with alternatives; where the model rejects the text,
     *     it is none itself
     * @param most how many there are at most
     */
    ParsedText withOwnParses(ParsedText own, int most) {
        List<ParsedText> others = new ArrayList<>();
        if (!own.rejected()) {
            others.add(own.shared(1 - score));
        }
        for (ParsedText other : own.alternatives) {
            others.add(other.shared(1 - score));
        }
        return new ParsedText(text, intent, score, intentScore, slots, tree, truncated,
                others.subList(0, Math.min(most, others.size())));
    }

    /** This parse as an alternative of another one, which leaves it a share of its probability. */
    private ParsedText shared(double share) {
        return new ParsedText(text, intent, PqrnnParser.rounded(share * score),
                PqrnnParser.rounded(share * intentScore), slots, tree, truncated,
                Collections.<ParsedText>emptyList());
    }

    /** The utterance, as it was given. */
    public String text() {
        return text;
    }

    /**
     * Intent name, without {@code IN:}; empty where the text has no token; null where the model rejects the
     * text because it belongs to no intent. What it would be is then still in {@link #tree()}.
     */
    public String intent() {
        return intent;
    }

    /** Whether the model rejects the text because it belongs to no intent. */
    public boolean rejected() {
        return intent == null;
    }

    /**
     * The probability that the whole parse is right: calibrated where the file has a calibration, else the
     * model's own.
     */
    public double score() {
        return score;
    }

    /** The probability that the intent is right, as {@link #score()}. */
    public double intentScore() {
        return intentScore;
    }

    /** The next best parses, the best first, where they were asked for. */
    public List<ParsedText> alternatives() {
        return alternatives;
    }

    /** In the order of the text, each with what is nested in it. */
    public List<ParsedSlot> slots() {
        return slots;
    }

    /**
     * The bracketed parse in MTOP's decoupled form, with only the words that belong to a slot. In names
     * and words brackets and backslashes have a backslash before them, and white space is written as its
     * code point.
     */
    public String tree() {
        return tree;
    }

    /** Whether the end of the text was beyond the model's limits and cut. */
    public boolean truncated() {
        return truncated;
    }

    @Override
    public String toString() {
        return tree;
    }
}
