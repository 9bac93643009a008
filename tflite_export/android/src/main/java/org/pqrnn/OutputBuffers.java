package org.pqrnn;

import java.nio.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.Map;

/** The buffers that an interpreter writes its outputs into, by the names of the signature. */
final class OutputBuffers {
    static final String[] NAMES = {"intent", "slots", "spans", "length", "truncated"};

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

    static IllegalArgumentException otherModel(String what) {
        return new IllegalArgumentException("The interpreter must run a model of this package. "
                + "Received one with " + what + ", which does not belong to it.");
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
        if (shape == null) {
            throw otherModel("no output `" + name + "`");
        }
        return shape[shape.length - 1];
    }

    int intents() {
        return last("intent");
    }

    int tags() {
        return last("slots");
    }

    /** Rows of the slots; checks that all outputs are there. */
    int tokens() {
        for (String name : NAMES) {
            last(name);
        }
        return shapes.get("slots")[1];
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
        float[] slots = new float[length * tags()];
        buffers.get("slots").asFloatBuffer().get(slots);
        int[] spans = new int[2 * length];
        buffers.get("spans").asIntBuffer().get(spans);
        float[] intent = new float[intents()];
        buffers.get("intent").asFloatBuffer().get(intent);
        return new ModelOutputs(intent, slots, spans, length, buffers.get("truncated").get(0) != 0);
    }
}
