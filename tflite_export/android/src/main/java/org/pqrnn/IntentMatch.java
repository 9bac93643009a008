package org.pqrnn;

/** The added intent that a text is most similar to. */
public final class IntentMatch {
    private final String intent;
    private final double similarity;
    private final double lead;
    private final double score;
    private final boolean wins;
    private final boolean truncated;

    IntentMatch(String intent, double similarity, double lead, double score, boolean wins,
            boolean truncated) {
        this.intent = intent;
        this.similarity = similarity;
        this.lead = lead;
        this.score = score;
        this.wins = wins;
        this.truncated = truncated;
    }

    /** Its name. */
    public String intent() {
        return intent;
    }

    /** The cosine of the text's vector and the prototype. */
    public double similarity() {
        return similarity;
    }

    /** By how much that is more than what it had to exceed; negative where the intent does not win. */
    public double lead() {
        return lead;
    }

    /** Whether the text belongs to it. */
    public boolean wins() {
        return wins;
    }

    /** Whether the end of the text was cut. */
    public boolean truncated() {
        return truncated;
    }

    /**
     * The probability that the text belongs to the intent: the logistic function of the lead, in units of
     * the spread of the similarities of phrases to their own intent.
     */
    public double score() {
        return score;
    }
}
