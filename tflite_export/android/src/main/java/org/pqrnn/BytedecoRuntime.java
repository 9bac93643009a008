package org.pqrnn;

import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteInterpreterCreate;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteInterpreterDelete;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteInterpreterGetSignatureCount;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteInterpreterGetSignatureKey;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteInterpreterGetSignatureRunner;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteInterpreterOptionsCreate;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteInterpreterOptionsDelete;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteInterpreterOptionsSetNumThreads;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteModelCreate;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteModelDelete;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteSignatureRunnerAllocateTensors;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteSignatureRunnerDelete;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteSignatureRunnerGetInputTensor;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteSignatureRunnerGetOutputCount;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteSignatureRunnerGetOutputName;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteSignatureRunnerGetOutputTensor;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteSignatureRunnerInvoke;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorByteSize;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorCopyFromBuffer;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorCopyToBuffer;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorDim;
import static org.bytedeco.tensorflowlite.global.tensorflowlite.TfLiteTensorNumDims;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.tensorflowlite.TfLiteInterpreter;
import org.bytedeco.tensorflowlite.TfLiteInterpreterOptions;
import org.bytedeco.tensorflowlite.TfLiteModel;
import org.bytedeco.tensorflowlite.TfLiteSignatureRunner;
import org.bytedeco.tensorflowlite.TfLiteTensor;

/**
 * Runs a model on a desktop or server JVM, where TensorFlow's own archives have no native code, with
 * {@code org.bytedeco:tensorflow-lite}: TensorFlow Lite's C interface for Linux, macOS and Windows.
 */
public final class BytedecoRuntime implements ModelRuntime {
    private final ByteBuffer content; // the native side reads it as long as the model lives
    private final BytePointer pointer;
    private final TfLiteModel model;
    private final TfLiteInterpreter interpreter;
    private final List<OneSignature> signatures = new ArrayList<>();
    private final List<OneSignature> entitySignatures = new ArrayList<>();
    private boolean knowsEntities; // whether these were asked for
    private boolean closed;

    /**
     * Makes an interpreter.
     *
     * @throws IllegalArgumentException if the runtime refuses the model
     */
    public BytedecoRuntime(ModelFile file, int threads) {
        ByteBuffer given = file.buffer();
        content = given.isDirect() ? given : OutputBuffers.direct(given.remaining()).put(given);
        OutputBuffers.rewind(content);
        pointer = new BytePointer(content);
        model = TfLiteModelCreate(pointer, content.capacity());
        if (model == null || model.isNull()) {
            throw new IllegalArgumentException("`file` must be a model that the runtime can load.");
        }
        TfLiteInterpreterOptions options = TfLiteInterpreterOptionsCreate();
        TfLiteInterpreterOptionsSetNumThreads(options, threads);
        interpreter = TfLiteInterpreterCreate(model, options);
        TfLiteInterpreterOptionsDelete(options);
        if (interpreter == null || interpreter.isNull()) {
            TfLiteModelDelete(model);
            throw new IllegalArgumentException(
                    "`file` must be a model whose operations the runtime knows.");
        }
        boolean complete = false;
        try {
            open(signatures, true);
            complete = true;
        } finally {
            if (!complete) {
                close();
            }
        }
    }

    @Override
    public List<? extends Signature> signatures() {
        return Collections.unmodifiableList(signatures);
    }

    private void open(List<OneSignature> into, boolean onlyText) {
        for (int i = 0; i < TfLiteInterpreterGetSignatureCount(interpreter); i++) {
            String key = TfLiteInterpreterGetSignatureKey(interpreter, i).getString();
            if (OutputBuffers.takesOnlyText(key) == onlyText) {
                into.add(new OneSignature(key, !onlyText));
            }
        }
    }

    @Override
    public List<? extends Signature> entitySignatures() {
        if (!knowsEntities && !closed) {
            try {
                open(entitySignatures, false);
                knowsEntities = true;
            } finally {
                if (!knowsEntities) {
                    delete(entitySignatures);
                }
            }
        }
        return Collections.unmodifiableList(entitySignatures);
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        delete(signatures);
        delete(entitySignatures);
        TfLiteInterpreterDelete(interpreter);
        TfLiteModelDelete(model);
        pointer.deallocate();
    }

    private static void delete(List<OneSignature> signatures) {
        for (OneSignature signature : signatures) {
            TfLiteSignatureRunnerDelete(signature.runner);
        }
        signatures.clear();
    }

    private static void check(int status, String step) {
        if (status != 0) {
            throw new IllegalStateException("The runtime failed to " + step + ": status " + status + ".");
        }
    }

    private final class OneSignature implements Signature {
        private final TfLiteSignatureRunner runner;
        private final int codePoints;
        private final int tokens;
        private final int features;
        private final ByteBuffer input;
        private final ByteBuffer entities; // null: it is told of nothing
        private final OutputBuffers outputs = new OutputBuffers();
        private final Map<String, ByteBuffer> buffers = new LinkedHashMap<>();

        OneSignature(String key, boolean isTold) {
            runner = TfLiteInterpreterGetSignatureRunner(interpreter, key);
            check(TfLiteSignatureRunnerAllocateTensors(runner), "allocate the signature " + key);
            codePoints = TfLiteTensorDim(input("code_points"), 1);
            input = OutputBuffers.direct(4 * codePoints);
            List<String> offered = new ArrayList<>();
            for (int i = 0; i < TfLiteSignatureRunnerGetOutputCount(runner); i++) {
                offered.add(TfLiteSignatureRunnerGetOutputName(runner, i).getString());
            }
            for (String name : OutputBuffers.wanted(offered)) {
                TfLiteTensor tensor = TfLiteSignatureRunnerGetOutputTensor(runner, name);
                int[] shape = new int[TfLiteTensorNumDims(tensor)];
                for (int i = 0; i < shape.length; i++) {
                    shape[i] = TfLiteTensorDim(tensor, i);
                }
                buffers.put(name, outputs.add(name, (int) TfLiteTensorByteSize(tensor), shape));
            }
            tokens = outputs.tokens();
            features = isTold ? TfLiteTensorDim(input("entities"), 2) : 0;
            entities = isTold ? OutputBuffers.direct(tokens * features) : null;
        }

        private TfLiteTensor input(String name) {
            TfLiteTensor tensor = TfLiteSignatureRunnerGetInputTensor(runner, name);
            if (tensor == null || tensor.isNull()) {
                throw OutputBuffers.otherModel("no input `" + name + "`");
            }
            return tensor;
        }

        private void give(String name, ByteBuffer buffer) {
            check(TfLiteTensorCopyFromBuffer(input(name), new Pointer(buffer), buffer.capacity()),
                    "take " + name);
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
            if (closed) {
                throw new IllegalStateException("The runtime is closed.");
            }
            OutputBuffers.fill(input, points);
            outputs.rewind();
            give("code_points", input);
            if (entities != null) {
                give("entities", entities);
            }
            check(TfLiteSignatureRunnerInvoke(runner), "run the model");
            for (Map.Entry<String, ByteBuffer> output : buffers.entrySet()) {
                ByteBuffer buffer = output.getValue();
                TfLiteTensor tensor =
                        TfLiteSignatureRunnerGetOutputTensor(runner, output.getKey());
                check(TfLiteTensorCopyToBuffer(tensor, new Pointer(buffer), buffer.capacity()),
                        "give " + output.getKey());
            }
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
