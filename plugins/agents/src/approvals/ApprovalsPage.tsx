import type { ApprovalListItem } from '@agentportal/plugin-agents-common';
import {
  EmptyHint,
  ErrorPanel,
  LinesSkeleton,
  RowsSkeleton,
  approvalsApiRef,
  useApproval,
  useApprovalNews,
  useLoad,
  usePages,
  useTitles,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import {
  coreApis,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import {
  Alert,
  Button,
  Container,
  Select,
  ToggleButton,
  ToggleButtonGroup,
} from '@backstage/ui';
import { RiShieldCheckLine } from '@remixicon/react';
import { useEffect, useRef, useState } from 'react';
import { agentsTranslationRef } from '../translation';
import { ActionDialog } from './ActionDialog';
import { ApproversDialog } from './ApproversDialog';
import { ApprovalDetail } from './ApprovalDetail';
import { ApprovalList } from './ApprovalList';
import {
  APPROVALS_STATE,
  KEYS,
  KINDS,
  STATUSES,
  VIEWS,
  actionOf,
  toQuery,
  type Action,
} from './approvalWords';
import { BulkDialog } from './BulkDialog';
import { DeputyDialog } from './DeputyDialog';
import styles from './approvals.module.css';

const PAGE_SIZE = 25;

const DONE: Record<Action, string> = {
  approve: 'Approved',
  edit: 'Approved as changed',
  reject: 'Rejected',
  ask: 'Asked; those concerned are told',
  breakGlass: 'Let pass; those concerned are told',
  withdraw: 'Taken back',
};

/** What the next key acts on; a dialog or a field has its keys for itself. */
function isForOthers({ altKey, ctrlKey, metaKey, target }: KeyboardEvent) {
  return (
    altKey ||
    ctrlKey ||
    metaKey ||
    (target as HTMLElement).closest?.(
      'input, textarea, select, [role=dialog], [role=listbox], [role=menu]',
    )
  );
}

function Empty({ view, isOpen }: { view: string; isOpen: boolean }) {
  const { t } = useTranslationRef(agentsTranslationRef);
  if (!isOpen) {
    return (
      <EmptyHint title={t('approvalsPage.nothingHasBeenDecidedHere')}>
        {t('approvalsPage.whatPeopleDecideAboutAgents')}
      </EmptyHint>
    );
  }
  return (
    <EmptyHint
      icon={<RiShieldCheckLine size={32} />}
      title={
        view === 'mine' ? 'Nothing waits for you' : 'Nothing waits for anybody'
      }
    >
      {t('approvalsPage.whenAnAgentWantsTo')}
    </EmptyHint>
  );
}

/** How the person decides, where that is worth a word. */
function Habits() {
  const { t } = useTranslationRef(agentsTranslationRef);
  const api = useApi(approvalsApiRef);
  const summary = useLoad('approval summary', signal =>
    api.getSummary({ signal }),
  );
  useApprovalNews(summary.reload);
  const [isOpen, setOpen] = useState(false);
  const { breakGlass, decided, seesApprovers } = summary.value ?? {};
  return (
    <>
      {seesApprovers && (
        <Button
          className={styles.habits}
          size="small"
          variant="tertiary"
          onPress={() => setOpen(true)}
        >
          {t('approvalsPage.howPeopleDecide')}
        </Button>
      )}
      {isOpen && <ApproversDialog onClose={() => setOpen(false)} />}
      {decided?.warning && (
        <Alert status="warning" icon description={decided.warning} />
      )}
      {breakGlass && breakGlass.used > 0 && (
        <p className={styles.quiet}>
          In emergencies {breakGlass.used} of {breakGlass.quota} calls of this
          quarter were let pass alone.
        </p>
      )}
    </>
  );
}

/** What waits for people to decide: the list left, one request right. */
export function ApprovalsPage() {
  const { t } = useTranslationRef(agentsTranslationRef);
  const api = useApi(approvalsApiRef);
  const toastApi = useApi(coreApis.toast);
  const [state, update] = useUrlState(APPROVALS_STATE);
  const query = toQuery(state);
  const pages = usePages<ApprovalListItem>(
    JSON.stringify(query),
    (cursor, signal) =>
      api.listApprovals({ ...query, limit: PAGE_SIZE, cursor }, { signal }),
  );
  const { items } = pages;
  // What was loaded on demand stays where it is.
  const reload = () => items.length <= PAGE_SIZE && pages.reload();
  useApprovalNews(reload);
  const [action, setAction] = useState<Action>();
  const [isAway, setAway] = useState(false);
  const [isBulk, setBulk] = useState(false);
  const [picked, setPicked] = useState<ReadonlySet<string>>(new Set());
  const chosenId = state.id || items[0]?.id;
  const loaded = useApproval(chosenId);
  const approval = loaded.value;
  const read = useTitles(
    pages.isPending ? undefined : items.map(({ title }) => title),
  );
  // Names that are known stay while those of news are read.
  const known = useRef(read);
  useEffect(() => {
    known.current = read ?? known.current;
  }, [read]);
  const names = read ?? known.current;

  const choose = (id: string) => update({ id }, { replace: true });
  const step = (by: number) => {
    const at = items.findIndex(({ id }) => id === chosenId);
    const next = items[Math.min(Math.max(at + by, 0), items.length - 1)];
    if (next) choose(next.id);
  };
  const onKey = useRef<(event: KeyboardEvent) => void>();
  useEffect(() => {
    onKey.current = event => {
      if (isForOthers(event) || action || isAway || isBulk) return;
      const asked = actionOf(event.key, approval);
      if (event.key === 'j') step(1);
      else if (event.key === 'k') step(-1);
      else if (asked) setAction(asked);
      else return;
      event.preventDefault();
    };
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey.current?.(event);
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);

  const done = (words: string) => {
    setAction(undefined);
    toastApi.post({ title: words, status: 'success', timeout: 4_000 });
    // It stays in sight after it has left the list.
    if (chosenId) choose(chosenId);
    loaded.reload();
    reload();
  };
  const bulk = items.filter(({ id }) => picked.has(id)).map(({ id }) => id);

  return (
    <Container className={styles.page}>
      <div className={styles.toolbar}>
        <ToggleButtonGroup
          aria-label={t('approvalsPage.whose')}
          selectionMode="single"
          disallowEmptySelection
          selectedKeys={[query.view!]}
          onSelectionChange={keys =>
            update({ view: String([...keys][0]), id: '' })
          }
        >
          {VIEWS.map(({ id, label }) => (
            <ToggleButton key={id} id={id} size="small">
              {label}
            </ToggleButton>
          ))}
        </ToggleButtonGroup>
        <Select
          aria-label={t('approvalsPage.status')}
          size="small"
          options={STATUSES.map(({ id, label }) => ({ value: id, label }))}
          value={state.status}
          onChange={key => update({ status: String(key), id: '' })}
        />
        <Select
          aria-label={t('approvalsPage.kind')}
          size="small"
          options={[
            { value: 'all', label: 'Any kind' },
            ...Object.entries(KINDS).map(([value, label]) => ({
              value,
              label,
            })),
          ]}
          value={state.kind || 'all'}
          onChange={key =>
            update({ kind: key === 'all' ? '' : String(key), id: '' })
          }
        />
        {state.agent && (
          <Button
            size="small"
            variant="tertiary"
            onPress={() => update({ agent: '', id: '' })}
          >
            {t('approvalsPage.ofAllAgents')}
          </Button>
        )}
        <span className={styles.room} />
        {bulk.length > 0 && (
          <Button size="small" variant="primary" onPress={() => setBulk(true)}>
            Approve {bulk.length}
          </Button>
        )}
        <Button size="small" variant="tertiary" onPress={() => setAway(true)}>
          {t('approvalsPage.whileIAmAway')}
        </Button>
      </div>
      <Habits />
      {pages.error && items.length === 0 && (
        <ErrorPanel
          title={t('approvalsPage.theRequestsCouldNotBe')}
          error={pages.error}
          safe={t('approvalsPage.whatWaitsGoesOnWaiting')}
          onRetry={pages.reload}
        />
      )}
      {!pages.error && !pages.isPending && items.length === 0 && !state.id && (
        <Empty view={query.view!} isOpen={state.status === 'open'} />
      )}
      {(pages.isPending || items.length > 0 || state.id) && (
        <div className={styles.columns}>
          <div className={styles.listPane}>
            {pages.isPending || !names ? (
              !pages.error && <RowsSkeleton rows={6} rowHeight={72} />
            ) : (
              <ApprovalList
                items={items}
                titles={names}
                chosenId={chosenId}
                picked={picked}
                onChoose={choose}
                onPick={setPicked}
              />
            )}
            {!pages.isPending && !pages.error && items.length === 0 && (
              <p className={styles.quiet}>
                {t('approvalsPage.nothingElseWaitsHere')}
              </p>
            )}
            {pages.hasMore && (
              <Button
                variant="secondary"
                isPending={pages.isLoadingMore}
                onPress={pages.loadMore}
              >
                {t('approvalsPage.showMore')}
              </Button>
            )}
            <p className={styles.keys} aria-hidden>
              <kbd>j</kbd> <kbd>k</kbd> next, before
              {Object.entries(KEYS).map(
                ([key, name]) =>
                  actionOf(key, approval) && (
                    <span key={key}>
                      {' · '}
                      <kbd>{key}</kbd> {name}
                    </span>
                  ),
              )}
            </p>
          </div>
          <div className={styles.detailPane}>
            {loaded.error && !approval && (
              <ErrorPanel
                title={t('approvalsPage.theRequestCouldNotBe')}
                error={loaded.error}
                onRetry={loaded.reload}
              />
            )}
            {!loaded.error && !approval && <LinesSkeleton lines={12} />}
            {approval && (
              <ApprovalDetail
                key={approval.id}
                approval={approval}
                onAction={setAction}
                onChanged={() => done('Answered. The run goes on.')}
              />
            )}
          </div>
        </div>
      )}
      {action && approval && (
        <ActionDialog
          key={action}
          action={action}
          approval={approval}
          onClose={() => setAction(undefined)}
          onDone={() => done(DONE[action])}
        />
      )}
      {isBulk && (
        <BulkDialog
          ids={bulk}
          onClose={() => {
            setBulk(false);
            reload();
          }}
          onDone={() => {
            setBulk(false);
            setPicked(new Set());
            done('Approved. What waited goes on.');
          }}
        />
      )}
      {isAway && <DeputyDialog onClose={() => setAway(false)} />}
    </Container>
  );
}
