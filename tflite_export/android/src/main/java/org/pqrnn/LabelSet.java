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

/** The names of intents and slot tags, in the order of a model's outputs. */
public final class LabelSet {
    private final List<String> intents;
    private final List<String> tags;
    private final List<List<String>> slotsOfIntent;

    /**
     * Checks and keeps the names.
     *
     * @param intents intent names, without {@code IN:}
     * @param tags {@code "O"} first, then {@code B-X} and {@code I-X} for every slot name X, and
     *     {@code G-X} for slots that may have a hole
     * @param slotsOfIntent for each intent the names of the slots that it may have; empty to allow
     *     every slot everywhere
     * @throws LabelException if a name is empty or repeated, {@code tags} does not begin with
     *     {@code "O"}, or a slot lacks its {@code B-} or {@code I-} tag
     */
    public LabelSet(List<String> intents, List<String> tags, List<List<String>> slotsOfIntent) {
        this.intents = distinct("intents", intents);
        this.tags = distinct("tags", tags);
        if (!tags.get(0).equals("O")) {
            throw new LabelException(
                    "`tags` must begin with \"O\". Received: \"" + tags.get(0) + "\".");
        }
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
        if (!slotsOfIntent.isEmpty() && slotsOfIntent.size() != intents.size()) {
            throw new LabelException("`slotsOfIntent` must have one entry for each of the "
                    + intents.size() + " intents. Received: " + slotsOfIntent.size() + ".");
        }
        List<List<String>> rows = new ArrayList<>();
        for (List<String> row : slotsOfIntent) {
            rows.add(Collections.unmodifiableList(new ArrayList<>(row)));
        }
        this.slotsOfIntent = Collections.unmodifiableList(rows);
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
            List<List<String>> rows = new ArrayList<>();
            JSONArray given = values.optJSONArray("slots_of_intent");
            for (int i = 0; given != null && i < given.length(); i++) {
                rows.add(strings(given.getJSONArray(i)));
            }
            return new LabelSet(
                    strings(values.getJSONArray("intents")), strings(values.getJSONArray("tags")), rows);
        } catch (JSONException error) {
            throw new LabelException("A label set is a JSON object with the fields `intents`, `tags` "
                    + "and `slots_of_intent`. " + error.getMessage(), error);
        }
    }

    private static List<String> strings(JSONArray values) throws JSONException {
        List<String> result = new ArrayList<>();
        for (int i = 0; i < values.length(); i++) {
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

    /** Column of each tag. */
    Map<String, Integer> columns() {
        Map<String, Integer> columns = new HashMap<>();
        for (int i = 0; i < tags.size(); i++) {
            columns.put(tags.get(i), i);
        }
        return columns;
    }
}
