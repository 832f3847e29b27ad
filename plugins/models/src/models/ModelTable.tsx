import {
  EntityLink,
  StatusMark,
  formatCount,
  formatNanoUsd,
  formatPercent,
  formatTokens,
  nameOfRef,
} from '@agentportal/plugin-agents-react';
import type { ModelSummary } from '@agentportal/plugin-models-common';
import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Text, VisuallyHidden } from '@backstage/ui';
import { modelsTranslationRef } from '../translation';
import { HealthCell } from './HealthCell';
import { priceWords } from './priceWords';
import styles from './ModelsPage.module.css';

/** Models side by side: price, room, state and use. */
export function ModelTable({ models }: { models: ModelSummary[] }) {
  const { t } = useTranslationRef(modelsTranslationRef);
  // A call by a route counts at its model too, so routes are no part of the whole.
  const allCalls = models.reduce(
    (sum, { type, usage30d }) => sum + (type === 'route' ? 0 : usage30d.calls),
    0,
  );
  return (
    <div className={styles.frame}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">Model</th>
            <th scope="col">Status</th>
            <th scope="col">Lately</th>
            <th scope="col">Price per million tokens</th>
            <th scope="col" data-align="right" data-wide-only>
              Context
            </th>
            <th scope="col" data-align="right" data-wide-only>
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
                  <ol
                    className={styles.candidates}
                    aria-label="Tried in this order"
                  >
                    {[
                      ...model.route.candidates,
                      ...(model.route.fallbacks ?? []),
                    ].map(candidate => (
                      <li
                        key={candidate.id}
                        data-available={candidate.available}
                        title={
                          candidate.available
                            ? 'Available'
                            : 'Not available here; the route skips it'
                        }
                      >
                        {nameOfRef(candidate.id)}
                        {!candidate.available && (
                          <VisuallyHidden>, not available here</VisuallyHidden>
                        )}
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
              <td className={styles.health}>
                {model.type === 'route' ? (
                  '–'
                ) : (
                  <HealthCell health={model.health} />
                )}
              </td>
              <td data-price title={model.priceVersion}>
                {priceWords(model, t)}
              </td>
              <td data-align="right" data-wide-only>
                {model.contextWindow ? formatTokens(model.contextWindow) : '–'}
              </td>
              <td data-align="right" data-wide-only>
                {formatCount(model.usage30d.calls)}
                {model.type !== 'route' && model.usage30d.calls > 0 && (
                  <Text as="p" variant="body-small" color="secondary">
                    {formatPercent(model.usage30d.calls / allCalls)} of those
                    shown
                  </Text>
                )}
              </td>
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
