import type { FieldFault } from '../kernel/errors.js';

/** `casework`: to help this person; `sensitive`: to take down status and asylum stage; `sharing`: to tell others. */
export const CONSENT_PURPOSES = ['casework', 'sensitive', 'sharing'] as const;
export type ConsentPurpose = (typeof CONSENT_PURPOSES)[number];

export const CONSENT_METHODS = ['spoken', 'written'] as const;
export type ConsentMethod = (typeof CONSENT_METHODS)[number];

/** The fields that need a consent of their own. */
export const SENSITIVE = ['residenceStatus', 'asylumStage'] as const;
/** Words of those who mean the whole network, in the languages of the form. */
const EVERYBODY =
  /ネットワーク|移住連|会員|加盟|団体|みんな|みな|全員|誰でも|だれでも|network|members?|partners?|everyone|everybody|anyone|all\b/iu;

/**
 * Whether a consent to share reaches other members: one that names nobody does, and one that names the network. One
 * that names somebody else, such as a hospital, stays with them.
 */
export const reachesMembers = (shareWith: string | null | undefined): boolean =>
  !shareWith || EVERYBODY.test(shareWith);

/** Answers that tell nothing of the person. */
const UNTOLD: readonly unknown[] = [undefined, null, 'unknown', 'not_asked'];

/**
 * The sensitive fields that are told although the person has not agreed to it (privacy, point 2); none when one
 * of the person's consents is for `sensitive`.
 */
export function consentFaults(
  told: { residenceStatus?: string | null; asylumStage?: string | null },
  agreed: readonly ConsentPurpose[],
): FieldFault[] {
  if (agreed.includes('sensitive')) return [];
  return SENSITIVE.filter((field) => !UNTOLD.includes(told[field])).map((path) => ({
    path,
    code: 'consentNeeded',
  }));
}
