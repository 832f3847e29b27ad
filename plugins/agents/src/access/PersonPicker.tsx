import {
  nameOfRef,
  useLoad,
  useSettled,
  titleOf,
} from '@agentportal/plugin-agents-react';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { Combobox } from '@backstage/ui';
import { useState } from 'react';

const MOST = 20;

/** Finds a person of the catalog by words of their name. */
export function PersonPicker(props: {
  /** Entity ref of the person; empty for nobody. */
  value: string;
  /** The person who asks, always offered; left out where nobody names themselves. */
  self?: string;
  label?: string;
  onChange(personRef: string): void;
}) {
  const { onChange, self, value } = props;
  const catalogApi = useApi(catalogApiRef);
  const [typed, setTyped] = useState(self ? 'Me' : '');
  const [picked, setPicked] = useState(typed);
  // The name of who was picked is no search.
  const term = useSettled(typed === picked ? '' : typed.trim());
  const found = useLoad(`people ${term}`, async () => {
    const { items } = await catalogApi.queryEntities({
      filter: { kind: 'User' },
      limit: MOST,
      orderFields: [{ field: 'metadata.name', order: 'asc' }],
      fields: ['kind', 'metadata', 'spec.profile'],
      ...(term && {
        fullTextFilter: {
          term,
          fields: ['metadata.name', 'spec.profile.displayName'],
        },
      }),
    });
    return items.map(entity => ({
      id: stringifyEntityRef(entity),
      label: titleOf(entity),
    }));
  });
  const others = (found.value ?? []).filter(({ id }) => id !== self);
  const options = [
    ...(self ? [{ id: self, label: 'Me' }] : []),
    ...others,
    ...(value && value !== self && !others.some(({ id }) => id === value)
      ? [{ id: value, label: picked || nameOfRef(value) }]
      : []),
  ];
  return (
    <Combobox
      label={props.label ?? 'For whom'}
      description={
        found.error ? 'The people of the catalog could not be read.' : undefined
      }
      options={options}
      search={{ mode: 'server', inputValue: typed, onInputChange: setTyped }}
      loading={{ state: found.isPending ? 'filtering' : 'idle' }}
      value={value || null}
      onChange={key => {
        const option = options.find(({ id }) => id === key);
        if (option) {
          setTyped(option.label);
          setPicked(option.label);
          onChange(option.id);
        }
      }}
    />
  );
}
