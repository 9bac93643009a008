package org.pqrnn;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;
import static org.junit.Assume.assumeTrue;

import java.io.File;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.Test;

/** The whole way on this machine: text, native TensorFlow Lite, parse; compared with Python. */
public class BytedecoRuntimeTest {
    private static void assertParse(JSONObject expected, ParsedText parsed) throws Exception {
        String name = "text \"" + parsed.text() + "\"";
        assertEquals(name, expected.getString("tree"), parsed.tree());
        assertEquals(name, expected.getBoolean("truncated"), parsed.truncated());
        JSONArray slots = expected.getJSONArray("slots");
        assertEquals(name, slots.length(), parsed.slots().size());
        for (int i = 0; i < slots.length(); i++) {
            JSONArray slot = slots.getJSONArray(i);
            ParsedSlot found = parsed.slots().get(i);
            assertEquals(name, slot.getString(0), found.name());
            assertEquals(name, slot.getInt(1), found.start());
            assertEquals(name, slot.getInt(2), found.end());
            assertEquals(name, slot.getString(3), found.text());
        }
    }

    @Test
    public void parsesOfTheTinyModelEqualPython() throws Exception {
        assertParses("tiny");
    }

    @Test
    public void treesOfTheTinyModelEqualPython() throws Exception {
        try (BytedecoRuntime runtime = new BytedecoRuntime(Resources.model("tiny_trees.tflite"), 1)) {
            assertTrue(runtime.signatures().get(0).nested() > 1);
        }
        assertParses("tiny_trees");
    }

    /** With a product of matrices that the others lack, projection version 2 and calibrated scores. */
    @Test
    public void parsesOfTheTinyModelOfFewRowsEqualPython() throws Exception {
        assertParses("tiny_few");
    }

    private static void assertParses(String name) throws Exception {
        assertParses(
                Resources.model(name + ".tflite"), new JSONObject(Resources.text(name + "_parses.json")));
    }

    /**
     * Compares with what {@code tests/tflite_export/make_jvm_golden.py} wrote. Runtimes and processors
     * round differently, so that a near tie may fall the other way: a parse that is better than the next
     * one by a {@code margin} under the {@code rounding} of the file.
     *
     * @return how many did
     */
    private static int assertParses(ModelFile model, JSONObject file) throws Exception {
        JSONArray rows = file.getJSONArray("parses");
        assertTrue(rows.length() > 10);
        double rounding = file.getDouble("rounding");
        int ties = 0;
        try (PqrnnParser parser = new PqrnnParser(model, new BytedecoRuntime(model, 1))) {
            for (int i = 0; i < rows.length(); i++) {
                JSONObject expected = rows.getJSONObject(i);
                JSONArray others = expected.getJSONArray("alternatives");
                ParsedText parsed = parser.parse(expected.getString("text"), others.length());
                boolean mayDiffer = expected.optDouble("margin", Double.POSITIVE_INFINITY) < rounding;
                if (mayDiffer && !parsed.tree().equals(expected.getString("tree"))) {
                    ties++;
                    continue;
                }
                assertParse(expected, parsed);
                assertEquals(parsed.text(), expected.getDouble("score"), parsed.score(), rounding);
                assertEquals(parsed.text(), expected.getDouble("intent_score"), parsed.intentScore(),
                        rounding);
                if (expected.optDouble("rejection_margin", Double.POSITIVE_INFINITY) >= rounding) {
                    assertEquals(parsed.text(),
                            expected.isNull("intent") ? null : expected.getString("intent"),
                            parsed.intent());
                }
                assertEquals(parsed.text(), others.length(), parsed.alternatives().size());
                for (int k = 0; k < others.length(); k++) {
                    assertEquals(parsed.text(), others.getJSONArray(k).getDouble(1),
                            parsed.alternatives().get(k).score(), rounding);
                }
            }
        }
        return ties;
    }

    @Test
    public void everySignatureOfTheFileIsOffered() throws Exception {
        try (BytedecoRuntime runtime = new BytedecoRuntime(Resources.tiny(), 1)) {
            assertTrue(runtime.signatures().size() >= 2);
            for (ModelRuntime.Signature signature : runtime.signatures()) {
                int[] points = new int[signature.codePoints()];
                "wake me".codePoints().limit(7).forEach(point -> points[next(points)] = point);
                ModelOutputs outputs = signature.run(points);
                assertEquals(2, outputs.length);
                assertEquals(7, outputs.spans[3]);
            }
        }
    }

    private static int next(int[] points) {
        int position = 0;
        while (points[position] != 0) {
            position++;
        }
        return position;
    }

    @Test
    public void aClosedRuntimeRefusesToRun() throws Exception {
        BytedecoRuntime runtime = new BytedecoRuntime(Resources.tiny(), 1);
        ModelRuntime.Signature signature = runtime.signatures().get(0);
        runtime.close();
        runtime.close();
        assertThrows(IllegalStateException.class, () -> signature.run(new int[signature.codePoints()]));
    }

    @Test
    public void whatTheRuntimeCannotLoadIsRefused() throws Exception {
        JSONObject labels = new JSONObject("{\"intents\":[\"A\"],\"tags\":[\"O\"]}");
        JSONObject spec = new JSONObject("{\"version\":1,\"max_code_points\":4,\"max_tokens\":3}");
        ModelFile file = TestModels.model(labels, spec);
        assertThrows(IllegalArgumentException.class, () -> new BytedecoRuntime(file, 1));
    }

    /** With -Dpqrnn.model and -Dpqrnn.expected: any model, on parses that Python wrote. */
    @Test
    public void parsesOfAGivenModelEqualPythonButForNearTies() throws Exception {
        String path = System.getProperty("pqrnn.model", "");
        assumeTrue("no -Dpqrnn.model", !path.isEmpty());
        File expected = new File(System.getProperty("pqrnn.expected"));
        String content = new String(Files.readAllBytes(expected.toPath()), StandardCharsets.UTF_8);
        int ties = assertParses(ModelFile.read(new File(path)), new JSONObject(content));
        System.out.println(ties + " near ties fall the other way");
    }
}
