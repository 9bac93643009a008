package org.pqrnn;

/** An entity that a slot may mean. */
public final class EntityCandidate {
    private final EntityMatch match;
    private final double score;

    EntityCandidate(EntityMatch match, double score) {
        this.match = match;
        this.score = score;
    }

    /** The entity. */
    public Entity entity() {
        return match.entity();
    }

    /** The entity's id. */
    public String id() {
        return match.entity().id();
    }

    /** The entity's name. */
    public String name() {
        return match.entity().name();
    }

    /** The first type of the entity; empty without one. */
    public String type() {
        return match.entity().type();
    }

    /**
     * From 0 to 1, to four decimals: how much of the slot the name covers, times how well it agrees, times
     * how well its types and relations do. No probability.
     */
    public double score() {
        return score;
    }

    /** How the name agrees. */
    public EntityMatch.Quality quality() {
        return match.quality();
    }

    /** Where the name begins, in UTF-16 units (chars) of the text. */
    public int start() {
        return match.start();
    }

    /** Behind the name, in UTF-16 units (chars) of the text. */
    public int end() {
        return match.end();
    }

    @Override
    public String toString() {
        return match.entity() + " " + score;
    }
}
