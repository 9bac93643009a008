package org.pqrnn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;

/** Something that a text may name, such as a contact. */
public final class Entity {
    private final String name;
    private final String id;
    private final List<String> types;
    private final List<String> synonyms;
    private final Map<String, List<String>> relations;

    /**
     * Makes an entity.
     *
     * @param name what it is called
     * @param id what the application knows it by
     * @param types what it is, the most telling first; may be empty
     * @param synonyms other names; may be empty
     */
    public Entity(String name, String id, List<String> types, List<String> synonyms) {
        this(name, id, types, synonyms, Collections.<String, List<String>>emptyMap());
    }

    /**
     * Makes an entity that has to do with others.
     *
     * @param name what it is called
     * @param id what the application knows it by
     * @param types what it is, the most telling first; may be empty
     * @param synonyms other names; may be empty
     * @param relations ids or names of others by the relation, such as {@code located_in}
     */
    public Entity(String name, String id, List<String> types, List<String> synonyms,
            Map<String, List<String>> relations) {
        this.name = name;
        this.id = id;
        this.types = Collections.unmodifiableList(new ArrayList<>(new LinkedHashSet<>(types)));
        this.synonyms = Collections.unmodifiableList(new ArrayList<>(new LinkedHashSet<>(synonyms)));
        this.relations = Collections.unmodifiableMap(new LinkedHashMap<>(relations));
    }

    /** Makes an entity that is known by its name, of one type; "" is none. */
    public Entity(String name, String type) {
        this(name, name, type.isEmpty() ? Collections.<String>emptyList()
                : Collections.singletonList(type), Collections.<String>emptyList());
    }

    /** What it is called. */
    public String name() {
        return name;
    }

    /** What the application knows it by. */
    public String id() {
        return id;
    }

    /** The first of its types; empty without one. */
    public String type() {
        return types.isEmpty() ? "" : types.get(0);
    }

    /** What it is, the most telling first. */
    public List<String> types() {
        return types;
    }

    /** Other names. */
    public List<String> synonyms() {
        return synonyms;
    }

    /** Ids or names of others by the relation. */
    public Map<String, List<String>> relations() {
        return relations;
    }

    /** The name and the synonyms. */
    List<String> names() {
        List<String> names = new ArrayList<>(Arrays.asList(name));
        names.addAll(synonyms);
        return names;
    }

    @Override
    public String toString() {
        return name + " (" + id + ")";
    }
}
