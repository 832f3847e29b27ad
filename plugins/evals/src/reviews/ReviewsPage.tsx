import type {
  Review,
  ReviewList as ReviewListAnswer,
  ReviewReason,
  ReviewStatus,
  ReviewVerdict,
} from '@agentportal/plugin-evals-common';
import {
  EmptyHint,
  ErrorPanel,
  LinesSkeleton,
  RowsSkeleton,
  Sentence,
  formatCount,
  formatPercent,
  nameOfRef,
  useLoad,
  usePages,
  useTitles,
  useUrlState,
} from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Box, Button, Container } from '@backstage/ui';
import { useEffect, useRef, useState } from 'react';
import { evalsTranslationRef } from '../translation';
import { evalsApiRef } from '../api/evalsApiRef';
import { useMayManage } from '../api/useMayDo';
import { ChoiceFilter } from '../layout/ChoiceFilter';
import { MakeCaseDialog } from './MakeCaseDialog';
import { ReviewDetail } from './ReviewDetail';
import { ReviewList } from './ReviewList';
import { REASONS, REVIEWS_STATE, STATUSES, VERDICTS } from './reviewWords';
import layout from '../layout/layout.module.css';
import styles from './reviews.module.css';

const PAGE_SIZE = 25;

const optionsOf = (words: Record<string, string>) =>
  Object.entries(words).map(([id, label]) => ({ id, label }));

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

type Said = Pick<ReviewListAnswer, 'agreement' | 'guarantee'>;

function SaidOfAll({ said }: { said: Said | undefined }) {
  const { agreement, guarantee } = said ?? {};
  const both = agreement?.conversations ?? 0;
  return (
    <>
      {guarantee && (
        <p className={layout.words}>
          <Sentence text={guarantee.sentence} />
        </p>
      )}
      {both > 0 && agreement?.same !== undefined && (
        <p className={layout.quiet}>
          Two or more reviewers judged {formatCount(both)} conversations and
          said the same in {formatPercent(agreement.same)}
          {agreement.kappa !== undefined &&
            ` (κ ${agreement.kappa.toFixed(2)})`}
          .
        </p>
      )}
    </>
  );
}

