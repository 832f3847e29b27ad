import { useLoad, useSettled } from '@agentportal/plugin-agents-react';
import { stringifyEntityRef } from '@backstage/catalog-model';
import { useApi } from '@backstage/frontend-plugin-api';
import { catalogApiRef } from '@backstage/plugin-catalog-react';
import { Select } from '@backstage/ui';
import { useState } from 'react';

/** What was chosen before, else the own model of each agent, whatever that is by then. */
const SAME = 'same';
const SHOWN = 50;

/** Chooses a model or route of the catalog; empty for the same as before. */
export function ModelField(props: {
  model: string;
  onChange: (model: string) => void;
}) {
  const { model, onChange } = props;
  const catalogApi = useApi(catalogApiRef);
  const [text, setText] = useState('');
  const term = useSettled(text);
  const models = useLoad(`models ${term}`, () =>
    catalogApi.queryEntities({
      filter: { kind: 'model', 'spec.type': ['chat', 'route'] },
      fields: ['kind', 'metadata'],
      orderFields: { field: 'metadata.name', order: 'asc' },
      limit: SHOWN,
      ...(term && {
        fullTextFilter: { term, fields: ['metadata.name', 'metadata.title'] },
      }),
    }),
  );
  const options = [
    { id: SAME, label: 'The same as before' },
    ...(models.value?.items ?? []).map(entity => ({
      id: stringifyEntityRef(entity),
      label: entity.metadata.title ?? entity.metadata.name,
    })),
  ];
  if (model && !options.some(({ id }) => id === model)) {
    options.push({ id: model, label: model });
  }
  return (
    <Select
      label="Model"
      options={options}
      search={{ mode: 'server', inputValue: text, onInputChange: setText }}
      value={model || SAME}
      onChange={key => onChange(key === SAME ? '' : String(key ?? ''))}
    />
  );
}
