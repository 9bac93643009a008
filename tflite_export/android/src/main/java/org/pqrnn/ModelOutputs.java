package org.pqrnn;

/** What a model returns for one text. */
public final class ModelOutputs {
    final float[] intent;
    final float[] slots;
    final float[] nested; // null: plain slots
    final int[] spans;
    final int length;
    final boolean truncated;

    /** Outputs of a model of plain slots. */
    public ModelOutputs(
            float[] intent, float[] slots, int[] spans, int length, boolean truncated) {
        this(intent, slots, null, spans, length, truncated);
    }

    /**
     * Keeps the arrays; they are not copied.
     *
     * @param intent logits of the intents
     * @param slots logits of the tags, one row after the other, a row for each token
     * @param nested logits of the nested tags, rows like those of {@code slots}; null of a model of
     *     plain slots
     * @param spans start and end of each token, in code points
     * @param length number of tokens; further rows and spans have no meaning
     * @param truncated whether tokens were cut
     */
    public ModelOutputs(float[] intent, float[] slots, float[] nested, int[] spans, int length,
            boolean truncated) {
        this.intent = intent;
        this.slots = slots;
        this.nested = nested;
        this.spans = spans;
        this.length = length;
        this.truncated = truncated;
    }
}
