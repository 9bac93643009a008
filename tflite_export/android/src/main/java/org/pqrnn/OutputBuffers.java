package org.pqrnn;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The buffers that an interpreter writes its outputs into, by the names of the signature. */
final class OutputBuffers {
    private static final List<String> NAMES =
            Arrays.asList("intent", "slots", "spans", "length", "truncated");
    private static final List<String> ENCODER_NAMES =
            Arrays.asList("vector", "spans", "length", "truncated");
    private static final String VECTOR = "vector"; // of encoders alone
    private static final String NESTED = "nested"; // of models of whole trees alone

    private final Map<String, ByteBuffer> buffers = new HashMap<>();
    private final Map<String, int[]> shapes = new HashMap<>();

    static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }

    /** Opens a buffer from its first to its last byte. */
    static void rewind(Buffer buffer) {
        buffer.clear(); // ByteBuffer.clear is not in old Android, Buffer.clear is
    }

    static void fill(ByteBuffer input, int[] points) {
        rewind(input);
        input.asIntBuffer().put(points);
    }

    static void fill(ByteBuffer input, byte[] features) {
        rewind(input);
        input.put(features);
        rewind(input);
    }

    /** Whether a signature takes code points and nothing else; the others are told of names, too. */
    static boolean takesOnlyText(String key) {
        return !key.startsWith("parse_entities");
    }

    static IllegalArgumentException otherModel(String what) {
        return new IllegalArgumentException("The interpreter must run a model of this package. "
                + "Received one with " + what + ", which does not belong to it.");
    }

    /** The outputs to read of those that a signature has. */
    static List<String> wanted(Collection<String> offered) {
        List<String> names =
                new ArrayList<>(offered.contains(VECTOR) ? ENCODER_NAMES : NAMES);
        for (String name : names) {
            if (!offered.contains(name)) {
                throw otherModel("no output `" + name + "`");
            }
        }
        if (offered.contains(NESTED)) {
            names.add(NESTED);
        }
        return names;
    }

    ByteBuffer add(String name, int bytes, int[] shape) {
        ByteBuffer buffer = direct(bytes);
        if (buffers.put(name, buffer) != null) {
            throw otherModel("two outputs like `" + name + "`");
        }
        shapes.put(name, shape);
        return buffer;
    }

    private int last(String name) {
        int[] shape = shapes.get(name);
        return shape == null ? 0 : shape[shape.length - 1];
    }

    int width() {
        return last(VECTOR);
    }

    int intents() {
        return last("intent");
    }

    int tags() {
        return last("slots");
    }

    int nested() {
        return last(NESTED);
    }

    /** Rows of the spans; checks that all outputs are there. */
    int tokens() {
        wanted(shapes.keySet());
        return shapes.get("spans")[1];
    }

    void rewind() {
        for (ByteBuffer buffer : buffers.values()) {
            rewind(buffer);
        }
    }

    ModelOutputs read() {
        rewind();
        int length = buffers.get("length").getInt(0);
        // Rows behind the last token have no meaning and need not be copied.
        int[] spans = new int[2 * length];
        buffers.get("spans").asIntBuffer().get(spans);
        boolean truncated = buffers.get("truncated").get(0) != 0;
        if (width() != 0) {
            return ModelOutputs.ofVector(floats(VECTOR, width()), spans, length, truncated);
        }
        float[] slots = floats("slots", length * tags());
        float[] nested = nested() == 0 ? null : floats(NESTED, length * nested());
        return new ModelOutputs(
                floats("intent", intents()), slots, nested, spans, length, truncated);
    }

    private float[] floats(String name, int count) {
        float[] values = new float[count];
        buffers.get(name).asFloatBuffer().get(values);
        return values;
    }
}
