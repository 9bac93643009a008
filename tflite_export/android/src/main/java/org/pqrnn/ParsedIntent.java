package org.pqrnn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** An intent inside a slot. */
public final class ParsedIntent {
    private final String intent;
    private final List<ParsedSlot> slots;

    ParsedIntent(String intent, List<ParsedSlot> slots) {
        this.intent = intent;
        this.slots = Collections.unmodifiableList(new ArrayList<>(slots));
    }

    /** Intent name, without {@code IN:}. */
    public String intent() {
        return intent;
    }

    /** In the order of their first words; offsets are those of the whole utterance. */
    public List<ParsedSlot> slots() {
        return slots;
    }

    @Override
    public String toString() {
        return intent + slots;
    }
}
