import {
  type AgentIdentities,
  type RunContext,
  runContextOf,
} from '@agentportal/plugin-agents-node';
import type { HttpAuthService } from '@backstage/backend-plugin-api';
import type { Request } from 'express';

/** Who calls a gateway, as its token says. */
export interface GatewayCaller extends Partial<RunContext> {
  personRef?: string;
}

/** Reads it as the gateways do. */
export function createCallerOf(options: {
  httpAuth: HttpAuthService;
  identities: AgentIdentities;
}): (req: Request) => Promise<GatewayCaller> {
  return async req => {
    const party = await options.identities.resolve(
      await options.httpAuth.credentials(req),
    );
    return {
      ...(party.type === 'agent' && { personRef: party.personRef }),
      ...runContextOf(party, req.headers),
    };
  };
}
