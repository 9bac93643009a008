package org.pqrnn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What entities of a list have to do with each other, and with what a text names, by the rule of {@code
 * pqrnn_tf/runtime/entity_relations.py} (docs/entities.md): directly, over a third entity, or against the
 * direction of a relation. Linking and the second input of a model share it. It never changes; threads may
 * share an object.
 */
public final class EntityRelations {
    private final Map<String, List<Entity>> called = new HashMap<>(); // those with relations
    private final Set<String> objects = new HashSet<>();
    private final Map<Entity, Around> known = new ConcurrentHashMap<>();

    /** What is around an entity: names as they are compared, and ids behind a NUL. */
    private static final class Around {
        final Set<String> called; // what it may be called in the relations of others
        final Set<String> near; // what it is related to
        final Set<String> far; // what these are related to

        Around(Set<String> called, Set<String> near, Set<String> far) {
            this.called = called;
            this.near = near;
            this.far = far;
        }
    }

    /** The matches of a text, and which of them have a name or are related to one. */
    static final class Named {
        final List<EntityMatch> matches;
        final Map<String, List<EntityMatch>> byName = new HashMap<>();
        final Map<String, List<EntityMatch>> byObject = new HashMap<>();

        private Named(List<EntityMatch> matches) {
            this.matches = matches;
        }
    }

    /** What a match has to do with what a text names elsewhere. */
    static final class Related {
        static final Related NOT = new Related(
                0, Collections.<EntityMatch>emptyList(), Collections.<EntityMatch>emptyList());

        final double factor; // of its score in linking; 0 without relation
        final List<EntityMatch> others; // what it has to do with
        final List<EntityMatch> direct; // what it is directly related to

        Related(double factor, List<EntityMatch> others, List<EntityMatch> direct) {
            this.factor = factor;
            this.others = others;
            this.direct = direct;
        }
    }

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

    private static <T> List<T> get(Map<String, List<T>> map, String key) {
        List<T> found = map.get(key);
        return found == null ? Collections.<T>emptyList() : found;
    }

    private Around around(Entity entity) {
        Around found = known.get(entity);
        if (found == null) {
            Set<String> near = objectsOf(entity);
            Set<String> far = new HashSet<>();
            for (String name : near) {
                for (Entity other : get(called, name)) {
                    far.addAll(objectsOf(other));
                }
            }
            found = new Around(calledOf(entity), near, far);
            known.put(entity, found);
        }
        return found;
    }

    /** The matches of a text as the other methods ask for them. */
    Named named(List<EntityMatch> matches) {
        Named named = new Named(matches);
        if (!objects.isEmpty()) {
            for (EntityMatch match : matches) {
                Around around = around(match.entity());
                for (String name : around.called) {
                    append(named.byName, name, match);
                }
                for (String name : around.near) {
                    append(named.byObject, name, match);
                }
            }
        }
        return named;
    }

    /** What one of the matches has to do with what the text names outside of its own words. */
    Related of(EntityMatch match, Named named) {
        if (objects.isEmpty()) {
            return Related.NOT;
        }
        Around around = around(match.entity());
        List<EntityMatch> direct = elsewhere(match, named.byName, around.near);
        if (!direct.isEmpty()) {
            return new Related(EntityVectors.RELATED[0], direct, direct);
        }
        List<EntityMatch> others = elsewhere(match, named.byName, around.far);
        others.addAll(elsewhere(match, named.byObject, around.called));
        return others.isEmpty() ? Related.NOT : new Related(EntityVectors.RELATED[1], others,
                Collections.<EntityMatch>emptyList());
    }

    /** The factor for an entity that has to do with another one; 0 without relation. */
    double between(Entity entity, Entity other) {
        Around own = around(entity);
        Around its = around(other);
        if (!Collections.disjoint(own.near, its.called)) {
            return EntityVectors.RELATED[0];
        }
        return Collections.disjoint(own.far, its.called) && Collections.disjoint(its.near, own.called)
                ? 0 : EntityVectors.RELATED[1];
    }

    /**
     * Whether each match has to do with what the text names elsewhere, outside of the match's own words.
     *
     * @param matches what {@link Entities#match} finds in a text
     * @return for each 1 where it has, −1 where its entity has relations, along or against their
     *     direction, and the text names nothing of it, and 0 where its entity has none
     */
    public int[] signs(List<EntityMatch> matches) {
        return signs(named(matches));
    }

    int[] signs(Named named) {
        int[] signs = new int[named.matches.size()];
        for (int i = 0; i < signs.length && !objects.isEmpty(); i++) {
            EntityMatch match = named.matches.get(i);
            Around around = around(match.entity());
            if (of(match, named) != Related.NOT) {
                signs[i] = 1;
            } else if (!around.near.isEmpty() || !Collections.disjoint(objects, around.called)) {
                signs[i] = -1;
            }
        }
        return signs;
    }

    /** Those of some names that do not overlap with a match. */
    private static List<EntityMatch> elsewhere(
            EntityMatch match, Map<String, List<EntityMatch>> known, Set<String> names) {
        List<EntityMatch> found = new ArrayList<>();
        for (String name : names) {
            for (EntityMatch other : get(known, name)) {
                if (other.start() >= match.end() || other.end() <= match.start()) {
                    found.add(other);
                }
            }
        }
        return found;
    }
}
