package org.pqrnn;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNull;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;
import org.junit.After;
import org.junit.Before;
import org.junit.Test;

/** Vectors and added intents through native TensorFlow Lite; compared with Python. */
public class IntentPrototypesTest {
    private static final double ROUNDING = 2e-4; // of vectors; 8-bit numbers in a file round too
    private static final double FILE_ROUNDING = 5e-3;

    private PqrnnEncoder encoder;
    private JSONObject golden;

    @Before
    public void open() throws Exception {
        ModelFile model = Resources.model("tiny_encoder.tflite");
        encoder = new PqrnnEncoder(model, new BytedecoRuntime(model, 1));
        golden = new JSONObject(Resources.text("tiny_encoder_intents.json"));
    }

    @After
    public void close() {
        encoder.close();
    }

    private static List<String> strings(JSONArray array) throws JSONException {
        List<String> strings = new ArrayList<>();
        for (int i = 0; i < array.length(); i++) {
            strings.add(array.getString(i));
        }
        return strings;
    }

    private void addAll(IntentPrototypes intents) throws Exception {
        for (String name : Arrays.asList("open_garage", "lights_off", "snooze")) {
            intents.addIntent(name, strings(golden.getJSONObject("added").getJSONArray(name)));
        }
    }

    private IntentPrototypes alone() throws Exception {
        IntentPrototypes intents = new IntentPrototypes(encoder);
        addAll(intents);
        return intents;
    }

    private IntentPrototypes beside() throws Exception {
        return new IntentPrototypes(encoder, strings(golden.getJSONArray("trained")));
    }

    @Test
    public void vectorsEqualPython() throws Exception {
        JSONArray rows =
                new JSONObject(Resources.text("tiny_encoder_vectors.json")).getJSONArray("vectors");
        assertTrue(rows.length() > 20);
        for (int i = 0; i < rows.length(); i++) {
            JSONObject row = rows.getJSONObject(i);
            JSONArray expected = row.getJSONArray("vector");
            PqrnnEncoder.Encoded encoded = encoder.run(row.getString("text"));
            assertEquals(encoder.width(), encoded.vector.length);
            assertEquals(row.getString("text"), row.getBoolean("truncated"), encoded.truncated);
            for (int k = 0; k < expected.length(); k++) {
                assertEquals(row.getString("text"), expected.getDouble(k), encoded.vector[k], ROUNDING);
            }
        }
    }

    @Test
    public void aTextWithoutATokenHasTheVectorOfZeros() {
        assertArrayEquals(new float[encoder.width()], encoder.encode(" \u200b"), 0);
    }

    @Test
    public void parsesEqualPython() throws Exception {
        IntentPrototypes intents = alone();
        JSONArray rows = golden.getJSONArray("parses");
        for (int i = 0; i < rows.length(); i++) {
            JSONObject row = rows.getJSONObject(i);
            String text = row.getString("text");
            ParsedText parsed = intents.parse(text);
            assertEquals(text, row.isNull("intent") ? null : row.getString("intent"), parsed.intent());
            assertEquals(text, row.getString("tree"), parsed.tree());
            assertEquals(text, row.getDouble("score"), parsed.score(), 20 * ROUNDING);
            assertEquals(text, row.getBoolean("truncated"), parsed.truncated());
            JSONObject similarities = row.getJSONObject("similarities");
            for (Iterator<?> names = similarities.keys(); names.hasNext(); ) {
                String name = (String) names.next();
                assertEquals(text, similarities.getDouble(name), intents.similarities(text).get(name),
                        ROUNDING);
            }
        }
    }

    private static void assertMatches(JSONArray rows, IntentPrototypes intents, double rounding)
            throws Exception {
        for (int i = 0; i < rows.length(); i++) {
            JSONObject row = rows.getJSONObject(i);
            String text = row.getString("text");
            IntentMatch match = intents.match(text, row.getDouble("model_score"));
            if (!row.has("intent")) {
                assertNull(match);
                continue;
            }
            assertEquals(text, row.getString("intent"), match.intent());
            assertEquals(text, row.getDouble("similarity"), match.similarity(), rounding);
            assertEquals(text, row.getDouble("lead"), match.lead(), 2 * rounding);
            if (Math.abs(row.getDouble("lead")) > 2 * rounding) {
                assertEquals(text, row.getBoolean("wins"), match.wins());
            }
        }
    }

