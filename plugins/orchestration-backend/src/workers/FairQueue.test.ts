import { FairQueue } from './FairQueue';

function queueOf(...items: Array<[user: string, id: string]>) {
  const queue = new FairQueue<{ id: string; user: string }>();
  items.forEach(([user, id]) => queue.push({ user, id }));
  return queue;
}

function drain(queue: ReturnType<typeof queueOf>) {
  const ids: string[] = [];
  for (let item = queue.shift(); item; item = queue.shift()) {
    ids.push(item.id);
  }
  return ids;
}

describe('FairQueue', () => {
  it('gives each user a turn, and a user items in order', () => {
    const queue = queueOf(
      ['ada', 'a1'],
      ['ada', 'a2'],
      ['ada', 'a3'],
      ['bob', 'b1'],
      ['eve', 'e1'],
      ['bob', 'b2'],
    );
    expect(drain(queue)).toEqual(['a1', 'b1', 'e1', 'a2', 'b2', 'a3']);
    expect(queue.shift()).toBeUndefined();
  });

  it('passes over what may not go yet, which keeps its place', () => {
    const queue = queueOf(['ada', 'a1'], ['ada', 'a2'], ['bob', 'b1']);
    const mayGo = ({ id }: { id: string }) => id !== 'a1' && id !== 'b1';
    expect(queue.shift(mayGo)?.id).toBe('a2');
    expect(queue.shift(mayGo)).toBeUndefined();
    expect(queue.size).toBe(2);
    expect(drain(queue)).toEqual(['b1', 'a1']);
  });

  it('has what was put back before what its user asked for later', () => {
    const queue = queueOf(['ada', 'a1'], ['ada', 'a2'], ['bob', 'b1']);
    queue.putBack(queue.shift()!);
    expect(queue.size).toBe(3);
    expect(drain(queue)).toEqual(['b1', 'a1', 'a2']);
  });

  it('gives out nothing that was taken out of turn', () => {
    const queue = queueOf(['ada', 'a1'], ['ada', 'a2'], ['bob', 'b1']);
    expect(queue.remove('a1')?.id).toBe('a1');
    expect(queue.remove('b1')?.id).toBe('b1');
    expect(queue.remove('b1')).toBeUndefined();
    expect(drain(queue)).toEqual(['a2']);
  });
});
