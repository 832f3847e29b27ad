import type { DataSet, EvalCase } from '@agentportal/plugin-evals-common';
import {
  ConfirmDialog,
  EmptyHint,
  EntityLink,
  ErrorPanel,
  LinesSkeleton,
  RelativeTime,
  RowsSkeleton,
  formatCount,
  isNotFound,
  useLoad,
} from '@agentportal/plugin-agents-react';
import {
  BreadcrumbEntry,
  RouterLink,
  useApi,
  useAppNavigate,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { Alert, Button, Container } from '@backstage/ui';
import { useState } from 'react';
import { evalsTranslationRef } from '../translation';
import { evalsApiRef } from '../api/evalsApiRef';
import { useMayManage } from '../api/useMayDo';
import { EvaluateDialog } from '../evaluations/EvaluateDialog';
import { EvaluationTable } from '../evaluations/EvaluationTable';
import { AgentLink } from '../layout/AgentLink';
import { PageHead } from '../layout/PageHead';
import { Section } from '../layout/Section';
import { dataSetRouteRef, evaluationsRouteRef } from '../routes';
import { CaseDialog } from './CaseDialog';
import { CaseTable } from './CaseTable';
import { ImportDialog } from './ImportDialog';
import { showsWords } from './showsWords';
import layout from '../layout/layout.module.css';
import styles from './dataSets.module.css';

const SHOWN_PROBLEMS = 20;

function Problems({ problems }: Pick<DataSet, 'problems'>) {
  if (problems.length === 0) {
    return null;
  }
  return (
    <Alert
      status="warning"
      icon
      title={
        problems.length === 1
          ? '1 thing to look at'
          : `${formatCount(problems.length)} things to look at`
      }
      description={
        <ul className={styles.problems}>
          {problems
            .slice(0, SHOWN_PROBLEMS)
            .map(({ caseId, message }, index) => (
              // Two cases may have the same problem.
              // eslint-disable-next-line react/no-array-index-key
              <li key={index}>
                {caseId && <code>{caseId}</code>} {message}
              </li>
            ))}
          {problems.length > SHOWN_PROBLEMS && (
            <li>And {formatCount(problems.length - SHOWN_PROBLEMS)} more.</li>
          )}
        </ul>
      }
    />
  );
}

type Open =
  | { what: 'case'; evalCase?: EvalCase }
  | { what: 'import' | 'evaluate' | 'delete' };

function Dialogs(props: {
  dataSet: DataSet;
  open: Open;
  onSaved: () => void;
  onClose: () => void;
}) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const { dataSet, onClose, onSaved, open } = props;
  const api = useApi(evalsApiRef);
  const navigate = useAppNavigate();
  const listRoute = useRouteRef(evaluationsRouteRef);
  switch (open.what) {
    case 'case':
      return (
        <CaseDialog
          dataSetId={dataSet.id}
          evalCase={open.evalCase}
          onSaved={onSaved}
          onClose={onClose}
        />
      );
    case 'import':
      return (
        <ImportDialog dataSet={dataSet} onSaved={onSaved} onClose={onClose} />
      );
    case 'evaluate':
      return (
        <EvaluateDialog
          agentRef={dataSet.agentRef}
          dataSets={[dataSet]}
          onClose={onClose}
        />
      );
    default:
      return (
        <ConfirmDialog
          title={`Delete ${dataSet.title}?`}
          action={t('dataSetPage.deleteIt')}
          destructive
          failure={t('dataSetPage.itCouldNotBeDeleted')}
          onConfirm={async () => {
            await api.deleteDataSet(dataSet.id);
            navigate(listRoute?.() ?? '');
          }}
          onClose={onClose}
        >
          Its {formatCount(dataSet.caseCount)} cases are gone for good.
          Evaluations of it stay.
        </ConfirmDialog>
      );
  }
}

