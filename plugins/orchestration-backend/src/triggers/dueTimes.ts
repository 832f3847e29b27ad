import { type AgentTrigger, cronOf } from '@agentportal/plugin-agents-common';

export type ScheduleTrigger = Extract<AgentTrigger, { type: 'schedule' }>;

/** A time that has passed by no more than this was not missed. */
const ON_TIME_MS = 60_000;
/** Times that are looked at; no catch-up reaches further back. */
const MAX_LOOKED_AT = 1_000;
const AT_ONCE = 4;
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
  const passed = passedTimes(trigger, since, now);
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

/** The latest first. No more are computed than have passed, because croner takes long for each. */
function passedTimes(
  trigger: ScheduleTrigger,
  since: number,
  now: number,
): number[] {
  const cron = cronOf(trigger);
  const passed: number[] = [];
  // Croner knows seconds only, and gives what is before one.
  let before = new Date(now + 1_000);
  for (;;) {
    const dates = cron.previousRuns(AT_ONCE, before);
    const times = dates.map(date => date.getTime());
    passed.push(...times.filter(time => time >= since && time <= now));
    const last = times.at(-1);
    if (
      times.length < AT_ONCE ||
      last! < since ||
      passed.length >= MAX_LOOKED_AT
    ) {
      return passed.slice(0, MAX_LOOKED_AT);
    }
    before = dates.at(-1)!;
  }
}
