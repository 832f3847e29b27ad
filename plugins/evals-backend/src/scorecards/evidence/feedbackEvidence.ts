import type { FeedbackStore } from '../../feedback/FeedbackStore';
import type { ReviewStore } from '../../feedback/ReviewStore';
import type { EvidenceSource } from './Evidence';

const DAY_MS = 86_400_000;
const DAYS = 30;
const DRAWN_DAYS = 90;

/** What people said of answers, and what reviewers found. */
export function feedbackEvidence(options: {
  feedback: Pick<FeedbackStore, 'days'>;
  reviews: Pick<ReviewStore, 'sampledSince'>;
}): EvidenceSource {
  return {
    name: 'feedback',
    async read(agents, now) {
      const today = Math.floor(now / DAY_MS);
      const first = today - DAYS + 1;
      const [rated, drawn] = await Promise.all([
        options.feedback.days(first - DAYS),
        options.reviews.sampledSince(now - DRAWN_DAYS * DAY_MS),
      ]);
      const of = Map.groupBy(rated, ({ agentRef }) => agentRef);
      return new Map(
        agents.map(({ ref }) => {
          const own = of.get(ref) ?? [];
          const sum = (side: 'up' | 'down', isOf: (day: number) => boolean) =>
            own.reduce((all, row) => all + (isOf(row.day) ? row[side] : 0), 0);
          const isNow = (day: number) => day >= first;
          const isBefore = (day: number) => day < first;
          return [
            ref,
            {
              ratings: {
                at: now,
                up: sum('up', isNow),
                down: sum('down', isNow),
                before: {
                  up: sum('up', isBefore),
                  down: sum('down', isBefore),
                },
                days: own
                  .filter(({ day }) => isNow(day))
                  .sort((a, b) => a.day - b.day)
                  .map(({ day, up, down }) => ({
                    day: new Date(day * DAY_MS).toISOString().slice(0, 10),
                    up,
                    down,
                  })),
              },
              drawn: {
                at: now,
                ...(drawn.get(ref) ?? { judged: 0, bad: 0, waiting: 0 }),
              },
            },
          ];
        }),
      );
    },
  };
}
