import { normaliseText } from './text.js';

/** A day as people mean it, without a time or a zone: `2024-12-16`. */
export type Day = string;

/** The network's time zone; a fiscal year starts on 1 April. */
export const TOKYO = 'Asia/Tokyo';

const DAY_MS = 86_400_000;
const PATTERN = /^(\d{4})-(\d{2})-(\d{2})$/;

const pad = (number: number, width = 2): string => String(number).padStart(width, '0');

/** The day made of these numbers, or null when the calendar has no such day. Years 1900–2999. */
export function dayFrom(year: number, month: number, date: number): Day | null {
  const moment = new Date(Date.UTC(year, month - 1, date));
  const same =
    moment.getUTCFullYear() === year && moment.getUTCMonth() === month - 1 && moment.getUTCDate() === date;
  return same && year >= 1900 && year < 3000 ? `${pad(year, 4)}-${pad(month)}-${pad(date)}` : null;
}

/** Whether a value is an existing day written `YYYY-MM-DD`. */
export function isDay(value: unknown): value is Day {
  const parts = typeof value === 'string' ? PATTERN.exec(value) : null;
  return parts !== null && dayFrom(Number(parts[1]), Number(parts[2]), Number(parts[3])) !== null;
}

// Creating a formatter is slow, and lists format thousands of days.
const formatters = new Map<string, Intl.DateTimeFormat>();

/** The day that a moment falls on in a time zone (IANA name). */
export function dayOf(moment: Date, timeZone: string = TOKYO): Day {
  let formatter = formatters.get(timeZone);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat('en-CA', { timeZone, dateStyle: 'short' });
    formatters.set(timeZone, formatter);
  }
  return formatter.format(moment);
}

/** The day `days` later (earlier when negative). */
export function addDays(day: Day, days: number): Day {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

/** How many days `to` lies after `from`. */
export function daysBetween(from: Day, to: Day): number {
  return Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);
}

/** `2024-12` of a day. */
export const monthOf = (day: Day): string => day.slice(0, 7);

/** The year in which the fiscal year of this day began: 2024 for 2024-04-01 to 2025-03-31. */
export const fiscalYearOf = (day: Day): number =>
  Number(day.slice(0, 4)) - (Number(day.slice(5, 7)) < 4 ? 1 : 0);

/** Every month from that of `from` to that of `to`, as `YYYY-MM`. */
export function monthsBetween(from: Day, to: Day): string[] {
  const months: string[] = [];
  let year = Number(from.slice(0, 4));
  let month = Number(from.slice(5, 7));
  for (let now = monthOf(from); now <= monthOf(to); now = `${pad(year, 4)}-${pad(month)}`) {
    months.push(now);
    if (month === 12) [year, month] = [year + 1, 1];
    else month += 1;
  }
  return months;
}

const ERAS: Record<string, number> = {
  令和: 2018,
  R: 2018,
  平成: 1988,
  H: 1988,
  昭和: 1925,
  S: 1925,
};

/**
 * Reads what people write for a day: `2024-12-01`, `2024/12/1`, `2024年12月1日`, `令和6年12月1日`, `R6.12.1`,
 * `令和元年5月1日`, full width too. Gives null when it is not a day, so that the caller shows it back.
 */
export function parseDay(text: string): Day | null {
  const plain = normaliseText(text).replaceAll(' ', '');
  const western = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/.exec(plain);
  if (western) return dayFrom(Number(western[1]), Number(western[2]), Number(western[3]));
  const era = /^(令和|平成|昭和|[RHS])(元|\d{1,2})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/i.exec(plain);
  if (!era) return null;
  const base = ERAS[era[1]!.toUpperCase()]!;
  const year = era[2] === '元' ? 1 : Number(era[2]);
  return year < 1 ? null : dayFrom(base + year, Number(era[3]), Number(era[4]));
}
