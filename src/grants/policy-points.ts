import { yen } from '../web/format.js';
import type { T } from '../web/words.js';
import type { PolicyCap, PolicyRules, PolicyTier } from './policy-rules.js';

/** One thing that the policy says, in words; `key` finds the same thing in another version. */
export interface Point {
  key: string;
  label: string;
  value: string;
}

/** A point of a proposal, and what stands in its place now when that differs. */
export interface ProposedPoint extends Point {
  change: 'changes' | 'adds' | 'removes' | null;
  now: string | null;
}

/** The policy in words that one can read out, in the order in which one asks. */
export function pointsOf({ windowDays, tiers, urgent, repeatDays, caps }: PolicyRules, t: T): Point[] {
  const days = (count: number) => t('policy:days', { count });
  const confirm = { amount: yen(urgent.upTo), days: days(urgent.confirmWithinDays) };
  return [
    point('window', t('policy:points.window'), t('policy:points.windowValue', { days: days(windowDays) })),
    ...tiers.map((tier, index) => tierPoint(tier, index, t)),
    point(
      'urgent',
      t('policy:points.urgent'),
      urgent.upTo > 0 ? t('policy:points.urgentValue', confirm) : t('policy:points.urgentOff'),
    ),
    point('repeat', t('policy:points.repeat'), t('policy:points.repeatValue', { days: days(repeatDays) })),
    ...caps.map((cap) => capPoint(cap, t)),
  ];
}

const point = (key: string, label: string, value: string): Point => ({ key, label, value });

function tierPoint({ upTo, approvers, board }: PolicyTier, index: number, t: T): Point {
  const above = index === 0 ? t('policy:points.always') : t('policy:points.above');
  const people = [
    t('policy:approvers', { count: approvers }),
    ...(board > 0 ? [t('policy:board', { count: board })] : []),
  ];
  return point(
    `tier ${index}`,
    upTo === null ? above : t('policy:points.upTo', { amount: yen(upTo) }),
    people.join(t('policy:and')),
  );
}

function capPoint({ per, category, days, amount }: PolicyCap, t: T): Point {
  const what = category ? t(`common:categories.${category}`) : t('policy:points.allCategories');
  return point(
    `cap ${per} ${category} ${days}`,
    t('policy:points.cap', { who: t(`policy:owners.${per}`), category: what }),
    t('policy:points.capValue', { days: t('policy:days', { count: days }), amount: yen(amount) }),
  );
}

/** A proposal's points beside those in force, with those that would go away at the end. */
export function changesOf(now: readonly Point[], proposed: readonly Point[], t: T): ProposedPoint[] {
  const before = new Map(now.map((one) => [one.key, one]));
  const kept = new Set(proposed.map(({ key }) => key));
  const text = ({ label, value }: Point) => `${label}${t('common:part.gap')}${value}`;
  return [
    ...proposed.map((one): ProposedPoint => {
      const old = before.get(one.key);
      if (!old) return { ...one, change: 'adds', now: null };
      if (text(old) === text(one)) return { ...one, change: null, now: null };
      return { ...one, change: 'changes', now: old.label === one.label ? old.value : text(old) };
    }),
    ...now
      .filter(({ key }) => !kept.has(key))
      .map((one): ProposedPoint => ({ ...one, change: 'removes', now: null })),
  ];
}
