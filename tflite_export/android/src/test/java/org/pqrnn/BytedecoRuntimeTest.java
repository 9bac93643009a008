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
        assertEquals(name, expected.getString("intent"), parsed.intent());
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

    private static void assertParses(String name) throws Exception {
        ModelFile model = Resources.model(name + ".tflite");
        JSONArray rows = new JSONArray(Resources.text(name + "_parses.json"));
        assertTrue(rows.length() > 10);
        try (PqrnnParser parser = new PqrnnParser(model, new BytedecoRuntime(model, 1))) {
            for (int i = 0; i < rows.length(); i++) {
                JSONObject expected = rows.getJSONObject(i);
                ParsedText parsed = parser.parse(expected.getString("text"));
                assertParse(expected, parsed);
                assertEquals(parsed.text(), expected.getDouble("score"), parsed.score(), 1e-5);
            }
        }
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

    /**
     * With -Dpqrnn.model and -Dpqrnn.expected: any model, on parses that Python wrote. Runtimes round
     * differently on different processors, so that near ties may fall the other way: those whose margin,
     * by which the parse is better than the next one, is under -Dpqrnn.rounding.
     */
    @Test
    public void parsesOfAGivenModelEqualPython() throws Exception {
        String path = System.getProperty("pqrnn.model", "");
        assumeTrue("no -Dpqrnn.model", !path.isEmpty());
        File expectedFile = new File(System.getProperty("pqrnn.expected"));
        JSONArray rows = new JSONArray(
                new String(Files.readAllBytes(expectedFile.toPath()), StandardCharsets.UTF_8));
        ModelFile model = ModelFile.read(new File(path));
        double rounding = Double.parseDouble(System.getProperty("pqrnn.rounding"));
        StringBuilder other = new StringBuilder();
        StringBuilder wrong = new StringBuilder();
        try (PqrnnParser parser = new PqrnnParser(model, new BytedecoRuntime(model, 1))) {
            for (int i = 0; i < rows.length(); i++) {
                JSONObject expected = rows.getJSONObject(i);
                String tree = parser.parse(expected.getString("text")).tree();
                double margin = expected.getDouble("margin");
                if (!tree.equals(expected.getString("tree"))) {
                    (margin < rounding ? other : wrong).append("\nmargin ").append(margin)
                            .append(": ").append(tree).append(" and Python's ")
                            .append(expected.getString("tree"));
                }
            }
        }
        System.out.println(rows.length() + " trees; near ties that fall the other way:" + other);
        assertEquals("other trees than Python's, with margins that rounding (" + rounding
                + ") does not explain:", "", wrong.toString());
    }
}
