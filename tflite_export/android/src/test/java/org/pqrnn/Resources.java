package org.pqrnn;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Files beside the tests. */
final class Resources {
    private Resources() {}

    static byte[] bytes(String name) throws IOException {
        try (InputStream stream = Resources.class.getResourceAsStream("/" + name)) {
            if (stream == null) {
                throw new IOException("no test resource " + name);
            }
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            stream.transferTo(content);
            return content.toByteArray();
        }
    }

    static String text(String name) throws IOException {
        return new String(bytes(name), StandardCharsets.UTF_8);
    }

    static ByteBuffer direct(byte[] content) {
        ByteBuffer buffer = ByteBuffer.allocateDirect(content.length);
        buffer.put(content).flip();
        return buffer;
    }

    static ModelFile tiny() throws IOException {
        return model("tiny.tflite");
    }

    static ModelFile model(String name) throws IOException {
        return ModelFile.of(direct(bytes(name)));
    }
}
