/** Follows pages as a browser does: redirects, cookies by host, and forms. */
export class Browser {
  readonly #cookies = new Map<string, Map<string, string>>();

  async open(
    address: string,
    init: { method?: string; body?: URLSearchParams; headers?: object } = {},
  ): Promise<{ url: string; status: number; text: string }> {
    let url = new URL(address);
    let request = init;
    for (let hops = 0; hops < 20; hops += 1) {
      const jar = this.#jarOf(url);
      const response = await fetch(url, {
        ...request,
        redirect: 'manual',
        headers: {
          ...request.headers,
          cookie: [...jar]
            .map(([name, value]) => `${name}=${value}`)
            .join('; '),
        },
      });
      for (const line of response.headers.getSetCookie()) {
        const [, name, value] = /^([^=]+)=([^;]*)/.exec(line)!;
        if (value) {
          jar.set(name, value);
        } else {
          jar.delete(name);
        }
      }
      const location = response.headers.get('location');
      if (!location) {
        const text = await response.text();
        return { url: url.href, status: response.status, text };
      }
      url = new URL(location, url);
      request = {};
    }
    throw new Error(`${address} leads nowhere`);
  }

  /** Fills in the form of a page and sends it. */
  async submit(
    page: { url: string; text: string },
    fields: Record<string, string>,
  ) {
    const action = /<form[^>]*action="([^"]+)"/.exec(page.text)![1];
    const hidden = [
      ...page.text.matchAll(
        /<input type="hidden" name="([^"]+)" value="([^"]*)"/g,
      ),
    ].map(([, name, value]) => [name, value]);
    return this.open(new URL(action, page.url).href, {
      method: 'POST',
      body: new URLSearchParams({ ...Object.fromEntries(hidden), ...fields }),
    });
  }

  #jarOf({ host }: URL): Map<string, string> {
    const jar = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, jar);
    return jar;
  }
}
