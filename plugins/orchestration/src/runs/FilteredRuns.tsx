import type { ReactNode } from 'react';
import { useLoad, useUrlState } from '@agentportal/plugin-agents-react';
import {
  coreApis,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Button, Select, Switch } from '@backstage/ui';
import { orchestrationTranslationRef } from '../translation';
import { AgentFilter } from './AgentFilter';
import { RunList } from './RunList';
import { RUNS_STATE, START_TYPES, STATUSES, toRunsQuery } from './runFilters';
import styles from './runs.module.css';

const ANY = 'any';

/** Runs with their filters; of one agent when `agentRef` is given. */
export function FilteredRuns(props: {
  agentRef?: string;
  emptyActions?: ReactNode;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { agentRef, emptyActions } = props;
  const identityApi = useApi(coreApis.identity);
  const [state, update] = useUrlState(RUNS_STATE);
  const me = useLoad('me', () => identityApi.getBackstageIdentity());
  const isMine = state.mine === 'true';
  const isRehearsal = state.rehearsal === 'true';
  const query = toRunsQuery({
    status: state.status,
    agentRef: agentRef ?? state.agent,
    createdBy: isMine ? me.value?.userEntityRef : undefined,
    startedBy: state.startedBy,
    triggerId: state.trigger,
    isRehearsal,
  });
  const isFiltered =
    state.status.length > 0 ||
    isMine ||
    isRehearsal ||
    state.startedBy !== '' ||
    state.trigger !== '' ||
    (!agentRef && state.agent !== '');
  const clear = () => update(RUNS_STATE);
  return (
    <>
      <div className={styles.toolbar}>
        {!agentRef && (
          <div className={styles.filter}>
            <AgentFilter
              agentRef={state.agent}
              onChange={agent => update({ agent })}
            />
          </div>
        )}
        <div className={styles.filter}>
          <Select
            aria-label={t('filteredRuns.status')}
            size="small"
            placeholder={t('filteredRuns.anyStatus')}
            selectionMode="multiple"
            options={STATUSES.map(id => ({ id, label: t(`statuses.${id}`) }))}
            value={state.status}
            onChange={keys =>
              update({
                status: (keys as readonly (string | number)[]).map(String),
              })
            }
          />
        </div>
        <div className={styles.filter}>
          <Select
            aria-label={t('filteredRuns.startedBy')}
            size="small"
            options={[
              { id: ANY, label: t('filteredRuns.startedByAnything') },
              ...START_TYPES.map(id => ({
                id,
                label: t(`startedBy.choices.${id}`),
              })),
            ]}
            value={state.startedBy || ANY}
            onChange={key =>
              update({ startedBy: key === ANY ? '' : String(key ?? '') })
            }
          />
        </div>
        <Switch
          label={t('filteredRuns.onlyMine')}
          isSelected={isMine}
          onChange={isSelected => update({ mine: isSelected ? 'true' : '' })}
        />
        <Switch
          label={t('filteredRuns.rehearsals')}
          isSelected={isRehearsal}
          onChange={isSelected =>
            update({ rehearsal: isSelected ? 'true' : '' })
          }
        />
        {state.trigger && (
          <span className={styles.quiet}>
            {t('filteredRuns.runsOfOneScheduleOr')}
          </span>
        )}
        {isFiltered && (
          <Button size="small" variant="tertiary" onPress={clear}>
            {t('filteredRuns.clearFilters')}
          </Button>
        )}
      </div>
      {isMine && me.isPending && !me.value ? null : (
        <RunList
          query={query}
          withAgent={!agentRef}
          isFiltered={isFiltered}
          onClear={clear}
          emptyActions={emptyActions}
        />
      )}
    </>
  );
}
