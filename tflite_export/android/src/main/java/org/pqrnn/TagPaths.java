package org.pqrnn;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Valid sequences of slot tags with the largest sums of scores, as
 * {@code pqrnn_tf/runtime/tag_paths.py} finds them: the columns of the tags that an intent allows, and
 * how they may follow each other.
 */
final class TagPaths {
    /** Whether a column may be used. */
    final boolean[] allowed;

    private final List<Integer> closed = new ArrayList<>(); // after which a slot may end
    private final List<int[]> slots = new ArrayList<>(); // columns of B, I and G, -1 without G

    /**
     * Takes the columns of an intent.
     *
     * @param names the slots that it may have; null for all
     */
    TagPaths(LabelSet labels, Set<String> names) {
        List<String> tags = labels.tags();
        Map<String, Integer> column = labels.columns();
        allowed = new boolean[tags.size()];
        for (int i = 0; i < allowed.length; i++) {
            String tag = tags.get(i);
            allowed[i] = i == 0 || names == null || names.contains(tag.substring(2));
            if (allowed[i] && tag.charAt(0) != 'G') {
                closed.add(i);
            }
            if (allowed[i] && tag.charAt(0) == 'B') {
                Integer gap = column.get("G" + tag.substring(1));
                slots.add(new int[] {i, column.get("I" + tag.substring(1)), gap == null ? -1 : gap});
            }
        }
    }

    /** A sequence of columns and its sum. */
    static final class Path {
        final int[] columns;
        final double score;

        Path(int[] columns, double score) {
            this.columns = columns;
            this.score = score;
        }
    }

    /** The way to a tag of a token. */
    private static final class Way {
        final double total;
        final int tag;
        final Way before;

        Way(double total, int tag, Way before) {
            this.total = total;
            this.tag = tag;
            this.before = before;
        }
    }

    /**
     * The best valid sequences, the best first: each tag of each token keeps the best ways to it, so that
     * the result is exact.
     *
     * @param rows scores of the tags of each token, at least one token
     * @param count how many, if there are as many
     */
    List<Path> best(double[][] rows, int count) {
        List<List<Way>> ways = none();
        // A slot begins before it continues.
        ways.set(0, Collections.singletonList(new Way(rows[0][0], 0, null)));
        for (int[] slot : slots) {
            ways.set(slot[0], Collections.singletonList(new Way(rows[0][slot[0]], slot[0], null)));
        }
        for (int t = 1; t < rows.length; t++) {
            List<Way> free = bestEnds(ways, count);
            List<List<Way>> next = none();
            next.set(0, extended(free, 0, rows[t]));
            for (int[] slot : slots) {
                List<List<Way>> open = new ArrayList<>();
                for (int column : slot) {
                    if (column >= 0) {
                        open.add(ways.get(column));
                    }
                }
                List<Way> same = bestOf(open, count);
                next.set(slot[0], extended(free, slot[0], rows[t]));
                next.set(slot[1], extended(same, slot[1], rows[t]));
                if (slot[2] >= 0) {
                    next.set(slot[2], extended(same, slot[2], rows[t]));
                }
            }
            ways = next;
        }
        List<Path> paths = new ArrayList<>();
        for (Way way : bestEnds(ways, count)) {
            int[] columns = new int[rows.length];
            Way step = way;
            for (int t = rows.length - 1; t >= 0; t--) {
                columns[t] = step.tag;
                step = step.before;
            }
            paths.add(new Path(columns, way.total));
        }
        return paths;
    }

    private List<List<Way>> none() {
        return new ArrayList<>(Collections.nCopies(allowed.length, Collections.<Way>emptyList()));
    }

    private static List<Way> extended(List<Way> ways, int tag, double[] row) {
        List<Way> longer = new ArrayList<>(ways.size());
        for (Way way : ways) {
            longer.add(new Way(way.total + row[tag], tag, way));
        }
        return longer;
    }

    private List<Way> bestEnds(List<List<Way>> ways, int count) {
        List<List<Way>> groups = new ArrayList<>(closed.size());
        for (int column : closed) {
            groups.add(ways.get(column));
        }
        return bestOf(groups, count);
    }

    /** The ways with the largest sums; of equal ones those of the first group. */
    private static List<Way> bestOf(List<List<Way>> groups, int count) {
        if (count == 1) {
            Way best = null;
            for (List<Way> group : groups) {
                if (!group.isEmpty() && (best == null || group.get(0).total > best.total)) {
                    best = group.get(0);
                }
            }
            return best == null ? Collections.<Way>emptyList() : Collections.singletonList(best);
        }
        List<Way> all = new ArrayList<>();
        for (List<Way> group : groups) {
            all.addAll(group);
        }
        Collections.sort(all, (one, other) -> Double.compare(other.total, one.total));
        return all.size() > count ? all.subList(0, count) : all;
    }
}
