package org.pqrnn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.json.JSONArray;
import org.json.JSONException;
import org.json.JSONObject;

/**
 * What a model is told of the names of a list in texts, by the rules of {@code
 * pqrnn_tf/runtime/entity_features.py} (docs/entities.md): the second input of the signatures {@code
 * parse_entities…} of a .tflite. It never changes; threads may share an object.
 */
public final class EntityFeatures {
    private static final String RELATED = "related";
    private static final List<String> FIELDS = Arrays.asList("types", "slots", RELATED);
    /** Begins, inside, ends, quality; a fifth says whether a name is related. */
    private static final int CHANNELS = 4;
    private static final int MAX_TYPES = 64;

    private final Described described;
    private final Entities entities;

    /** What a model is told, as its description has it. */
    static final class Described {
        final List<String> types = new ArrayList<>();
        final Map<String, List<String>> slots = new LinkedHashMap<>(); // the type that each takes
        final boolean related;

        /**
         * Reads a description.
         *
         * @throws JSONException if a field is missing, unknown or not valid
         */
        Described(JSONObject values) throws JSONException {
            for (Iterator<?> names = values.keys(); names.hasNext(); ) {
                Object name = names.next();
                if (!FIELDS.contains(name)) {
                    throw new JSONException("it has the unknown field \"" + name + "\"");
                }
            }
            JSONArray own = values.getJSONArray("types");
            for (int i = 0; i < own.length(); i++) {
                types.add(own.getString(i));
            }
            int distinct = new HashSet<>(types).size();
            if (types.isEmpty() || types.size() > MAX_TYPES || distinct < types.size()
                    || types.contains("")) {
                throw new JSONException("it must have 1 to " + MAX_TYPES + " distinct types");
            }
            JSONObject taken = values.getJSONObject("slots");
            for (Iterator<?> names = taken.keys(); names.hasNext(); ) {
                String slot = (String) names.next();
                String type = taken.getString(slot);
                if (!types.contains(type)) {
                    throw new JSONException("a slot takes the unknown type \"" + type + "\"");
                }
                slots.put(slot, Collections.singletonList(type));
            }
            Object told = values.has(RELATED) ? values.get(RELATED) : Boolean.FALSE;
            if (!(told instanceof Boolean)) {
                throw new JSONException("\"related\" must be true or false, and is " + told);
            }
            related = (Boolean) told;
        }

        private int channels() {
            return related ? CHANNELS + 1 : CHANNELS;
        }

        /** Features of a token. */
        int width() {
            return channels() * (1 + types.size());
        }
    }

    /** A name in a text, for one type. */
    private static final class Told {
        final int group;
        EntityMatch match;
        int sign;

        Told(int group, EntityMatch match, int sign) {
            this.group = group;
            this.match = match;
            this.sign = sign;
        }
    }

    /**
     * Reads what a model can be told of.
     *
     * @param json {@code entity_features} of the model's description, see {@link ModelFile#description}
     * @param entities the list whose names are looked for
     * @throws IllegalArgumentException if a field is missing, unknown or not valid
     */
    public EntityFeatures(String json, Entities entities) {
        this(described(json), entities);
    }

    EntityFeatures(Described described, Entities entities) {
        this.described = described;
        this.entities = entities;
    }

    private static Described described(String json) {
        try {
            return new Described(new JSONObject(json));
        } catch (JSONException error) {
            throw new IllegalArgumentException("The entity features must be those of a model of this "
                    + "version: " + error.getMessage() + ". Received: " + json, error);
        }
    }

    /** Features of a token. */
    public int width() {
        return described.width();
    }

    /**
     * The features of a text.
     *
     * @param text any string
     * @param spans its tokens: start and end of each in UTF-16 units (chars), in order
     * @return {@code (tokens, width)}, row by row
     */
    public byte[] of(String text, int[] spans) {
        return of(entities.relations().named(entities.match(text)), spans);
    }

    /** The features of a text, of what the list finds in it. */
    byte[] of(EntityRelations.Named named, int[] spans) {
        byte[] features = new byte[spans.length / 2 * width()];
        for (Told told : told(named)) {
            EntityMatch match = told.match;
            int first = -1;
            int last = -1;
            boolean taken = false;
            for (int i = 0; 2 * i < spans.length; i++) {
                if (spans[2 * i + 1] > match.start() && spans[2 * i] < match.end()) {
                    first = first < 0 ? place(i, told.group) : first;
                    last = place(i, told.group);
                    taken |= features[last + 1] != 0;
                }
            }
            if (first < 0 || taken) {
                continue;
            }
            features[first] = 1;
            features[last + 2] = 1;
            boolean agrees = match.quality().compareTo(EntityMatch.Quality.FOLDED) <= 0;
            for (int place = first; place <= last; place += width()) {
                features[place + 1] = 1;
                features[place + 3] = (byte) (agrees ? 1 : -1);
                if (described.related) {
                    features[place + 4] = (byte) told.sign;
                }
            }
        }
        return features;
    }

    /** Where the features of a token for a type begin. */
    private int place(int token, int group) {
        return token * width() + group * described.channels();
    }

    /** The names, in order; of those on the same words a related one counts before all others. */
    private List<Told> told(EntityRelations.Named named) {
        List<EntityMatch> matches = named.matches;
        int[] signs = described.related
                ? entities.relations().signs(named) : new int[matches.size()];
        List<String> types = described.types;
        Map<String, Told> found = new LinkedHashMap<>();
        for (int i = 0; i < signs.length; i++) {
            EntityMatch match = matches.get(i);
            List<Integer> groups = new ArrayList<>();
            for (String type : match.entity().types()) {
                if (types.contains(type)) {
                    groups.add(1 + types.indexOf(type));
                }
            }
            if (groups.isEmpty()) {
                groups.add(0);
            }
            for (int group : groups) {
                String where = match.start() + " " + match.end() + " " + group;
                Told before = found.get(where);
                if (before == null) {
                    found.put(where, new Told(group, match, signs[i]));
                } else if (signs[i] == 1 && before.sign != 1) {
                    before.match = match;
                    before.sign = 1;
                }
            }
        }
        return new ArrayList<>(found.values());
    }
}
