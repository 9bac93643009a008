package org.pqrnn;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.Test;
import org.tensorflow.lite.DataType;
import org.tensorflow.lite.InterpreterApi;
import org.tensorflow.lite.Tensor;

/** The adapter against a stand-in for the interface: its native code is for Android alone. */
public class InterpreterRuntimeTest {
    private boolean closed;
    private int[] received;

    private static Tensor tensor(DataType type, int... shape) {
        return tensor(3, type, shape);
    }

    private static Tensor tensor(int number, DataType type, int... shape) {
        int elements = 1;
        for (int size : shape) {
            elements *= size;
        }
        int bytes = elements * (type == DataType.BOOL ? 1 : 4);
        return (Tensor) Proxy.newProxyInstance(Tensor.class.getClassLoader(),
                new Class<?>[] {Tensor.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "dataType":
                            return type;
                        case "shape":
                            return shape;
                        case "numDimensions":
                            return shape.length;
                        case "numBytes":
                            return bytes;
                        case "name":
                            return "StatefulPartitionedCall:" + number;
                        default:
                            throw new UnsupportedOperationException(method.getName());
                    }
                });
    }

    private InterpreterApi interpreter(List<Tensor> outputs) {
        Tensor input = tensor(DataType.INT32, 1, 5);
        return (InterpreterApi) Proxy.newProxyInstance(InterpreterApi.class.getClassLoader(),
                new Class<?>[] {InterpreterApi.class}, (proxy, method, arguments) -> {
                    switch (method.getName()) {
                        case "allocateTensors":
                            return null;
                        case "getInputTensorCount":
                            return 1;
                        case "getInputTensor":
                            return input;
                        case "getOutputTensorCount":
                            return outputs.size();
                        case "getOutputTensor":
                            return outputs.get((Integer) arguments[0]);
                        case "runForMultipleInputsOutputs":
                            run((Object[]) arguments[0], (Map<?, ?>) arguments[1]);
                            return null;
                        case "close":
                            closed = true;
                            return null;
                        default:
                            throw new UnsupportedOperationException(method.getName());
                    }
                });
    }

    private static List<Tensor> outputs() {
        return Arrays.asList(tensor(DataType.BOOL, 1), tensor(DataType.FLOAT32, 1, 3, 2),
                tensor(DataType.INT32, 1), tensor(DataType.FLOAT32, 1, 4),
                tensor(DataType.INT32, 1, 3, 2));
    }

    /** Writes as the interpreter does: through the buffer's position. */
    private void run(Object[] inputs, Map<?, ?> outputs) {
        ByteBuffer input = (ByteBuffer) inputs[0];
        assertEquals(20, input.remaining());
        received = new int[5];
        input.asIntBuffer().get(received);
        ((ByteBuffer) outputs.get(0)).put((byte) 1);
        ByteBuffer slots = (ByteBuffer) outputs.get(1);
        for (float value : new float[] {1, 2, 3, 4, 5, 6}) {
            slots.putFloat(value);
        }
        ((ByteBuffer) outputs.get(2)).putInt(2);
        for (float value : new float[] {7, 8, 9, 10}) {
            ((ByteBuffer) outputs.get(3)).putFloat(value);
        }
        for (int value : new int[] {0, 1, 2, 4, 0, 0}) {
            ((ByteBuffer) outputs.get(4)).putInt(value);
        }
    }

    @Test
    public void outputsAreToldApartByTypeAndRank() {
        InterpreterRuntime runtime = new InterpreterRuntime(interpreter(outputs()));
        assertEquals(5, runtime.codePoints());
        assertEquals(3, runtime.tokens());
        assertEquals(4, runtime.intents());
        assertEquals(2, runtime.tags());
        for (int repeat = 0; repeat < 2; repeat++) {
            ModelOutputs found = runtime.run(new int[] {5, 4, 3, 2, repeat});
            assertArrayEquals(new int[] {5, 4, 3, 2, repeat}, received);
            assertArrayEquals(new float[] {7, 8, 9, 10}, found.intent, 0);
            assertArrayEquals(new float[] {1, 2, 3, 4}, found.slots, 0);
            assertArrayEquals(new int[] {0, 1, 2, 4}, found.spans);
            assertEquals(2, found.length);
            assertTrue(found.truncated);
            assertNull(found.nested);
        }
    }

    @Test
    public void ofTwoOutputsLikeSlotsTheOneWithTheLowerNumberIsNested() {
        List<Tensor> outputs = new ArrayList<>(outputs());
        outputs.add(tensor(2, DataType.FLOAT32, 1, 3, 5));
        for (int turn = 0; turn < 2; turn++) {
            InterpreterRuntime runtime = new InterpreterRuntime(interpreter(outputs));
            assertEquals(2, runtime.tags());
            assertEquals(5, runtime.nested());
            Collections.reverse(outputs);
        }
        assertEquals(0, new InterpreterRuntime(interpreter(outputs())).nested());
        outputs.add(outputs.get(5));
        assertThrows(IllegalArgumentException.class,
                () -> new InterpreterRuntime(interpreter(outputs)));
    }

    @Test
    public void modelsOfOthersAreRefused() {
        assertThrows(IllegalArgumentException.class,
                () -> new InterpreterRuntime(interpreter(outputs().subList(0, 4))));
        assertThrows(IllegalArgumentException.class,
                () -> new InterpreterRuntime(
                        interpreter(Arrays.asList(tensor(DataType.INT64, 1)))));
    }

    @Test
    public void closingClosesTheInterpreter() {
        new InterpreterRuntime(interpreter(outputs())).close();
        assertTrue(closed);
    }
}
