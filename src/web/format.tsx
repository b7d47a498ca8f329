import {
  dayOf,
  daysBetween,
  fiscalYearOf,
  monthOf,
  TOKYO,
  type Day as CalendarDay,
} from '../kernel/calendar.js';
import { COUNTRIES } from '../kernel/nationalities.js';
import type { Reader } from './view.js';
import { translator, type Language } from './words.js';

// Creating a formatter is slow, and lists format thousands of values.
const formatters = new Map<string, Intl.DateTimeFormat>();

function formatter(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = locale + JSON.stringify(options);
  const known = formatters.get(key) ?? new Intl.DateTimeFormat(locale, { timeZone: TOKYO, ...options });
  formatters.set(key, known);
  return known;
}

const startOf = (day: CalendarDay): Date => new Date(`${day}T00:00:00+09:00`);

/** The named parts of a day, put together by us so that the next ICU does not change our pages. */
function partsOf(locale: string, options: Intl.DateTimeFormatOptions, day: CalendarDay) {
  const parts = formatter(locale, options).formatToParts(startOf(day));
  return (name: string): string => parts.find(({ type }) => type === name)?.value ?? '';
}

const WITHOUT_YEAR = { month: 'short', day: 'numeric', weekday: 'short' } as const;

// A fiscal year holds each month once, so a day without its year is never read as another one.
const sameYear = (one: CalendarDay, other: CalendarDay): boolean => fiscalYearOf(one) === fiscalYearOf(other);

const digits = new Intl.NumberFormat('en-US');

/** `12,422,217`. */
export const number = (value: number): string =>
  value < 0 ? `−${digits.format(-value)}` : digits.format(value);

/** `¥12,422,217`, and `−¥1,000` below zero. */
export const yen = (amount: number): string =>
  amount < 0 ? `−${yen(-amount)}` : `¥${digits.format(amount)}`;

/** `12月18日（水）`, `Wed 18 Dec`; with the year outside the fiscal year of `today`. */
export function dayText(day: CalendarDay, language: Language, today: CalendarDay): string {
  const part = partsOf(language === 'ja' ? 'ja-JP' : 'en-GB', { ...WITHOUT_YEAR, year: 'numeric' }, day);
  const far = !sameYear(day, today);
  if (language === 'en') {
    return `${part('weekday')} ${part('day')} ${part('month')}${far ? ` ${part('year')}` : ''}`;
  }
  return `${far ? `${part('year')}年` : ''}${plainDay(day)}（${part('weekday')}）`;
}

const plainDay = (day: CalendarDay): string => `${Number(day.slice(5, 7))}月${Number(day.slice(8))}日`;

/** `令和6年`, `令和元年`. */
function eraYear(day: CalendarDay): string {
  const part = partsOf('ja-JP-u-ca-japanese', { era: 'long', year: 'numeric' }, day);
  return `${part('era')}${part('year')}年`;
}

const eraMonth = (day: CalendarDay): string => `${eraYear(day)}${Number(day.slice(5, 7))}月`;

/** `2024年12月18日`, `18 Dec 2024`. */
export function dateText(day: CalendarDay, language: Language): string {
  if (language === 'ja') return `${day.slice(0, 4)}年${plainDay(day)}`;
  const part = partsOf('en-GB', { year: 'numeric', month: 'short', day: 'numeric' }, day);
  return `${part('day')} ${part('month')} ${part('year')}`;
}

/** In full, for hovering and for paper: `2024年12月18日（水・令和6年）`, `Wednesday 18 December 2024`. */
export function dayFull(day: CalendarDay, language: Language): string {
  if (language === 'ja') {
    const weekday = partsOf('ja-JP', { weekday: 'short' }, day)('weekday');
    return `${dateText(day, 'ja')}（${weekday}・${eraYear(day)}）`;
  }
  const part = partsOf('en-GB', { year: 'numeric', month: 'long', day: 'numeric', weekday: 'long' }, day);
  return `${part('weekday')} ${part('day')} ${part('month')} ${part('year')}`;
}

