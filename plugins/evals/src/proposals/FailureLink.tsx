import type { Failure } from '@agentportal/plugin-evals-common';
import { RelativeTime } from '@agentportal/plugin-agents-react';
import {
  RouterLink,
  useRouteRef,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { evaluationRouteRef, reviewsRouteRef, runRouteRef } from '../routes';
import { evalsTranslationRef } from '../translation';
import layout from '../layout/layout.module.css';

/** Where a failure can be looked at. */
export function FailureLink({
  failure,
}: {
  failure: Pick<
    Failure,
    'source' | 'at' | 'evaluationId' | 'reviewId' | 'runId'
  >;
}) {
  const { at, evaluationId, reviewId, runId, source } = failure;
  const { t } = useTranslationRef(evalsTranslationRef);
  const evaluation = useRouteRef(evaluationRouteRef);
  const reviews = useRouteRef(reviewsRouteRef)?.();
  const run = useRouteRef(runRouteRef);
  const href =
    (evaluationId && evaluation?.({ evaluationId })) ||
    (reviewId && reviews && `${reviews}?id=${encodeURIComponent(reviewId)}`) ||
    (runId && run?.({ id: runId }));
  const word = t(`proposals.sources.${source}`);
  return (
    <span className={layout.quiet}>
      {href ? <RouterLink href={href}>{word}</RouterLink> : word},{' '}
      <RelativeTime value={at} />
    </span>
  );
}
