import { useLoad, useSettled } from '@agentportal/plugin-agents-react';
import { stringifyEntityRef } from '@backstage/catalog-model';
import type { Entity } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { Combobox } from '@backstage/ui';
import { useState } from 'react';
import { modelsApiRef } from '../api/modelsApiRef';
import { SCOPES } from './budgetWords';
import type { BudgetScope } from '@agentportal/plugin-models-common';

/** Something that a budget can be of. */
export interface PickedScope {
  ref: string;
  title: string;
}

const MOST = 20;

interface ScopePickerProps {
  type: BudgetScope['type'];
  value?: PickedScope;
  onChange(picked: PickedScope | undefined): void;
  /** Whether it may be left empty; it must not unless told. */
  isOptional?: boolean;
}

/** Finds an entity of the catalog, or a model, by words of its name. */
export function ScopePicker(props: ScopePickerProps) {
  const { type, value, onChange } = props;
  const catalogApi = useApi(catalogApiRef);
  const modelsApi = useApi(modelsApiRef);
  const [typed, setTyped] = useState(value?.title ?? '');
  const term = useSettled(typed.trim());
  const scope = SCOPES.find(each => each.id === type);

  const found = useLoad<PickedScope[]>(
    JSON.stringify([type, term]),
    async signal => {
      if (type === 'model') {
        const { items } = await modelsApi.listModels(
          { limit: MOST, ...(term ? { q: term } : {}) },
          { signal },
        );
        return items
          .filter(model => model.type !== 'route')
          .map(model => ({ ref: model.id, title: model.id }));
      }
      const { items } = await catalogApi.queryEntities({
        filter: { kind: scope?.kinds ?? [] },
        limit: MOST,
        orderFields: [{ field: 'metadata.name', order: 'asc' }],
        fields: ['kind', 'metadata', 'spec.profile'],
        ...(term && {
          fullTextFilter: {
            term,
            fields: [
              'metadata.name',
              'metadata.title',
              'spec.profile.displayName',
            ],
          },
        }),
      });
      return items.map(entity => ({
        ref: stringifyEntityRef(entity),
        title: titleOf(entity),
      }));
    },
  );

  const options = found.value ?? [];
  // What was picked stays an option while something else is being typed.
  const shown =
    value && !options.some(option => option.ref === value.ref)
      ? [value, ...options]
      : options;
  const label = scope?.label ?? 'Of';
  return (
    <Combobox
      label={label}
      placeholder="Type to find one"
      description={
        found.error
          ? `The list could not be read: ${found.error.message}`
          : undefined
      }
      isRequired={!props.isOptional}
      options={shown.map(option => ({
        id: option.ref,
        label: option.title,
        description: option.ref === option.title ? undefined : option.ref,
      }))}
      search={{ mode: 'server', inputValue: typed, onInputChange: setTyped }}
      loading={{ state: found.isPending ? 'filtering' : 'idle' }}
      value={value?.ref ?? null}
      onChange={key => {
        const picked = shown.find(option => option.ref === key);
        onChange(picked);
        if (picked) {
          setTyped(picked.title);
        }
      }}
    />
  );
}

function titleOf(entity: Entity): string {
  const profile = entity.spec?.profile as { displayName?: string } | undefined;
  return entity.metadata.title ?? profile?.displayName ?? entity.metadata.name;
}
