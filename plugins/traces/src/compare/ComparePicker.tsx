import type { Trace } from '@agentportal/plugin-traces-common';
import { formatDuration, useLoad } from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Button, Select } from '@backstage/ui';
import { useState } from 'react';
import { tracesApiRef } from '../api/tracesApiRef';
import { momentText } from '../dashboard/moments';
import { headingOf } from '../trace/traceWords';
import { tracesTranslationRef } from '../translation';

const OFFERED = 25;
/** As long as traces stand in lists, unless the portal says otherwise. */
const BACK_MS = 90 * 86_400_000;

/** Offers other traces of the same agent to compare one with. */
export function ComparePicker(props: {
  trace: Trace;
  onChoose: (traceId: string) => void;
}) {
  const { onChoose, trace } = props;
  const { agentRef, traceId } = trace;
  const [isOpen, setOpen] = useState(false);
  const { t } = useTranslationRef(tracesTranslationRef);
  const api = useApi(tracesApiRef);
  const others = useLoad(isOpen ? `others ${traceId}` : undefined, signal =>
    api.listTraces(
      {
        ...(agentRef && { agentRef }),
        from: new Date(Date.now() - BACK_MS).toISOString(),
        limit: OFFERED,
      },
      { signal },
    ),
  );
  if (!isOpen) {
    return (
      <Button size="small" variant="tertiary" onPress={() => setOpen(true)}>
        {t('compare.compare')}
      </Button>
    );
  }
  const offered = (others.value?.items ?? []).filter(
    other => other.traceId !== traceId && other.keeps === 'everything',
  );
  if (others.value && offered.length === 0) {
    return <span role="status">{t('compare.none')}</span>;
  }
  return (
    <Select
      aria-label={t('compare.choose')}
      size="small"
      isDisabled={!others.value}
      placeholder={others.error ? t('compare.unread') : t('compare.choose')}
      options={offered.map(other => ({
        id: other.traceId,
        label: `${momentText(Date.parse(other.startedAt))} UTC · ${headingOf(
          other,
        )} · ${formatDuration(other.durationMs)}${
          other.status === 'error' ? ` · ${t('compare.failedOne')}` : ''
        }`,
      }))}
      onChange={key => key !== null && onChoose(String(key))}
    />
  );
}
