import { useTranslationRef } from '@backstage/frontend-plugin-api';
import { Select, TextAreaField, TextField } from '@backstage/ui';
import { agentsTranslationRef } from '../translation';
import type { Argument } from './argumentValues';

/** A field for each argument of a tool. */
export function ArgumentFields(props: {
  list: readonly Argument[];
  typed: Readonly<Record<string, string>>;
  wrong: readonly string[];
  onChange(typed: Record<string, string>): void;
}) {
  const { t } = useTranslationRef(agentsTranslationRef);
  const { list, onChange, typed, wrong } = props;
  return (
    <>
      {list.map(argument => {
        const { name, type } = argument;
        const isWrong = wrong.includes(name);
        const common = {
          label: name,
          secondaryLabel: argument.isRequired ? 'Required' : undefined,
          description: isWrong
            ? `Write ${type === 'number' ? 'a number' : 'JSON'}.`
            : argument.description,
          isInvalid: isWrong,
        };
        const set = (text: string) => onChange({ ...typed, [name]: text });
        if (type === 'choice' || type === 'boolean') {
          const choices = argument.choices ?? ['true', 'false'];
          return (
            <Select
              key={name}
              {...common}
              value={typed[name] || '*'}
              options={[
                { value: '*', label: 'Not set' },
                ...choices.map(choice => ({ value: choice, label: choice })),
              ]}
              onChange={key => set(key === '*' ? '' : String(key ?? ''))}
            />
          );
        }
        if (type === 'json') {
          return (
            <TextAreaField
              key={name}
              {...common}
              placeholder={t('argumentFields.asJson')}
              rows={3}
              value={typed[name] ?? ''}
              onChange={set}
            />
          );
        }
        return (
          <TextField
            key={name}
            {...common}
            inputMode={type === 'number' ? 'decimal' : undefined}
            value={typed[name] ?? ''}
            onChange={set}
          />
        );
      })}
    </>
  );
}
