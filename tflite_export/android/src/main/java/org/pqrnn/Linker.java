package org.pqrnn;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Which entity a slot means: by match, type, and what entities have to do with each other, by the rules of
 * {@code pqrnn_tf/runtime/linking.py} (docs/entities.md).
 */
final class Linker {
    /** Factors of the score for the quality of a match, in the order of {@link EntityMatch.Quality}. */
    private static final double[] AGREEMENT = {1.0, 0.98, 0.9, 0.8};
    /** Factor for the second typing error. */
    private static final double FURTHER_ERROR = 0.85;
    /** Factor for a type whose name is not in that of the slot, where the slot's types are not given. */
    private static final double OTHER_NAME = 0.9;
    /** Factor for one that has to do with nothing that the text names, where other candidates have. */
    private static final double UNRELATED = 0.7;
    /** Factor for an entity that has to do with another one by vectors only. */
    private static final double BY_VECTORS = 0.9;
    /** Weight of the name that a candidate is nearest to; the mean over all elsewhere has the rest. */
    private static final double STRONGEST = 0.8;
    /** Relatedness from which on an entity in the text is what a candidate is told from others by. */
    private static final double NEAR = 0.1;
    /** What a name has to cover of a slot whose types are not given. */
    private static final double LEAST_COVERED = 0.3;
    /** Candidates that a slot has at most. */
    private static final int MOST = 10;

    private final Entities entities;
    private final EntityRelations relations;
    private final Map<String, Set<String>> types = new HashMap<>();
    private final Map<Entity, Integer> numbers = new IdentityHashMap<>(); // only with vectors

    /** A match inside of a slot, on its way to a candidate. */
    private static final class Found {
        final EntityMatch match;
        double score;
        double near; // factor where names tell candidates from each other
        double strength = -1; // by vectors; below 0: none

        Found(EntityMatch match, double score, double near) {
            this.match = match;
            this.score = score;
            this.near = near;
        }
    }

    /**
     * Takes what slots may mean.
     *
     * @param types the types that slots take; those of other slots are not given
     */
    Linker(Entities entities, Map<String, ? extends Collection<String>> types) {
        this.entities = entities;
        relations = entities.relations();
        for (Map.Entry<String, ? extends Collection<String>> entry : types.entrySet()) {
            this.types.put(entry.getKey(), new HashSet<>(entry.getValue()));
        }
        for (int number = 0; entities.vectors() != null && number < entities.all().size(); number++) {
            numbers.put(entities.all().get(number), number);
        }
    }

    Entities entities() {
        return entities;
    }

    /** What the list finds in a text, prepared for linking. */
    EntityRelations.Named match(String text) {
        return relations.named(entities.match(text));
    }

    /** The entities that a slot of a text may mean, the best first. */
    List<EntityCandidate> candidates(
            String text, String slot, int start, int end, EntityRelations.Named named) {
        Set<String> given = types.get(slot);
        int letters = letters(text, start, end).size();
        List<Found> found = new ArrayList<>();
        Map<Long, EntityMatch> context = new HashMap<>(); // names that tell candidates from each other
        for (EntityMatch match : named.matches) {
            List<String> own = match.entity().types();
            boolean isOther = given != null && !own.isEmpty() && Collections.disjoint(given, own);
            if (match.start() >= end || match.end() <= start || isOther) {
                continue;
            }
            EntityRelations.Related related = relations.of(match, named);
            Set<Integer> covered = new HashSet<>(within(text, match, start, end));
            double agreement = agreement(match);
            for (EntityMatch other : related.direct) {
                covered.addAll(within(text, other, start, end));
                if (other.start() < end && other.end() > start) {
                    agreement = Math.min(agreement, agreement(other));
                }
            }
            int beyond = letters(text, match.start(), Math.min(match.end(), start)).size()
                    + letters(text, Math.max(match.start(), end), match.end()).size();
            double share = covered.size() / (double) Math.max(1, letters + beyond);
            if (given == null && share < LEAST_COVERED) {
                continue;
            }
            double score = share * agreement;
            if ((given == null || own.isEmpty()) && !hasName(slot, own)) {
                score *= OTHER_NAME;
            }
            Found one = new Found(match, score, related.factor > 0 ? related.factor : UNRELATED);
            List<EntityMatch> others = related.others;
            if (entities.vectors() != null) {
                others = new ArrayList<>();
                one.near = UNRELATED;
                one.strength = strength(match, named.matches, others);
            }
            for (EntityMatch other : others) {
                context.put(span(other), other);
            }
            found.add(one);
        }
        double strongest = 0;
        for (Found one : found) {
            strongest = Math.max(strongest, one.strength);
        }
        for (Found one : found) {
            if (one.strength >= 0) {
                one.near = 1 - (1 - UNRELATED) * (strongest - one.strength);
            }
            // What names the context itself, as "kitchen lamp" does the kitchen, has no need of it.
            boolean namesIt = context.isEmpty();
            for (EntityMatch other : context.values()) {
                namesIt |= other.start() < one.match.end() && other.end() > one.match.start();
            }
            one.score *= namesIt ? 1 : one.near;
        }
        // Equal ones stay in the order of matches.
        Collections.sort(found, (one, other) -> Double.compare(other.score, one.score));
        Set<Entity> seen = Collections.newSetFromMap(new IdentityHashMap<Entity, Boolean>());
        List<EntityCandidate> candidates = new ArrayList<>();
        for (Found one : found) {
            if (candidates.size() < MOST && seen.add(one.match.entity())) {
                candidates.add(new EntityCandidate(one.match, rounded(one.score)));
            }
        }
        return candidates;
    }

