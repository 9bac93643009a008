package org.pqrnn;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/** A runtime that returns what was recorded, and remembers what it was asked. */
final class RecordedRuntime implements ModelRuntime, ModelRuntime.Signature {
    private final int codePoints;
    private final int tokens;
    private final int intents;
    private final int tags;
    private final int nested;
    ModelOutputs outputs;
    int[] received;
    byte[] told; // of names; null: nothing was told
    int entityFeatures; // 0: it takes none
    int asked; // how often for the ways in for names
    Runnable whileRunning = () -> {};
    boolean closed;

    /** A model of plain slots. */
    RecordedRuntime(int codePoints, int tokens, int intents, int tags) {
        this(codePoints, tokens, intents, tags, 0);
    }

    RecordedRuntime(int codePoints, int tokens, int intents, int tags, int nested) {
        this.codePoints = codePoints;
        this.tokens = tokens;
        this.intents = intents;
        this.tags = tags;
        this.nested = nested;
    }

    @Override
    public List<RecordedRuntime> signatures() {
        return Arrays.asList(this);
    }

    @Override
    public List<RecordedRuntime> entitySignatures() {
        asked++;
        return entityFeatures == 0 ? Collections.<RecordedRuntime>emptyList() : signatures();
    }

    @Override
    public int entityFeatures() {
        return entityFeatures;
    }

    @Override
    public ModelOutputs run(int[] points, byte[] entities) {
        ModelOutputs found = run(points);
        told = entities;
        return found;
    }

    @Override
    public int codePoints() {
        return codePoints;
    }

    @Override
    public int tokens() {
        return tokens;
    }

    @Override
    public int intents() {
        return intents;
    }

    @Override
    public int tags() {
        return tags;
    }

    @Override
    public int nested() {
        return nested;
    }

    @Override
    public ModelOutputs run(int[] points) {
        received = points;
        told = null;
        whileRunning.run();
        return outputs;
    }

    @Override
    public void close() {
        closed = true;
    }
}
