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

    ParsedText(String text, String intent, double score, List<ParsedSlot> slots, String tree,
            boolean truncated) {
        this.text = text;
        this.intent = intent;
        this.score = score;
        this.slots = Collections.unmodifiableList(new ArrayList<>(slots));
        this.tree = tree;
        this.truncated = truncated;
    }

    /** The utterance, as it was given. */
    public String text() {
        return text;
    }

    /** Intent name, without {@code IN:}; empty where the text has no token. */
    public String intent() {
        return intent;
    }

    /** The probability that the model gives to this parse. */
    public double score() {
        return score;
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
