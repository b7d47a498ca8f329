import type { Transitions } from '../kernel/transitions.js';

export const CASE_STATUSES = ['open', 'closed'] as const;
export type CaseStatus = (typeof CASE_STATUSES)[number];

/** How a case moves; somebody whom the member helped before may need help again. */
export const CASE_TRANSITIONS: Transitions<CaseStatus, 'close' | 'reopen'> = {
  close: { from: ['open'], to: 'closed' },
  reopen: { from: ['closed'], to: 'open' },
};
