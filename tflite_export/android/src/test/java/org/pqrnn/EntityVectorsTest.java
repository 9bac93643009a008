package org.pqrnn;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;
import org.junit.Test;

/** Entities are as near as in Python: tests/golden/entity_vectors_v1.json. */
public class EntityVectorsTest {
    static List<String> texts(JSONArray values) throws JSONException {
        List<String> texts = new ArrayList<>();
        for (int i = 0; values != null && i < values.length(); i++) {
            texts.add(values.getString(i));
        }
        return texts;
    }

    static List<Entity> entities(JSONObject golden) throws JSONException {
        return entities(golden.getJSONArray("entities"));
    }

    static List<Entity> entities(JSONArray rows) throws JSONException {
        List<Entity> entities = new ArrayList<>();
        for (int i = 0; i < rows.length(); i++) {
            JSONObject row = rows.getJSONObject(i);
            Map<String, List<String>> relations = new HashMap<>();
            JSONObject own = row.optJSONObject("relations");
            for (Iterator<?> names = own == null ? null : own.keys();
                    names != null && names.hasNext(); ) {
                String name = (String) names.next();
                relations.put(name, texts(own.getJSONArray(name)));
            }
            entities.add(new Entity(row.getString("name"), row.getString("id"),
                    texts(row.optJSONArray("types")), texts(row.optJSONArray("synonyms")), relations));
        }
        return entities;
    }

    @Test
    public void relatednessEqualsPython() throws Exception {
        JSONObject golden = new JSONObject(Resources.text("entity_vectors_v1.json"));
        EntityVectors vectors =
                new EntityVectors(golden.getJSONObject("file").toString(), entities(golden));
        JSONArray expected = golden.getJSONArray("relatedness");
        assertTrue(expected.length() > 20);
        for (int i = 0; i < expected.length(); i++) {
            JSONArray row = expected.getJSONArray(i);
            assertEquals(row.getDouble(2), vectors.relatedness(row.getInt(0), row.getInt(1)), 0.0);
        }
    }

    @Test
    public void aListHasTheFingerprintOfPythonAlsoWhereTextsAreSaidTwice() {
        List<String> none = Collections.emptyList();
        String found = EntityVectors.fingerprint(Arrays.asList(
                new Entity("Lamp", "Lamp", Arrays.asList("light", "light", "switch"),
                        Collections.singletonList("Lampe"),
                        Collections.singletonMap("in", Collections.singletonList("Kitchen"))),
                new Entity("Anna", "Anna", none, Arrays.asList("Annie", "Annie")),
                new Entity("Kitchen", "")));
        assertEquals("0539c012", found); // as tests/runtime/test_entity_vectors.py has it
    }

    @Test
    public void vectorsOfAnotherListAndDamagedOnesAreRefused() throws Exception {
        JSONObject golden = new JSONObject(Resources.text("entity_vectors_v1.json"));
        List<Entity> own = entities(golden);
        String file = golden.getJSONObject("file").toString();
        assertThrows(IllegalArgumentException.class,
                () -> new EntityVectors(file, own.subList(1, own.size())));
        assertThrows(IllegalArgumentException.class, () -> new EntityVectors("{}", own));
        String wide = golden.getJSONObject("file").put("width", 7).toString();
        assertThrows(IllegalArgumentException.class, () -> new EntityVectors(wide, own));
        String vectors = golden.getJSONObject("file").getString("vectors");
        for (String text : new String[] {vectors.substring(1), "*" + vectors.substring(1)}) {
            String broken = new JSONObject(file).put("vectors", text).toString();
            IllegalArgumentException error = assertThrows(
                    IllegalArgumentException.class, () -> new EntityVectors(broken, own));
            assertTrue(error.getMessage(), error.getMessage().contains("not in base 64"));
        }
    }
}
