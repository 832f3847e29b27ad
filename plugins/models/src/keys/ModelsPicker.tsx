import { useLoad, useSettled } from '@agentportal/plugin-agents-react';
import { useApi } from '@backstage/frontend-plugin-api';
import { Combobox, Tag, TagGroup } from '@backstage/ui';
import { useState } from 'react';
import { modelsApiRef } from '../api/modelsApiRef';
import styles from './keys.module.css';

const ALL = { id: '*', label: 'All models', description: 'Those to come too' };
const MOST = 20;

interface ModelsPickerProps {
  value: string[];
  onChange(models: string[]): void;
}

/** Chooses the models and routes that a key is for, one after the other. */
export function ModelsPicker({ value, onChange }: ModelsPickerProps) {
  const modelsApi = useApi(modelsApiRef);
  const [typed, setTyped] = useState('');
  const [picks, setPicks] = useState(0);
  // After a pick the list stays closed until something is typed.
  const [trigger, setTrigger] = useState<'focus' | 'input' | 'manual'>('focus');
  const term = useSettled(typed.trim());
  const found = useLoad(`models ${term}`, signal =>
    modelsApi.listModels(
      { limit: MOST, ...(term ? { q: term } : {}) },
      { signal },
    ),
  );
  const options = (found.value?.items ?? []).map(model => ({
    id: model.id,
    label: model.id,
    description: model.type === 'route' ? 'Route' : model.title,
  }));
  const choices = [
    ...options,
    ...(value.length === 0 && !term ? [ALL] : []),
  ].filter(option => !value.includes(option.id));

  return (
    <div className={styles.models}>
      <Combobox
        // A new one for each pick, because one that stays keeps its list open.
        key={picks}
        menuTrigger={trigger}
        // eslint-disable-next-line jsx-a11y/no-autofocus -- where the pick was made
        autoFocus={picks > 0}
        label="Models"
        placeholder={value.length > 0 ? 'Add another' : 'Type to find one'}
        isRequired={value.length === 0}
        isDisabled={value[0] === ALL.id}
        description={
          found.error
            ? `The models could not be read: ${found.error.message}`
            : 'The key is for these and no others.'
        }
        options={choices}
        search={{
          mode: 'server',
          inputValue: typed,
          onInputChange: text => {
            setTyped(text);
            if (text) setTrigger('input');
          },
        }}
        loading={{ state: found.isPending ? 'filtering' : 'idle' }}
        value={null}
        onChange={key => {
          if (key !== null) {
            onChange([...value, String(key)]);
            setTyped('');
            setPicks(picks + 1);
            setTrigger('manual');
          }
        }}
      />
      {value.length > 0 && (
        <TagGroup
          aria-label="Models of the key"
          onRemove={removed => onChange(value.filter(id => !removed.has(id)))}
        >
          {value.map(id => (
            <Tag key={id} id={id} textValue={id}>
              {id === ALL.id ? ALL.label : id}
            </Tag>
          ))}
        </TagGroup>
      )}
    </div>
  );
}
