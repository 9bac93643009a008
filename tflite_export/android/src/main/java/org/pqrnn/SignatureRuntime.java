package org.pqrnn;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.lite.Interpreter;
import org.tensorflow.lite.Tensor;

/**
 * Runs a model with the {@code Interpreter} of {@code org.tensorflow:tensorflow-lite}, through the
 * file's signatures: a short text takes a shorter way.
 */
public final class SignatureRuntime implements ModelRuntime {
    private static final String INPUT = "code_points";

    private final Interpreter interpreter;
    private final List<Signature> signatures = new ArrayList<>();

    /**
     * Takes an interpreter that was made with {@link ModelFile#buffer()}.
     *
     * @param interpreter is closed with this object
     * @throws IllegalArgumentException if it does not run a model of this package
     */
    public SignatureRuntime(Interpreter interpreter) {
        this.interpreter = interpreter;
        for (String key : interpreter.getSignatureKeys()) {
            if (OutputBuffers.takesOnlyText(key)) {
                signatures.add(new OneSignature(key));
            }
        }
        if (signatures.isEmpty()) {
            throw OutputBuffers.otherModel("no signature");
        }
    }

    @Override
    public List<Signature> signatures() {
        return Collections.unmodifiableList(signatures);
    }

    @Override
    public void close() {
        interpreter.close();
    }

    private final class OneSignature implements Signature {
        private final String key;
        private final int codePoints;
        private final int tokens;
        private final ByteBuffer input;
        private final OutputBuffers outputs = new OutputBuffers();
        private final Map<String, Object> inputsByName = new HashMap<>();
        private final Map<String, Object> outputsByName = new HashMap<>();

        OneSignature(String key) {
            this.key = key;
            codePoints = interpreter.getInputTensorFromSignature(INPUT, key).shape()[1];
            input = OutputBuffers.direct(4 * codePoints);
            inputsByName.put(INPUT, input);
            for (String name : OutputBuffers.wanted(
                    Arrays.asList(interpreter.getSignatureOutputs(key)))) {
                Tensor tensor = interpreter.getOutputTensorFromSignature(name, key);
                outputsByName.put(name, outputs.add(name, tensor.numBytes(), tensor.shape()));
            }
            tokens = outputs.tokens();
        }

        @Override
        public int codePoints() {
            return codePoints;
        }

        @Override
        public int tokens() {
            return tokens;
        }

        @Override
        public int intents() {
            return outputs.intents();
        }

        @Override
        public int tags() {
            return outputs.tags();
        }

        @Override
        public int width() {
            return outputs.width();
        }

        @Override
        public int nested() {
            return outputs.nested();
        }

        @Override
        public ModelOutputs run(int[] points) {
            OutputBuffers.fill(input, points);
            outputs.rewind();
            interpreter.runSignature(inputsByName, outputsByName, key);
            return outputs.read();
        }
    }
}
