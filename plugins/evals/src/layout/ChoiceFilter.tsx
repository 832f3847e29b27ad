import { Select } from '@backstage/ui';

const ANY = 'any';

/** A choice out of a list that begins with "any". */
export function ChoiceFilter(props: {
  label: string;
  /** The first choice, where there need be none: "Any owner". */
  any?: string;
  choices: ReadonlyArray<{ id: string; label: string }>;
  value: string;
  onChange: (value: string) => void;
}) {
  const { any, choices, label, onChange, value } = props;
  const options = [...(any ? [{ id: ANY, label: any }] : []), ...choices];
  if (value && !options.some(({ id }) => id === value)) {
    options.push({ id: value, label: value });
  }
  return (
    <Select
      aria-label={label}
      size="small"
      options={options}
      value={value || ANY}
      onChange={key => onChange(key === ANY ? '' : String(key ?? ''))}
    />
  );
}
