  const t = (f: () => void) => { const a = process.cpuUsage(); f(); const b = process.cpuUsage(a); return Math.round((b.user + b.system) / 1000); };
  const out: any = {};
  out.testutils = t(() => require('@backstage/backend-test-utils'));
  out.self = t(() => require('../plugin'));
  out.n = Object.keys((require as any).cache).length;
it('x', () => { process.stderr.write(JSON.stringify(out) + '\n'); });
