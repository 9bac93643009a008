package org.pqrnn;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.List;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;
import org.junit.Test;

/** A model is told of names and their relations as in Python: tests/golden/entity_features_v1.json. */
public class EntityFeaturesTest {
    private static int[] numbers(JSONArray values) throws JSONException {
        int[] numbers = new int[values.length()];
        for (int i = 0; i < numbers.length; i++) {
            numbers[i] = values.getInt(i);
        }
        return numbers;
    }

    /** Start and end of each token in chars; the file counts code points. */
    private static int[] spans(String text, JSONArray tokens) throws JSONException {
        int[] spans = new int[2 * tokens.length()];
        for (int k = 0; k < spans.length; k++) {
            spans[k] = text.offsetByCodePoints(0, tokens.getJSONArray(k / 2).getInt(k % 2));
        }
        return spans;
    }

    @Test
    public void featuresAndRelationsEqualPython() throws Exception {
        JSONObject golden = new JSONObject(Resources.text("entity_features_v1.json"));
        Entities entities = new Entities(EntityVectorsTest.entities(golden));
        EntityRelations relations = new EntityRelations(entities.all());
        List<EntityFeatures> models = new ArrayList<>();
        JSONArray described = golden.getJSONArray("described");
        for (int i = 0; i < described.length(); i++) {
            models.add(new EntityFeatures(described.getJSONObject(i).toString(), entities));
        }
        JSONArray cases = golden.getJSONArray("cases");
        assertTrue(cases.length() > 15);
        for (int i = 0; i < cases.length(); i++) {
            JSONObject own = cases.getJSONObject(i);
            String text = own.getString("text");
            assertArrayEquals(text, numbers(own.getJSONArray("signs")),
                    relations.signs(entities.match(text)));
            JSONArray tokens = own.getJSONArray("spans");
            int[] spans = spans(text, tokens);
            Folding.Folded folded = Folding.ofVersion(2).fold(text);
            assertArrayEquals(text, spans, EntityWords.spansOf(folded, "unicode"));
            for (int k = 0; k < 2; k++) {
                assertArrayEquals(text, spans(text, own.getJSONArray("segmented").getJSONArray(k)),
                        EntityWords.spansOf(folded, k == 0 ? "spaces" : "words"));
            }
            for (int m = 0; m < models.size(); m++) {
                EntityFeatures model = models.get(m);
                byte[] found = model.of(text, spans);
                assertEquals(tokens.length() * model.width(), found.length);
                byte[] expected = new byte[found.length];
                for (int place : numbers(own.getJSONArray("features").getJSONArray(m))) {
                    expected[Math.abs(place) - 1] = (byte) (place > 0 ? 1 : -1);
                }
                assertArrayEquals(text, expected, found);
            }
        }
    }

    @Test
    public void aListWithoutRelationsSaysNothingOfThem() {
        List<Entity> rows = new ArrayList<>();
        rows.add(new Entity("Lamp", "light"));
        rows.add(new Entity("Kitchen", ""));
        List<EntityMatch> matches = new Entities(rows).match("lamp in the kitchen");
        assertArrayEquals(new int[] {0, 0}, new EntityRelations(rows).signs(matches));
    }

    @Test
    public void aDescriptionThatIsNotKnownIsRefused() {
        Entities entities = new Entities(new ArrayList<Entity>());
        for (String json : new String[] {"?", "{}", "{\"types\": [\"a\"]}",
            "{\"types\": [], \"slots\": {}}",
            "{\"types\": [\"a\"], \"slots\": {}, \"related\": 1}",
            "{\"types\": [\"a\", \"a\"], \"slots\": {}}", "{\"types\": [\"\"], \"slots\": {}}",
            "{\"types\": [\"a\"], \"slots\": {\"S\": \"b\"}}", "{\"types\": [\"a\"], \"slots\": []}",
            "{\"types\": [\"a\"], \"slots\": {}, \"distance\": true}"}) {
            assertThrows(IllegalArgumentException.class, () -> new EntityFeatures(json, entities));
        }
    }
}
