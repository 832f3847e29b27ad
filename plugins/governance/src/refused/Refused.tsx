import { RefusedHint } from '@agentportal/plugin-agents-react';
import { Container } from '@backstage/ui';

/** What somebody is told who has the address of the audit log and may not read any of it. */
export function Refused() {
  return (
    <Container>
      <RefusedHint
        refusal={{
          kind: 'notAllowed',
          message: 'The audit log is not for you to read',
        }}
      />
    </Container>
  );
}
