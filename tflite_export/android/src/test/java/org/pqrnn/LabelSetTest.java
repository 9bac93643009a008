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
