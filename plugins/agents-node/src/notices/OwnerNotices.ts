import type { LoggerService } from '@backstage/backend-plugin-api';
import { parseEntityRef } from '@backstage/catalog-model';
import { stringifyError } from '@backstage/errors';
import type { NotificationService } from '@backstage/plugin-notifications-node';

/**
 * Something that the owner of an entity should do.
 *
 * @public
 */
export interface OwnerNotice {
  /** What it is about; absent when it is about no entity. */
  entityRef?: string;
  ownerRef: string | string[];
  /** People among them who are not told, because they know. */
  exceptRefs?: string[];
  /** Where it is decided, when that is not the page of the entity. */
  link?: string;
  title: string;
  description: string;
  /** A later notice with the same one takes its place. */
  scope: string;
  severity: 'high' | 'normal';
}

/**
 * Tells owners, by Backstage notifications where they are installed.
 *
 * @public
 */
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

  /**
   * Nothing depends on whether it arrives: the portal says the same where it is about.
   *
   * @returns whether it was taken
   */
  async send(notice: OwnerNotice): Promise<boolean> {
    const link = notice.link ?? (notice.entityRef && pageOf(notice.entityRef));
    if (!notice.link) {
      // What people ask each other is not for those who read logs.
      this.#logger.warn(`${notice.title}. ${notice.description}`);
    }
    try {
      await this.#notifications.send({
        recipients: {
          type: 'entity',
          entityRef: notice.ownerRef,
          ...(notice.exceptRefs && { excludeEntityRef: notice.exceptRefs }),
        },
        payload: {
          title: notice.title,
          description: notice.description,
          ...(link && { link }),
          severity: notice.severity,
          topic: 'agents',
          scope: notice.scope,
        },
      });
      return true;
    } catch (error) {
      this.#logger.debug(
        `Could not notify ${notice.ownerRef}: ${stringifyError(error)}`,
      );
      return false;
    }
  }
}

function pageOf(entityRef: string): string {
  const { kind, namespace, name } = parseEntityRef(entityRef);
  return `/catalog/${namespace}/${kind}/${name}`;
}
