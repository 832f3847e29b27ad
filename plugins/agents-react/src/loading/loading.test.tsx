import { act, renderHook, waitFor } from '@testing-library/react';
import { useLoad } from './useLoad';
import { usePages, type Page } from './usePages';

describe('useLoad', () => {
  it('keeps the old value while it asks again, and drops it when the question changes', async () => {
    let count = 0;
    const { result, rerender } = renderHook(
      ({ key }) => useLoad(key, async () => `${key} ${++count}`),
      { initialProps: { key: 'a' } },
    );
    expect(result.current).toMatchObject({ value: undefined, isPending: true });
    await waitFor(() => expect(result.current.value).toBe('a 1'));

    act(() => result.current.reload());
    expect(result.current).toMatchObject({ value: 'a 1', isPending: true });
    await waitFor(() => expect(result.current.value).toBe('a 2'));

    rerender({ key: 'b' });
    expect(result.current).toMatchObject({ value: undefined, isPending: true });
    await waitFor(() => expect(result.current.value).toBe('b 3'));
  });

  it('never shows the value of an older question, not even for one paint', async () => {
    const seen: Array<string | undefined> = [];
    const { result, rerender } = renderHook(
      ({ key }) => {
        const loaded = useLoad(key, async () => key);
        seen.push(`${key}:${loaded.value}`);
        return loaded;
      },
      { initialProps: { key: 'a' } },
    );
    await waitFor(() => expect(result.current.value).toBe('a'));
    rerender({ key: 'b' });
    await waitFor(() => expect(result.current.value).toBe('b'));
    expect(seen).not.toContain('b:a');
  });

  it('reports an error and recovers from it', async () => {
    let fails = true;
    const { result } = renderHook(() =>
      useLoad('k', async () => {
        if (fails) {
          throw new Error('no');
        }
        return 1;
      }),
    );
    await waitFor(() => expect(result.current.error?.message).toBe('no'));
    expect(result.current.isPending).toBe(false);
    fails = false;
    act(() => result.current.reload());
    await waitFor(() => expect(result.current.value).toBe(1));
    expect(result.current.error).toBeUndefined();
  });

  it('aborts an older question and ignores its answer', async () => {
    const answers: Record<string, (value: string) => void> = {};
    const signals: Record<string, AbortSignal> = {};
    const { result, rerender } = renderHook(
      ({ key }) =>
        useLoad(key, signal => {
          signals[key] = signal;
          return new Promise<string>(resolve => {
            answers[key] = resolve;
          });
        }),
      { initialProps: { key: 'slow' } },
    );
    rerender({ key: 'fast' });
    expect(signals.slow.aborted).toBe(true);
    await act(async () => answers.fast('fast'));
    await act(async () => answers.slow('slow'));
    expect(result.current.value).toBe('fast');
  });

  it('asks nothing while there is no question', async () => {
    const load = jest.fn(async () => 1);
    const { result } = renderHook(() => useLoad(undefined, load));
    await act(async () => {});
    expect(load).not.toHaveBeenCalled();
    expect(result.current.isPending).toBe(false);
  });
});

describe('usePages', () => {
  const PAGES: Record<string, Page<string>> = {
    first: { items: ['a', 'b'], nextCursor: 'second', totalItems: 3 },
    second: { items: ['c'], totalItems: 3 },
  };

  it('grows page by page until the last', async () => {
    const { result } = renderHook(() =>
      usePages('list', async cursor => PAGES[cursor ?? 'first']),
    );
    expect(result.current.isPending).toBe(true);
    await waitFor(() => expect(result.current.items).toEqual(['a', 'b']));
    expect(result.current).toMatchObject({ hasMore: true, totalItems: 3 });
    act(() => result.current.loadMore());
    expect(result.current.isLoadingMore).toBe(true);
    await waitFor(() => expect(result.current.items).toEqual(['a', 'b', 'c']));
    expect(result.current.hasMore).toBe(false);
  });

  it('starts over when the question changes', async () => {
    const { result, rerender } = renderHook(
      ({ key }) => usePages(key, async () => ({ items: [key] as string[] })),
      { initialProps: { key: 'one' } },
    );
    await waitFor(() => expect(result.current.items).toEqual(['one']));
    rerender({ key: 'two' });
    await waitFor(() => expect(result.current.items).toEqual(['two']));
  });

  it('does not forget that there is nothing while it looks again', async () => {
    const answers: Array<(page: Page<string>) => void> = [];
    const { result } = renderHook(() =>
      usePages<string>(
        'list',
        () => new Promise(resolve => answers.push(resolve)),
      ),
    );
    expect(result.current.isPending).toBe(true);
    await act(async () => answers[0]({ items: [] }));
    expect(result.current.isPending).toBe(false);
    act(() => result.current.reload());
    expect(answers).toHaveLength(2);
    expect(result.current.isPending).toBe(false);
    await act(async () => answers[1]({ items: ['a'] }));
    expect(result.current.items).toEqual(['a']);
  });

  it('keeps what is shown when the next page fails, and tries it again', async () => {
    let fails = true;
    const { result } = renderHook(() =>
      usePages('list', async cursor => {
        if (cursor && fails) {
          throw new Error('no');
        }
        return PAGES[cursor ?? 'first'];
      }),
    );
    await waitFor(() => expect(result.current.items).toHaveLength(2));
    act(() => result.current.loadMore());
    await waitFor(() => expect(result.current.error?.message).toBe('no'));
    expect(result.current.items).toHaveLength(2);
    fails = false;
    act(() => result.current.loadMore());
    await waitFor(() => expect(result.current.items).toHaveLength(3));
  });
});
