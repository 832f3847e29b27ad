import fc from 'fast-check';
import { Tiles } from '../__testUtils__/log';
import { EMPTY_ROOT, leafHash, nodeHash } from './hashes';
import { rootOfInclusion, verifyConsistency } from './proofs';
import { RunningTree } from './RunningTree';
import {
  edgeOf,
  readConsistencyProof,
  readCover,
  readInclusionProof,
  readRoot,
} from './tiles';

const leaves = Array.from({ length: 1_200 }, (_, i) => leafHash(`leaf ${i}`));

/** The definition of RFC 6962 section 2.1, word for word. */
function rootByDefinition(hashes: Buffer[]): Buffer {
  if (hashes.length <= 1) {
    return hashes[0] ?? EMPTY_ROOT;
  }
  let k = 1;
  while (k * 2 < hashes.length) k *= 2;
  return nodeHash(
    rootByDefinition(hashes.slice(0, k)),
    rootByDefinition(hashes.slice(k)),
  );
}

function treeOf(size: number): Tiles {
  const tree = new Tiles();
  tree.append(leaves.slice(0, size));
  return tree;
}

const sizes = fc.integer({ min: 1, max: leaves.length });

describe('the tree', () => {
  it('has the roots that are published for Certificate Transparency', () => {
    // Test vectors of Google's certificate-transparency, merkletree/merkle_tree_test.
    const inputs = [
      '',
      '00',
      '10',
      '2021',
      '3031',
      '40414243',
      '5051525354555657',
      '606162636465666768696a6b6c6d6e6f',
    ];
    const running = new RunningTree();
    inputs.forEach(hex => running.append(leafHash(Buffer.from(hex, 'hex'))));
    expect(running.root().toString('hex')).toBe(
      '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
    );
    expect(EMPTY_ROOT.toString('hex')).toBe(
      'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
    );
    expect(leafHash('text')).toEqual(leafHash(Buffer.from('text')));
  });

  it('has one root, in whatever batches it grew', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.integer({ min: 1, max: 400 }), { maxLength: 4 }),
        async batches => {
          const tree = new Tiles();
          const running = new RunningTree();
          for (const batch of batches) {
            const added = leaves.slice(tree.size, tree.size + batch);
            tree.append(added);
            added.forEach(leaf => running.append(leaf));
          }
          const expected = rootByDefinition(leaves.slice(0, tree.size));
          expect(running.root()).toEqual(expected);
          expect(await readRoot(tree.size, tree.read)).toEqual(expected);
        },
      ),
      { numRuns: 100 },
    );
  });

  it('proves each leaf, and no other leaf, place, size or root', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (size, a, b) => {
        const tree = treeOf(size);
        const index = a % size;
        const hashes = await readInclusionProof(index, size, tree.read);
        const root = rootByDefinition(leaves.slice(0, size));
        const proof = { index, size, leaf: leaves[index], hashes };
        expect(rootOfInclusion(proof)).toEqual(root);
        expect(hashes.length).toBeLessThanOrEqual(Math.ceil(Math.log2(size)));

        const wrong = [
          { ...proof, leaf: leafHash('another') },
          { ...proof, hashes: [...hashes, root] },
          { ...proof, index: size },
          ...hashes.map((_, i) => ({
            ...proof,
            hashes: hashes.with(i, leafHash('another')),
          })),
          ...(size > 1
            ? [
                { ...proof, hashes: hashes.slice(1) },
                { ...proof, index: (index + 1 + (b % (size - 1))) % size },
              ]
            : []),
        ];
        for (const other of wrong) {
          expect(rootOfInclusion(other)?.equals(root)).not.toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('proves that an older tree is its beginning, and no other', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (to, a, at) => {
        const from = a % (to + 1);
        const tree = treeOf(to);
        const hashes = await readConsistencyProof(from, to, tree.read);
        const proof = {
          from,
          to,
          fromRoot: rootByDefinition(leaves.slice(0, from)),
          toRoot: rootByDefinition(leaves.slice(0, to)),
          hashes,
        };
        expect(verifyConsistency(proof)).toBe(true);
        const wrong = [
          { ...proof, fromRoot: leafHash('another') },
          { ...proof, hashes: [...hashes, leafHash('another')] },
          // Every tree begins with that of no leaf.
          ...(from > 0 ? [{ ...proof, toRoot: leafHash('another') }] : []),
          ...(hashes.length > 0
            ? [
                { ...proof, hashes: hashes.slice(1) },
                {
                  ...proof,
                  hashes: hashes.with(at % hashes.length, leafHash('another')),
                },
              ]
            : []),
        ];
        wrong.forEach(other => expect(verifyConsistency(other)).toBe(false));
      }),
      { numRuns: 300 },
    );
  });

  it('stays itself when hashes stand in the place of leaves', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), fc.nat(), async (size, a, b) => {
        const tree = treeOf(size);
        const [start, end] = [a % size, b % (size + 1)].sort((x, y) => x - y);
        const running = new RunningTree();
        leaves.slice(0, start).forEach(leaf => running.append(leaf));
        for (const { height, hash } of await readCover(start, end, tree.read)) {
          running.append(hash, height);
        }
        leaves.slice(end, size).forEach(leaf => running.append(leaf));
        expect(running.root()).toEqual(await readRoot(size, tree.read));
      }),
      { numRuns: 300 },
    );
  });

  it('touches few tiles', async () => {
    const tree = treeOf(1_000);
    const before = new Map(tree.tiles);
    tree.append(leaves.slice(1_000, 1_100));
    const changed = [...tree.tiles].filter(
      ([id, tile]) => before.get(id) !== tile,
    );
    expect(changed.map(([id]) => id).sort()).toEqual(['0/3', '0/4', '1/0']);
    expect(edgeOf(1_000)).toEqual([
      { level: 0, index: 3 },
      { level: 1, index: 0 },
    ]);
  });

  it('refuses to grow from tiles that are not its own', () => {
    const tree = treeOf(300);
    tree.size = 299;
    expect(() => tree.append([leaves[0]])).toThrow(
      'missing or of another size',
    );
  });
});
