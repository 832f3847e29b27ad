import { coreApis, useAppLocation } from '@backstage/frontend-plugin-api';
import { TestApiProvider, mockApis } from '@backstage/frontend-test-utils';
import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { useUrlState } from './useUrlState';

const DEFAULTS = { q: '', view: 'cards', owner: [] } as const;

function setUp(initial: string) {
  const appHistory = mockApis.appHistory({ initialLocation: initial });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <TestApiProvider apis={[[coreApis.appHistory, appHistory]]}>
      {children}
    </TestApiProvider>
  );
  return renderHook(
    () => {
      const [state, update] = useUrlState(DEFAULTS);
      return { state, update, search: useAppLocation().search };
    },
    { wrapper },
  );
}

describe('useUrlState', () => {
  it('reads texts and repeated parameters, with defaults', () => {
    const { result } = setUp('/?q=refund&owner=group:default/a&owner=b');
    expect(result.current.state).toEqual({
      q: 'refund',
      view: 'cards',
      owner: ['group:default/a', 'b'],
    });
  });

  it('writes changes, leaves defaults out and keeps what is not its own', () => {
    const { result } = setUp('/?other=1&view=table');
    act(() => result.current.update({ view: 'cards', owner: ['a', 'b'] }));
    expect(result.current.search).toBe('?other=1&owner=a&owner=b');
    act(() => result.current.update({ owner: [] }));
    expect(result.current.search).toBe('?other=1');
  });

  it('lets two updates in one tick both count', () => {
    const { result } = setUp('/');
    act(() => {
      result.current.update({ q: 'x' }, { replace: true });
      result.current.update({ view: 'table' });
    });
    expect(result.current.state).toMatchObject({ q: 'x', view: 'table' });
  });

  it('keeps the same state object while the URL does not change', () => {
    const { result, rerender } = setUp('/?q=x');
    const before = result.current.state;
    rerender();
    expect(result.current.state).toBe(before);
  });
});