/** Conversations that wait for a reviewer: the list left, one of them right. */
export function ReviewsPage() {
  const { t } = useTranslationRef(evalsTranslationRef);
  const api = useApi(evalsApiRef);
  const [state, update] = useUrlState(REVIEWS_STATE);
  const { agent } = state;
  const status = state.status in STATUSES ? (state.status as ReviewStatus) : '';
  const reason = state.reason in REASONS ? (state.reason as ReviewReason) : '';
  const [said, setSaid] = useState<Said>();
  const pages = usePages<Review>(
    JSON.stringify([agent, status, reason]),
    async (cursor, signal) => {
      const page = await api.listReviews(
        {
          ...(agent && { agentRef: agent }),
          ...(status && { status }),
          ...(reason && { reason }),
          limit: PAGE_SIZE,
          cursor,
        },
        { signal },
      );
      setSaid(page);
      return page;
    },
  );
  // What was judged here stays where it was until the list is read again.
  const [judged, setJudged] = useState<ReadonlyMap<string, Review>>(new Map());
  const items = pages.items.map(item => judged.get(item.id) ?? item);
  const chosenId = state.id || items[0]?.id;
  const read = useLoad(chosenId, signal =>
    api.getReview(chosenId!, { signal }),
  );
  const review = judged.get(chosenId ?? '') ?? read.value;
  const mayManage = useMayManage(review?.agentRef);
  // Who may not read the conversation cannot say how good it was.
  const mayJudge = mayManage && review !== undefined && !review.hidden;
  const agents = useTitles([agent, ...items.map(({ agentRef }) => agentRef)]);
  const [failure, setFailure] = useState<Error>();
  const [isMaking, setMaking] = useState(false);

  const changed = (next: Review) =>
    setJudged(before => new Map([...before, [next.id, next]]));
  const judge = async (
    verdict: ReviewVerdict,
    more: Parameters<typeof api.judgeReview>[1] | {} = {},
  ) => {
    if (!review) return;
    setFailure(undefined);
    try {
      const answer = await api.judgeReview(review.id, { ...more, verdict });
      // The conversation stays in sight, also where the answer leaves it out.
      changed({ ...review, ...answer });
    } catch (error) {
      setFailure(error as Error);
    }
  };
  const choose = (id: string) => {
    setFailure(undefined);
    update({ id }, { replace: true });
  };
  const step = (by: number) => {
    const at = items.findIndex(({ id }) => id === chosenId);
    const next = items[Math.min(Math.max(at + by, 0), items.length - 1)];
    if (next) choose(next.id);
  };
  const onKey = useRef<(event: KeyboardEvent) => void>();
  useEffect(() => {
    onKey.current = event => {
      if (isForOthers(event) || isMaking) return;
      const verdict = (Object.keys(VERDICTS) as ReviewVerdict[]).find(
        key => VERDICTS[key].key === event.key,
      );
      if (event.key === 'j') step(1);
      else if (event.key === 'k') step(-1);
      else if (verdict && mayJudge) void judge(verdict);
      else if (event.key === 'c' && mayJudge) setMaking(true);
      else return;
      event.preventDefault();
    };
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey.current?.(event);
    document.addEventListener('keydown', listen);
    return () => document.removeEventListener('keydown', listen);
  }, []);

  const isEmpty = !pages.isPending && !pages.error && items.length === 0;
  return (
    <Container className={layout.page}>
      <div className={layout.toolbar}>
        <ChoiceFilter
          label={t('reviewsPage.status')}
          any="Waiting and judged"
          choices={optionsOf(STATUSES)}
          value={status}
          onChange={next => update({ status: next || 'all', id: '' })}
        />
        <ChoiceFilter
          label={t('reviewsPage.why')}
          any="For any reason"
          choices={optionsOf(REASONS)}
          value={reason}
          onChange={next => update({ reason: next, id: '' })}
        />
        <ChoiceFilter
          label={t('reviewsPage.agent')}
          any="Any agent"
          choices={[...(agents ?? [])]
            .filter(([ref]) => ref)
            .map(([id, label]) => ({ id, label }))}
          value={agent}
          onChange={next => update({ agent: next, id: '' })}
        />
      </div>
      <SaidOfAll said={said} />
      {pages.error && items.length === 0 && (
        <ErrorPanel
          title={t('reviewsPage.theReviewsCouldNotBe')}
          error={pages.error}
          safe={t('reviewsPage.whatWaitsGoesOnWaiting')}
          onRetry={pages.reload}
        />
      )}
      {isEmpty && !state.id && (
        <EmptyHint
          title={
            status === 'waiting'
              ? 'Nothing waits for you to review'
              : 'No reviews'
          }
        >
          {t('reviewsPage.conversationsComeHereWhenA')}
        </EmptyHint>
      )}
      {(pages.isPending || items.length > 0 || state.id) && (
        <div className={styles.columns}>
          <div className={styles.listPane}>
            {pages.isPending && !pages.error ? (
              <RowsSkeleton rows={6} rowHeight={64} />
            ) : (
              <ReviewList
                items={items}
                nameOf={ref => agents?.get(ref) ?? nameOfRef(ref)}
                chosenId={chosenId}
                onChoose={choose}
              />
            )}
            {isEmpty && (
              <p className={layout.quiet}>
                {t('reviewsPage.nothingElseIsHere')}
              </p>
            )}
            {pages.hasMore && (
              <Button
                variant="secondary"
                isPending={pages.isLoadingMore}
                onPress={pages.loadMore}
              >
                {t('reviewsPage.showMore')}
              </Button>
            )}
            <p className={styles.keys} aria-hidden>
              <kbd>j</kbd> <kbd>k</kbd> next, before
              {mayJudge && (
                <>
                  {Object.values(VERDICTS).map(({ key, word }) => (
                    <span key={key}>
                      {' · '}
                      <kbd>{key}</kbd> {word.toLocaleLowerCase('en-US')}
                    </span>
                  ))}
                  {' · '}
                  <kbd>c</kbd> make a case
                </>
              )}
            </p>
          </div>
          <Box bg="neutral" className={styles.detailPane}>
            {!review && read.error && (
              <ErrorPanel
                title={t('reviewsPage.theReviewCouldNotBe')}
                error={read.error}
                onRetry={read.reload}
              />
            )}
            {!review && !read.error && <LinesSkeleton lines={10} />}
            {review && (
              <ReviewDetail
                key={review.id}
                review={review}
                agentTitle={
                  agents?.get(review.agentRef) ?? nameOfRef(review.agentRef)
                }
                mayJudge={mayJudge}
                failure={failure}
                onJudge={judge}
                onMakeCase={() => setMaking(true)}
              />
            )}
          </Box>
        </div>
      )}
      {isMaking && review && (
        <MakeCaseDialog
          review={review}
          onMade={answer => changed({ ...review, ...answer })}
          onClose={() => setMaking(false)}
        />
      )}
    </Container>
  );
}