/** `23:14`. */
export const timeText = (moment: Date): string =>
  formatter('en-GB', { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(moment);

/** `2024年11月`, `November 2024`, of `2024-11`. */
export function monthText(month: string, language: Language): string {
  if (language === 'ja') return `${month.slice(0, 4)}年${Number(month.slice(5, 7))}月`;
  return formatter('en-GB', { month: 'long', year: 'numeric' }).format(startOf(`${month.slice(0, 7)}-01`));
}

/** Months under the bars of a chart, the year only where it begins: `2023/7`, `8`, … `2024/1`. */
export const monthTicks = (months: readonly string[]): string[] =>
  months.map((month, index) => {
    const place = Number(month.slice(5, 7));
    return index === 0 || place === 1 ? `${month.slice(0, 4)}/${place}` : String(place);
  });

/** `16`, `16 Dec` or `16 Dec 2024`, of which no part may slip to the next line. */
const englishParts = (day: CalendarDay, count: number): string =>
  dateText(day, 'en').split(' ').slice(0, count).join('\u00a0');

/** `12/16–12/20` or `16–20 Dec` for tables; the years are added outside the fiscal year of `today`. */
export function rangeText(from: CalendarDay, to: CalendarDay | null, reader: Reader): string {
  const { language, today } = reader;
  const far = !sameYear(from, today) || (to !== null && !sameYear(to, today));
  const short = (day: CalendarDay): string =>
    language === 'en'
      ? englishParts(day, far ? 3 : 2)
      : `${far ? `${day.slice(0, 4)}/` : ''}${Number(day.slice(5, 7))}/${Number(day.slice(8))}`;
  if (to === null) return translator(language)('common:format.from', { day: short(from) });
  if (from === to) return short(from);
  const begin = language === 'en' && monthOf(from) === monthOf(to) ? englishParts(from, 1) : short(from);
  return `${begin}–${short(to)}`;
}

/** `2023年7月1日 〜 2024年11月30日`, `2025年4月1日 から`. */
export function periodText(from: CalendarDay, to: CalendarDay | null, language: Language): string {
  const t = translator(language);
  if (to === null) return t('common:format.from', { day: dateText(from, language) });
  return t('common:format.between', { from: dateText(from, language), to: dateText(to, language) });
}

/** The period of a report: in Japanese also with its months in the era's years (令和5年7月〜令和6年11月). */
export function periodFull(from: CalendarDay, to: CalendarDay, language: Language): string {
  const eras = language === 'ja' ? `（${eraMonth(from)}〜${eraMonth(to)}）` : '';
  return periodText(from, to, language) + eras;
}

const MINUTE_MS = 60_000;
// After that, people think in clock times ("今日 18:02") rather than in hours ago.
const YOUNG_HOURS = 4;

/** `3時間前`, `今日 18:02`, `昨日 23:10`, else `12月16日（月）18:02`; with the year as `dayText` has it. */
export function momentText(moment: Date, language: Language, now: Date): string {
  const minutes = Math.floor((now.getTime() - moment.getTime()) / MINUTE_MS);
  const relative = new Intl.RelativeTimeFormat(language, { numeric: 'auto' });
  // ICU writes "3 時間前"; Japanese has no space there.
  const say = (value: number, unit: 'minute' | 'hour' | 'day'): string =>
    language === 'ja' ? relative.format(value, unit).replace(' ', '') : relative.format(value, unit);
  if (minutes === 0) return translator(language)('common:format.now');
  if (minutes > 0 && minutes < 60) return say(-minutes, 'minute');
  if (minutes > 0 && minutes < YOUNG_HOURS * 60) return say(-Math.floor(minutes / 60), 'hour');
  const day = dayOf(moment);
  const distance = daysBetween(dayOf(now), day);
  if (Math.abs(distance) <= 1) return `${say(distance, 'day')} ${timeText(moment)}`;
  return `${dayText(day, language, dayOf(now))}${language === 'ja' ? '' : ' '}${timeText(moment)}`;
}

/** `やさしい日本語`, `ベトナム語`, … of the codes in `kernel/codes`. */
export function languageName(code: string, language: Language): string {
  if (code === 'ja-Hira-easy') return translator(language)('common:format.plainJapanese');
  return new Intl.DisplayNames(language, { type: 'language' }).of(code) ?? code;
}

/** `ベトナム` of `VNM`; a code that is no country's stands as it is. */
export function countryName(code: string, language: Language): string {
  const region = COUNTRIES.get(code);
  return (region && new Intl.DisplayNames(language, { type: 'region' }).of(region)) ?? code;
}

/** A day as people say it; hovering and paper show it in full. */
export const Day = ({ day, view }: { day: CalendarDay; view: Reader }) => (
  <time dateTime={day} title={dayFull(day, view.language)}>
    <span>{dayText(day, view.language, view.today)}</span>
  </time>
);

/** A moment, relative while it is young; hovering and paper show it in full. */
export const Moment = ({ moment, view }: { moment: Date; view: Reader }) => (
  <time
    dateTime={moment.toISOString()}
    title={`${dayFull(dayOf(moment), view.language)} ${timeText(moment)}`}
  >
    <span>{momentText(moment, view.language, view.now)}</span>
  </time>
);
