import { EntityLink, nameOfRef } from '@agentportal/plugin-agents-react';
import type { RunSummary } from '@agentportal/plugin-orchestration-common';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  RiCalendarScheduleLine,
  RiFlashlightLine,
  RiRobot2Line,
  RiTerminalBoxLine,
} from '@remixicon/react';
import { orchestrationTranslationRef } from '../translation';
import type { StartType } from './runFilters';
import styles from './runs.module.css';

const ICONS: Partial<Record<StartType, typeof RiFlashlightLine>> = {
  agent: RiRobot2Line,
  service: RiTerminalBoxLine,
  schedule: RiCalendarScheduleLine,
};

/** Who or what started a run: a person, a program, or a trigger by its name. */
export function StartedBy(props: {
  run: Pick<RunSummary, 'createdBy' | 'onBehalfOf' | 'startedBy'>;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { createdBy, onBehalfOf, startedBy } = props.run;
  if (!startedBy || startedBy.type === 'person') {
    return <EntityLink entityRef={onBehalfOf ?? createdBy} />;
  }
  const { cause, firedBy, name, type } = startedBy;
  const Icon = ICONS[type] ?? RiFlashlightLine;
  return (
    <span className={styles.startedBy} title={cause}>
      <Icon size={16} className={styles.startIcon} aria-hidden />
      {name === undefined ? (
        <>
          <span>{t(`starts.${type}`)}</span>
          <EntityLink entityRef={createdBy} />
        </>
      ) : (
        <span>
          {t(`starts.${type}`)} {name}
          {firedBy && t('startedBy.byHandOf', { firedBy: nameOfRef(firedBy) })}
        </span>
      )}
    </span>
  );
}
