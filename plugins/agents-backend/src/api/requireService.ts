import { principalOf } from '@agentportal/plugin-agents-node';
import type { BackstageCredentials } from '@backstage/backend-plugin-api';
import { NotAllowedError } from '@backstage/errors';

/** Whose word counts for who works for whom: those who start runs and mint tokens. */
export const ORCHESTRATION = 'plugin:orchestration';
/** The gateway, which makes the calls that people decide about. */
export const TOOLS = 'plugin:tools';
/** The plugin that judges agents. */
export const EVALS = 'plugin:evals';
const AUTH = 'plugin:auth';

/**
 * Throws unless a plugin of this portal calls in its own name. Tokens of plugins are
 * signed by the plugins themselves, and those of external callers have a subject of
 * another form.
 */
export function requirePlugin(credentials: BackstageCredentials): void {
  requireSubject(credentials, subject => subject.startsWith('plugin:'));
}

/** Throws unless it is one that starts runs or mints tokens. */
export function requireRunner(credentials: BackstageCredentials): void {
  requireSubject(
    credentials,
    subject => subject === ORCHESTRATION || subject === AUTH,
  );
}

/** Throws unless it is the one that mints tokens. */
export function requireAuth(credentials: BackstageCredentials): void {
  requireSubject(credentials, subject => subject === AUTH);
}

/** Throws unless it is one of some plugins; says which. */
export function requireService(
  credentials: BackstageCredentials,
  ...subjects: string[]
): string {
  return requireSubject(credentials, subject => subjects.includes(subject));
}

function requireSubject(
  credentials: BackstageCredentials,
  accepts: (subject: string) => boolean,
): string {
  const principal = principalOf(credentials);
  if (principal.type !== 'service' || !accepts(principal.subject)) {
    throw new NotAllowedError(
      'This is for plugins of the portal among themselves. People and programs use the other operations.',
    );
  }
  return principal.subject;
}
