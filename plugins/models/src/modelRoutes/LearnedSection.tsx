import {
  EntityLink,
  RelativeTime,
  RowTable,
  formatCount,
  usePages,
} from '@agentportal/plugin-agents-react';
import type { ComplexityCalibrationSummary } from '@agentportal/plugin-models-common';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import {
  Accordion,
  AccordionPanel,
  AccordionTrigger,
  Button,
  Text,
} from '@backstage/ui';
import { modelsApiRef } from '../api/modelsApiRef';
import { modelsTranslationRef } from '../translation';

/** What routes by difficulty have learned from judged answers, by owner of agents; nothing where nothing was. */
export function LearnedSection() {
  const api = useApi(modelsApiRef);
  const { t } = useTranslationRef(modelsTranslationRef);
  const learned = usePages<ComplexityCalibrationSummary>(
    'learned',
    (cursor, signal) =>
      api.listCalibrations(
        { limit: 20, ...(cursor ? { cursor } : {}) },
        { signal },
      ),
  );
  if (learned.items.length === 0) {
    return null;
  }
  return (
    <Accordion>
      <AccordionTrigger title={t('learned.title')} />
      <AccordionPanel>
        <Text as="p">{t('learned.means')}</Text>
        <RowTable
          columns={[
            { label: t('learned.owner') },
            { label: t('learned.tiers') },
            { label: t('learned.at') },
          ]}
        >
          {learned.items.map(each => (
            <tr key={each.tenant}>
              <th scope="row">
                {each.tenant.includes(':') ? (
                  <EntityLink entityRef={each.tenant} />
                ) : (
                  t('learned.others')
                )}
              </th>
              <td>
                <ul>
                  {each.basis.map(basis => (
                    <li key={basis.tier}>
                      {t('learned.tier', {
                        tier: t(`learned.names.${basis.tier}`),
                        upTo: each.thresholds[
                          basis.tier as keyof typeof each.thresholds
                        ].toFixed(2),
                        rule: t(`learned.rules.${basis.rule}`),
                        successes: formatCount(basis.successes),
                        outcomes: formatCount(basis.outcomes),
                      })}
                    </li>
                  ))}
                </ul>
              </td>
              <td>
                <RelativeTime value={each.calibratedAt} />
              </td>
            </tr>
          ))}
        </RowTable>
        {learned.hasMore && (
          <Button
            size="small"
            variant="secondary"
            isPending={learned.isLoadingMore}
            onPress={learned.loadMore}
          >
            {t('learned.more')}
          </Button>
        )}
      </AccordionPanel>
    </Accordion>
  );
}
