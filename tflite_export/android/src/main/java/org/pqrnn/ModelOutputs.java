package org.pqrnn;

/** What a model returns for one text. */
public final class ModelOutputs {
    final float[] intent;
    final float[] slots;
    final int[] spans;
    final int length;
    final boolean truncated;

    /**
     * Keeps the arrays; they are not copied.
     *
     * @param intent logits of the intents
     * @param slots logits of the tags, one row after the other, a row for each token
     * @param spans start and end of each token, in code points
     * @param length number of tokens; further rows and spans have no meaning
     * @param truncated whether tokens were cut
     */
    public ModelOutputs(
            float[] intent, float[] slots, int[] spans, int length, boolean truncated) {
        this.intent = intent;
        this.slots = slots;
        this.spans = spans;
        this.length = length;
        this.truncated = truncated;
    }
}
