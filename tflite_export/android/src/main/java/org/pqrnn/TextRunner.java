package org.pqrnn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Gives texts to a model: folded, and by the smallest signature in which they have room. */
final class TextRunner implements AutoCloseable {
    private final Folding folding;
    private final ModelRuntime runtime;
    private final List<ModelRuntime.Signature> signatures;

    /** Takes a file and what runs it; closing closes the latter. */
    TextRunner(ModelFile model, ModelRuntime runtime) {
        this.runtime = runtime;
        folding = Folding.ofVersion(model.projection());
        signatures = new ArrayList<>(runtime.signatures());
        Collections.sort(signatures, (one, other) -> one.codePoints() != other.codePoints()
                ? Integer.compare(one.codePoints(), other.codePoints())
                : Integer.compare(one.tokens(), other.tokens()));
        ModelRuntime.Signature largest = largest();
        if (largest.codePoints() != model.maxCodePoints() + 1
                || largest.tokens() != model.maxTokens()) {
            throw new IllegalArgumentException("`runtime` must have room for "
                    + (model.maxCodePoints() + 1) + " code points and " + model.maxTokens()
                    + " tokens, as `model` says. Received: " + largest.codePoints() + " and "
                    + largest.tokens() + ": it runs another model.");
        }
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

    Result run(String text) {
        CodePoints.Fitted fitted = CodePoints.fit(folding.fold(text), largest().codePoints());
        return new Result(run(fitted.points), fitted);
    }

    /** Runs the smallest signature in which the text has room. */
    private ModelOutputs run(int[] points) {
        int expected = CodePoints.guessTokens(points);
        int last = signatures.size() - 1;
        for (int i = 0; i < last; i++) {
            ModelRuntime.Signature signature = signatures.get(i);
            if (points.length < signature.codePoints() && expected <= signature.tokens()) {
                ModelOutputs outputs =
                        signature.run(CodePoints.buffer(points, signature.codePoints()));
                // The guess decides what is tried first; whether it was enough, the model says.
                if (!outputs.truncated) {
                    return outputs;
                }
            }
        }
        ModelRuntime.Signature largest = signatures.get(last);
        return largest.run(CodePoints.buffer(points, largest.codePoints()));
    }

    @Override
    public void close() {
        runtime.close();
    }
}
