package org.pqrnn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

/** The names of intents, slot tags and nested tags, in the order of a model's outputs. */
public final class LabelSet {
    private final List<String> intents;
    private final List<String> tags;
    private final List<List<String>> slotsOfIntent;
    private final List<String> nested;
    private final List<List<String>> slotsOfNested;
    private final Map<String, SlotEdges> edges;

    /** Names of a model of plain slots; throws as the other constructor does. */
    public LabelSet(List<String> intents, List<String> tags, List<List<String>> slotsOfIntent) {
        this(intents, tags, slotsOfIntent, Collections.<String>emptyList(),
                Collections.<List<String>>emptyList());
    }

    /**
     * Checks and keeps the names.
     *
     * @param intents intent names, without {@code IN:}
     * @param tags {@code "O"} first, then {@code B-X} and {@code I-X} for every slot name X, and
     *     {@code G-X} for slots that may have a hole
     * @param slotsOfIntent for each intent the names of the slots that it may have; empty to allow
     *     every slot everywhere
     * @param nested what stands inside top-level slots: {@code "O"} first, for a word of a plain slot,
     *     then paths with {@code B-INTENT/SLOT} or {@code I-INTENT/SLOT} for each level and a space
     *     between them; empty for a model of plain slots
     * @param slotsOfNested for each nested tag the names of the slots that may hold it; empty to allow
     *     every one everywhere
     * @throws LabelException if a name is empty or repeated, {@code tags} or {@code nested} does not
     *     begin with {@code "O"}, a slot lacks its {@code B-} or {@code I-} tag, or a nested tag cannot
     *     be read
     */
    public LabelSet(List<String> intents, List<String> tags, List<List<String>> slotsOfIntent,
            List<String> nested, List<List<String>> slotsOfNested) {
        this(intents, tags, slotsOfIntent, nested, slotsOfNested,
                Collections.<String, SlotEdges>emptyMap());
    }

    private LabelSet(List<String> intents, List<String> tags, List<List<String>> slotsOfIntent,
            List<String> nested, List<List<String>> slotsOfNested, Map<String, SlotEdges> edges) {
        this.intents = distinct("intents", intents);
        this.tags = beginningOutside("tags", distinct("tags", tags));
        this.nested = nested.isEmpty()
                ? Collections.<String>emptyList()
                : beginningOutside("nested", distinct("nested", nested));
        for (String tag : tags.subList(1, tags.size())) {
            boolean known = tag.length() > 2 && "BIG".indexOf(tag.charAt(0)) >= 0
                    && tag.charAt(1) == '-' && tags.contains("B-" + tag.substring(2))
                    && tags.contains("I-" + tag.substring(2));
            if (!known) {
                throw new LabelException(
                        "Each of `tags` must be \"O\" or \"B-X\", \"I-X\", \"G-X\", where X has at "
                                + "least \"B-X\" and \"I-X\". Received: \"" + tag + "\".");
            }
        }
        for (String tag : nested) {
            NestedStep.parse(tag);
        }
        this.slotsOfIntent = rows("slotsOfIntent", slotsOfIntent, intents.size(), "intents");
        this.slotsOfNested = rows("slotsOfNested", slotsOfNested, nested.size(), "nested tags");
        this.edges = edges;
    }

    private static List<String> beginningOutside(String field, List<String> names) {
        if (!names.get(0).equals("O")) {
            throw new LabelException("`" + field + "` must begin with \"O\". Received: \""
                    + names.get(0) + "\".");
        }
        return names;
    }

    private static List<List<String>> rows(
            String field, List<List<String>> given, int count, String of) {
        if (!given.isEmpty() && given.size() != count) {
            throw new LabelException("`" + field + "` must have one entry for each of the " + count
                    + " " + of + ". Received: " + given.size() + ".");
        }
        List<List<String>> rows = new ArrayList<>();
        for (List<String> row : given) {
            rows.add(Collections.unmodifiableList(new ArrayList<>(row)));
        }
        return Collections.unmodifiableList(rows);
    }

    /**
     * Reads labels from JSON: the field {@code labels} of a model's description, or a file
     * {@code labels.json}.
     *
     * @throws LabelException if the text is not a label set
     */
    public static LabelSet fromJson(String json) {
        try {
            JSONObject values = new JSONObject(json);
            return new LabelSet(
                    strings(values.getJSONArray("intents")), strings(values.getJSONArray("tags")),
                    stringRows(values.optJSONArray("slots_of_intent")),
                    strings(values.optJSONArray("nested")),
                    stringRows(values.optJSONArray("slots_of_nested")),
                    SlotEdges.fromJson(values.has("edges")
                            ? values.getJSONObject("edges") : new JSONObject()));
        } catch (JSONException error) {
            throw new LabelException("A label set is a JSON object with the fields `intents`, `tags`, "
                    + "`slots_of_intent` and, of a model of whole trees, `nested` and "
                    + "`slots_of_nested`. " + error.getMessage(), error);
        }
    }

    private static List<List<String>> stringRows(JSONArray values) throws JSONException {
        List<List<String>> result = new ArrayList<>();
        for (int i = 0; values != null && i < values.length(); i++) {
            result.add(strings(values.getJSONArray(i)));
        }
        return result;
    }

    private static List<String> strings(JSONArray values) throws JSONException {
        List<String> result = new ArrayList<>();
        for (int i = 0; values != null && i < values.length(); i++) {
            result.add(values.getString(i));
        }
        return result;
    }

    private static List<String> distinct(String field, List<String> names) {
        Set<String> different = new HashSet<>(names);
        if (names.isEmpty() || different.size() < names.size() || different.contains("")) {
            throw new LabelException(
                    "`" + field + "` must be distinct names, at least one. Received: " + names + ".");
        }
        return Collections.unmodifiableList(new ArrayList<>(names));
    }

    /** Intent names, without {@code IN:}. */
    public List<String> intents() {
        return intents;
    }

    /** Slot tags; the first is {@code "O"}. */
    public List<String> tags() {
        return tags;
    }

    /** For each intent the slots that it may have; empty where every intent may have every slot. */
    public List<List<String>> slotsOfIntent() {
        return slotsOfIntent;
    }

    /** Nested tags, the first is {@code "O"}; none of a model of plain slots. */
    public List<String> nested() {
        return nested;
    }

    /** For each nested tag the slots that may hold it; empty where all may hold all. */
    public List<List<String>> slotsOfNested() {
        return slotsOfNested;
    }

    /** What punctuation belongs to the edges of slots; empty to leave all slots as they are decoded. */
    Map<String, SlotEdges> edges() {
        return edges;
    }

    /** Column of each tag. */
    Map<String, Integer> columns() {
        Map<String, Integer> columns = new HashMap<>();
        for (int i = 0; i < tags.size(); i++) {
            columns.put(tags.get(i), i);
        }
        return columns;
    }
}
