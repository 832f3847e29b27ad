import { setTimeout as sleep } from 'node:timers/promises';

const FINAL = ['succeeded', 'failed', 'cancelled'];

/** A portal of the example company, as its people use it. */
export class Portal {
  #tokens = new Map();

  constructor(url) {
    this.url = url;
  }

  /** Asks as a person; throws what the portal says when it refuses. */
  async ask(person, method, path, body) {
    for (;;) {
      const response = await fetch(`${this.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${await this.#tokenOf(person)}`,
          'content-type': 'application/json',
        },
        body: body && JSON.stringify(body),
      });
      const text = await response.text();
      // Somebody may only have so many runs at once.
      if (response.status === 429) {
        await sleep(1000 * Number(response.headers.get('retry-after') ?? 1));
      } else if (response.ok) {
        return text ? JSON.parse(text) : undefined;
      } else {
        throw new Refusal(response.status, text);
      }
    }
  }

  /** Runs an agent to the end of its answer. */
  async run(person, agentRef, message, threadId) {
    const { id } = await this.ask(person, 'POST', '/api/orchestration/runs', {
      agentRef,
      input: { message },
      ...(threadId && { threadId }),
    });
    for (;;) {
      const run = await this.ask(
        person,
        'GET',
        `/api/orchestration/runs/${id}`,
      );
      if (FINAL.includes(run.status)) return run;
      await sleep(300);
    }
  }

  async #tokenOf(person) {
    if (!this.#tokens.has(person)) {
      const guest = person === 'user:default/guest';
      const response = await fetch(
        `${this.url}/api/auth/${guest ? 'guest' : 'example'}/refresh`,
        {
          headers: {
            'x-requested-with': 'XMLHttpRequest',
            ...(!guest && { 'x-example-person': person }),
          },
        },
      );
      const text = await response.text();
      if (!response.ok) throw new Refusal(response.status, text);
      this.#tokens.set(person, JSON.parse(text).backstageIdentity.token);
    }
    return this.#tokens.get(person);
  }
}

/** What the portal says when it does not do something. */
export class Refusal extends Error {
  constructor(status, text) {
    let message = text;
    try {
      message = JSON.parse(text).error.message;
    } catch {
      // It is no JSON.
    }
    super(message);
    this.status = status;
  }
}
