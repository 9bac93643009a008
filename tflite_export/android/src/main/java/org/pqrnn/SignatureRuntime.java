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
    private static final String ENTITIES = "entities";

    private final Interpreter interpreter;
    private final List<Signature> signatures;
    private List<Signature> entitySignatures; // null: not asked for yet

    /**
     * Takes an interpreter that was made with {@link ModelFile#buffer()}.
     *
     * @param interpreter is closed with this object
     * @throws IllegalArgumentException if it does not run a model of this package
     */
    public SignatureRuntime(Interpreter interpreter) {
        this.interpreter = interpreter;
        signatures = signatures(true);
        if (signatures.isEmpty()) {
            throw OutputBuffers.otherModel("no signature");
        }
    }

    private List<Signature> signatures(boolean onlyText) {
        List<Signature> found = new ArrayList<>();
        for (String key : interpreter.getSignatureKeys()) {
            if (OutputBuffers.takesOnlyText(key) == onlyText) {
                found.add(new OneSignature(key, !onlyText));
            }
        }
        return found;
    }

    @Override
    public List<Signature> signatures() {
        return Collections.unmodifiableList(signatures);
    }

    @Override
    public List<Signature> entitySignatures() {
        if (entitySignatures == null) {
            entitySignatures = signatures(false);
        }
        return Collections.unmodifiableList(entitySignatures);
    }

    @Override
    public void close() {
        interpreter.close();
    }

    private final class OneSignature implements Signature {
        private final String key;
        private final int codePoints;
        private final int tokens;
        private final int features;
        private final ByteBuffer input;
        private final ByteBuffer entities; // null: it is told of nothing
        private final OutputBuffers outputs = new OutputBuffers();
        private final Map<String, Object> inputsByName = new HashMap<>();
        private final Map<String, Object> outputsByName = new HashMap<>();

        OneSignature(String key, boolean isTold) {
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
            features = isTold ? interpreter.getInputTensorFromSignature(ENTITIES, key).shape()[2] : 0;
            entities = isTold ? OutputBuffers.direct(tokens * features) : null;
            if (isTold) {
                inputsByName.put(ENTITIES, entities);
            }
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

        @Override
        public int entityFeatures() {
            return features;
        }

        @Override
        public ModelOutputs run(int[] points, byte[] told) {
            OutputBuffers.fill(entities, told);
            return run(points);
        }
    }
}
