import { isBelow, UrlPolicy } from './UrlPolicy';

function policy(allowedHosts?: string[]) {
  return new UrlPolicy({
    allowedHosts,
    ownBaseUrls: async () => ['https://portal.example.com/api/tools'],
  });
}

describe('UrlPolicy', () => {
  it.each([
    'http://127.0.0.1:7110/orders/mcp',
    'http://localhost:7110/orders/mcp',
    'https://10.0.0.8/mcp',
    'https://portal.example.com/api/tools-of-others/mcp',
  ])('calls %s', async url => {
    expect((await policy().check(url)).href).toBe(url);
  });

  it.each([
    ['no url', 'is not an http or https URL'],
    ['file:///etc/passwd', 'is not an http or https URL'],
    ['https://me:secret@example.com/mcp', 'the URL holds a password'],
    ['http://169.254.169.254/latest/meta-data', 'link-local'],
    ['http://0xa9fea9fe/latest', 'link-local'],
    ['http://2852039166/latest', 'link-local'],
    ['http://[fe80::1]/', 'link-local'],
    ['http://[::ffff:169.254.169.254]/', 'link-local'],
    ['http://[fd00:ec2::254]/', 'link-local'],
    ['https://portal.example.com/api/tools/mcp', 'this is the gateway itself'],
  ])('does not call %s', async (url, reason) => {
    await expect(policy().check(url)).rejects.toMatchObject({
      code: 'blocked_url',
      message: expect.stringContaining(reason),
    });
  });

  it('keeps a password out of the message', async () => {
    await expect(
      policy().check('https://me:secret@example.com/mcp'),
    ).rejects.not.toMatchObject({ message: expect.stringContaining('secret') });
  });

  it('calls only listed hosts, and those whatever their address', async () => {
    const strict = policy(['*.tools.example.com', '169.254.1.1', 'a.test:81']);
    for (const url of [
      'https://x.tools.example.com/mcp',
      'http://169.254.1.1/mcp',
      'http://a.test:81/mcp',
    ]) {
      await expect(strict.check(url)).resolves.toBeInstanceOf(URL);
    }
    for (const url of [
      'https://tools.example.com.evil.test/mcp',
      'https://tools.example.com/mcp',
      'http://a.test/mcp',
      'http://169.254.169.254/mcp',
    ]) {
      await expect(strict.check(url)).rejects.toThrow('tools.allowedHosts');
    }
  });
});

describe('isBelow', () => {
  it('compares whole path segments', () => {
    const base = 'http://localhost:7007/api/mcp-actions/';
    expect(isBelow('http://localhost:7007/api/mcp-actions/v1', base)).toBe(
      true,
    );
    expect(isBelow('http://localhost:7007/api/mcp-actions', base)).toBe(true);
    expect(isBelow('http://localhost:7007/api/mcp-actions-x', base)).toBe(
      false,
    );
    expect(isBelow('http://localhost:70070/api/mcp-actions', base)).toBe(false);
    expect(isBelow('http://evil.test/', base)).toBe(false);
  });
});
