package org.pqrnn;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

/**
 * Folding: characters that mean the same become the same, by the rules of
 * {@code pqrnn_tf/runtime/folding.py} and from its table, which lies beside this class in the jar.
 *
 * <p>For models of version 1 of the projection: canonical composition, and invisible characters but for
 * the joiners are removed. For those of version 2: everything in the table.
 */
final class Folding {
    // Absolute: a shrinker may give this class another package.
    private static final String TABLE = "/org/pqrnn/folding_v2.json";
    private static final int HANGUL = 0xac00;
    private static final int LEADS = 0x1100;
    private static final int VOWELS = 0x1161;
    private static final int TAILS = 0x11a7;
    private static final int NUM_LEADS = 19;
    private static final int NUM_VOWELS = 21;
    private static final int NUM_TAILS = 28;
    private static final int SYLLABLES = NUM_LEADS * NUM_VOWELS * NUM_TAILS;
    private static final Map<Integer, Folding> LOADED = new HashMap<>();

    private final boolean canonical;
    private final Set<Integer> removed = new HashSet<>();
    private final Map<Integer, Integer> replaced = new HashMap<>();
    private final Map<Integer, int[]> decomposed = new HashMap<>(); // into two, one step
    private final Map<Long, Integer> composed = new HashMap<>(); // by pair()
    private final Map<Integer, Integer> combining = new HashMap<>(); // classes that are not 0

    private Folding(JSONObject table, int version) throws JSONException {
        canonical = version < table.getInt("version");
        for (int[] row : rows(table, "removed")) {
            for (int point = row[0]; point <= row[1]; point++) {
                removed.add(point);
            }
        }
        putReplaced(rows(table, "singletons"));
        for (int[] row : rows(table, "compositions")) {
            decomposed.put(row[0], new int[] {row[1], row[2]});
            composed.put(pair(row[1], row[2]), row[0]);
        }
        for (int[] row : rows(table, "combining")) {
            for (int point = row[0]; point <= row[1]; point++) {
                combining.put(point, row[2]);
            }
        }
        if (canonical) {
            JSONArray joiners = table.getJSONArray("joiners");
            for (int i = 0; i < joiners.length(); i++) {
                removed.remove(joiners.getInt(i));
            }
        } else {
            putReplaced(rows(table, "mapped")); // these win
            for (int[] row : rows(table, "decompositions")) {
                decomposed.put(row[0], new int[] {row[1], row[2]});
            }
        }
    }

    private static List<int[]> rows(JSONObject table, String name) throws JSONException {
        JSONArray values = table.getJSONArray(name);
        List<int[]> rows = new ArrayList<>(values.length());
        for (int i = 0; i < values.length(); i++) {
            JSONArray value = values.getJSONArray(i);
            int[] row = new int[value.length()];
            for (int k = 0; k < row.length; k++) {
                row[k] = value.getInt(k);
            }
            rows.add(row);
        }
        return rows;
    }

    /** Takes rows of first, last, step and what is added to each. */
    private void putReplaced(List<int[]> rows) {
        for (int[] row : rows) {
            for (int point = row[0]; point <= row[1]; point += row[2]) {
                replaced.put(point, point + row[3]);
            }
        }
    }

    /** What is folded for models of a version of the projection. */
    static synchronized Folding ofVersion(int version) {
        Folding folding = LOADED.get(version);
        if (folding == null) {
            try (InputStream stream = Folding.class.getResourceAsStream(TABLE)) {
                if (stream == null) {
                    throw new IllegalStateException("The resource " + TABLE + " of this library is "
                            + "missing. Keep the resources of its jar in the app.");
                }
                byte[] content = ModelFile.readAll(stream);
                folding = new Folding(
                        new JSONObject(new String(content, StandardCharsets.UTF_8)), version);
            } catch (IOException | JSONException error) {
                throw new IllegalStateException("The resource " + TABLE + " of this library is "
                        + "damaged: " + error.getMessage(), error);
            }
            LOADED.put(version, folding);
        }
        return folding;
    }

    /** A folded text: its code points, and the chars of the caller's text that each was made from. */
    static final class Folded {
        final int[] points;
        final int[] starts;
        final int[] ends;

        Folded(int[] points, int[] starts, int[] ends) {
            this.points = points;
            this.starts = starts;
            this.ends = ends;
        }
    }

    /**
     * Folds any string; a lone surrogate stays as it is.
     *
     * @throws NullPointerException if it is null: every text of a caller is folded first
     */
    Folded fold(String text) {
        Objects.requireNonNull(text, "`text` must be a String. Received: null.");
        List<Part> parts = isPlain(text) ? null : decompose(text);
        return parts == null ? unchanged(text) : compose(parts);
    }

    /** What a character is canonically decomposed into, one step; null if it is not. */
    int[] decomposed(int point) {
        return decomposed.get(point);
    }

