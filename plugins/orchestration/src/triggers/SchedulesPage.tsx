import { Container } from '@backstage/ui';
import { TriggersSection } from './TriggersSection';

/** What starts agents without a person, of all agents that one may see. */
export function SchedulesPage() {
  return (
    <Container>
      <TriggersSection />
    </Container>
  );
}
