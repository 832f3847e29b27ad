import type { AgentTrigger } from '@agentportal/plugin-agents-common';
import type { Trigger } from '@agentportal/plugin-orchestration-common';
import type { OrchestrationTranslation } from '../translation';
import { cronInWords } from './cronWords';

/** The cron and the zone of a schedule, as they are written. */
export function rawSchedule({ declared }: Pick<Trigger, 'declared'>) {
  const trigger = declared as unknown as AgentTrigger;
  return trigger.type === 'schedule'
    ? `${trigger.cron} (${trigger.timeZone ?? 'UTC'})`
    : undefined;
}

/** What a trigger waits for, in a few words. */
export function describeTrigger(
  { declared }: Pick<Trigger, 'declared'>,
  t: OrchestrationTranslation,
) {
  const trigger = declared as unknown as AgentTrigger;
  switch (trigger.type) {
    case 'schedule':
      return t('triggerWords.schedule', {
        when:
          cronInWords(trigger.cron, t) ??
          t('triggerWords.at', { cron: trigger.cron }),
        timeZone: trigger.timeZone ?? 'UTC',
      });
    case 'webhook':
      return t('triggerWords.webhook');
    case 'event':
      return t('triggerWords.event', { topic: trigger.topic });
    case 'catalog':
      return t('triggerWords.catalog', {
        changes: (trigger.on ?? (['added', 'changed', 'removed'] as const))
          .map(change => t(`triggerWords.changes.${change}`))
          .join(t('triggerWords.and')),
      });
    case 'run':
      return t('triggerWords.run', {
        agents: trigger.agents.join(t('triggerWords.and')),
      });
    default:
      return trigger.metric === 'cost'
        ? t('triggerWords.cost', { over: String(trigger.over) })
        : t('triggerWords.failures', { over: String(trigger.over) });
  }
}
