package org.pqrnn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What entities of a list have to do with what a text names, by the rule of {@code
 * pqrnn_tf/runtime/entity_relations.py} (docs/entities.md): directly, over a third entity, or against the
 * direction of a relation. It never changes; threads may share an object.
 */
public final class EntityRelations {
    private final Map<String, List<Entity>> called = new HashMap<>(); // those with relations
    private final Set<String> objects = new HashSet<>();

    /**
     * Looks at relations.
     *
     * @param entities all entities of the list
     */
    public EntityRelations(List<Entity> entities) {
        for (Entity entity : entities) {
            Set<String> own = objectsOf(entity);
            if (own.isEmpty()) {
                continue;
            }
            objects.addAll(own);
            for (String name : calledOf(entity)) {
                append(called, name, entity);
            }
        }
    }

    /** What an entity may be called in the relations of others: its names, and its id. */
    private static Set<String> calledOf(Entity entity) {
        Set<String> found = new HashSet<>();
        for (String name : entity.names()) {
            found.add(EntityWords.keyOfName(name));
        }
        found.add("\0" + entity.id());
        return found;
    }

    /** What an entity is related to, as {@code calledOf} has it. */
    private static Set<String> objectsOf(Entity entity) {
        Set<String> found = new HashSet<>();
        for (List<String> others : entity.relations().values()) {
            for (String other : others) {
                found.add(EntityWords.keyOfName(other));
                found.add("\0" + other);
            }
        }
        return found;
    }

    private static <T> void append(Map<String, List<T>> map, String key, T value) {
        List<T> found = map.get(key);
        if (found == null) {
            found = new ArrayList<>(1);
            map.put(key, found);
        }
        found.add(value);
    }

    /**
     * Whether each match has to do with what the text names elsewhere, outside of the match's own words.
     *
     * @param matches what {@link Entities#match} finds in a text
     * @return for each 1 where it has, −1 where its entity has relations, along or against their
     *     direction, and the text names nothing of it, and 0 where its entity has none
     */
    public int[] signs(List<EntityMatch> matches) {
        int[] signs = new int[matches.size()];
        if (objects.isEmpty()) {
            return signs;
        }
        List<Set<String>> names = new ArrayList<>();
        List<Set<String>> near = new ArrayList<>();
        Map<String, List<EntityMatch>> byName = new HashMap<>();
        Map<String, List<EntityMatch>> byObject = new HashMap<>();
        for (EntityMatch match : matches) {
            names.add(calledOf(match.entity()));
            near.add(objectsOf(match.entity()));
            for (String name : names.get(names.size() - 1)) {
                append(byName, name, match);
            }
            for (String name : near.get(near.size() - 1)) {
                append(byObject, name, match);
            }
        }
        for (int i = 0; i < signs.length; i++) {
            EntityMatch match = matches.get(i);
            if (elsewhere(match, byName, near.get(i)) || elsewhere(match, byName, far(near.get(i)))
                    || elsewhere(match, byObject, names.get(i))) {
                signs[i] = 1;
            } else if (!near.get(i).isEmpty() || !Collections.disjoint(objects, names.get(i))) {
                signs[i] = -1;
            }
        }
        return signs;
    }

    /** What those are related to that an entity is related to. */
    private Set<String> far(Set<String> near) {
        Set<String> found = new HashSet<>();
        for (String name : near) {
            List<Entity> between = called.get(name);
            for (Entity other : between == null ? Collections.<Entity>emptyList() : between) {
                found.addAll(objectsOf(other));
            }
        }
        return found;
    }

    /** Whether one of some names is that of a match that does not overlap with another one. */
    private static boolean elsewhere(
            EntityMatch match, Map<String, List<EntityMatch>> known, Set<String> names) {
        for (String name : names) {
            List<EntityMatch> found = known.get(name);
            for (EntityMatch other : found == null ? Collections.<EntityMatch>emptyList() : found) {
                if (other.start() >= match.end() || other.end() <= match.start()) {
                    return true;
                }
            }
        }
        return false;
    }
}
