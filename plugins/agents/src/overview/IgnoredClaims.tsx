import { Alert } from '@backstage/ui';

/** What a model's file states without a right to, as sentences; it is not believed. */
export function IgnoredClaims(props: { claims?: readonly string[] }) {
  const { claims = [] } = props;
  return claims.length ? (
    <Alert
      status="warning"
      icon
      title="Part of its file is not believed"
      description={claims.join(' ')}
    />
  ) : null;
}
