import type { Entity } from '@backstage/catalog-model';
import { Alert } from '@backstage/ui';

const ANNOTATION_IGNORED_CLAIMS = 'agentportal.dev/ignored-claims';

/** What the entity's file states without a right to, and is therefore not believed. */
export function IgnoredClaims(props: {
  entity: Entity;
  /** What another plugin does not believe either, as sentences. */
  others?: readonly string[];
}) {
  const { entity, others = [] } = props;
  const claims = [
    entity.metadata.annotations?.[ANNOTATION_IGNORED_CLAIMS],
    ...others,
  ]
    .filter(Boolean)
    .join(' ');
  return claims ? (
    <Alert
      status="warning"
      icon
      title="Part of its file is not believed"
      description={claims}
    />
  ) : null;
}
