package org.pqrnn;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Names that only the device knows, and where a text has them, by the rules of
 * {@code pqrnn_tf/runtime/entities.py} (docs/entities.md). It never changes: make another one where
 * names change. Threads may share an object.
 */
public final class Entities {
    private static final int LARGE = 100_000;
    private static final int MAX_ERRORS = 2;
    private static final int SHORTEST_WITH_ERRORS = 4;
    private static final int JOINED_WORDS = 6;

    /** A name with its spaces, with none, or without one of several, which is its only error. */
    private static final int AS_WRITTEN = 0;
    private static final int TOGETHER = 1;
    private static final int PARTLY = 2;

    private final List<Entity> entities;
    private final int mostErrors;
    private final Map<String, Integer> words;
    private final List<int[]> spelt;
    private final Map<String, List<Integer>> stems;
    private final Map<String, List<Integer>> left;
    private final Node root;
    private final EntityVectors vectors; // null: none
    private EntityRelations relations; // null: not asked for yet

    /** Where names that begin with some words go on. */
    private static final class Node {
        final Map<Integer, Node> after = new HashMap<>();
        final List<int[]> forms = new ArrayList<>(); // entity, and how its name is written
    }

    /** What a word of a text may be: key (null if it is not of letters), and words of names. */
    private static final class Meaning {
        final int[] key;
        final List<int[]> candidates; // word, rank, errors

        Meaning(int[] key, List<int[]> candidates) {
            this.key = key;
            this.candidates = candidates;
        }
    }

    /** A beginning of a name in the text. */
    private static final class Way {
        final int first;
        final int last;
        final Node node;
        final int rank;
        final int errors;
        final boolean apart;

        Way(int first, int last, Node node, int rank, int errors, boolean apart) {
            this.first = first;
            this.last = last;
            this.node = node;
            this.rank = rank;
            this.errors = errors;
            this.apart = apart;
        }
    }

    /**
     * Makes a list.
     *
     * @param entities each once; other than in Python, rows are not joined
     */
    public Entities(List<Entity> entities) {
        this.entities = Collections.unmodifiableList(new ArrayList<>(entities));
        words = new HashMap<>();
        spelt = new ArrayList<>();
        stems = new HashMap<>();
        left = new HashMap<>();
        root = new Node();
        vectors = null;
        boolean large = entities.size() > LARGE;
        mostErrors = large ? 1 : MAX_ERRORS;
        for (int owner = 0; owner < entities.size(); owner++) {
            for (String name : entities.get(owner).names()) {
                add(name, owner, large);
            }
        }
        for (int word = 0; word < spelt.size(); word++) {
            int[] key = spelt.get(word);
            if (!EntityWords.isOfLetters(key)) {
                continue;
            }
            for (String stem : EntityWords.stemsOf(key)) {
                append(stems, stem, word);
            }
            if (key.length >= SHORTEST_WITH_ERRORS) {
                int errors = Math.min(mostErrors, EntityWords.allowedErrors(key, key));
                for (String part : EntityWords.withLettersLeftOut(key, errors)) {
                    append(left, part, word);
                }
            }
        }
    }

    /** The same list with vectors. */
    private Entities(Entities same, EntityVectors vectors) {
        entities = same.entities;
        mostErrors = same.mostErrors;
        words = same.words;
        spelt = same.spelt;
        stems = same.stems;
        left = same.left;
        root = same.root;
        this.vectors = vectors;
    }

    /**
     * The same list with vectors, by which linking knows what is near by relations.
     *
     * @param json what the file has that {@code pqrnn graph} made of the list
     * @throws IllegalArgumentException if the file is damaged, or belongs to another list or to this one
     *     before it was changed
     */
    public Entities withVectors(String json) {
        return new Entities(this, new EntityVectors(json, entities));
    }

    /** The vectors of the entities; null without. */
    public EntityVectors vectors() {
        return vectors;
    }

    /** What the entities have to do with each other. */
    public synchronized EntityRelations relations() {
        if (relations == null) {
            relations = new EntityRelations(entities);
        }
        return relations;
    }

