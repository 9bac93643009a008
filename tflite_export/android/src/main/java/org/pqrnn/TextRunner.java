package org.pqrnn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** Gives texts to a model: folded, and by the smallest signature in which they have room. */
final class TextRunner implements AutoCloseable {
    private final Folding folding;
    private final String segmentation;
    private final ModelRuntime runtime;
    private final List<ModelRuntime.Signature> signatures;
    private List<ModelRuntime.Signature> entitySignatures; // null: not asked for yet

    /** Takes a file and what runs it; closing closes the latter. */
    TextRunner(ModelFile model, ModelRuntime runtime) {
        this.runtime = runtime;
        folding = Folding.ofVersion(model.projection());
        segmentation = model.segmentation();
        signatures = sorted(runtime.signatures());
        ModelRuntime.Signature largest = largest();
        if (largest.codePoints() != model.maxCodePoints() + 1
                || largest.tokens() != model.maxTokens()) {
            throw new IllegalArgumentException("`runtime` must have room for "
                    + (model.maxCodePoints() + 1) + " code points and " + model.maxTokens()
                    + " tokens, as `model` says. Received: " + largest.codePoints() + " and "
                    + largest.tokens() + ": it runs another model.");
        }
    }

    /** The smallest first. */
    private static List<ModelRuntime.Signature> sorted(List<? extends ModelRuntime.Signature> given) {
        List<ModelRuntime.Signature> signatures = new ArrayList<>(given);
        Collections.sort(signatures, (one, other) -> one.codePoints() != other.codePoints()
                ? Integer.compare(one.codePoints(), other.codePoints())
                : Integer.compare(one.tokens(), other.tokens()));
        return signatures;
    }

    /**
     * Whether the model can be told of names; its ways in for that are prepared now.
     *
     * @param width features of a token that it is to be told
     * @throws IllegalArgumentException if it takes others
     */
    boolean takesEntities(int width) {
        if (entitySignatures == null) {
            List<ModelRuntime.Signature> found = sorted(runtime.entitySignatures());
            for (ModelRuntime.Signature signature : found) {
                if (signature.entityFeatures() != width) {
                    throw new IllegalArgumentException("`runtime` must take " + width
                            + " features of a token, as `model` says. Received: "
                            + signature.entityFeatures() + ": it runs another model.");
                }
            }
            entitySignatures = found;
        }
        return !entitySignatures.isEmpty();
    }

    /** What a model says of a text. */
    static final class Result {
        final ModelOutputs outputs;
        final boolean truncated;
        private final CodePoints.Fitted fitted;

        private Result(ModelOutputs outputs, CodePoints.Fitted fitted) {
            this.outputs = outputs;
            this.fitted = fitted;
            truncated = outputs.truncated || fitted.more;
        }

        /** Start and end of each token in the text. */
        int[] spans() {
            int[] spans = new int[2 * outputs.length];
            for (int token = 0; token < outputs.length; token++) {
                spans[2 * token] = fitted.start(token, outputs.spans);
                spans[2 * token + 1] = fitted.end(token, outputs.spans);
            }
            return spans;
        }
    }

    ModelRuntime.Signature largest() {
        return signatures.get(signatures.size() - 1);
    }

    /** Start and end of each token in a text, also of those that the model has no room for. */
    int[] tokens(String text) {
        return EntityWords.spansOf(folding.fold(text), segmentation);
    }

    Result run(String text) {
        CodePoints.Fitted fitted = fit(text);
        return new Result(run(signatures, fitted.points, null), fitted);
    }

    /** Runs a model that takes entities, with the features of the tokens of a text. */
    Result run(String text, byte[] entities) {
        CodePoints.Fitted fitted = fit(text);
        return new Result(run(entitySignatures, fitted.points, entities), fitted);
    }

    private CodePoints.Fitted fit(String text) {
        return CodePoints.fit(folding.fold(text), largest().codePoints());
    }

    /** Runs the smallest signature in which the text has room. */
    private static ModelOutputs run(
            List<ModelRuntime.Signature> signatures, int[] points, byte[] entities) {
        int expected = CodePoints.guessTokens(points);
        int last = signatures.size() - 1;
        for (int i = 0; i < last; i++) {
            ModelRuntime.Signature signature = signatures.get(i);
            if (points.length < signature.codePoints() && expected <= signature.tokens()) {
                ModelOutputs outputs = run(signature, points, entities);
                // The guess decides what is tried first; whether it was enough, the model says.
                if (!outputs.truncated) {
                    return outputs;
                }
            }
        }
        return run(signatures.get(last), points, entities);
    }

    private static ModelOutputs run(
            ModelRuntime.Signature signature, int[] points, byte[] entities) {
        int[] buffer = CodePoints.buffer(points, signature.codePoints());
        return entities == null ? signature.run(buffer) : signature.run(buffer,
                Arrays.copyOf(entities, signature.tokens() * signature.entityFeatures()));
    }

    @Override
    public void close() {
        runtime.close();
    }
}
