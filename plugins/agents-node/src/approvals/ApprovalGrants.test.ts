import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { ServiceUnavailableError } from '@backstage/errors';
import { SignJWT } from 'jose';
import { actionDigest } from './actionDigest';
import { APPROVAL_GRANT, ApprovalGrants } from './ApprovalGrants';

const binding = {
  agentRef: 'agent:default/desk',
  toolRef: 'tool:default/finance.refund',
  schemaDigest: 'h1',
  args: { amount: 340, order: 'R-1' },
};
const digest = actionDigest(binding);

const keyPair = (kid: string) => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const jwk = publicKey.export({ format: 'jwk' });
  return {
    privateKey,
    jwk: { kid, kty: jwk.kty!, crv: jwk.crv!, x: jwk.x! },
  };
};

describe('ApprovalGrants', () => {
  const good = keyPair('k1');
  let known = [good.jwk];
  let reads = 0;
  const make = (
    change: {
      key?: KeyObject;
      kid?: string;
      typ?: string;
      audience?: string;
      expires?: number;
      claims?: object;
    } = {},
  ) =>
    new SignJWT({
      approvalId: '6f1c2f0e-6a53-4b6c-9a56-0d7f3f0d9a11',
      cnf: { digest },
      runId: 'run-1',
      approvers: ['user:default/lea'],
      ...change.claims,
    })
      .setProtectedHeader({
        alg: 'EdDSA',
        typ: change.typ ?? APPROVAL_GRANT.typ,
        kid: change.kid ?? 'k1',
      })
      .setIssuer(APPROVAL_GRANT.issuer)
      .setAudience(change.audience ?? APPROVAL_GRANT.audience)
      .setSubject('agent:default/desk')
      .setJti('j1')
      .setIssuedAt()
      .setExpirationTime(Math.floor(Date.now() / 1000) + (change.expires ?? 60))
      .sign(change.key ?? good.privateKey);
  const grants = () =>
    new ApprovalGrants({
      readKeys: async () => {
        reads += 1;
        return known;
      },
    });

  it('takes a grant for exactly this call in exactly this run', async () => {
    expect(
      await grants().verify(await make(), { digest, runId: 'run-1' }),
    ).toEqual({
      approvalId: '6f1c2f0e-6a53-4b6c-9a56-0d7f3f0d9a11',
      jti: 'j1',
      digest,
      agentRef: 'agent:default/desk',
      runId: 'run-1',
      approvers: ['user:default/lea'],
    });
    await expect(
      grants().verify(await make(), { digest, runId: 'run-2' }),
    ).rejects.toThrow('another run');
    for (const change of [
      { args: { amount: 341, order: 'R-1' } },
      { schemaDigest: 'h2' },
      { rulesVersion: '2' },
      { personRef: 'user:default/ada' },
      { agentRef: 'agent:default/other' },
    ]) {
      await expect(
        grants().verify(await make(), {
          digest: actionDigest({ ...binding, ...change }),
          runId: 'run-1',
        }),
      ).rejects.toThrow('another call');
    }
  });

  it('has one digest for one meaning, whatever the order of the keys', () => {
    expect(
      actionDigest({ ...binding, args: { order: 'R-1', amount: 340.0 } }),
    ).toBe(digest);
    expect(() => actionDigest({ ...binding, args: { x: Infinity } })).toThrow(
      'cannot be written as JSON',
    );
  });

  it('refuses what is forged, over, of another kind or for somebody else', async () => {
    const verify = async (grant: Promise<string> | string) =>
      grants().verify(await grant, { digest, runId: 'run-1' });
    for (const grant of [
      make({ key: keyPair('k1').privateKey }),
      make({ kid: 'nobody' }),
      make({ expires: -60 }),
      make({ typ: 'JWT' }),
      make({ audience: 'plugin:models' }),
      make({ claims: { approvers: undefined } }),
      'no.jwt.atall',
      `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.`,
    ]) {
      await expect(verify(grant)).rejects.toMatchObject({
        name: 'NotAllowedError',
      });
    }
  });

  it('reads keys again when one is new, and says when nobody answers', async () => {
    const verifier = grants();
    await verifier.verify(await make(), { digest, runId: 'run-1' });
    const next = keyPair('k2');
    known = [good.jwk, next.jwk];
    const before = reads;
    // Also when keys were read a moment ago, as when two processes begin to sign.
    await verifier.verify(await make({ key: next.privateKey, kid: 'k2' }), {
      digest,
      runId: 'run-1',
    });
    expect(reads - before).toBe(1);
    // Not for each of many forged ones.
    await Promise.all(
      Array.from({ length: 20 }, async (_, i) =>
        expect(
          verifier.verify(await make({ kid: `forged-${i}` }), { digest }),
        ).rejects.toMatchObject({ name: 'NotAllowedError' }),
      ),
    );
    expect(reads - before).toBe(2);
    const away = new ApprovalGrants({
      readKeys: async () => {
        throw new ServiceUnavailableError('Away.');
      },
    });
    await expect(
      away.verify(await make(), { digest, runId: 'run-1' }),
    ).rejects.toThrow('Away.');
  });
});
