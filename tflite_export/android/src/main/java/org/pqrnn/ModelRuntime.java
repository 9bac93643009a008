package org.pqrnn;

import java.util.Collections;
import java.util.List;

/** Whatever runs the model: the seam between this library and an interpreter. */
public interface ModelRuntime extends AutoCloseable {
    /** The ways into the model, at least one; those for short texts are quicker. */
    List<? extends Signature> signatures();

    /**
     * The ways into a model that is told of names, those for short texts too; none of a model that is not,
     * and of a runtime that does not know them. A model is then told of nothing. They are asked for when
     * there are names to tell, and prepared then.
     */
    default List<? extends Signature> entitySignatures() {
        return Collections.emptyList();
    }

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

        /** Features of a token that the model is told; 0 of a way in which it is told of nothing. */
        default int entityFeatures() {
            return 0;
        }

        /**
         * Runs a model that is told of names.
         *
         * @param codePoints as above
         * @param entities features of the tokens, {@code (tokens(), entityFeatures())} row by row
         */
        default ModelOutputs run(int[] codePoints, byte[] entities) {
            throw new UnsupportedOperationException("This way into the model takes no entities.");
        }
    }
}
