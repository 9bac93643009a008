package org.pqrnn;

import static org.junit.Assert.assertArrayEquals;
import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import org.json.JSONArray;
import org.json.JSONObject;
import org.junit.Test;

/** Text is folded as in Python: tests/golden/folding_v2.json. */
public class FoldingTest {
    /** Char offsets of the code points of a text, and behind the last one its length. */
    private static int[] offsets(String text) {
        int[] offsets = new int[text.codePointCount(0, text.length()) + 1];
        for (int i = 1; i < offsets.length; i++) {
            offsets[i] = text.offsetByCodePoints(offsets[i - 1], 1);
        }
        return offsets;
    }

    @Test
    public void foldedTextsAndTheirOffsetsEqualPython() throws Exception {
        JSONArray rows = new JSONArray(Resources.text("folding_v2.json"));
        assertTrue(rows.length() > 100);
        boolean[] versions = new boolean[3];
        for (int i = 0; i < rows.length(); i++) {
            JSONObject row = rows.getJSONObject(i);
            int version = row.getInt("version");
            versions[version] = true;
            String text = row.getString("text");
            String name = "version " + version + ", text \"" + text + "\"";
            Folding.Folded folded = Folding.ofVersion(version).fold(text);
            assertArrayEquals(name, CodePoints.of(row.getString("folded")), folded.points);
            int[] offsets = offsets(text);
            JSONArray starts = row.getJSONArray("starts");
            JSONArray ends = row.getJSONArray("ends");
            for (int k = 0; k < folded.points.length; k++) {
                assertEquals(name, offsets[starts.getInt(k)], folded.starts[k]);
                assertEquals(name, offsets[ends.getInt(k)], folded.ends[k]);
            }
        }
        assertTrue(versions[1] && versions[2]);
    }

    @Test
    public void aTextThatIsNullIsRefusedByItsName() {
        NullPointerException error = assertThrows(
                NullPointerException.class, () -> Folding.ofVersion(2).fold(null));
        assertTrue(error.getMessage().contains("`text` must be a String"));
    }

    @Test
    public void whatIsFoldedStaysWhenItIsFoldedAgain() throws Exception {
        JSONArray rows = new JSONArray(Resources.text("folding_v2.json"));
        for (int i = 0; i < rows.length(); i++) {
            JSONObject row = rows.getJSONObject(i);
            String once = row.getString("folded");
            assertArrayEquals(CodePoints.of(once),
                    Folding.ofVersion(row.getInt("version")).fold(once).points);
        }
    }
}
