package org.pqrnn;

/** A part of a text that may name an entity. */
public final class EntityMatch {
    /** How a match agrees with a name, the best first. */
    public enum Quality {
        /** Letter by letter. */
        EXACT,
        /** But for capitals and accents. */
        FOLDED,
        /** But for the endings of words. */
        INFLECTED,
        /** But for typing errors. */
        TYPING
    }

    private final int start;
    private final int end;
    private final Entity entity;
    private final Quality quality;
    private final int errors;

    EntityMatch(int start, int end, Entity entity, Quality quality, int errors) {
        this.start = start;
        this.end = end;
        this.entity = entity;
        this.quality = quality;
        this.errors = errors;
    }

    /** Where the first word begins, in UTF-16 units (chars) of the text. */
    public int start() {
        return start;
    }

    /** Behind the last word, in UTF-16 units (chars) of the text. */
    public int end() {
        return end;
    }

    /** The entity. */
    public Entity entity() {
        return entity;
    }

    /** How the name agrees. */
    public Quality quality() {
        return quality;
    }

    /** Typing errors; above 0 only of the quality {@code TYPING}. */
    public int errors() {
        return errors;
    }

    @Override
    public String toString() {
        return "[" + start + "," + end + ")=" + entity + " " + quality;
    }
}
