/** Reads a list of another plugin to its end, a page at a time. */
export async function* pages<Item>(
  read: (
    cursor: string | undefined,
  ) => Promise<{ items: Item[]; nextCursor?: string }>,
): AsyncGenerator<Item[]> {
  let cursor: string | undefined;
  do {
    const page = await read(cursor);
    yield page.items;
    cursor = page.nextCursor;
  } while (cursor);
}
