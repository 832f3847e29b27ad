import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';

/** An npm registry that has our packed packages and nothing else. */
export class Registry {
  #server;
  #packages = new Map();

  static async serve(folder) {
    const registry = new Registry();
    for (const file of readdirSync(folder)) {
      const tarball = path.join(folder, file);
      const manifest = JSON.parse(
        execFileSync('tar', ['xzOf', tarball, 'package/package.json']),
      );
      registry.#packages.set(manifest.name, { manifest, tarball });
    }
    await registry.#listen();
    return registry;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  close() {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #listen() {
    this.#server = createServer((request, response) => {
      const [name, download] = decodeURIComponent(request.url)
        .slice(1)
        .split('/-/');
      const found = this.#packages.get(name);
      if (!found) {
        response.writeHead(404).end('{}');
      } else if (download) {
        response.end(readFileSync(found.tarball));
      } else {
        response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify(this.#describe(name, found)));
      }
    });
    await new Promise(resolve => {
      this.#server.listen(0, '127.0.0.1', resolve);
    });
  }

  #describe(name, { manifest, tarball }) {
    const { version } = manifest;
    const sha512 = createHash('sha512').update(readFileSync(tarball));
    return {
      name,
      'dist-tags': { latest: version },
      // Long ago, for apps that take nothing that is new.
      time: { [version]: '2026-01-01T00:00:00.000Z' },
      versions: {
        [version]: {
          ...manifest,
          dist: {
            tarball: `${this.url}/${name}/-/package.tgz`,
            integrity: `sha512-${sha512.digest('base64')}`,
          },
        },
      },
    };
  }
}
