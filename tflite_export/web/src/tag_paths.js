/** Valid sequences of slot tags with the largest sums of scores, as `pqrnn_tf/runtime/tag_paths.py` finds them. */

/**
 * @typedef {object} Way The way to a tag of a token.
 * @property {number} total Sum of its scores.
 * @property {number} tag Its last column.
 * @property {Way | null} before
 */

/** @typedef {{path: number[], score: number}} Found */

/** The columns of the tags that an intent allows, and how they may follow each other. */
export class TagPaths {
  /**
   * @param {string[]} tags Names of all columns, `O` first.
   * @param {Set<string> | null} slots Slots that the intent may have; null for all.
   */
  constructor(tags, slots) {
    const column = new Map(tags.map((tag, i) => [tag, i]));
    this.allowed = tags.map((tag, i) => !i || !slots || slots.has(tag.slice(2)));
    /** Columns after which a slot may end: a hole must be closed. */
    this.closed = tags.flatMap((tag, i) => (this.allowed[i] && tag[0] !== "G" ? [i] : []));
    /** Columns of `B-X`, `I-X` and, where there is one, `G-X`. */
    this.slots = tags.flatMap((tag, begin) => {
      if (!this.allowed[begin] || tag[0] !== "B") return [];
      const [inside, gap] = ["I", "G"].map((kind) => column.get(`${kind}${tag.slice(1)}`) ?? -1);
      return [{ begin, inside, gap }];
    });
  }

  /**
   * The best valid sequences, the best first: each tag of each token keeps the best ways to it, so that
   * the result is exact.
   * @param {Float64Array[]} rows Scores of the tags of each token, at least one token.
   * @param {number} count How many, if there are as many.
   * @returns {Found[]}
   */
  best(rows, count) {
    /** @type {Way[][]} */
    let ways = this.allowed.map(() => []);
    // A slot begins before it continues.
    for (const tag of [0, ...this.slots.map(({ begin }) => begin)]) {
      ways[tag] = [{ total: rows[0][tag], tag, before: null }];
    }
    for (const row of rows.slice(1)) {
      /**
       * @param {Way[]} given
       * @param {number} tag
       */
      const extended = (given, tag) =>
        given.map((before) => ({ total: before.total + row[tag], tag, before }));
      const closed = bestWays(count, this.closed.map((tag) => ways[tag]));
      /** @type {Way[][]} */
      const next = this.allowed.map(() => []);
      next[0] = extended(closed, 0);
      for (const { begin, inside, gap } of this.slots) {
        const open = [ways[begin], ways[inside], ...(gap < 0 ? [] : [ways[gap]])];
        const same = bestWays(count, open);
        next[begin] = extended(closed, begin);
        next[inside] = extended(same, inside);
        if (gap >= 0) next[gap] = extended(same, gap);
      }
      ways = next;
    }
    return bestWays(count, this.closed.map((tag) => ways[tag])).map((way) => {
      const path = [];
      for (let step = /** @type {Way | null} */ (way); step; step = step.before) path.push(step.tag);
      return { path: path.reverse(), score: way.total };
    });
  }
}

/**
 * The ways with the largest sums; of equal ones those of the first group.
 * @param {number} count
 * @param {Way[][]} groups
 * @returns {Way[]}
 */
function bestWays(count, groups) {
  if (count > 1) return groups.flat().sort((one, other) => other.total - one.total).slice(0, count);
  /** @type {Way | undefined} */
  let best;
  for (const [way] of groups) if (way && (!best || way.total > best.total)) best = way;
  return best ? [best] : [];
}
