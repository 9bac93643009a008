package org.pqrnn;

import java.util.Collections;
import java.util.List;

/** A slot in the caller's text. */
public final class ParsedSlot {
    private final String name;
    private final int start;
    private final int end;
    private final String text;
    private final ParsedIntent nested;
    private final List<EntityCandidate> candidates;

    ParsedSlot(String name, int start, int end, String text, ParsedIntent nested,
            List<EntityCandidate> candidates) {
        this.name = name;
        this.start = start;
        this.end = end;
        this.text = text;
        this.nested = nested;
        this.candidates = Collections.unmodifiableList(candidates);
    }

    /** Slot name, without {@code SL:}. */
    public String name() {
        return name;
    }

    /** Where the slot's first word begins, in UTF-16 units (chars) of the text. */
    public int start() {
        return start;
    }

    /** Behind the slot's last word, in UTF-16 units (chars) of the text. */
    public int end() {
        return end;
    }

    /** {@code text.substring(start, end)} of the utterance. */
    public String text() {
        return text;
    }

    /** The intent that stands in the slot, with slots of its own; null in a slot of words. */
    public ParsedIntent nested() {
        return nested;
    }

    /**
     * The entity that the slot most likely means, with its score; null where no name agrees, or the parser
     * knows no entities.
     */
    public EntityCandidate entity() {
        return candidates.isEmpty() ? null : candidates.get(0);
    }

    /** All entities that the slot may mean, the best first. */
    public List<EntityCandidate> candidates() {
        return candidates;
    }

    @Override
    public String toString() {
        return name + "[" + start + "," + end + ")=" + (nested == null ? text : nested);
    }
}
