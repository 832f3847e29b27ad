import {
  ErrorPanel,
  RelativeTime,
  StatusMark,
} from '@agentportal/plugin-agents-react';
import type { Loaded } from '@agentportal/plugin-agents-react';
import type { ProviderSummary } from '@agentportal/plugin-models-common';
import { Skeleton, Text } from '@backstage/ui';
import styles from './ModelsPage.module.css';

/** The providers that are set up, and whether each of them answers. */
export function ProviderStrip(props: {
  providers: Loaded<{ items: ProviderSummary[] }>;
}) {
  const { value, error, reload } = props.providers;
  if (error && !value) {
    return (
      <ErrorPanel
        title="The providers could not be read"
        error={error}
        onRetry={reload}
      />
    );
  }
  return (
    <div className={styles.providers} role="list" aria-label="Providers">
      {!value && <Skeleton width={200} height={66} />}
      {value?.items.map(provider => (
        <div key={provider.id} role="listitem" className={styles.provider}>
          <span className={styles.providerTop}>
            {provider.id}
            <StatusMark status={provider.status} />
          </span>
          <Text variant="body-small" color="secondary">
            {provider.message ?? countOf(provider.modelCount)}
            {provider.checkedAt && (
              <>
                {' · checked '}
                <RelativeTime value={provider.checkedAt} />
              </>
            )}
          </Text>
        </div>
      ))}
    </div>
  );
}

function countOf(models: number) {
  return models === 1 ? '1 model' : `${models} models`;
}
