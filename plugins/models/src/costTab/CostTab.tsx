import type {
  BudgetScope,
  CostDimension,
} from '@agentportal/plugin-models-common';
import { stringifyEntityRef } from '@backstage/catalog-model';
import type { Entity } from '@backstage/catalog-model';
import { useEntity } from '@backstage/plugin-catalog-react';
import { CostView } from '../cost/CostView';
import type { CostFilter } from '../cost/useCosts';
import { AnswersFromMemory } from './AnswersFromMemory';
import styles from './CostTab.module.css';
import { Limits } from './Limits';
import { monthlyBudgetOf } from './monthlyBudget';

const DIMENSIONS: Record<string, CostDimension[]> = {
  agent: ['model', 'user'],
  system: ['agent', 'model', 'owner'],
  domain: ['system', 'agent', 'owner', 'model'],
  group: ['agent', 'system', 'model'],
  model: ['agent', 'owner', 'user'],
};

/** What the entity of this page costs: an agent, a system, a domain, a team or a model. */
export function CostTab() {
  const { entity } = useEntity();
  const kind = entity.kind.toLocaleLowerCase('en-US');
  const scope = scopeOf(kind, entity);
  const title = entity.metadata.title ?? entity.metadata.name;
  return (
    <div className={styles.tab}>
      <CostView
        dimensions={DIMENSIONS[kind] ?? ['agent']}
        filter={filterOf(kind, entity)}
        monthlyBudgetNanoUsd={monthlyBudgetOf(entity)}
        emptyText={
          kind === 'agent'
            ? 'Open the Chat tab and ask something; the cost of the answer is here a moment later.'
            : 'As soon as an agent that belongs here runs, its cost is shown.'
        }
      />
      {scope && <Limits scope={scope} title={title} />}
      {kind === 'agent' && (
        <AnswersFromMemory
          agentRef={stringifyEntityRef(entity)}
          title={title}
        />
      )}
    </div>
  );
}

/** What a budget of this entity is of; routes have none, their models do. */
function scopeOf(kind: string, entity: Entity): BudgetScope | undefined {
  const ref = stringifyEntityRef(entity);
  switch (kind) {
    case 'agent':
    case 'system':
    case 'domain':
      return { type: kind, ref };
    case 'group':
      return { type: 'owner', ref };
    default:
      return entity.spec?.type === 'route'
        ? undefined
        : { type: 'model', ref: gatewayIdOf(entity) };
  }
}

function filterOf(kind: string, entity: Entity): CostFilter {
  const ref = stringifyEntityRef(entity);
  switch (kind) {
    case 'agent':
      return { agentRef: ref };
    case 'system':
      return { systemRef: ref };
    case 'domain':
      return { domainRef: ref };
    case 'group':
      return { ownerRef: ref };
    default:
      return { model: gatewayIdOf(entity) };
  }
}

/** The id under which the gateway books calls of a model: `provider/model`, or a route's name. */
function gatewayIdOf(entity: Entity): string {
  const spec = entity.spec as { provider?: string; modelId?: string };
  return spec.provider && spec.modelId
    ? `${spec.provider}/${spec.modelId}`
    : entity.metadata.name;
}
