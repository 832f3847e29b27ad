import { audited } from '@agentportal/plugin-agents-node';
import type {
  Alarm,
  AlarmList,
  AlarmsQuery,
} from '@agentportal/plugin-evals-common';
import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { ConflictError, NotFoundError } from '@backstage/errors';
import { agentRefOf, type EvalsAccess } from '../permissions/EvalsAccess';
import { personOf } from '../permissions/personOf';
import type { AlarmStore } from './AlarmStore';

const DEFAULT_LIMIT = 25;

/** Alarms, for those who may read or manage the evaluations of their agent. */
export class Alarms {
  readonly #access: EvalsAccess;
  readonly #auditor: AuditorService;
  readonly #store: AlarmStore;

  constructor(options: {
    access: EvalsAccess;
    auditor: AuditorService;
    store: AlarmStore;
  }) {
    this.#access = options.access;
    this.#auditor = options.auditor;
    this.#store = options.store;
  }

  async list(
    credentials: BackstageCredentials,
    query: AlarmsQuery = {},
  ): Promise<AlarmList> {
    const { limit = DEFAULT_LIMIT, agentRef: text, ...more } = query;
    const agentRef = text && agentRefOf(text);
    if (agentRef) {
      await this.#access.requireRead(credentials, agentRef);
    }
    const agentRefs = agentRef
      ? undefined
      : await this.#access.readableOf(credentials, () => this.#store.agents());
    const [page, answered] = await Promise.all([
      this.#store.list(
        { ...more, limit, ...(agentRef && { agentRef }) },
        agentRefs,
      ),
      this.#store.answered(agentRef, agentRefs),
    ]);
    return { ...page, answered };
  }

  /** @throws ConflictError when somebody has answered it */
  async answer(
    credentials: BackstageCredentials,
    id: string,
    real: boolean,
  ): Promise<Alarm> {
    const alarm = await this.#store.get(id);
    const [readable] = alarm
      ? await this.#access.readable(credentials, [alarm.agentRef])
      : [];
    if (!alarm || !readable) {
      throw new NotFoundError(
        `There is no alarm ${id}, or you may not see it.`,
      );
    }
    const { agentRef, kind } = alarm;
    return audited(
      this.#auditor,
      {
        eventId: 'alarm-answer',
        severityLevel: 'low',
        meta: { agentRef, kind, alarmId: id, real },
        by: { credentials },
      },
      async () => {
        const by = personOf(credentials, 'Alarms are answered by people');
        await this.#access.requireManage(credentials, agentRef);
        const status = real ? 'real' : 'not-real';
        if (!(await this.#store.answer(alarm, { status, by }))) {
          throw new ConflictError('Somebody has answered this alarm already.');
        }
        return (await this.#store.get(id)) ?? alarm;
      },
    );
  }
}
