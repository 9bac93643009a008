package org.pqrnn;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.json.JSONObject;
import org.junit.Rule;
import org.junit.Test;
import org.junit.rules.TemporaryFolder;

public class ModelFileTest {
    private static final String LABELS =
            "{\"intents\":[\"A\",\"B\"],\"tags\":[\"O\",\"B-X\",\"I-X\"],\"slots_of_intent\":[[\"X\"],[]]}";
    private static final String SPEC = "{\"version\":1,\"max_code_points\":9,\"max_tokens\":4}";

    @Rule public TemporaryFolder folder = new TemporaryFolder();

    private static ModelFileException refused(byte[] content) {
        return assertThrows(
                ModelFileException.class, () -> ModelFile.of(ByteBuffer.wrap(content)));
    }

    private static JSONObject description() throws Exception {
        return TestModels.description(new JSONObject(LABELS), new JSONObject(SPEC));
    }

    @Test
    public void readsAnExportedModel() throws Exception {
        ModelFile model = Resources.tiny();
        assertEquals(96, model.maxCodePoints());
        assertEquals(24, model.maxTokens());
        assertEquals("O", model.labels().tags().get(0));
        assertTrue(model.labels().intents().contains("CREATE_ALARM"));
        assertTrue(model.description().contains("\"versions\""));
        assertEquals(0, model.buffer().position());
    }

    @Test
    public void readsAFileAndAStream() throws Exception {
        byte[] content = Resources.bytes("tiny.tflite");
        File file = folder.newFile("model.tflite");
        try (FileOutputStream stream = new FileOutputStream(file)) {
            stream.write(content);
        }
        assertEquals(content.length, ModelFile.read(file).buffer().remaining());
        ModelFile fromStream = ModelFile.read(new ByteArrayInputStream(content));
        assertTrue(fromStream.buffer().isDirect());
        assertEquals(content.length, fromStream.buffer().remaining());
    }

    @Test
    public void readsFromThePositionOfABuffer() throws Exception {
        byte[] content = Resources.bytes("tiny.tflite");
        ByteBuffer buffer = ByteBuffer.allocate(content.length + 20);
        buffer.position(7);
        buffer.put(content);
        buffer.limit(7 + content.length).position(7);
        assertEquals(96, ModelFile.of(buffer).maxCodePoints());
    }

    @Test
    public void readsStoredAndDeflatedEntriesWithEitherWayOfCountingOffsets() throws Exception {
        // Java's writer counts offsets from the archive's first byte, Python's from the file's.
        for (boolean deflated : new boolean[] {true, false}) {
            byte[] content = TestModels.file("pqrnn.json", description().toString(), deflated);
            assertEquals(9, ModelFile.of(ByteBuffer.wrap(content)).maxCodePoints());
        }
    }

    @Test
    public void refusesEveryTruncation() throws Exception {
        byte[] content = Resources.bytes("tiny.tflite");
        for (int cut = 1; cut < content.length; cut = cut < 400 ? cut + 1 : cut * 2) {
            byte[] part = Arrays.copyOf(content, content.length - cut);
            assertTrue(refused(part).getMessage().contains("Received: " + part.length));
        }
        assertTrue(refused(new byte[0]).getMessage().contains("must be a .tflite"));
    }

    @Test
    public void refusesADamagedDescription() throws Exception {
        byte[] content = TestModels.file("pqrnn.json", description().toString(), false);
        int position = new String(content, "ISO-8859-1").indexOf("max_tokens");
        content[position] ^= 1;
        assertTrue(refused(content).getMessage().contains("damaged"));
    }

    @Test
    public void refusesFilesOfOtherTools() throws Exception {
        assertTrue(refused(TestModels.file("labels.txt", "a", true)).getMessage()
                .contains("another tool"));
        assertTrue(refused("not a model at all".getBytes("UTF-8")).getMessage()
                .contains("do not begin like one"));
    }

    @Test
    public void refusesAnotherFormat() throws Exception {
        String other = description().put("format", 2).toString();
        assertTrue(refused(TestModels.file("pqrnn.json", other, true)).getMessage()
                .contains("format 1. Received: 2"));
    }

    @Test
    public void refusesAnotherProjection() throws Exception {
        JSONObject spec = new JSONObject(SPEC).put("version", 3);
        String other = description().put("spec", spec).toString();
        assertTrue(refused(TestModels.file("pqrnn.json", other, true)).getMessage()
                .contains("projection versions [1, 2]. Received: 3"));
    }

    @Test
    public void refusesADamagedCalibrationOrRejection() throws Exception {
        String map = "{\"weights\":{\"parse\":1},\"from\":[0,1],\"to\":[0,1]}";
        String[] damages = {
            "{\"calibration\":{\"parse\":" + map + "}}",
            "{\"calibration\":{\"parse\":" + map + ",\"intent\":" + map.replace("0,1", "1,1") + "}}",
            "{\"calibration\":{\"parse\":" + map + ",\"intent\":" + map.replace("parse", "other") + "}}",
            "{\"calibration\":{\"parse\":" + map + ",\"intent\":" + map.replace("[0,1]}", "[0,3]}") + "}}",
            "{\"calibration\":{\"parse\":" + map + ",\"intent\":" + map.replace("[0,1]}", "[1,0]}") + "}}",
            "{\"calibration\":null}",
            "{\"rejection\":{\"weights\":{\"parse\":1}}}",
        };
        for (String damage : damages) {
            JSONObject other = description();
            JSONObject changed = new JSONObject(damage);
            String name = changed.keys().next().toString();
            String text = other.put(name, changed.get(name)).toString();
            assertTrue(refused(TestModels.file("pqrnn.json", text, true)).getMessage()
                    .contains("not what this library reads"));
        }
    }

    @Test
    public void refusesDamagedEntityFeatures() throws Exception {
        for (String damage : new String[] {"{\"types\":[\"a\"]}", "7", "[]",
            "{\"types\":[\"a\"],\"slots\":{\"S\":\"b\"}}",
            "{\"types\":[\"a\"],\"slots\":{},\"far\":true}"}) {
            Object changed = new JSONObject("{\"x\":" + damage + "}").get("x");
            String text = description().put("entity_features", changed).toString();
            assertTrue(refused(TestModels.file("pqrnn.json", text, true)).getMessage()
                    .contains("not what this library reads"));
        }
    }

    @Test
    public void refusesAModelThatTakesStrings() throws Exception {
        String other = description().put("frontend", "string").toString();
        assertTrue(refused(TestModels.file("pqrnn.json", other, true)).getMessage()
                .contains("front end \"code_points\". Received: \"string\""));
        String same = description().put("frontend", "code_points").toString();
        assertEquals(9, ModelFile.of(ByteBuffer.wrap(TestModels.file("pqrnn.json", same, true)))
                .maxCodePoints());
    }

    @Test
    public void refusesADescriptionThatIsNotJsonOrLacksAField() throws Exception {
        refused(TestModels.file("pqrnn.json", "{", true));
        JSONObject values = description();
        values.remove("labels");
        refused(TestModels.file("pqrnn.json", values.toString(), true));
    }

    @Test
    public void readsAnArchiveWithAComment() throws Exception {
        byte[] content = TestModels.file("pqrnn.json", description().toString(), true);
        ByteArrayOutputStream longer = new ByteArrayOutputStream();
        content[content.length - 2] = 5;
        longer.write(content);
        longer.write("hello".getBytes("UTF-8"));
        assertEquals(4, ModelFile.of(ByteBuffer.wrap(longer.toByteArray())).maxTokens());
    }
}
