import {
  EntityLink,
  StatusMark,
  formatCount,
  formatNanoUsd,
  formatTokens,
} from '@agentportal/plugin-agents-react';
import type { ModelSummary } from '@agentportal/plugin-models-common';
import { Text } from '@backstage/ui';
import { priceWords } from './priceWords';
import styles from './ModelsPage.module.css';

/** Models side by side: price, room, state and use. */
export function ModelTable({ models }: { models: ModelSummary[] }) {
  return (
    <div className={styles.frame}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">Status</th>
            <th scope="col">Price per million tokens</th>
            <th scope="col" data-align="right">
              Context
            </th>
            <th scope="col" data-align="right">
              Calls, 30 days
            </th>
            <th scope="col" data-align="right">
              Cost, 30 days
            </th>
          </tr>
        </thead>
        <tbody>
          {models.map(model => (
            <tr key={model.id}>
              <td>
                <EntityLink entityRef={model.ref} title={model.title} />
                <div className={styles.id}>
                  <code>{model.id}</code>
                </div>
                {model.description && (
                  <Text
                    as="p"
                    variant="body-small"
                    color="secondary"
                    className={styles.description}
                  >
                    {model.description}
                  </Text>
                )}
                {model.route && (
                  <ol className={styles.candidates} aria-label="Candidates">
                    {model.route.candidates.map(candidate => (
                      <li
                        key={candidate.id}
                        data-available={candidate.available}
                        title={
                          candidate.available
                            ? 'Available'
                            : 'Not available here; the route skips it'
                        }
                      >
                        {candidate.id}
                      </li>
                    ))}
                  </ol>
                )}
              </td>
              <td>
                <StatusMark status={model.status} />
                {model.statusMessage && (
                  <Text as="p" variant="body-small" color="secondary">
                    {model.statusMessage}
                  </Text>
                )}
              </td>
              <td title={model.priceVersion}>{priceWords(model)}</td>
              <td data-align="right">
                {model.contextWindow ? formatTokens(model.contextWindow) : '–'}
              </td>
              <td data-align="right">{formatCount(model.usage30d.calls)}</td>
              <td data-align="right">
                {formatNanoUsd(model.usage30d.costNanoUsd)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
