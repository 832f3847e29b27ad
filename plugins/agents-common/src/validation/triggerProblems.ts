import { Cron } from 'croner';
import type { AgentEntity } from '../kinds/AgentEntity';
import type { AgentTrigger } from '../kinds/AgentTrigger';

const PLACEHOLDER = /\{\{([^{}]*)\}\}/g;
const EVENT_PATH = /^event(\.[A-Za-z0-9_-]+)+$/;

/**
 * The times of a schedule.
 *
 * @throws Error when the expression or the time zone is wrong
 * @public
 */
export function cronOf(
  trigger: Extract<AgentTrigger, { type: 'schedule' }>,
): Cron {
  return new Cron(trigger.cron, {
    mode: '5-part',
    timezone: trigger.timeZone ?? 'UTC',
    // As cron of old: 30 2,14 * * * too runs once where a clock is put back.
    fixedTimeRule: 'no-wildcard',
    paused: true,
  });
}

/** What is wrong with triggers that their schema lets through, one sentence each. */
export function triggerProblems(spec: AgentEntity['spec']): string[] {
  const { triggers } = spec;
  if (!Array.isArray(triggers) || triggers.length === 0) {
    return [];
  }
  const problems = triggers.flatMap((trigger, i) =>
    problemsOf(trigger, `spec.triggers[${i}]`),
  );
  const names = triggers.map(({ name }) => name);
  for (const name of new Set(names.filter((n, i) => names.indexOf(n) < i))) {
    problems.push(
      `spec.triggers has two triggers with the name ${name}; give each its own`,
    );
  }
  if (spec.identity !== 'own') {
    problems.push(
      'spec.triggers needs spec.identity: own, because nobody is there in whose name the agent would act',
    );
  }
  return problems;
}

function problemsOf(trigger: AgentTrigger, field: string): string[] {
  const problems: string[] = [];
  for (const [, inside] of String(trigger.message).matchAll(PLACEHOLDER)) {
    const path = inside.trim();
    if (!EVENT_PATH.test(path)) {
      problems.push(
        `${field}.message has {{ ${path} }}, but may hold only paths of the event, such as {{ event.id }}`,
      );
    }
  }
  if (trigger.type === 'schedule' && typeof trigger.cron === 'string') {
    problems.push(...scheduleProblems(trigger, field));
  }
  return problems;
}

function scheduleProblems(
  trigger: Extract<AgentTrigger, { type: 'schedule' }>,
  field: string,
): string[] {
  try {
    new Date(0).toLocaleString('en', { timeZone: trigger.timeZone ?? 'UTC' });
  } catch {
    return [
      `${field}.timeZone is ${trigger.timeZone}, but must be an IANA name such as Europe/Berlin`,
    ];
  }
  try {
    return cronOf(trigger).nextRun()
      ? []
      : [`${field}.cron is ${trigger.cron}, which is at no time to come`];
  } catch (error) {
    const why = String((error as Error).message).replace(/^\w+: /, '');
    return [
      `${field}.cron is ${trigger.cron}, which is no schedule (${why}); write minute, hour, day of month, month and day of week, such as 0 7 * * 1-5`,
    ];
  }
}
