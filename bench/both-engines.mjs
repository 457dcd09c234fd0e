/**
 * A row that takes samples of what `start(engine)` has started on each engine: it answers `sample`, and `end`, which leaves
 * nothing of it.
 */
export function rowOfBoth({ name, title, unit, rounds = 5, start }) {
  return {
    name,
    title,
    unit,
    rounds,
    async begin({ ours, theirs }) {
      const [own, other] = [await start(ours), await start(theirs)];
      return { ours: own.sample, theirs: other.sample, end: () => Promise.all([own.end(), other.end()]) };
    },
  };
}
