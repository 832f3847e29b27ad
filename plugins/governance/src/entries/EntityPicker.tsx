import { useLoad, useSettled } from '@agentportal/plugin-agents-react';
import { stringifyEntityRef, type Entity } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { Combobox } from '@backstage/ui';
import { useState } from 'react';

const MOST = 20;
const REF = /^[a-z]+:\S+$/i;

interface EntityPickerProps {
  label: string;
  kinds: string[];
  description?: string;
  placeholder?: string;
  isRequired?: boolean;
  /** An entity ref, or nothing. */
  value: string;
  onChange(entityRef: string): void;
}

/**
 * Finds somebody or something by words of the name. Who is no longer in the catalog
 * is found by a whole ref: the log remembers longer.
 */
export function EntityPicker(props: EntityPickerProps) {
  const { kinds, value } = props;
  const catalogApi = useApi(catalogApiRef);
  const [typed, setTyped] = useState(value);
  const term = useSettled(typed.trim());
  const found = useLoad(JSON.stringify([kinds, term]), async () => {
    const { items } = await catalogApi.queryEntities({
      filter: { kind: kinds },
      limit: MOST,
      orderFields: [{ field: 'metadata.name', order: 'asc' }],
      fields: ['kind', 'metadata', 'spec.profile'],
      ...(term &&
        !REF.test(term) && {
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
      id: stringifyEntityRef(entity),
      label: titleOf(entity),
    }));
  });
  const options = [...(found.value ?? [])];
  for (const ref of [value, REF.test(term) ? term.toLowerCase() : '']) {
    if (ref && !options.some(option => option.id === ref)) {
      options.unshift({ id: ref, label: ref });
    }
  }
  return (
    <Combobox
      label={props.label}
      placeholder={props.placeholder ?? 'Anybody'}
      description={
        found.error
          ? `The list could not be read: ${found.error.message}`
          : props.description
      }
      isRequired={props.isRequired}
      options={options}
      search={{
        mode: 'server',
        inputValue: typed,
        onInputChange: text => {
          setTyped(text);
          if (!text && value) props.onChange('');
        },
      }}
      loading={{ state: found.isPending ? 'filtering' : 'idle' }}
      value={value || null}
      onChange={key => {
        const picked = options.find(option => option.id === key);
        if (picked) {
          setTyped(picked.label);
          props.onChange(picked.id);
        }
      }}
    />
  );
}

function titleOf(entity: Entity): string {
  const profile = entity.spec?.profile as { displayName?: string } | undefined;
  return entity.metadata.title ?? profile?.displayName ?? entity.metadata.name;
}
