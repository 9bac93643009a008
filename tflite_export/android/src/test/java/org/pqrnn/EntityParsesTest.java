package org.pqrnn;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;
import org.junit.Test;

/**
 * Parsers that know names say what Python's say, on native TensorFlow Lite: what {@code
 * tests/tflite_export/make_entity_parses_golden.py} wrote.
 */
public class EntityParsesTest {
    /** All slots with their candidates. */
    private static List<String> linked(List<ParsedSlot> slots) {
        List<String> found = new ArrayList<>();
        for (ParsedSlot slot : slots) {
            StringBuilder told = new StringBuilder(slot.name() + " " + slot.start() + " " + slot.end());
            for (EntityCandidate one : slot.candidates()) {
                told.append(", ").append(one.id()).append(' ').append(one.score()).append(' ')
                        .append(LinkerTest.quality(one)).append(' ').append(one.start()).append(' ')
                        .append(one.end());
            }
            found.add(told.toString());
            if (slot.nested() != null) {
                found.addAll(linked(slot.nested().slots()));
            }
        }
        return found;
    }

    private static List<String> linked(JSONArray slots) throws JSONException {
        List<String> found = new ArrayList<>();
        for (int i = 0; i < slots.length(); i++) {
            JSONArray slot = slots.getJSONArray(i);
            StringBuilder told = new StringBuilder(
                    slot.getString(0) + " " + slot.getInt(1) + " " + slot.getInt(2));
            JSONArray candidates = slot.optJSONArray(3);
            for (int k = 0; candidates != null && k < candidates.length(); k++) {
                JSONArray one = candidates.getJSONArray(k);
                told.append(", ").append(one.getString(0)).append(' ').append(one.getDouble(1))
                        .append(' ').append(one.getString(2)).append(' ').append(one.getInt(3))
                        .append(' ').append(one.getInt(4));
            }
            found.add(told.toString());
        }
        return found;
    }

    @Test
    public void parsesEqualPythonWhateverListWasSetBefore() throws Exception {
        JSONObject golden = new JSONObject(Resources.text("tiny_entities_parses.json"));
        assertEquals(2, golden.getJSONArray("models").length());
        assertParses(golden);
    }

    /** With -Dpqrnn.expected: any models, on parses that Python wrote. */
    @Test
    public void parsesOfGivenModelsEqualPythonButForNearTies() throws Exception {
        String path = System.getProperty("pqrnn.expected", "");
        assumeTrue("no -Dpqrnn.expected", !path.isEmpty());
        byte[] content = Files.readAllBytes(new File(path).toPath());
        JSONObject given = new JSONObject(new String(content, StandardCharsets.UTF_8));
        assumeTrue("parses without lists", given.has("lists"));
        assertParses(given);
    }

    private static ModelFile model(String file) throws Exception {
        return file.contains("/") ? ModelFile.read(new File(file)) : Resources.model(file);
    }

    private static void assertParses(JSONObject golden) throws Exception {
        double rounding = golden.getDouble("rounding");
        List<Entities> lists = new ArrayList<>();
        for (int i = 0; i < golden.getJSONArray("lists").length(); i++) {
            lists.add(new Entities(
                    EntityVectorsTest.entities(golden.getJSONArray("lists").getJSONArray(i))));
        }
        JSONArray models = golden.getJSONArray("models");
        for (int m = 0; m < models.length(); m++) {
            ModelFile model = model(models.getJSONObject(m).getString("file"));
            JSONArray parses = models.getJSONObject(m).getJSONArray("parses");
            assertTrue(parses.length() >= 40);
            try (PqrnnParser parser = new PqrnnParser(model, new BytedecoRuntime(model, 1))) {
                for (int i = 0; i < parses.length(); i++) {
                    JSONObject row = parses.getJSONObject(i);
                    parser.setEntities(row.isNull("list") ? null : lists.get(row.getInt("list")));
                    parser.setEntityTypes(LinkerTest.types(row.getJSONObject("types")));
                    assertParse(row, parser, rounding);
                }
            }
        }
    }

    private static void assertParse(JSONObject row, PqrnnParser parser, double rounding)
            throws Exception {
        JSONArray others = row.getJSONArray("alternatives");
        String text = row.getString("text");
        ParsedText parsed = parser.parse(text, others.length());
        if (row.optDouble("margin", Double.POSITIVE_INFINITY) < rounding
                && !parsed.tree().equals(row.getString("tree"))) {
            return;
        }
        assertEquals(row.getString("tree"), parsed.tree());
        assertEquals(text, linked(row.getJSONArray("linked")), linked(parsed.slots()));
        assertEquals(text, row.getDouble("score"), parsed.score(), rounding);
        assertEquals(text, row.getDouble("intent_score"), parsed.intentScore(), rounding);
        assertEquals(text, row.getBoolean("truncated"), parsed.truncated());
        assertEquals(text, others.length(), parsed.alternatives().size());
        for (int k = 0; k < others.length(); k++) {
            ParsedText other = parsed.alternatives().get(k);
            assertEquals(text, others.getJSONArray(k).getString(0), other.tree());
            assertEquals(text, others.getJSONArray(k).getDouble(1), other.score(), rounding);
            assertEquals(text, linked(others.getJSONArray(k).getJSONArray(2)), linked(other.slots()));
        }
    }

    @Test
    public void waysInForNamesArePreparedWhenThereAreSome() throws Exception {
        ModelFile model = Resources.model("tiny_entities.tflite");
        BytedecoRuntime runtime = new BytedecoRuntime(model, 1);
        assertEquals(runtime.signatures().size(), runtime.entitySignatures().size());
        for (ModelRuntime.Signature signature : runtime.entitySignatures()) {
            assertEquals(model.entityFeatures().width(), signature.entityFeatures());
        }
        assertEquals(0, runtime.signatures().get(0).entityFeatures());
        runtime.close();
        assertTrue(runtime.entitySignatures().isEmpty());
        try (BytedecoRuntime other = new BytedecoRuntime(Resources.tiny(), 1)) {
            assertTrue(other.entitySignatures().isEmpty());
        }
    }
}
