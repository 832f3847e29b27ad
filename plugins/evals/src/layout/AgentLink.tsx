import {
  EntityLink,
  nameOfRef,
  useTitles,
} from '@agentportal/plugin-agents-react';

/** An agent under its title, with its face; its place is kept until the title is known. */
export function AgentLink({ agentRef }: { agentRef: string }) {
  const titles = useTitles([agentRef]);
  const title = titles?.get(agentRef) ?? nameOfRef(agentRef);
  return (
    <span
      style={titles ? undefined : { visibility: 'hidden' }}
      aria-busy={titles ? undefined : true}
    >
      <EntityLink entityRef={agentRef} title={title} withAvatar />
    </span>
  );
}
