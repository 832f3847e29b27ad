import { mockServices } from '@backstage/backend-test-utils';
import { Clearances } from './Clearances';

const read = (clearance?: object) =>
  Clearances.fromConfig(
    mockServices.rootConfig({ data: { agents: { clearance } } } as never),
  );

describe('Clearances', () => {
  it('bound nobody unless the operator says so', () => {
    const none = read();
    expect([none.bound, none.of([])]).toEqual([false, 'restricted']);
    const more = read({ restricted: ['group:default/board'] });
    expect([more.bound, more.of([])]).toEqual([false, 'restricted']);
    expect(read({ default: 'internal' }).bound).toBe(true);
  });

  it('take the highest of what a person owns things by, and the default for those named nowhere', () => {
    const clearances = read({
      public: ['contractors'],
      internal: ['group:default/staff'],
      confidential: ['Group:default/Finance', 'user:default/dana'],
    });
    expect(clearances.bound).toBe(true);
    const of = (...refs: string[]) => clearances.of(refs);
    expect(of('user:default/eve', 'group:default/contractors')).toBe('public');
    expect(of('group:default/contractors', 'group:default/staff')).toBe(
      'internal',
    );
    expect(of('group:default/finance', 'group:default/contractors')).toBe(
      'confidential',
    );
    expect(of('user:default/dana')).toBe('confidential');
    expect(of('user:default/eve')).toBe('restricted');
  });

  it('say what is wrong in the configuration, and where', () => {
    expect(() => read({ default: 'secret' })).toThrow(
      /Correct agents.clearance in app-config: .*at default/s,
    );
    expect(() => read({ internal: ['api:default/x'] })).toThrow(
      /"api:default\/x" is no ref of a group or a user.*at internal\[0\]/s,
    );
    expect(() => read({ confidental: [] })).toThrow(/confidental/);
  });
});