    @Test
    public void matchesBesideAModelEqualPython() throws Exception {
        IntentPrototypes intents = beside();
        addAll(intents);
        JSONArray steps = golden.getJSONArray("beside");
        JSONObject described = golden.getJSONObject("described");
        List<String> names = strings(golden.getJSONArray("trained"));
        for (int step = 0; step < steps.length(); step++) {
            assertMatches(steps.getJSONArray(step), intents, ROUNDING);
            if (step < names.size()) {
                intents.addPhrases(
                        names.get(step), strings(described.getJSONArray(names.get(step))));
            }
        }
        assertEquals(names, intents.described());
    }

    @Test
    public void aFileOfPythonIsLoadedAndOneOfOursIsTheSame() throws Exception {
        IntentPrototypes intents = beside();
        String saved = golden.getJSONObject("saved").toString();
        intents.load(saved);
        assertMatches(golden.getJSONArray("loaded"), intents, ROUNDING);
        IntentPrototypes own = beside();
        addAll(own);
        JSONObject described = golden.getJSONObject("described");
        for (String name : strings(golden.getJSONArray("trained"))) {
            own.addPhrases(name, strings(described.getJSONArray(name)));
        }
        IntentPrototypes again = beside();
        again.load(own.save());
        assertMatches(golden.getJSONArray("loaded"), again, FILE_ROUNDING);
        assertEquals(3, again.phrases("lights_off").size());
    }

    @Test
    public void intentsAreRemovedAndPhrasesAdded() throws Exception {
        IntentPrototypes intents = alone();
        intents.addPhrases("snooze", Arrays.asList("not now", "Not  now"));
        assertEquals(2, intents.phrases("snooze").size());
        intents.removeIntent("snooze");
        assertEquals(Arrays.asList("open_garage", "lights_off"), intents.intents());
        assertThrows(IntentException.class, () -> intents.removeIntent("snooze"));
    }

    @Test
    public void phrasesAreTheSameInAnyCasingAlsoWhereASigmaEndsAWord() throws Exception {
        IntentPrototypes intents = new IntentPrototypes(encoder);
        intents.addIntent("x", Arrays.asList("ΟΔΟΣ-ΟΔΟΣ", "οδος-οδος", "οδοσ-οδοσ"));
        assertEquals(Collections.singletonList("ΟΔΟΣ-ΟΔΟΣ"), intents.phrases("x"));
    }

    @Test
    public void whatCannotBeAddedIsRefused() throws Exception {
        IntentPrototypes intents = alone();
        List<String> up = Collections.singletonList("up");
        for (String name : Arrays.asList("", "\u3000\n", null, "snooze")) {
            assertThrows(IntentException.class, () -> intents.addIntent(name, up));
        }
        for (List<String> phrases : Arrays.asList(Collections.<String>emptyList(),
                null, Arrays.asList("up", null), Arrays.asList("up", " \u200b"), Collections.singletonList("OPEN the garage"))) {
            assertThrows(IntentException.class, () -> intents.addIntent("x", phrases));
        }
        assertThrows(IntentException.class, () -> intents.addPhrases("nothing", up));
        assertThrows(IntentException.class, () -> beside().addIntent("PLAY_MUSIC", up));
        assertThrows(IllegalArgumentException.class,
                () -> new IntentPrototypes(encoder, Collections.<String>emptyList(), 1));
        assertEquals(3, intents.intents().size());
    }

    @Test
    public void aPhraseOfWhichTheEncoderReadsNoWordIsNone() throws Exception {
        IntentPrototypes intents = beside();
        String tooLong = String.join("", Collections.nCopies(5000, "x"));
        assertThrows(IntentException.class,
                () -> intents.addPhrases("PLAY_MUSIC", Arrays.asList("play", tooLong)));
        assertThrows(IntentException.class,
                () -> intents.addIntent("x", Collections.singletonList(tooLong)));
        assertTrue(intents.described().isEmpty());
    }

    @Test
    public void theModelsNameForWhatIsNoneOfItsIntentsIsTaken() throws Exception {
        IntentPrototypes intents =
                new IntentPrototypes(encoder, strings(golden.getJSONArray("trained")), "oos");
        assertThrows(IntentException.class,
                () -> intents.addIntent("oos", Collections.singletonList("who won")));
        IntentPrototypes other = new IntentPrototypes(encoder);
        other.addIntent("oos", Collections.singletonList("who won"));
        String saved = other.save();
        assertThrows(IntentException.class, () -> intents.load(saved));
    }

