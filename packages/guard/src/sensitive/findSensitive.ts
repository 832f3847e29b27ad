import { findLinks, type LinkRules } from './links';
import { findPersonalData, type SensitivePart } from './personalData';
import { findSecrets } from './secrets';

/**
 * What is looked for.
 *
 * @public
 */
export interface Findings {
  secrets?: boolean;
  personalData?: boolean;
  links?: LinkRules;
}

/**
 * Links, secrets and personal data of a text in their order; where two are found in one
 * place, the first of these.
 *
 * @public
 */
export async function findSensitive(
  text: string,
  findings: Findings = { secrets: true, personalData: true },
): Promise<SensitivePart[]> {
  const { links, personalData, secrets } = findings;
  const parts = links ? findLinks(text, links) : [];
  const add = (found: SensitivePart[]) => {
    const before = [...parts];
    parts.push(
      ...found.filter(
        part =>
          !before.some(each => each.start < part.end && part.start < each.end),
      ),
    );
  };
  if (secrets) add(await findSecrets(text));
  if (personalData) add(findPersonalData(text));
  return parts.sort((a, b) => a.start - b.start);
}
