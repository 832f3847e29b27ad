import type { Autonomy } from '@agentportal/plugin-agents-common';
import { Card, CardBody, CardHeader, Text } from '@backstage/ui';
import type { ReactNode } from 'react';
import { AutonomyDots } from '../badges';
import { AgentAvatar } from '../identity';
import styles from './agentForm.module.css';

/**
 * An agent as it will be: its face, its title, what it is for.
 *
 * @public
 */
export function AgentPreviewCard(props: {
  /** What the face is made of: its name or its ref. */
  name: string;
  title: string;
  description?: string;
  autonomy?: Autonomy;
  children?: ReactNode;
}) {
  const { autonomy, children, description, name, title } = props;
  return (
    <Card>
      <CardHeader>
        <span className={styles.line}>
          <AgentAvatar name={name} />
          <Text as="span" variant="title-small">
            {title}
          </Text>
          {autonomy && <AutonomyDots level={autonomy} withLabel />}
        </span>
      </CardHeader>
      <CardBody>
        <Text as="p">{description}</Text>
        {children}
      </CardBody>
    </Card>
  );
}