    @Test
    public void aFileThatDoesNotFitIsRefusedAndChangesNothing() throws Exception {
        IntentPrototypes intents = alone();
        JSONObject saved = golden.getJSONObject("saved");
        assertThrows(IntentException.class, () -> intents.load(saved.toString())); // no such model
        assertThrows(IntentException.class, () -> intents.load("{"));
        JSONObject other = new JSONObject(intents.save()).put("encoder", "0");
        assertThrows(IntentException.class, () -> intents.load(other.toString()));
        JSONObject newer = new JSONObject(intents.save()).put("format", 2);
        assertThrows(IntentException.class, () -> intents.load(newer.toString()));
        for (String name : new String[] {"step", "count"}) {
            JSONObject damaged = new JSONObject(intents.save());
            damaged.getJSONObject("added").getJSONObject("open_garage").put(name, -1);
            assertThrows(IntentException.class, () -> intents.load(damaged.toString()));
        }
        String all = intents.save();
        for (String damage : new String[] {
            all.replaceFirst("\"step\":[-0-9.eE]+", "\"step\":1e999"),
            all.replaceFirst("\"agreement\":\\[[-0-9.eE]+", "\"agreement\":[1e999"),
            all.replaceFirst("\"total\":\\[[-0-9,]+", "\"total\":[0" + String.join("",
                    Collections.nCopies(encoder.width() - 1, ",0"))),
        }) {
            assertTrue(!damage.equals(all));
            assertThrows(IntentException.class, () -> intents.load(damage));
        }
        assertEquals(3, intents.intents().size());
    }

    @Test
    public void aParserTakesAddedIntentsBesideItsOwn() throws Exception {
        ModelFile model = Resources.tiny();
        try (PqrnnParser parser = new PqrnnParser(model, new BytedecoRuntime(model, 1))) {
            String text = "please open the garage door";
            ParsedText before = parser.parse(text, 1);
            assertThrows(IllegalStateException.class, parser::prototypes);
            parser.setEncoder(encoder);
            parser.addIntent("OPEN_GARAGE",
                    strings(golden.getJSONObject("added").getJSONArray("open_garage")));
            ParsedText parsed = parser.parse(text, 2);
            assertEquals("OPEN_GARAGE", parsed.intent());
            assertEquals("[IN:OPEN_GARAGE ]", parsed.tree());
            assertEquals(before.tree(), parsed.alternatives().get(0).tree());
            assertEquals(2, parsed.alternatives().size());
            assertEquals("CREATE_ALARM", parser.parse("Wake me at 7pm").intent());
            parser.setEncoder(null);
            assertEquals(before.tree(), parser.parse(text).tree());
        }
    }

    @Test
    public void theModelsOwnParsesShareWhatAnAddedIntentLeaves() throws Exception {
        JSONObject own = golden.getJSONObject("own_parses");
        JSONObject expected = own.getJSONObject("parse");
        JSONArray others = own.getJSONArray("alternatives");
        ModelFile model = Resources.tiny();
        try (PqrnnParser parser = new PqrnnParser(model, new BytedecoRuntime(model, 1))) {
            parser.setEncoder(encoder);
            parser.addIntent(expected.getString("intent"), strings(own.getJSONArray("phrases")));
            ParsedText parsed = parser.parse(expected.getString("text"), others.length());
            assertEquals(expected.getString("intent"), parsed.intent());
            assertEquals(expected.getDouble("score"), parsed.score(), 20 * ROUNDING);
            assertEquals(others.length(), parsed.alternatives().size());
            double last = parsed.score();
            double left = 1 - parsed.score();
            for (int i = 0; i < others.length(); i++) {
                JSONObject one = others.getJSONObject(i);
                ParsedText other = parsed.alternatives().get(i);
                assertEquals(one.getString("tree"), other.tree());
                assertEquals(one.getDouble("score"), other.score(), 20 * ROUNDING);
                assertEquals(one.getDouble("intent_score"), other.intentScore(), 20 * ROUNDING);
                assertTrue(other.score() <= last);
                last = other.score();
                left -= other.score();
            }
            assertTrue(left > -1e-5);
        }
    }

    @Test
    public void aParserIsNoEncoderAndTheOtherWayRound() throws Exception {
        ModelFile model = Resources.tiny();
        try (BytedecoRuntime runtime = new BytedecoRuntime(model, 1)) {
            assertThrows(IllegalStateException.class, () -> new PqrnnEncoder(model, runtime));
        }
        ModelFile other = Resources.model("tiny_encoder.tflite");
        try (BytedecoRuntime runtime = new BytedecoRuntime(other, 1)) {
            assertThrows(IllegalStateException.class, () -> new PqrnnParser(other, runtime));
            assertEquals(encoder.width(), runtime.signatures().get(0).width());
        }
    }
}
