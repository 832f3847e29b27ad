import type { LoggerService } from '@backstage/backend-plugin-api';
import { parseEntityRef } from '@backstage/catalog-model';
import { stringifyError } from '@backstage/errors';
import type { NotificationService } from '@backstage/plugin-notifications-node';

/** Something that the owner of an agent should do. */
export interface OwnerNotice {
  agentRef: string;
  ownerRef: string;
  title: string;
  description: string;
  /** A later notice with the same one takes its place. */
  scope: string;
  severity: 'high' | 'normal';
}

/** Tells owners of agents, by Backstage notifications where they are installed. */
export class OwnerNotices {
  readonly #notifications: NotificationService;
  readonly #logger: LoggerService;

  constructor(options: {
    notifications: NotificationService;
    logger: LoggerService;
  }) {
    this.#notifications = options.notifications;
    this.#logger = options.logger;
  }

  /** Nothing depends on whether it arrives: the page of the agent says the same. */
  async send(notice: OwnerNotice): Promise<void> {
    const { namespace, name } = parseEntityRef(notice.agentRef);
    this.#logger.warn(`${notice.title}. ${notice.description}`);
    try {
      await this.#notifications.send({
        recipients: { type: 'entity', entityRef: notice.ownerRef },
        payload: {
          title: notice.title,
          description: notice.description,
          link: `/catalog/${namespace}/agent/${name}`,
          severity: notice.severity,
          topic: 'agents',
          scope: notice.scope,
        },
      });
    } catch (error) {
      this.#logger.debug(
        `Could not notify ${notice.ownerRef}: ${stringifyError(error)}`,
      );
    }
  }
}
