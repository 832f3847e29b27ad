import { type AgentTrigger, cronOf } from '@agentportal/plugin-agents-common';

export type ScheduleTrigger = Extract<AgentTrigger, { type: 'schedule' }>;

/** A time that has passed by no more than this was not missed. */
const ON_TIME_MS = 60_000;
/** Times that are looked at; no catch-up reaches further back. */
const MAX_LOOKED_AT = 1_000;
const DEFAULT_CATCH_UP = 10;

/** The first time of a schedule after a moment; none when it has no more. */
export function nextTime(trigger: ScheduleTrigger, after: number) {
  return cronOf(trigger).nextRun(new Date(after))?.getTime() ?? null;
}

/**
 * What a schedule is to do now. What has passed unnoticed is made up for as it says:
 * never, once, or by the latest so many.
 *
 * @param since - the first time that has not been dealt with
 */
export function dueTimes(
  trigger: ScheduleTrigger,
  since: number,
  now: number,
): { fire: number[]; missed: number[] } {
  // Croner knows seconds only, and gives what is before one.
  const passed = cronOf(trigger)
    .previousRuns(MAX_LOOKED_AT, new Date(now + 1_000))
    .map(date => date.getTime())
    .filter(time => time >= since && time <= now);
  const onTime = passed.filter(time => now - time <= ON_TIME_MS);
  const late = passed.slice(onTime.length);
  const madeUp = {
    skip: 0,
    once: onTime.length ? 0 : 1,
    all: trigger.catchUpMax ?? DEFAULT_CATCH_UP,
  }[trigger.catchUp ?? 'once'];
  return {
    fire: [...onTime, ...late.slice(0, madeUp)].reverse(),
    missed: late.slice(madeUp).reverse(),
  };
}
