import type { Transitions } from '../kernel/transitions.js';

export const REQUEST_STATUSES = [
  'draft',
  'submitted',
  'in_review',
  'returned',
  'approved',
  'declined',
  'withdrawn',
  'scheduled',
  'paid',
  'settled',
] as const;
export type RequestStatus = (typeof REQUEST_STATUSES)[number];

/** What people do to a request (domain, "Life of a request and of an award"). `answer` is how `submit` answers a question. */
export type RequestVerb =
  'submit' | 'answer' | 'review' | 'return' | 'approve' | 'decline' | 'withdraw' | 'release';

export const REQUEST_TRANSITIONS: Transitions<RequestStatus, RequestVerb> = {
  submit: { from: ['draft'], to: 'submitted' },
  answer: { from: ['returned'], to: 'in_review' },
  review: { from: ['submitted'], to: 'in_review' },
  return: { from: ['in_review'], to: 'returned' },
  approve: { from: ['in_review'], to: 'approved' },
  decline: { from: ['in_review'], to: 'declined' },
  withdraw: { from: ['draft', 'submitted', 'in_review', 'returned'], to: 'withdrawn' },
  release: { from: ['approved'], to: 'in_review' },
};

/** A request can be changed in these states only. */
export const EDITABLE: readonly RequestStatus[] = ['draft', 'returned'];

/** A decision on it is still to be made. */
export const UNDECIDED: readonly RequestStatus[] = ['submitted', 'in_review'];

export const AWARD_STATUSES = ['approved', 'scheduled', 'paid', 'settled', 'released'] as const;
export type AwardStatus = (typeof AWARD_STATUSES)[number];
/** `lapse`: a past payment that was imported and came back is promised to nobody. */
export type AwardVerb = 'pay' | 'release' | 'bounce' | 'lapse';

export const AWARD_TRANSITIONS: Transitions<AwardStatus, AwardVerb> = {
  pay: { from: ['approved'], to: 'paid' },
  release: { from: ['approved'], to: 'released' },
  bounce: { from: ['paid'], to: 'approved' },
  lapse: { from: ['settled'], to: 'released' },
};

const ADVANCE = ['approved', 'scheduled', 'paid', 'settled'] as const;

/**
 * What a request shows once it was approved: the least advanced of its living awards, or null when it has none.
 */
export function leastAdvanced(awards: readonly AwardStatus[]): RequestStatus | null {
  return ADVANCE.find((status) => awards.includes(status)) ?? null;
}
