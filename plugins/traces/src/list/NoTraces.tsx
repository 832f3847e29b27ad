import {
  CopyButton,
  EmptyHint,
  useLoad,
} from '@agentportal/plugin-agents-react';
import {
  coreApis,
  useApi,
  useTranslationRef,
} from '@backstage/frontend-plugin-api';
import { tracesTranslationRef } from '../translation';
import styles from './list.module.css';

/** What sends traces, where there are none in the time. */
export function NoTraces() {
  const { t } = useTranslationRef(tracesTranslationRef);
  const discoveryApi = useApi(coreApis.discovery);
  const address = useLoad('traces', () => discoveryApi.getBaseUrl('traces'));
  const command = `export OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=${address.value}/v1/traces
export OTEL_EXPORTER_OTLP_TRACES_HEADERS="authorization=Bearer $AGENT_TOKEN"`;
  return (
    <EmptyHint title={t('noTraces.noTracesToSeeIn')}>
      <p className={styles.hint}>{t('noTraces.youSeeTracesOfYour')}</p>
      {address.value && (
        <div className={styles.command}>
          <pre>{command}</pre>
          <CopyButton text={command} what="the settings" />
        </div>
      )}
    </EmptyHint>
  );
}
