import type { Actor } from './kernel/actor.js';
import { Clock } from './platform/clock.js';
import type { Once } from './platform/db.js';

/** The demo's own time: it goes back to tell what happened, and stands at the present otherwise. */
export class DemoClock extends Clock {
  private told: Date | null = null;

  now(): Date {
    return this.told ?? new Date();
  }

  /** Stands at that moment until it is told another one, or null for the present. */
  set(moment: Date | null): void {
    this.told = moment;
  }
}

/** Every step of the demo has a key, so that loading it twice, or after it was killed, changes nothing. */
export const demoStep = (key: string): Once => ({ route: 'demo', key, bodyHash: 'demo' });

export type DemoUser =
  | 'partner'
  | 'lead'
  | 'partner2'
  | 'reviewer'
  | 'approver'
  | 'approver2'
  | 'treasurer'
  | 'treasurer2'
  | 'board'
  | 'admin'
  | 'admin2';

/** The demo's users as those who ask. */
export type Cast = (name: DemoUser) => Actor;
