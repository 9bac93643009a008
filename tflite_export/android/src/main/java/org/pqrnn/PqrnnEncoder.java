package org.pqrnn;

/**
 * Gives each text a vector with an exported encoder: texts that mean the same have similar ones.
 *
 * <p>Threads may share an object; their texts are encoded one after another.
 */
public final class PqrnnEncoder implements AutoCloseable {
    private final TextRunner runner;
    private final int width;
    private final String fingerprint;

    /**
     * Takes the file of an encoder.
     *
     * @param model the file
     * @param runtime what runs it; the encoder closes it
     * @throws IllegalStateException if the file is of a parser
     * @throws IllegalArgumentException if the runtime runs another model
     */
    public PqrnnEncoder(ModelFile model, ModelRuntime runtime) {
        width = model.width();
        fingerprint = model.fingerprint();
        runner = new TextRunner(model, runtime);
        if (runner.largest().width() != width) {
            throw new IllegalArgumentException("`runtime` must give vectors of width " + width
                    + ", as `model` says. Received: " + runner.largest().width()
                    + ": it runs another model.");
        }
    }

    /**
     * The vector of a text.
     *
     * @param text any string; what lies beyond the model's limits is cut at a token
     * @return {@link #width()} numbers of unit length, so that the product of two vectors is their cosine;
     *     zeros where the text has no token
     */
    public float[] encode(String text) {
        return run(text).vector;
    }

    /** Length of the vectors. */
    public int width() {
        return width;
    }

    /** Digits that tell the encoder from others, whose vectors do not compare with its own. */
    public String fingerprint() {
        return fingerprint;
    }

    @Override
    public synchronized void close() {
        runner.close();
    }

    static final class Encoded {
        final float[] vector;
        final int tokens;
        final boolean truncated;

        private Encoded(float[] vector, int tokens, boolean truncated) {
            this.vector = vector;
            this.tokens = tokens;
            this.truncated = truncated;
        }
    }

    synchronized Encoded run(String text) {
        TextRunner.Result result = runner.run(text);
        int tokens = result.outputs.length;
        float[] vector = tokens == 0 ? new float[width] : result.outputs.vector;
        return new Encoded(vector, tokens, result.truncated);
    }
}
