package org.pqrnn;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.json.JSONException;
import org.json.JSONObject;

/** Files that look like models, with a description of the test's choice. */
final class TestModels {
    private TestModels() {}

    static byte[] file(String entry, String description, boolean deflated) throws IOException {
        byte[] content = description.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream archive = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(archive)) {
            ZipEntry zipEntry = new ZipEntry(entry);
            if (!deflated) {
                java.util.zip.CRC32 crc = new java.util.zip.CRC32();
                crc.update(content);
                zipEntry.setMethod(ZipEntry.STORED);
                zipEntry.setSize(content.length);
                zipEntry.setCrc(crc.getValue());
            }
            zip.putNextEntry(zipEntry);
            zip.write(content);
            zip.closeEntry();
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(new byte[] {28, 0, 0, 0, 'T', 'F', 'L', '3', 1, 2, 3, 4});
        file.write(archive.toByteArray());
        return file.toByteArray();
    }

    static JSONObject description(JSONObject labels, JSONObject spec) throws JSONException {
        JSONObject values = new JSONObject();
        values.put("format", 1);
        values.put("labels", labels);
        values.put("spec", spec);
        return values;
    }

    static ModelFile model(JSONObject labels, JSONObject spec) throws IOException, JSONException {
        return model(description(labels, spec));
    }

    static ModelFile model(JSONObject description) throws IOException {
        byte[] content = file("pqrnn.json", description.toString(), true);
        return ModelFile.of(ByteBuffer.wrap(content));
    }
}
