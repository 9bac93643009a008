package org.pqrnn;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;
import org.junit.Test;

/** Slots mean the entities that they mean in Python: tests/golden/entity_links_v1.json. */
public class LinkerTest {
    /** Types by the slot's name, each one text or several. */
    static Map<String, Collection<String>> types(JSONObject values) throws JSONException {
        Map<String, Collection<String>> types = new HashMap<>();
        for (Iterator<?> names = values.keys(); names.hasNext(); ) {
            String slot = (String) names.next();
            JSONArray several = values.optJSONArray(slot);
            types.put(slot, several == null ? Collections.singletonList(values.getString(slot))
                    : EntityVectorsTest.texts(several));
        }
        return types;
    }

    static String quality(EntityCandidate candidate) {
        return candidate.quality().name().toLowerCase(Locale.ROOT);
    }

    @Test
    public void candidatesTheirOrderAndTheirScoresEqualPython() throws Exception {
        JSONObject golden = new JSONObject(Resources.text("entity_links_v1.json"));
        Entities plain = new Entities(EntityVectorsTest.entities(golden));
        Entities near = plain.withVectors(golden.getJSONObject("vectors").toString());
        JSONArray cases = golden.getJSONArray("cases");
        int known = 0;
        for (int i = 0; i < cases.length(); i++) {
            JSONObject own = cases.getJSONObject(i);
            String text = own.getString("text");
            Linker linker = new Linker(own.getBoolean("vectors") ? near : plain,
                    types(golden.getJSONArray("types").getJSONObject(own.getInt("types"))));
            EntityRelations.Named names = linker.match(text);
            JSONArray slots = own.getJSONArray("slots");
            for (int s = 0; s < slots.length(); s++) {
                JSONArray slot = slots.getJSONArray(s);
                List<String> expected = new ArrayList<>();
                for (int k = 0; k < slot.getJSONArray(3).length(); k++) {
                    JSONArray one = slot.getJSONArray(3).getJSONArray(k);
                    expected.add(one.getString(0) + " " + one.getDouble(1) + " " + one.getString(2)
                            + " " + offset(text, one.getInt(3)) + " " + offset(text, one.getInt(4)));
                }
                List<String> found = new ArrayList<>();
                for (EntityCandidate one : linker.candidates(text, slot.getString(0),
                        offset(text, slot.getInt(1)), offset(text, slot.getInt(2)), names)) {
                    found.add(one.id() + " " + one.score() + " " + quality(one) + " " + one.start()
                            + " " + one.end());
                }
                assertEquals(text + ", " + slot, expected, found);
                known += found.size();
            }
        }
        assertTrue(known > 500);
    }

    private static int offset(String text, int codePoints) {
        return text.offsetByCodePoints(0, codePoints);
    }

    @Test
    public void candidatesTellWhatTheyAre() {
        Entity anna = new Entity("Anna", "contact");
        Linker linker = new Linker(new Entities(Arrays.asList(anna)),
                Collections.<String, List<String>>emptyMap());
        EntityCandidate found =
                linker.candidates("call Anna", "CONTACT", 5, 9, linker.match("call Anna")).get(0);
        assertEquals(anna, found.entity());
        assertEquals("Anna Anna contact", found.id() + " " + found.name() + " " + found.type());
        assertEquals("Anna (Anna) 1.0", found.toString());
    }
}
