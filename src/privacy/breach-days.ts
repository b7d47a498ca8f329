import { addDays, type Day } from '../kernel/calendar.js';

/** Until when a breach has to be reported. */
export interface DueDays {
  /** The first report is due between these days ("3 to 5 days"). */
  firstFrom: Day;
  firstBy: Day;
  finalBy: Day;
}

/**
 * The days by which the first and the final report are due (個人情報保護法施行規則 第8条 and the commission's
 * guidelines): 3 to 5 days, and 30, or 60 when somebody did it with bad intent. The day on which the network became
 * aware counts as the first one. The law moves a last day that is no working day to the next; we do not, so that
 * nobody relies on it.
 */
export const dueDays = (awareOn: Day, malicious: boolean): DueDays => ({
  firstFrom: addDays(awareOn, 2),
  firstBy: addDays(awareOn, 4),
  finalBy: addDays(awareOn, malicious ? 59 : 29),
});

export interface Reported {
  awareOn: Day;
  malicious: boolean;
  firstReportedOn: Day | null;
  finalReportedOn: Day | null;
}

/** Which reports should have been made before `today` and were not. */
export function overdue({ awareOn, malicious, ...made }: Reported, today: Day): ('first' | 'final')[] {
  const { firstBy, finalBy } = dueDays(awareOn, malicious);
  const late: ('first' | 'final')[] = [];
  if (!made.firstReportedOn && today > firstBy) late.push('first');
  if (!made.finalReportedOn && today > finalBy) late.push('final');
  return late;
}
