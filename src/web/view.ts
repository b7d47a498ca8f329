import type { Day } from '../kernel/calendar.js';
import type { Language, T } from './words.js';

/** What every page is told about its reader and its place; the layout knows no domain beyond it. */
export interface View {
  language: Language;
  t: T;
  now: Date;
  /** Today in the network's time zone. */
  today: Day;
  /** Path and query of this page: marks the place in the navigation, and where changing language returns to. */
  path: string;
  /** `label` says as whom one works (a role, or the organisation), `name` who one is. */
  user: { label: string; name: string } | null;
  navigation: { href: string; label: string; count?: number }[];
  nonce: string;
  /** What is wrong and concerns this reader, said on every page until it is right again. */
  alarms?: { text: string; href: string }[];
  /** What just happened, said once after a redirect. */
  notice?: string;
}

/** The part of a view that wording a day or a moment needs; mails have it too. */
export type Reader = Pick<View, 'language' | 'today' | 'now'>;
