import { audited } from '@agentportal/plugin-agents-node';
import type {
  Alarm,
  AlarmList,
  AlarmMute,
  AlarmsQuery,
  MuteAlarmRequest,
} from '@agentportal/plugin-evals-common';
import type {
  AuditorService,
  BackstageCredentials,
} from '@backstage/backend-plugin-api';
import { ConflictError, InputError, NotFoundError } from '@backstage/errors';
import { withoutSecrets } from '../feedback/withoutSecrets';
import { agentRefOf, type EvalsAccess } from '../permissions/EvalsAccess';
import { personOf } from '../permissions/personOf';
import type { AlarmStore } from './AlarmStore';
import type { MuteStore } from './MuteStore';

const DEFAULT_LIMIT = 25;
const DAY_MS = 86_400_000;

/** Alarms, for those who may read or manage the evaluations of their agent. */
export class Alarms {
  readonly #access: EvalsAccess;
  readonly #auditor: AuditorService;
  readonly #mutes: MuteStore;
  readonly #store: AlarmStore;

  constructor(options: {
    access: EvalsAccess;
    auditor: AuditorService;
    mutes: MuteStore;
    store: AlarmStore;
  }) {
    this.#access = options.access;
    this.#auditor = options.auditor;
    this.#mutes = options.mutes;
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
    const shown = agentRef ? [agentRef] : page.items.map(each => each.agentRef);
    const muted = await this.#mutes.of([...new Set(shown)]);
    return { ...page, answered, muted };
  }

  /** @throws ConflictError when somebody has answered it */
  async answer(
    credentials: BackstageCredentials,
    id: string,
    real: boolean,
  ): Promise<Alarm> {
    const alarm = await this.#readable(credentials, id);
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

  /** Has no more alarms about the same thing for a while. */
  async mute(
    credentials: BackstageCredentials,
    id: string,
    {
      days = 14,
      reason: text,
    }: Partial<MuteAlarmRequest> & Pick<MuteAlarmRequest, 'reason'>,
  ): Promise<AlarmMute> {
    const { agentRef, kind } = await this.#readable(credentials, id);
    const reason = await withoutSecrets(text);
    return audited(
      this.#auditor,
      {
        eventId: 'alarm-mute',
        severityLevel: 'medium',
        meta: { agentRef, kind, alarmId: id, days, reason },
        by: { credentials },
      },
      async () => {
        const mutedBy = personOf(credentials, 'Alarms are muted by people');
        await this.#access.requireManage(credentials, agentRef);
        if (!reason) {
          throw new InputError('Say why nobody should hear of it.');
        }
        const now = Date.now();
        const mute = {
          ...{ agentRef, kind, mutedBy, reason },
          mutedAt: new Date(now).toISOString(),
          until: new Date(now + days * DAY_MS).toISOString(),
        };
        await this.#mutes.mute(mute);
        return mute;
      },
    );
  }

  /** Has alarms about the same thing again; nothing where it is not muted. */
  async unmute(credentials: BackstageCredentials, id: string): Promise<void> {
    const { agentRef, kind } = await this.#readable(credentials, id);
    await audited(
      this.#auditor,
      {
        eventId: 'alarm-unmute',
        severityLevel: 'low',
        meta: { agentRef, kind, alarmId: id },
        by: { credentials },
      },
      async () => {
        personOf(credentials, 'Alarms are muted by people');
        await this.#access.requireManage(credentials, agentRef);
        await this.#mutes.unmute(agentRef, kind);
      },
    );
  }

  async #readable(
    credentials: BackstageCredentials,
    id: string,
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
    return alarm;
  }
}
