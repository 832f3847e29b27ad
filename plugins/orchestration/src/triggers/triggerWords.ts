import type { AgentTrigger } from '@agentportal/plugin-agents-common';
import type { Trigger } from '@agentportal/plugin-orchestration-common';
import { cronInWords } from './cronWords';

/** The cron and the zone of a schedule, as they are written. */
export function rawSchedule({ declared }: Pick<Trigger, 'declared'>) {
  const trigger = declared as unknown as AgentTrigger;
  return trigger.type === 'schedule'
    ? `${trigger.cron} (${trigger.timeZone ?? 'UTC'})`
    : undefined;
}

/** What a trigger waits for, in a few words. */
export function describeTrigger({ declared }: Pick<Trigger, 'declared'>) {
  const trigger = declared as unknown as AgentTrigger;
  switch (trigger.type) {
    case 'schedule':
      return `${cronInWords(trigger.cron) ?? `At ${trigger.cron}`} ${
        trigger.timeZone ?? 'UTC'
      }`;
    case 'webhook':
      return 'When another system calls';
    case 'event':
      return `Events of ${trigger.topic}`;
    case 'catalog':
      return `Entities ${(trigger.on ?? ['added', 'changed', 'removed']).join(
        ', ',
      )}`;
    case 'run':
      return `Runs of ${trigger.agents.join(', ')}`;
    default:
      return trigger.metric === 'cost'
        ? `Costs over $${trigger.over}`
        : `More than ${trigger.over} % of runs failed`;
  }
}
