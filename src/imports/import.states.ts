import type { Transitions } from '../kernel/transitions.js';

export const IMPORT_STATUSES = ['waiting', 'running', 'done', 'refused'] as const;
export type ImportStatus = (typeof IMPORT_STATUSES)[number];

/** An import that a crash cut off is still `running`, and ends when its job runs again. */
export const IMPORT_TRANSITIONS: Transitions<ImportStatus, 'finish' | 'refuse'> = {
  finish: { from: ['waiting', 'running'], to: 'done' },
  refuse: { from: ['waiting', 'running'], to: 'refused' },
};