    /** The canonical combining class of a character. */
    int combining(int point) {
        Integer kind = combining.get(point);
        return kind == null ? 0 : kind;
    }

    /** Whether a text has only characters that stay as they are, whatever stands beside them. */
    private boolean isPlain(String text) {
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (unit > 0x7f || removed.contains((int) unit) || replaced.containsKey((int) unit)) {
                return false;
            }
        }
        return true;
    }

    private static Folded unchanged(String text) {
        int length = text.length();
        int[] points = new int[length];
        int[] starts = new int[length];
        int[] ends = new int[length];
        for (int i = 0; i < length; i++) {
            points[i] = text.charAt(i);
            starts[i] = i;
            ends[i] = i + 1;
        }
        return new Folded(points, starts, ends);
    }

    /** A code point on its way, with the chars that it was made from. */
    private static final class Part {
        int point;
        final int combining;
        int start;
        int end;

        Part(int point, int combining, int start, int end) {
            this.point = point;
            this.combining = combining;
            this.start = start;
            this.end = end;
        }
    }

    /** The full canonical decomposition of what is not removed, in canonical order. */
    private List<Part> decompose(String text) {
        List<Part> parts = new ArrayList<>();
        int next;
        for (int i = 0; i < text.length(); i = next) {
            int point = text.codePointAt(i);
            next = i + Character.charCount(point);
            if (removed.contains(point)) {
                continue;
            }
            Integer replacement = replaced.get(point);
            point = replacement == null ? point : replacement;
            int syllable = point - HANGUL;
            if (0 <= syllable && syllable < SYLLABLES) {
                parts.add(part(LEADS + syllable / (NUM_VOWELS * NUM_TAILS), i, next));
                parts.add(part(VOWELS + syllable / NUM_TAILS % NUM_VOWELS, i, next));
                if (syllable % NUM_TAILS != 0) {
                    parts.add(part(TAILS + syllable % NUM_TAILS, i, next));
                }
                continue;
            }
            int place = parts.size();
            for (int[] two = decomposed.get(point); two != null; two = decomposed.get(point)) {
                point = two[0];
                parts.add(place, part(two[1], i, next));
            }
            parts.add(place, part(point, i, next));
        }
        // Marks between characters of class 0 are sorted by class; equal ones stay in order.
        int begin = 0;
        for (int end = 0; end <= parts.size(); end++) {
            if (end == parts.size() || parts.get(end).combining == 0) {
                if (end - begin > 1) {
                    Collections.sort(parts.subList(begin, end),
                            (one, other) -> Integer.compare(one.combining, other.combining));
                }
                begin = end + 1;
            }
        }
        return parts;
    }

    private Part part(int point, int start, int end) {
        Integer kind = combining.get(point);
        return new Part(point, kind == null ? 0 : kind, start, end);
    }

    private Folded compose(List<Part> parts) {
        List<Part> folded = new ArrayList<>(parts.size());
        Part base = null; // the last character of class 0
        int before = 0; // class of the last one behind it that was not composed with it; 0 is none
        for (Part part : parts) {
            boolean beside = base != null && folded.get(folded.size() - 1) == base;
            if (base != null && (before < part.combining || (before == 0 && beside))) {
                int together = composition(base.point, part.point);
                if (together >= 0) {
                    base.point = together;
                    base.start = Math.min(base.start, part.start);
                    base.end = Math.max(base.end, part.end);
                    continue;
                }
            }
            if (part.combining == 0) {
                base = part;
            }
            before = part.combining;
            folded.add(part);
        }
        int length = folded.size();
        int[] points = new int[length];
        int[] starts = new int[length];
        int[] ends = new int[length];
        for (int i = 0; i < length; i++) {
            points[i] = folded.get(i).point;
            starts[i] = folded.get(i).start;
            ends[i] = folded.get(i).end;
        }
        // Marks that changed places: both ends of ranges never fall.
        for (int i = length - 1; i > 0; i--) {
            starts[i - 1] = Math.min(starts[i - 1], starts[i]);
        }
        for (int i = 1; i < length; i++) {
            ends[i] = Math.max(ends[i], ends[i - 1]);
        }
        return new Folded(points, starts, ends);
    }

    /** The character that two make together, or -1. */
    private int composition(int first, int second) {
        int lead = first - LEADS;
        int vowel = second - VOWELS;
        if (0 <= lead && lead < NUM_LEADS && 0 <= vowel && vowel < NUM_VOWELS) {
            return HANGUL + (lead * NUM_VOWELS + vowel) * NUM_TAILS;
        }
        int syllable = first - HANGUL;
        int tail = second - TAILS;
        if (0 <= syllable && syllable < SYLLABLES && syllable % NUM_TAILS == 0
                && 0 < tail && tail < NUM_TAILS) {
            return first + tail;
        }
        Integer together = composed.get(pair(first, second));
        return together == null ? -1 : together;
    }

    private static long pair(int first, int second) {
        return ((long) first << 32) | second;
    }
}
