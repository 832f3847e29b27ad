import { useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  EmptyHint,
  RefusedHint,
  RowsSkeleton,
  titleOf,
} from '@agentportal/plugin-agents-react';
import {
  RELATION_OWNED_BY,
  stringifyEntityRef,
} from '@backstage/catalog-model';
import { useEntity } from '@backstage/plugin-catalog-react';
import { Button } from '@backstage/ui';
import { useState } from 'react';
import { evalsTranslationRef } from '../translation';
import { useMayManage, useMayRead } from '../api/useMayDo';
import { DataSetTable } from '../dataSets/DataSetTable';
import { NewDataSetDialog } from '../dataSets/NewDataSetDialog';
import { useDataSets } from '../dataSets/useDataSets';
import { ExperimentTable } from '../experiments/ExperimentTable';
import { StartExperiment } from '../experiments/StartExperiment';
import { Section } from '../layout/Section';
import { EvaluateDialog } from './EvaluateDialog';
import { EvaluationTable } from './EvaluationTable';
import { GateSentence } from './GateSentence';
import layout from '../layout/layout.module.css';

function AgentEvaluations({ agentRef }: { agentRef: string }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const mayManage = useMayManage(agentRef);
  const [open, setOpen] = useState<'evaluate' | 'candidate' | 'data-set'>();
  const { sets, usable } = useDataSets(agentRef);
  const close = () => setOpen(undefined);
  return (
    <div className={layout.page}>
      <GateSentence agentRef={agentRef} />
      <Section
        title={t('agentEvaluations.evaluations')}
        actions={
          mayManage && (
            <Button
              size="small"
              variant="primary"
              isDisabled={usable.length === 0}
              onPress={() => setOpen('evaluate')}
            >
              {t('agentEvaluations.evaluate')}
            </Button>
          )
        }
      >
        <EvaluationTable
          agentRef={agentRef}
          empty={
            <EmptyHint title={t('agentEvaluations.notEvaluatedYet')} compact>
              {usable.length > 0
                ? 'An evaluation asks the agent every question of a data set and tells which answers were right.'
                : 'It needs a data set first: questions with what a right answer has.'}
            </EmptyHint>
          }
        />
      </Section>
      <Section
        title={t('agentEvaluations.dataSets')}
        actions={
          mayManage && (
            <Button
              size="small"
              variant="secondary"
              onPress={() => setOpen('data-set')}
            >
              {t('agentEvaluations.newDataSet')}
            </Button>
          )
        }
      >
        <DataSetTable sets={sets} />
      </Section>
      <Section title={t('agentEvaluations.experiments')}>
        {mayManage && (
          <StartExperiment
            agentRef={agentRef}
            {...(usable.length > 0 && {
              onEvaluate: () => setOpen('candidate'),
            })}
          />
        )}
        <ExperimentTable
          agentRef={agentRef}
          empty={
            <EmptyHint title={t('agentEvaluations.noExperimentsYet')} compact>
              {t('agentEvaluations.anExperimentGivesAChanged')}
            </EmptyHint>
          }
        />
      </Section>
      {(open === 'evaluate' || open === 'candidate') && (
        <EvaluateDialog
          agentRef={agentRef}
          dataSets={usable}
          asked={open === 'candidate' ? 'candidate' : 'in-force'}
          onClose={close}
        />
      )}
      {open === 'data-set' && (
        <NewDataSetDialog agentRef={agentRef} onClose={close} />
      )}
    </div>
  );
}

/** Data sets, evaluations and experiments of an agent, or whom to ask for them. */
export function EvaluationsTab() {
  const { entity } = useEntity();
  const agentRef = stringifyEntityRef(entity);
  const mayRead = useMayRead(agentRef);
  if (mayRead === 'unknown') {
    return <RowsSkeleton rows={8} />;
  }
  return mayRead === 'yes' ? (
    <AgentEvaluations agentRef={agentRef} />
  ) : (
    <RefusedHint
      refusal={{
        kind: 'notAllowed',
        message: `How ${titleOf(entity)} is evaluated is not for you to see`,
      }}
      contactRef={
        entity.relations?.find(({ type }) => type === RELATION_OWNED_BY)
          ?.targetRef
      }
    />
  );
}
