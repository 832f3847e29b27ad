import {
  CopyButton,
  EmptyHint,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { coreApis, useApi } from '@backstage/frontend-plugin-api';
import styles from './list.module.css';

/** What sends traces, where there are none in the time. */
export function NoTraces() {
  const discoveryApi = useApi(coreApis.discovery);
  const address = useLoad('traces', () => discoveryApi.getBaseUrl('traces'));
  const command = `export OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=${address.value}/v1/traces
export OTEL_EXPORTER_OTLP_TRACES_HEADERS="authorization=Bearer $AGENT_TOKEN"`;
  return (
    <EmptyHint title="No traces to see in this time">
      <p className={styles.hint}>
        You see traces of your own questions, and those of agents that you
        answer for, seconds after a run ended. Ask the owner of an agent for
        others. Programs elsewhere send theirs over OpenTelemetry (OTLP/HTTP),
        with the token of the agent:
      </p>
      {address.value && (
        <div className={styles.command}>
          <pre>{command}</pre>
          <CopyButton text={command} what="the settings" />
        </div>
      )}
    </EmptyHint>
  );
}
