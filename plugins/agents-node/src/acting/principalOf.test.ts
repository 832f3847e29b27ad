import { mockCredentials } from '@backstage/backend-test-utils';
import { principalNameOf, principalOf } from './principalOf';

describe('principalOf', () => {
  it('reads people, services and nobody', () => {
    expect(principalOf(mockCredentials.user('user:default/dana'))).toEqual({
      type: 'user',
      userEntityRef: 'user:default/dana',
    });
    expect(principalOf(mockCredentials.service('external:ci'))).toEqual({
      type: 'service',
      subject: 'external:ci',
    });
    expect(principalOf(mockCredentials.none())).toEqual({ type: 'none' });
  });

  it('tells which service calls on behalf of a person', () => {
    const credentials = mockCredentials.user('user:default/dana', {
      actor: { subject: 'plugin:orchestration' },
    });
    expect(principalOf(credentials)).toEqual({
      type: 'user',
      userEntityRef: 'user:default/dana',
      actor: 'plugin:orchestration',
    });
  });

  it('refuses a kind of principal that it does not know', () => {
    expect(() =>
      principalOf({
        $$type: '@backstage/BackstageCredentials',
        principal: { type: 'robot', subject: 'plugin:orchestration' },
      } as never),
    ).toThrow('A principal of type "robot" cannot be used here');
  });

  it('names people and services as records do, and nobody not at all', () => {
    expect(principalNameOf(mockCredentials.user('user:default/dana'))).toBe(
      'user:default/dana',
    );
    expect(principalNameOf(mockCredentials.service('external:ci'))).toBe(
      'external:ci',
    );
    expect(principalNameOf(mockCredentials.none())).toBeUndefined();
  });
});
