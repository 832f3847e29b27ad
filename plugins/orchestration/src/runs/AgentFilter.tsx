import { useState } from 'react';
import { nameOfRef, useLoad } from '@agentportal/plugin-agents-react';
import { useApi, useTranslationRef } from '@backstage/frontend-plugin-api';
import { Select } from '@backstage/ui';
import { agentChoicesApiRef } from '../api/agentChoicesApiRef';
import { orchestrationTranslationRef } from '../translation';

const ANY = 'any';
const SHOWN = 50;

/** Chooses an agent out of any number, by searching on the server. */
export function AgentFilter(props: {
  agentRef: string;
  onChange: (agentRef: string) => void;
}) {
  const { t } = useTranslationRef(orchestrationTranslationRef);
  const { agentRef, onChange } = props;
  const api = useApi(agentChoicesApiRef);
  const [text, setText] = useState('');
  const agents = useLoad(`agents ${text}`, signal =>
    api.listAgents(
      { ...(text && { q: text }), mine: 'first', limit: SHOWN },
      { signal },
    ),
  );
  const options = [
    { id: ANY, label: t('agentFilter.anyAgent') },
    ...(agents.value?.items ?? []).map(agent => ({
      id: agent.ref,
      label: agent.title,
    })),
  ];
  if (agentRef && !options.some(option => option.id === agentRef)) {
    options.push({ id: agentRef, label: nameOfRef(agentRef) });
  }
  return (
    <Select
      aria-label={t('agentFilter.agent')}
      size="small"
      options={options}
      search={{ mode: 'server', inputValue: text, onInputChange: setText }}
      value={agentRef || ANY}
      onChange={key => onChange(key === ANY ? '' : String(key ?? ''))}
    />
  );
}
