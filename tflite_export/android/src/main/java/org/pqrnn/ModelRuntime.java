package org.pqrnn;

import java.util.List;

/** Whatever runs the model: the seam between this library and an interpreter. */
public interface ModelRuntime extends AutoCloseable {
    /** The ways into the model, at least one; those for short texts are quicker. */
    List<? extends Signature> signatures();

    /** Frees the interpreter. */
    @Override
    void close();

    /** One way into the model, with room for texts up to a size. */
    interface Signature {
        /** Length of the array that {@link #run} takes. */
        int codePoints();

        /** Tokens that there is room for: rows of the spans. */
        int tokens();

        /** Columns of the intents' logits; 0 of an encoder. */
        int intents();

        /** Columns of the slots' logits; 0 of an encoder. */
        int tags();

        /** Columns of the nested tags' logits; 0 of a model of plain slots. */
        int nested();

        /** Length of the vector; 0 of a parser. */
        default int width() {
            return 0;
        }

        /**
         * Runs the model.
         *
         * @param codePoints Unicode scalar values, 0 after the end of the text
         */
        ModelOutputs run(int[] codePoints);
    }
}
