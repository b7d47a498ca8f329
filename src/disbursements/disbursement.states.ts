import type { Transitions } from '../kernel/transitions.js';

export const DISBURSEMENT_STATUSES = ['planned', 'sent', 'unknown', 'paid', 'bounced', 'cancelled'] as const;
export type DisbursementStatus = (typeof DISBURSEMENT_STATUSES)[number];

/**
 * How money comes back: the whole of it because it never arrived, so that the award can be paid again, or what the
 * payee gives back of it, which is paid all the same.
 */
export const RETURN_KINDS = ['bounce', 'refund'] as const;
export type ReturnKind = (typeof RETURN_KINDS)[number];

export const DISBURSEMENT_TRANSITIONS: Transitions<DisbursementStatus, ReturnKind> = {
  bounce: { from: ['paid'], to: 'bounced' },
  refund: { from: ['paid'], to: 'paid' },
};