function Origin({ dataSet }: { dataSet: DataSet }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  if (dataSet.origin === 'portal') {
    return <span>{t('dataSetPage.keptInThePortal')}</span>;
  }
  return (
    <span>
      kept in Git
      {dataSet.entityRef && (
        <>
          {' '}
          as <EntityLink entityRef={dataSet.entityRef} />
        </>
      )}
      , changed there
    </span>
  );
}

/** One data set: its cases, what it can show, what is odd about it, and evaluations of it. */
export function DataSetPage({ id }: { id: string }) {
  const { t } = useTranslationRef(evalsTranslationRef);
  const api = useApi(evalsApiRef);
  const listRoute = useRouteRef(evaluationsRouteRef);
  const pageRoute = useRouteRef(dataSetRouteRef);
  const { error, reload, value } = useLoad(id, signal =>
    api.getDataSet(id, { signal }),
  );
  const mayManage = useMayManage(value?.agentRef);
  const [open, setOpen] = useState<Open>();
  if (!value) {
    return (
      <Container className={layout.page}>
        {error ? (
          <ErrorPanel
            title={
              isNotFound(error)
                ? 'There is no such data set'
                : 'The data set could not be loaded'
            }
            error={error}
            onRetry={reload}
            actions={
              listRoute && (
                <RouterLink href={listRoute()}>
                  {t('dataSetPage.allEvaluations')}
                </RouterLink>
              )
            }
          />
        ) : (
          <>
            <LinesSkeleton lines={2} />
            <RowsSkeleton rows={8} />
          </>
        )}
      </Container>
    );
  }
  const mayWrite = mayManage && value.origin === 'portal';
  return (
    <BreadcrumbEntry
      entry={{
        label: value.title,
        href: pageRoute?.({ dataSetId: id }) ?? '',
      }}
    >
      <Container className={layout.page}>
        <PageHead
          title={value.title}
          actions={
            <>
              {mayManage && value.caseCount > 0 && (
                <Button
                  variant="primary"
                  onPress={() => setOpen({ what: 'evaluate' })}
                >
                  {t('dataSetPage.evaluate')}
                </Button>
              )}
              {mayWrite && (
                <>
                  <Button
                    variant="secondary"
                    onPress={() => setOpen({ what: 'import' })}
                  >
                    {t('dataSetPage.import')}
                  </Button>
                  <Button
                    variant="tertiary"
                    onPress={() => setOpen({ what: 'delete' })}
                  >
                    {t('dataSetPage.delete')}
                  </Button>
                </>
              )}
            </>
          }
        >
          <AgentLink agentRef={value.agentRef} />
          <span>
            {formatCount(value.caseCount)}{' '}
            {value.caseCount === 1 ? 'case' : 'cases'}, version {value.version}
          </span>
          <Origin dataSet={value} />
          <span>
            changed <RelativeTime value={value.updatedAt} />
            {value.updatedBy && (
              <>
                {' '}
                by <EntityLink entityRef={value.updatedBy} />
              </>
            )}
          </span>
        </PageHead>
        {value.description && (
          <p className={layout.words}>{value.description}</p>
        )}
        <p className={layout.verdict}>{showsWords(value)}</p>
        <Problems problems={value.problems} />
        <CaseTable
          dataSet={value}
          onAdd={mayWrite ? () => setOpen({ what: 'case' }) : undefined}
          onEdit={
            mayWrite
              ? evalCase => setOpen({ what: 'case', evalCase })
              : undefined
          }
        />
        <Section title={t('dataSetPage.evaluationsOfIt')}>
          <EvaluationTable
            dataSetId={id}
            empty={
              <EmptyHint title={t('dataSetPage.notUsedYet')} compact>
                {t('dataSetPage.evaluateAsksTheAgentEvery')}
              </EmptyHint>
            }
          />
        </Section>
        {open && (
          <Dialogs
            dataSet={value}
            open={open}
            onSaved={reload}
            onClose={() => setOpen(undefined)}
          />
        )}
      </Container>
    </BreadcrumbEntry>
  );
}