    private void add(String name, int owner, boolean large) {
        List<int[]> keys = new ArrayList<>();
        for (EntityWords.Word word : EntityWords.wordsOf(name)) {
            keys.add(EntityWords.keyOf(word.points));
        }
        if (keys.isEmpty()) { // punctuation only, which no text is searched for
            return;
        }
        nodeOf(keys).forms.add(new int[] {owner, AS_WRITTEN});
        if (large || keys.size() > JOINED_WORDS) {
            return;
        }
        for (int place = 0; place + 1 < keys.size(); place++) {
            addTogether(keys, place, place + 2, owner);
        }
        if (keys.size() == 3) {
            addTogether(keys, 0, 3, owner);
        }
    }

    /** Adds a name without the spaces between some of its words. */
    private void addTogether(List<int[]> keys, int first, int last, int owner) {
        StringBuilder together = new StringBuilder();
        for (int[] key : keys.subList(first, last)) {
            if (!EntityWords.hasLetters(key)) {
                return;
            }
            together.append(EntityWords.text(key));
        }
        int[] word = CodePoints.of(together.toString());
        if (word.length < SHORTEST_WITH_ERRORS) {
            return;
        }
        List<int[]> form = new ArrayList<>(keys.subList(0, first));
        form.add(word);
        form.addAll(keys.subList(last, keys.size()));
        int way = last - first == keys.size() ? TOGETHER : PARTLY;
        nodeOf(form).forms.add(new int[] {owner, way});
    }

    private static void append(Map<String, List<Integer>> map, String key, int value) {
        List<Integer> found = map.get(key);
        if (found == null) {
            found = new ArrayList<>(1);
            map.put(key, found);
        }
        found.add(value);
    }

    private Node nodeOf(List<int[]> keys) {
        Node node = root;
        for (int[] key : keys) {
            String text = EntityWords.text(key);
            Integer word = words.get(text);
            if (word == null) {
                word = spelt.size();
                words.put(text, word);
                spelt.add(key);
            }
            Node after = node.after.get(word);
            if (after == null) {
                after = new Node();
                node.after.put(word, after);
            }
            node = after;
        }
        return node;
    }

    /** The entities, in order. */
    public List<Entity> all() {
        return entities;
    }

    /**
     * Where a text has names of the list.
     *
     * @param text any string
     * @return all matches, overlapping ones too: the longest first, then the best
     */
    public List<EntityMatch> match(String text) {
        List<EntityWords.Word> own = EntityWords.wordsOf(text);
        List<Meaning> meant = new ArrayList<>(own.size());
        for (EntityWords.Word word : own) {
            meant.add(lookUp(EntityWords.keyOf(word.points)));
        }
        List<Integer> apartWords = new ArrayList<>(); // that a word and the next one may be, or null
        for (int i = 0; i < meant.size(); i++) {
            boolean isLast = i + 1 == meant.size();
            apartWords.add(isLast ? null : writtenApart(meant.get(i).key, meant.get(i + 1).key));
        }
        List<Way> ways = new ArrayList<>();
        for (int i = 0; i < meant.size(); i++) {
            for (int[] candidate : meant.get(i).candidates) {
                Node node = root.after.get(candidate[0]);
                if (node != null) {
                    ways.add(new Way(i, i, node, candidate[1], candidate[2], false));
                }
            }
            Integer word = apartWords.get(i);
            Node node = word == null ? null : root.after.get(word);
            if (node != null) {
                ways.add(new Way(i, i + 1, node, 3, 1, true));
            }
        }
        Map<String, int[]> found = new LinkedHashMap<>(); // first, last, entity, rank, errors
        for (int w = 0; w < ways.size(); w++) { // which grows
            Way way = ways.get(w);
            for (int[] form : way.node.forms) {
                boolean joined = form[1] != AS_WRITTEN;
                int errors = way.errors + (joined ? 1 : 0);
                if (errors > MAX_ERRORS || (joined && (way.apart || way.rank == 2))
                        || (form[1] == PARTLY && way.errors > 0)) {
                    continue;
                }
                int rank = joined ? 3 : way.rank;
                String place = way.first + " " + way.last + " " + form[0];
                int[] other = found.get(place);
                if (other == null || rank < other[3] || (rank == other[3] && errors < other[4])) {
                    found.put(place, new int[] {way.first, way.last, form[0], rank, errors});
                }
            }
            if (way.last + 1 >= meant.size()) {
                continue;
            }
            for (int[] candidate : meant.get(way.last + 1).candidates) {
                Node after = way.node.after.get(candidate[0]);
                int errors = way.errors + candidate[2];
                if (after != null && errors <= MAX_ERRORS) {
                    ways.add(new Way(way.first, way.last + 1, after,
                            Math.max(way.rank, candidate[1]), errors, way.apart));
                }
            }
            Integer both = apartWords.get(way.last + 1);
            Node after = both == null || way.apart ? null : way.node.after.get(both);
            if (after != null && way.errors < MAX_ERRORS) {
                ways.add(new Way(way.first, way.last + 2, after, 3, way.errors + 1, true));
            }
        }
        return ordered(text, own, new ArrayList<>(found.values()));
    }

