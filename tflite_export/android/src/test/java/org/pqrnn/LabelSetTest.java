package org.pqrnn;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertThrows;
import static org.junit.Assert.assertTrue;

import org.junit.Test;

public class LabelSetTest {
    private static void refused(String json, String what) {
        LabelException error = assertThrows(LabelException.class, () -> LabelSet.fromJson(json));
        assertTrue(error.getMessage(), error.getMessage().contains(what));
    }

    @Test
    public void rowsMayBeMissing() {
        LabelSet labels = LabelSet.fromJson("{\"intents\":[\"A\"],\"tags\":[\"O\"]}");
        assertEquals(0, labels.slotsOfIntent().size());
    }

    @Test
    public void readsNestedTags() {
        LabelSet labels = LabelSet.fromJson("{\"intents\":[\"A\"],\"tags\":[\"O\",\"B-X\",\"I-X\"],"
                + "\"nested\":[\"O\",\"I-C/P B-D-E/Q/R\"],\"slots_of_nested\":[[],[\"X\"]]}");
        assertEquals("I-C/P B-D-E/Q/R", labels.nested().get(1));
        assertEquals("X", labels.slotsOfNested().get(1).get(0));
        NestedStep step = NestedStep.parse(labels.nested().get(1)).get(1);
        assertTrue(step.begins);
        assertEquals("D-E", step.intent);
        assertEquals("Q/R", step.slot);
        assertEquals(0, NestedStep.parse("O").size());
    }

    @Test
    public void refusesNestedTagsThatCannotBeRead() {
        String start = "{\"intents\":[\"A\"],\"tags\":[\"O\"],\"nested\":";
        refused(start + "[\"B-A/X\"]}", "begin with");
        refused(start + "[\"O\",\"O\"]}", "distinct");
        refused(start + "[\"O\"],\"slots_of_nested\":[[],[]]}", "one entry");
        for (String tag : new String[] {
            "A", "B-A", "B-/X", "B-A/", "G-A/X", "B-A/X I-A/X", "B-A/X  B-A/X", "B-A/X "}) {
            refused(start + "[\"O\",\"" + tag + "\"]}", "A nested tag must be");
        }
    }

    @Test
    public void readsEdgesAndRefusesOthers() {
        String start = "{\"intents\":[\"A\"],\"tags\":[\"O\",\"B-X\",\"I-X\"],\"edges\":";
        assertEquals(1, LabelSet.fromJson(start + "{\"X\":{\"ends\":{\"word\":\"!\"}}}}").edges().size());
        refused(start + "[]}", "edges");
        refused(start + "{\"X\":[]}}", "label set");
        refused(start + "{\"X\":{\"middle\":{}}}}", "edges of a slot");
        refused(start + "{\"X\":{\"ends\":{\"words\":\".\"}}}}", "edges of a slot");
    }

    @Test
    public void refusesWhatIsNotALabelSet() {
        refused("[]", "label set");
        refused("{\"intents\":[\"A\"]}", "tags");
        refused("{\"intents\":[\"A\",\"A\"],\"tags\":[\"O\"]}", "distinct");
        refused("{\"intents\":[],\"tags\":[\"O\"]}", "at least one");
        refused("{\"intents\":[\"A\"],\"tags\":[\"B-X\",\"O\",\"I-X\"]}", "begin with");
        refused("{\"intents\":[\"A\"],\"tags\":[\"O\",\"B-X\"]}", "B-X");
        refused("{\"intents\":[\"A\"],\"tags\":[\"O\",\"B-X\",\"I-X\",\"Q-X\"]}", "Q-X");
        refused("{\"intents\":[\"A\"],\"tags\":[\"O\"],\"slots_of_intent\":[[],[]]}", "one entry");
    }
}
