package org.pqrnn;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;
import org.junit.Test;

/** Names of a list are found as in Python: tests/golden/entity_matches_v1.json. */
public class EntitiesTest {
    private static List<String> texts(JSONObject row, String several, String one)
            throws JSONException {
        List<String> texts = new ArrayList<>();
        JSONArray values = row.optJSONArray(several);
        for (int i = 0; values != null && i < values.length(); i++) {
            texts.add(values.getString(i));
        }
        if (row.has(one)) {
            texts.add(row.getString(one));
        }
        return texts;
    }

    @Test
    public void matchesTheirOrderAndTheirOffsetsEqualPython() throws Exception {
        JSONObject golden = new JSONObject(Resources.text("entity_matches_v1.json"));
        List<Entity> rows = new ArrayList<>();
        JSONArray entities = golden.getJSONArray("entities");
        for (int i = 0; i < entities.length(); i++) {
            JSONObject row = entities.getJSONObject(i);
            rows.add(new Entity(row.getString("name"), row.getString("id"),
                    texts(row, "types", "type"), texts(row, "synonyms", "none")));
        }
        Entities list = new Entities(rows);
        JSONArray cases = golden.getJSONArray("cases");
        assertTrue(cases.length() > 200);
        for (int i = 0; i < cases.length(); i++) {
            String text = cases.getJSONObject(i).getString("text");
            JSONArray matches = cases.getJSONObject(i).getJSONArray("matches");
            List<String> expected = new ArrayList<>();
            for (int k = 0; k < matches.length(); k++) {
                JSONArray match = matches.getJSONArray(k);
                expected.add(text.offsetByCodePoints(0, match.getInt(0)) + " "
                        + text.offsetByCodePoints(0, match.getInt(1)) + " " + match.getString(2)
                        + " " + match.getString(3) + " " + match.getInt(4));
            }
            List<String> found = new ArrayList<>();
            for (EntityMatch match : list.match(text)) {
                found.add(match.start() + " " + match.end() + " " + match.entity().id() + " "
                        + match.quality().name().toLowerCase(Locale.ROOT) + " " + match.errors());
            }
            assertEquals(text, expected, found);
        }
    }

    @Test
    public void aSpaceTooFewOrTooManyAnywhereInANameIsOneError() {
        List<Entity> rows = new ArrayList<>();
        for (String name : new String[] {"Living room lamp", "Big bathroom", "O'Brien", "Κως"}) {
            rows.add(new Entity(name, ""));
        }
        StringBuilder found = new StringBuilder();
        String text = "livingroom lamp big bath room obrien ΚΩΣ";
        for (EntityMatch match : new Entities(rows).match(text)) {
            found.append(match.entity().name()).append(match.errors()).append(' ');
        }
        assertEquals("Living room lamp1 Big bathroom1 O'Brien1 Κως0 ", found.toString());
    }

    @Test
    public void aListWithoutEntitiesFindsNothing() {
        assertTrue(new Entities(Collections.<Entity>emptyList()).match("call Anna").isEmpty());
    }
}
