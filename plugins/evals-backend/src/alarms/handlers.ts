import type { OperationHandlers } from '@agentportal/plugin-agents-node';
import type { EvalsOperations } from '@agentportal/plugin-evals-common';
import type { Alarms } from './Alarms';

/** Answers the routes of this folder. */
export function alarmHandlers(
  alarms: Alarms,
): OperationHandlers<
  Pick<
    EvalsOperations,
    'listAlarms' | 'answerAlarm' | 'muteAlarm' | 'unmuteAlarm'
  >
> {
  return {
    listAlarms: ({ credentials, query }) => alarms.list(credentials, query),
    answerAlarm: ({ credentials, path, body }) =>
      alarms.answer(credentials, path.id, body.real),
    muteAlarm: ({ credentials, path, body }) =>
      alarms.mute(credentials, path.id, body),
    unmuteAlarm: ({ credentials, path }) => alarms.unmute(credentials, path.id),
  };
}
