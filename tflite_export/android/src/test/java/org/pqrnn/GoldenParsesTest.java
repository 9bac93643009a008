package org.pqrnn;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.Before;
import org.junit.Test;

/** The same parses as Python from recorded logits: tests/golden/parses_v1.json. */
public class GoldenParsesTest {
    private JSONObject golden;

    @Before
    public void read() throws Exception {
        golden = new JSONObject(Resources.text("parses_v1.json"));
        assertEquals(1, golden.getInt("format"));
    }

    static float[] floats(JSONArray values) throws Exception {
        float[] result = new float[values.length()];
        for (int i = 0; i < result.length; i++) {
            result[i] = (float) values.getDouble(i);
        }
        return result;
    }

    private static float[] flat(JSONArray rows) throws Exception {
        JSONArray values = new JSONArray();
        for (int t = 0; t < rows.length(); t++) {
            for (int i = 0; i < rows.getJSONArray(t).length(); i++) {
                values.put(rows.getJSONArray(t).getDouble(i));
            }
        }
        return floats(values);
    }

    private static ModelOutputs outputs(JSONObject recorded) throws Exception {
        int length = recorded.getJSONArray("slots").length();
        int[] spans = new int[2 * length];
        for (int t = 0; t < length; t++) {
            JSONArray span = recorded.getJSONArray("spans").getJSONArray(t);
            spans[2 * t] = span.getInt(0);
            spans[2 * t + 1] = span.getInt(1);
        }
        JSONArray nested = recorded.optJSONArray("nested");
        return new ModelOutputs(floats(recorded.getJSONArray("intent")),
                flat(recorded.getJSONArray("slots")), nested == null ? null : flat(nested), spans,
                length, recorded.getBoolean("output_truncated"));
    }

    /** A model as a case has it: its labels, projection and what its description says of scores. */
    private ModelFile model(JSONObject recorded) throws Exception {
        JSONObject spec = new JSONObject(golden.getJSONObject("spec").toString());
        spec.put("version", recorded.optInt("version", spec.getInt("version")));
        JSONObject description = TestModels.description(labels(recorded), spec);
        if (recorded.has("confidence")) {
            JSONObject confidence =
                    golden.getJSONArray("confidences").getJSONObject(recorded.getInt("confidence"));
            for (String name : new String[] {"calibration", "rejection"}) {
                description.putOpt(name, confidence.opt(name));
            }
        }
        return TestModels.model(description);
    }

    private JSONObject labels(JSONObject recorded) throws Exception {
        return golden.getJSONArray("label_sets").getJSONObject(recorded.getInt("labels"));
    }

    @Test
    public void parsesEqualPython() throws Exception {
        JSONObject spec = golden.getJSONObject("spec");
        JSONArray parses = golden.getJSONArray("parses");
        assertTrue(parses.length() >= 50);
        int slotsSeen = 0;
        int treesSeen = 0;
        int rejected = 0;
        int alternatives = 0;
        for (int i = 0; i < parses.length(); i++) {
            JSONObject recorded = parses.getJSONObject(i);
            JSONObject labels = labels(recorded);
            RecordedRuntime runtime = new RecordedRuntime(spec.getInt("max_code_points") + 1,
                    spec.getInt("max_tokens"), labels.getJSONArray("intents").length(),
                    labels.getJSONArray("tags").length(),
                    labels.has("nested") ? labels.getJSONArray("nested").length() : 0);
            runtime.outputs = outputs(recorded);
            String text = recorded.getString("text");
            ParsedText parsed;
            try (PqrnnParser parser = new PqrnnParser(model(recorded), runtime)) {
                parsed = parser.parse(text, recorded.optInt("alternatives", 0));
            }
            String name = "case " + i + ", text \"" + text + "\"";
            assertParse(name, recorded.getJSONObject("expected"), parsed);
            slotsSeen += parsed.slots().size();
            treesSeen += parsed.tree().lastIndexOf("[IN:") > 0 ? 1 : 0;
            rejected += parsed.rejected() ? 1 : 0;
            alternatives += parsed.alternatives().size();
        }
        assertTrue(slotsSeen > 100);
        assertTrue(treesSeen >= 40);
        assertTrue(rejected >= 10);
        assertTrue(alternatives >= 60);
    }

