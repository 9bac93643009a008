package org.pqrnn;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.CRC32;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

/**
 * Vectors of the entities of a list, which say how near two of them are by their relations, as {@code
 * pqrnn_tf/runtime/entity_vectors.py} has them (docs/entities.md). {@code pqrnn graph} makes the file.
 * It never changes; threads may share an object.
 */
public final class EntityVectors {
    private static final int FORMAT = 1;
    private static final String DIGITS =
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    /** Factors for entities that are one relation from each other, and two. */
    static final double[] RELATED = {1.0, 0.95};

    private final int width;
    private final byte[] vectors;
    private final byte[] stepVectors;
    private final double[] factors;
    private final double floor;
    private final double ceiling;

    /**
     * Reads a file.
     *
     * @param json what the file has
     * @param entities the list that the vectors belong to
     * @throws IllegalArgumentException if the file is damaged, or belongs to another list or to this one
     *     before it was changed
     */
    public EntityVectors(String json, List<Entity> entities) {
        String fingerprint;
        try {
            JSONObject values = new JSONObject(json);
            if (values.getInt("format") != FORMAT) {
                throw new IllegalArgumentException("The vectors must have format " + FORMAT
                        + ". Received: " + values.get("format") + ".");
            }
            fingerprint = values.getString("fingerprint");
            width = values.getInt("width");
            vectors = bytes(values.getString("vectors"));
            stepVectors = bytes(values.getString("step_vectors"));
            JSONArray steps = values.getJSONArray("steps");
            factors = new double[steps.length()];
            for (int i = 0; i < factors.length; i++) {
                int relations = steps.getJSONArray(i).length();
                if (relations < 1 || relations > RELATED.length) {
                    throw new JSONException("a step of " + relations + " relations");
                }
                factors[i] = RELATED[relations - 1];
            }
            floor = values.getDouble("floor");
            ceiling = values.getDouble("ceiling");
            if (width < 1 || vectors.length % width != 0
                    || stepVectors.length != width * factors.length || !(floor < ceiling)) {
                throw new JSONException("it has not the width " + width);
            }
        } catch (JSONException error) {
            throw new IllegalArgumentException(
                    "The file of vectors is damaged: " + error.getMessage(), error);
        }
        String own = fingerprint(entities);
        if (!own.equals(fingerprint) || vectors.length != width * entities.size()) {
            throw new IllegalArgumentException("The vectors must be those of this list, with the "
                    + "fingerprint " + own + ". Received: " + fingerprint + ", of another list or of "
                    + "this one before it was changed. Make them anew with `pqrnn graph`.");
        }
    }

    /** The bytes that a text in base 64 stands for; java.util.Base64 came with API level 26 of Android only. */
    private static byte[] bytes(String text) throws JSONException {
        int end = text.length();
        while (end > 0 && text.length() - end < 2 && text.charAt(end - 1) == '=') {
            end--;
        }
        if (text.length() % 4 != 0) {
            throw new JSONException("vectors that are not in base 64");
        }
        byte[] found = new byte[end * 6 / 8];
        int bits = 0;
        int held = 0;
        int next = 0;
        for (int i = 0; i < end; i++) {
            int digit = DIGITS.indexOf(text.charAt(i));
            if (digit < 0) {
                throw new JSONException("vectors that are not in base 64");
            }
            bits = bits << 6 | digit;
            held += 6;
            if (held >= 8) {
                held -= 8;
                found[next++] = (byte) (bits >> held);
            }
        }
        return found;
    }

    /** Numbers in a vector. */
    public int width() {
        return width;
    }

    /**
     * How much an entity has to do with another one.
     *
     * @param start its place in the list
     * @param end the other one's
     * @return from 0 to 1
     */
    public double relatedness(int start, int end) {
        double best = -1;
        for (int step = 0; step < factors.length; step++) {
            long product = 0;
            long ofStart = 0;
            long ofEnd = 0;
            for (int i = 0; i < width; i++) {
                int from = vectors[start * width + i] + stepVectors[step * width + i];
                int to = vectors[end * width + i];
                product += from * to;
                ofStart += from * from;
                ofEnd += to * to;
            }
            double squares = (double) (ofStart * ofEnd);
            double cosine = squares > 0 ? product / Math.sqrt(squares) : 0;
            best = Math.max(best, cosine * factors[step]);
        }
        return Math.min(1, Math.max(0, (best - floor) / (ceiling - floor)));
    }

    /** What tells lists from each other. */
    static String fingerprint(List<Entity> entities) {
        CRC32 digest = new CRC32();
        for (Entity entity : entities) {
            List<String> parts = new ArrayList<>();
            parts.add(entity.id());
            parts.add(entity.name());
            parts.addAll(entity.types());
            parts.addAll(entity.synonyms());
            for (Map.Entry<String, List<String>> pair
                    : new TreeMap<>(entity.relations()).entrySet()) {
                parts.add(pair.getKey());
                parts.addAll(pair.getValue());
            }
            digest.update((String.join("\t", parts) + "\n").getBytes(StandardCharsets.UTF_8));
        }
        return String.format(Locale.ROOT, "%08x", digest.getValue());
    }
}
