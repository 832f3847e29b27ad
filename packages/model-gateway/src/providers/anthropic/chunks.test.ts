import { toChunks } from './chunks';

describe('a stream of Claude in the chunks of OpenAI', () => {
  it('keeps of its thoughts for the next request no more than anybody thinks', async () => {
    const blocksAfter = async (pieces: number) => {
      const thinking = 'x'.repeat(1_000_000);
      async function* events() {
        for (const event of [
          { type: 'content_block_start', content_block: { type: 'thinking' } },
          ...Array.from({ length: pieces }, () => ({
            type: 'content_block_delta',
            delta: { type: 'thinking_delta', thinking },
          })),
          { type: 'message_delta', delta: { stop_reason: 'end_turn' } },
          { type: 'message_stop' },
        ]) {
          yield { event: event.type, data: JSON.stringify(event) };
        }
      }
      const deltas = [];
      for await (const { json } of toChunks('claude', events(), 0)) {
        deltas.push((json.choices as any[])[0]?.delta);
      }
      expect(
        deltas.filter(delta => delta?.reasoning_content === thinking),
      ).toHaveLength(pieces);
      return deltas.flatMap(delta => delta?.thinking_blocks ?? []);
    };
    expect(await blocksAfter(2)).toMatchObject([{ type: 'thinking' }]);
    expect(await blocksAfter(3)).toEqual([]);
  });
});
