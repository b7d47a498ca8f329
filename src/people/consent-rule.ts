import type { FieldFault } from '../kernel/errors.js';

/** `casework`: to help this person; `sensitive`: to take down status and asylum stage; `sharing`: to tell others. */
export const CONSENT_PURPOSES = ['casework', 'sensitive', 'sharing'] as const;
export type ConsentPurpose = (typeof CONSENT_PURPOSES)[number];

export const CONSENT_METHODS = ['spoken', 'written'] as const;
export type ConsentMethod = (typeof CONSENT_METHODS)[number];

const SENSITIVE = ['residenceStatus', 'asylumStage'] as const;
/** Answers that tell nothing of the person. */
const UNTOLD: readonly unknown[] = [undefined, 'unknown', 'not_asked'];

/**
 * The sensitive fields that are told although the person has not agreed to it (privacy, point 2); none when one
 * of the person's consents is for `sensitive`.
 */
export function consentFaults(
  told: { residenceStatus?: string; asylumStage?: string },
  agreed: readonly ConsentPurpose[],
): FieldFault[] {
  if (agreed.includes('sensitive')) return [];
  return SENSITIVE.filter((field) => !UNTOLD.includes(told[field])).map((path) => ({
    path,
    code: 'consentNeeded',
  }));
}
