package org.pqrnn;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.tensorflow.lite.DataType;
import org.tensorflow.lite.InterpreterApi;
import org.tensorflow.lite.Tensor;

/**
 * Runs a model with the stock interface {@code org.tensorflow:tensorflow-lite-api}, for instance with
 * the runtime of Google Play services.
 *
 * <p>That interface knows no signatures: it enters the model where the file's first graph begins,
 * which has room for the longest texts. {@link SignatureRuntime} is quicker on short ones.
 */
public final class InterpreterRuntime implements ModelRuntime, ModelRuntime.Signature {
    private final InterpreterApi interpreter;
    private final int codePoints;
    private final int tokens;
    private final ByteBuffer input;
    private final OutputBuffers outputs = new OutputBuffers();
    private final Map<Integer, Object> byIndex = new HashMap<>();

    /**
     * Takes an interpreter that was made with {@link ModelFile#buffer()}.
     *
     * @param interpreter is closed with this object
     * @throws IllegalArgumentException if it does not run a model of this package
     */
    public InterpreterRuntime(InterpreterApi interpreter) {
        this.interpreter = interpreter;
        interpreter.allocateTensors();
        Tensor given = interpreter.getInputTensor(0);
        if (interpreter.getInputTensorCount() != 1 || given.dataType() != DataType.INT32
                || given.numDimensions() != 2) {
            throw OutputBuffers.otherModel("the input " + given.name());
        }
        codePoints = given.shape()[1];
        input = OutputBuffers.direct(4 * codePoints);
        // This interface has only the converter's own names; type and rank tell the outputs apart.
        // It numbers them in the order of the signature's: of two alike `nested` is before `slots`.
        // Without slots it is an encoder, whose one output of rank 2 is the vector.
        String slots = "";
        for (int i = 0; i < interpreter.getOutputTensorCount(); i++) {
            Tensor tensor = interpreter.getOutputTensor(i);
            if (nameOf(tensor).equals("slots") && tensor.name().compareTo(slots) > 0) {
                slots = tensor.name();
            }
        }
        for (int i = 0; i < interpreter.getOutputTensorCount(); i++) {
            Tensor tensor = interpreter.getOutputTensor(i);
            String name = nameOf(tensor);
            if (name.equals("slots") && !tensor.name().equals(slots)) {
                name = "nested";
            } else if (name.equals("intent") && slots.isEmpty()) {
                name = "vector";
            }
            byIndex.put(i, outputs.add(name, tensor.numBytes(), tensor.shape()));
        }
        tokens = outputs.tokens();
    }

    private static String nameOf(Tensor tensor) {
        int rank = tensor.numDimensions();
        if (tensor.dataType() == DataType.FLOAT32 && (rank == 2 || rank == 3)) {
            return rank == 2 ? "intent" : "slots";
        }
        if (tensor.dataType() == DataType.INT32 && (rank == 1 || rank == 3)) {
            return rank == 1 ? "length" : "spans";
        }
        if (tensor.dataType() == DataType.BOOL && rank == 1) {
            return "truncated";
        }
        throw OutputBuffers.otherModel("the output " + tensor.name());
    }

    @Override
    public List<InterpreterRuntime> signatures() {
        return Collections.singletonList(this);
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
        interpreter.runForMultipleInputsOutputs(new Object[] {input}, byIndex);
        return outputs.read();
    }

    @Override
    public void close() {
        interpreter.close();
    }
}
