import type { Knex } from 'knex';
import type { Beginning } from './standing';

const ALARMS = 'evals_alarms';
const MUTES = 'evals_alarm_mutes';
const EXPERIMENTS = 'evals_experiments';
const CHANGES = 'evals_agent_changes';
const REVIEWS = 'evals_reviews';
const VERDICTS = 'evals_verdicts';

/** What happened to an agent after which earlier decisions say nothing of it. */
export class Incidents {
  readonly #knex: Knex;

  constructor(knex: Knex) {
    this.#knex = knex;
  }

  /**
   * Since when decisions about an agent count: it was changed, people got another version of it,
   * an alarm was real, or a reviewer found a conversation unsafe.
   *
   * @param earliest - milliseconds since the epoch; nothing before counts
   */
  async beginningOf(
    agentRef: string,
    earliest: number,
    now = Date.now(),
  ): Promise<Beginning> {
    const [changed, tried, alarm, unsafe] = await Promise.all([
      this.#knex(CHANGES)
        .where({ agent_ref: agentRef })
        .max({ at: 'in_force_at' })
        .first(),
      this.#knex(EXPERIMENTS)
        .where({ agent_ref: agentRef })
        .first(this.#knex.raw('max(coalesce(ended_at, ?)) as at', [now])),
      this.#knex(ALARMS)
        .where({ agent_ref: agentRef, status: 'real' })
        .max({ at: 'answered_at' })
        .first(),
      this.#knex(`${VERDICTS} as verdict`)
        .join(`${REVIEWS} as review`, 'review.id', 'verdict.review_id')
        .where({
          'review.agent_ref': agentRef,
          'verdict.verdict': 'bad',
          'verdict.failure': 'unsafe',
        })
        .max({ at: 'verdict.at' })
        .first(),
    ]);
    const reasons: Array<[row: unknown, reason: string]> = [
      [changed, 'It was changed, and what is decided about it begins anew.'],
      [tried, 'People got another version of it in an experiment.'],
      [alarm, 'An alarm about it was real.'],
      [unsafe, 'A reviewer found a conversation with it unsafe.'],
    ];
    return reasons.reduce<Beginning>(
      (latest, [row, reason]) => {
        const at = Number((row as { at: unknown } | undefined)?.at ?? 0);
        return at > latest.at ? { at, reason } : latest;
      },
      { at: earliest },
    );
  }

  /**
   * Why it is not known whether something is wrong with it: nobody has answered an alarm, also not in time, or
   * nobody wants to hear of any.
   */
  async unheard(
    agentRef: string,
    now: number,
  ): Promise<'alarm' | 'muted' | undefined> {
    const [alarm, mute] = await Promise.all([
      this.#knex(ALARMS)
        .where({ agent_ref: agentRef })
        .whereIn('status', ['open', 'unanswered'])
        .first('id'),
      this.#knex(MUTES)
        .where({ agent_ref: agentRef })
        .andWhere('until', '>', now)
        .first('kind'),
    ]);
    return (alarm && 'alarm') || (mute && 'muted') || undefined;
  }
}
