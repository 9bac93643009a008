package org.pqrnn;

/** What a model returns for one text: a parser logits, an encoder a vector. */
public final class ModelOutputs {
    final float[] intent;
    final float[] slots;
    final float[] nested; // null: plain slots
    final int[] spans;
    final int length;
    final boolean truncated;
    final float[] vector; // null: a parser's

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
        this(intent, slots, nested, null, spans, length, truncated);
    }

    private ModelOutputs(float[] intent, float[] slots, float[] nested, float[] vector, int[] spans,
            int length, boolean truncated) {
        this.intent = intent;
        this.slots = slots;
        this.nested = nested;
        this.vector = vector;
        this.spans = spans;
        this.length = length;
        this.truncated = truncated;
    }

    /**
     * Outputs of an encoder; the arrays are not copied.
     *
     * @param vector the vector of the text
     * @param spans as of a parser
     * @param length as of a parser
     * @param truncated as of a parser
     */
    public static ModelOutputs ofVector(
            float[] vector, int[] spans, int length, boolean truncated) {
        return new ModelOutputs(null, null, null, vector, spans, length, truncated);
    }
}
