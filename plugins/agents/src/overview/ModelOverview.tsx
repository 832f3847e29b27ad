import {
  isModelEntity,
  modelRefsOf,
  type ModelPrice,
  type RouteStrategy,
} from '@agentportal/plugin-agents-common';
import {
  EntityLink,
  LifecycleTag,
  StatusMark,
  formatNanoUsd,
  formatTokens,
  useLoad,
} from '@agentportal/plugin-agents-react';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { useEntity } from '@backstage/plugin-catalog-react';
import type { EntityContentLayoutProps } from '@backstage/plugin-catalog-react/alpha';
import { agentsTranslationRef } from '../translation';
import { agentActivityApiRef } from '../api';
import { CatalogCards } from './CatalogCards';
import { Facts } from './Facts';
import { IgnoredClaims } from './IgnoredClaims';
import { Section } from './Section';
import { UsersSection } from './UsersSection';
import styles from './overview.module.css';

function priceText(nanoUsd: number | undefined): string | undefined {
  return nanoUsd === undefined
    ? undefined
    : `${formatNanoUsd(nanoUsd)} per 1M tokens`;
}

const HOW_CHOSEN: Record<RouteStrategy, string> = {
  priority:
    'The first of these that is available answers; the next takes over when it is not.',
  weighted: 'These share the calls by their weights.',
  'lowest-cost': 'The cheapest of these for the request answers.',
  'lowest-latency': 'The one of these that has been fastest lately answers.',
  complexity:
    'The cheapest of these that is trusted with so hard a request answers.',
};

function Candidates(props: {
  title: string;
  lead: string;
  refs: readonly string[];
  live?: ReadonlyArray<{ id: string; available: boolean }>;
}) {
  return (
    <Section title={props.title}>
      <p className={styles.lead}>{props.lead}</p>
      <ol className={styles.list}>
        {props.refs.map((ref, index) => (
          <li key={ref} className={styles.tool}>
            <EntityLink entityRef={ref} />
            {props.live?.[index] && (
              <StatusMark
                status={props.live[index].available ? 'available' : 'off'}
                tone={props.live[index].available ? 'good' : 'off'}
                label={
                  props.live[index].available
                    ? 'Available'
                    : 'Not configured or not answering'
                }
              />
            )}
          </li>
        ))}
      </ol>
    </Section>
  );
}

/** The overview of a model or route: price, window, who uses it, where calls go. */
export function ModelOverview(props: EntityContentLayoutProps) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { entity } = useEntity();
  const api = useApi(agentActivityApiRef);
  const entityRef = stringifyEntityRef(entity);
  const model = useLoad(entityRef, signal =>
    api.getModel(entityRef, { signal }),
  );
  if (!isModelEntity(entity)) {
    return <></>;
  }
  const refs = modelRefsOf(entity);
  const { spec } = entity;
  const price: Partial<ModelPrice> | undefined =
    spec.price ?? model.value?.price ?? undefined;
  const contextWindow = spec.contextWindow ?? model.value?.contextWindow;
  const isRoute = spec.type === 'route';
  return (
    <div className={styles.page}>
      <div className={styles.columns}>
        <div className={styles.column}>
          <Section title={t('modelOverview.whatItIs')}>
            <p className={styles.lead}>
              {entity.metadata.description ??
                model.value?.description ??
                'No description.'}
            </p>
            <IgnoredClaims claims={model.value?.ignored} />
            {model.value?.statusMessage && (
              <p className={styles.quiet}>{model.value.statusMessage}</p>
            )}
          </Section>
          {isRoute && refs.candidates.length > 0 && (
            <Candidates
              title={t('modelOverview.whereACallGoes')}
              lead={HOW_CHOSEN[spec.strategy ?? 'priority']}
              refs={refs.candidates}
              live={model.value?.route?.candidates}
            />
          )}
          {refs.fallbacks.length > 0 && (
            <Candidates
              title={t('modelOverview.whenNoneOfThemCan')}
              lead="These are tried in order."
              refs={refs.fallbacks}
              live={model.value?.route?.fallbacks}
            />
          )}
          <UsersSection filter={{ model: [entityRef] }} />
          <CatalogCards cards={props.cards} />
        </div>
        <div className={styles.column}>
          <Section title={t('modelOverview.facts')}>
            <Facts
              items={[
                [
                  'Status',
                  model.value && (
                    <StatusMark key="status" status={model.value.status} />
                  ),
                ],
                ['Type', isRoute ? 'route to other models' : spec.type],
                ['Provider', isRoute ? undefined : spec.provider],
                ['Input price', priceText(price?.inputNanoUsdPerMillionTokens)],
                [
                  'Output price',
                  priceText(price?.outputNanoUsdPerMillionTokens),
                ],
                [
                  'Context window',
                  contextWindow && formatTokens(contextWindow, { unit: true }),
                ],
                ['Can do', spec.capabilities?.join(', ') || undefined],
                ['Owner', <EntityLink key="owner" entityRef={refs.owner} />],
                [
                  'Lifecycle',
                  <LifecycleTag key="lifecycle" lifecycle={spec.lifecycle} />,
                ],
                [
                  'Used in 30 days',
                  model.value &&
                    `${model.value.usage30d.calls} calls, ${formatNanoUsd(
                      model.value.usage30d.costNanoUsd,
                    )}`,
                ],
              ]}
            />
          </Section>
        </div>
      </div>
    </div>
  );
}