    private List<EntityMatch> ordered(
            String text, List<EntityWords.Word> own, List<int[]> found) {
        List<long[]> keys = new ArrayList<>();
        for (int[] entry : found) {
            int start = own.get(entry[0]).start;
            int end = own.get(entry[1]).end;
            int rank = entry[3];
            if (rank == 0 && !isAsWritten(entities.get(entry[2]),
                    own.subList(entry[0], entry[1] + 1))) {
                rank = 1;
            }
            keys.add(new long[] {
                -text.codePointCount(start, end), rank, entry[4], start, entry[2], end});
        }
        Collections.sort(keys, (a, b) -> {
            for (int i = 0; i < a.length; i++) {
                if (a[i] != b[i]) {
                    return Long.compare(a[i], b[i]);
                }
            }
            return 0;
        });
        List<EntityMatch> matches = new ArrayList<>(keys.size());
        for (long[] key : keys) {
            matches.add(new EntityMatch((int) key[3], (int) key[5], entities.get((int) key[4]),
                    EntityMatch.Quality.values()[(int) key[1]], (int) key[2]));
        }
        return matches;
    }

    /** The word of names that a text may have written as two, null if there is none. */
    private Integer writtenApart(int[] key, int[] behind) {
        if (key == null || behind == null
                || key.length + behind.length < SHORTEST_WITH_ERRORS) {
            return null;
        }
        return words.get(EntityWords.text(key) + EntityWords.text(behind));
    }

    private Meaning lookUp(int[] key) {
        Integer own = words.get(EntityWords.text(key));
        List<int[]> candidates = new ArrayList<>();
        if (own != null) {
            candidates.add(new int[] {own, 0, 0});
        }
        if (!EntityWords.isOfLetters(key)) {
            return new Meaning(null, candidates);
        }
        Set<Integer> near = new LinkedHashSet<>();
        int most = Math.min(EntityWords.ENDING_OF_TEXT, key.length - 3);
        for (int cut = 0; cut <= most; cut++) {
            addAll(near, stems.get(new String(key, 0, key.length - cut)));
        }
        for (int word : near) {
            if ((own == null || word != own) && EntityWords.isInflected(key, spelt.get(word))) {
                candidates.add(new int[] {word, 2, 0});
            }
        }
        if (candidates.isEmpty() && key.length >= SHORTEST_WITH_ERRORS) {
            candidates = withErrors(key);
        }
        return new Meaning(key, candidates);
    }

    /** The words that a word with typing errors may be: those with the fewest. */
    private List<int[]> withErrors(int[] key) {
        int most = Math.min(mostErrors, EntityWords.allowedErrors(key, key));
        Set<Integer> near = new LinkedHashSet<>();
        for (String part : EntityWords.withLettersLeftOut(key, most)) {
            addAll(near, left.get(part));
        }
        List<int[]> found = new ArrayList<>();
        int fewest = most + 1;
        for (int word : near) {
            int[] other = spelt.get(word);
            int errors = EntityWords.typingErrors(key, other);
            if (errors <= Math.min(most, EntityWords.allowedErrors(key, other))
                    && errors <= fewest) {
                if (errors < fewest) {
                    found.clear();
                    fewest = errors;
                }
                found.add(new int[] {word, 3, errors});
            }
        }
        return found;
    }

    private static void addAll(Set<Integer> set, List<Integer> more) {
        if (more != null) {
            set.addAll(more);
        }
    }

    private static boolean isAsWritten(Entity entity, List<EntityWords.Word> words) {
        for (String name : entity.names()) {
            List<EntityWords.Word> own = EntityWords.wordsOf(name);
            boolean same = own.size() == words.size();
            for (int i = 0; same && i < own.size(); i++) {
                same = Arrays.equals(own.get(i).points, words.get(i).points);
            }
            if (same) {
                return true;
            }
        }
        return false;
    }
}