    /**
     * How much a match has to do with all that the text names elsewhere, by relations and vectors: how near
     * it is to the longest names elsewhere, to each by the entity of that name that is nearest.
     *
     * @param matches the longest first
     * @param near gets the matches that it is near to
     * @return the strongest of them and a little of their mean; -1 without any
     */
    private double strength(EntityMatch match, List<EntityMatch> matches, List<EntityMatch> near) {
        Map<Long, EntityMatch> spans = new LinkedHashMap<>();
        Map<Long, Double> mentions = new LinkedHashMap<>();
        for (EntityMatch other : matches) {
            boolean counts = other.start() >= match.end() || other.end() <= match.start();
            for (EntityMatch known : spans.values()) {
                counts &= known.start() > other.start() || known.end() < other.end()
                        || (known.start() == other.start() && known.end() == other.end());
            }
            if (!counts) {
                continue;
            }
            spans.put(span(other), other);
            double strength = relations.between(match.entity(), other.entity());
            if (strength == 0) {
                strength = BY_VECTORS * entities.vectors().relatedness(
                        numbers.get(match.entity()), numbers.get(other.entity()));
            }
            if (strength >= NEAR) {
                near.add(other);
            }
            Double before = mentions.get(span(other));
            mentions.put(span(other), Math.max(before == null ? 0 : before, strength * agreement(other)));
        }
        if (mentions.isEmpty()) {
            return -1;
        }
        double sum = 0;
        for (double mention : mentions.values()) {
            sum += mention;
        }
        return STRONGEST * Collections.max(mentions.values()) + (1 - STRONGEST) * (sum / mentions.size());
    }

    private static long span(EntityMatch match) {
        return ((long) match.start() << 32) | match.end();
    }

    private static double agreement(EntityMatch match) {
        return AGREEMENT[match.quality().ordinal()] * (match.errors() > 1 ? FURTHER_ERROR : 1);
    }

    private static List<Integer> within(String text, EntityMatch match, int start, int end) {
        return letters(text, Math.max(match.start(), start), Math.min(match.end(), end));
    }

    /** Places of the letters and digits of a part of a text. */
    private static List<Integer> letters(String text, int start, int end) {
        List<Integer> places = new ArrayList<>();
        int next;
        for (int place = start; place < end; place = next) {
            int point = text.codePointAt(place);
            next = place + Character.charCount(point);
            if (EntityWords.isLetterOrDigit(point)) {
                places.add(place);
            }
        }
        return places;
    }

    /** Whether a type's words are among those of a slot's name. */
    private static boolean hasName(String slot, List<String> types) {
        Set<String> words = new HashSet<>(words(slot));
        for (String type : types) {
            if (words.containsAll(words(type))) {
                return true;
            }
        }
        return false;
    }

    private static List<String> words(String name) {
        return Arrays.asList(name.toLowerCase(Locale.ROOT).replace('-', '_').split("_", -1));
    }

    private static double rounded(double score) {
        return new BigDecimal(score).setScale(4, RoundingMode.HALF_EVEN).doubleValue();
    }
}