    private static void assertParse(String name, JSONObject expected, ParsedText parsed)
            throws Exception {
        assertEquals(name, expected.isNull("intent"), parsed.rejected());
        assertEquals(name, expected.isNull("intent") ? null : expected.getString("intent"),
                parsed.intent());
        assertEquals(name, expected.getDouble("score"), parsed.score(), 1.5e-6);
        assertEquals(name, expected.getDouble("intent_score"), parsed.intentScore(), 1.5e-6);
        assertEquals(name, expected.getString("tree"), parsed.tree());
        assertEquals(name, expected.getBoolean("truncated"), parsed.truncated());
        JSONArray slots = expected.getJSONArray("slots");
        assertEquals(name, slots.length(), parsed.slots().size());
        for (int s = 0; s < slots.length(); s++) {
            JSONObject slot = slots.getJSONObject(s);
            ParsedSlot found = parsed.slots().get(s);
            assertEquals(name, slot.getString("name"), found.name());
            assertEquals(name, slot.getInt("start_utf16"), found.start());
            assertEquals(name, slot.getInt("end_utf16"), found.end());
            assertEquals(name, slot.getString("text"), found.text());
            assertEquals(name, found.text(), parsed.text().substring(found.start(), found.end()));
            assertNested(name, slot.optJSONArray("nested"), found.nested());
        }
        JSONArray alternatives = expected.optJSONArray("alternatives");
        assertEquals(name, alternatives == null ? 0 : alternatives.length(),
                parsed.alternatives().size());
        for (int i = 0; i < parsed.alternatives().size(); i++) {
            assertParse(name + ", alternative " + i, alternatives.getJSONObject(i),
                    parsed.alternatives().get(i));
        }
    }

    /** Compares {@code [intent, [[name, start, end, nested], …]]}. */
    private static void assertNested(String name, JSONArray expected, ParsedIntent found)
            throws Exception {
        assertEquals(name, expected == null, found == null);
        if (expected == null) {
            return;
        }
        assertEquals(name, expected.getString(0), found.intent());
        JSONArray slots = expected.getJSONArray(1);
        assertEquals(name, slots.length(), found.slots().size());
        for (int i = 0; i < slots.length(); i++) {
            JSONArray slot = slots.getJSONArray(i);
            ParsedSlot inside = found.slots().get(i);
            assertEquals(name, slot.getString(0), inside.name());
            assertEquals(name, slot.getInt(1), inside.start());
            assertEquals(name, slot.getInt(2), inside.end());
            assertNested(name, slot.optJSONArray(3), inside.nested());
        }
    }

    /** Start and end of each token in the text, as a parser asks for them. */
    private int[] callerSpans(JSONObject recorded, ModelOutputs outputs) throws Exception {
        JSONObject spec = golden.getJSONObject("spec");
        Folding folding =
                Folding.ofVersion(recorded.optInt("version", spec.getInt("version")));
        CodePoints.Fitted fitted = CodePoints.fit(
                folding.fold(recorded.getString("text")), spec.getInt("max_code_points") + 1);
        int[] spans = new int[2 * outputs.length];
        for (int t = 0; t < outputs.length; t++) {
            spans[2 * t] = fitted.start(t, outputs.spans);
            spans[2 * t + 1] = fitted.end(t, outputs.spans);
        }
        return spans;
    }

    @Test
    public void tagsAndPiecesEqualPython() throws Exception {
        JSONArray parses = golden.getJSONArray("parses");
        for (int i = 0; i < parses.length(); i++) {
            JSONObject recorded = parses.getJSONObject(i);
            ModelOutputs outputs = outputs(recorded);
            if (outputs.length == 0) {
                continue;
            }
            ModelFile model = model(recorded);
            LabelSet labels = model.labels();
            Confidence confidence = model.confidence();
            Decoder.Parse parse = new Decoder(labels, confidence, confidence.outside(labels))
                    .decode(outputs.intent, outputs.slots, outputs.nested, outputs.length, 0,
                            recorded.getString("text"), callerSpans(recorded, outputs));
            JSONObject expected = recorded.getJSONObject("expected");
            JSONArray tags = expected.getJSONArray("tags");
            for (int t = 0; t < outputs.length; t++) {
                assertEquals("case " + i, tags.getString(t), parse.tags[t]);
            }
            JSONArray nested = expected.optJSONArray("nested");
            assertEquals(nested == null ? 0 : outputs.length, parse.nested.length);
            for (int t = 0; t < parse.nested.length; t++) {
                assertEquals("case " + i, nested.getString(t), parse.nested[t]);
            }
            JSONArray pieces = expected.getJSONArray("pieces");
            assertEquals(pieces.length(), parse.slots.size());
            for (int s = 0; s < pieces.length(); s++) {
                JSONArray ranges = pieces.getJSONArray(s);
                assertEquals(ranges.length(), parse.slots.get(s).pieces.size());
                for (int p = 0; p < ranges.length(); p++) {
                    JSONArray range = ranges.getJSONArray(p);
                    assertArrayEquals(new int[] {range.getInt(0), range.getInt(1)},
                            parse.slots.get(s).pieces.get(p));
                }
            }
        }
    }

    @Test
    public void treeWordsEqualPython() throws Exception {
        JSONArray cases = golden.getJSONArray("tree_words");
        assertTrue(cases.length() > 10);
        for (int i = 0; i < cases.length(); i++) {
            List<String> expected = new ArrayList<>();
            JSONArray words = cases.getJSONArray(i).getJSONArray(1);
            for (int w = 0; w < words.length(); w++) {
                expected.add(words.getString(w));
            }
            assertEquals(expected, TreeWords.split(cases.getJSONArray(i).getString(0)));
        }
    }
}
