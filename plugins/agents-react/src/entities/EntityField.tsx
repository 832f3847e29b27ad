import { stringifyEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { Select } from '@backstage/ui';
import { useState } from 'react';
import { useLoad, useSettled } from '../loading';
import { nameOfRef } from './nameOfRef';

const NONE = 'none';
const SHOWN = 50;

/**
 * Chooses an entity of the catalog by words of its name; empty for none of them.
 *
 * @public
 */
export function EntityField(props: {
  label: string;
  /** Which entities are offered, as the catalog filters them. */
  filter: Record<string, string | string[]>;
  /** The choice of none: "The same as before". Left out where one must be chosen. */
  none?: string;
  /** Entity ref, or empty. */
  value: string;
  onChange(entityRef: string): void;
}) {
  const { filter, label, none, onChange, value } = props;
  const catalogApi = useApi(catalogApiRef);
  const [text, setText] = useState('');
  const term = useSettled(text);
  const found = useLoad(JSON.stringify([filter, term]), () =>
    catalogApi.queryEntities({
      filter,
      fields: ['kind', 'metadata'],
      orderFields: { field: 'metadata.name', order: 'asc' },
      limit: SHOWN,
      ...(term && {
        fullTextFilter: { term, fields: ['metadata.name', 'metadata.title'] },
      }),
    }),
  );
  const options = [
    ...(none ? [{ id: NONE, label: none }] : []),
    ...(found.value?.items ?? []).map(entity => ({
      id: stringifyEntityRef(entity),
      label: entity.metadata.title ?? entity.metadata.name,
    })),
  ];
  if (value && !options.some(({ id }) => id === value)) {
    options.push({ id: value, label: nameOfRef(value) });
  }
  return (
    <Select
      label={label}
      options={options}
      search={{ mode: 'server', inputValue: text, onInputChange: setText }}
      value={value || (none ? NONE : null)}
      onChange={key => onChange(key === NONE ? '' : String(key ?? ''))}
    />
  );
}
