import { number, yen } from './format.js';
import type { T } from './words.js';

// Widths are attributes of SVG and not styles, because the content security policy refuses inline styles.
const percent = (part: number, total: number): number => (total > 0 ? (100 * Math.max(0, part)) / total : 0);

interface BarProps {
  parts: { class: string; share: number; fill?: string }[];
}

/** Parts of a whole one after another, in percent. What goes beyond the whole is cut off. */
function Bar({ parts }: BarProps) {
  let x = 0;
  const rects = parts.map(({ class: name, share, fill }) => {
    const rect = <rect key={name} class={name} fill={fill} x={`${x}%`} width={`${share}%`} height="100%" />;
    x += share;
    return rect;
  });
  return (
    <svg class="bar" aria-hidden="true" focusable="false">
      {rects}
    </svg>
  );
}

const Key = ({ tone, label }: { tone: string; label: string }) => (
  <span>
    <svg class="swatch" aria-hidden="true" focusable="false">
      <rect class={tone} fill={tone === 'now' ? STRIPES : undefined} width="100%" height="100%" />
    </svg>
    {label}
  </span>
);

// Stripes tell "this" from the rest also in grey; the page draws their pattern once (`PagePatterns`).
const STRIPES = 'url(#stripes)';

export const PagePatterns = () => (
  <svg class="patterns" width="0" height="0" aria-hidden="true" focusable="false">
    <pattern id="stripes" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
      <rect class="stripe" width="5" height="10" />
      <rect class="stripe light" x="5" width="5" height="10" />
    </pattern>
  </svg>
);

interface MeterProps {
  t: T;
  /** Everything that this budget line was given; all in yen. */
  total: number;
  spent: number;
  committed: number;
  /** What the decision at hand would take. */
  now?: number;
}

/** How much of a budget is used, and what is left before and after the decision at hand. */
export function Meter({ t, total, spent, committed, now = 0 }: MeterProps) {
  const before = total - spent - committed;
  const left = before - now;
  const facts = {
    total: yen(total),
    spent: yen(spent),
    committed: yen(committed),
    now: yen(now),
    left: yen(left),
  };
  return (
    <div class="meter">
      <div role="img" aria-label={t(`common:meter.${now > 0 ? 'sentenceNow' : 'sentence'}`, facts)}>
        <Bar
          parts={[
            { class: 'spent', share: percent(spent, total) },
            { class: 'committed', share: percent(committed, total) },
            // A small request must still be seen beside a large budget.
            { class: 'now', share: now > 0 ? Math.max(1.5, percent(now, total)) : 0, fill: STRIPES },
          ]}
        />
      </div>
      <p>
        {t(now > 0 ? 'common:meter.leftAfter' : 'common:meter.left', { before: yen(before) })}
        {now > 0 && <b>{yen(left)}</b>}
      </p>
      {left < 0 && <p class="error">{t('common:meter.short', { amount: yen(-left) })}</p>}
      <p class="key" aria-hidden="true">
        <Key tone="spent" label={t('common:meter.spent')} />
        <Key tone="committed" label={t('common:meter.committed')} />
        {now > 0 && <Key tone="now" label={t('common:meter.now')} />}
      </p>
    </div>
  );
}

interface ProgressProps {
  t: T;
  /** What is going on, in words. */
  label: string;
  done: number;
  total: number;
}

/** How far a job is. */
export const ProgressBar = ({ t, label, done, total }: ProgressProps) => (
  <div class="progress">
    <p>
      {label} {t('common:part.progress', { done, total })}
    </p>
    <div role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={total} aria-valuenow={done}>
      <Bar parts={[{ class: 'spent', share: Math.min(100, percent(done, total)) }]} />
    </div>
  </div>
);

/** Where one is in a form of several pages: `新しい申請 3 / 6`. */
export const StepProgress = ({ t, label, step, of }: { t: T; label: string; step: number; of: number }) => (
  <div class="progress">
    <p>
      {label}
      {t('common:part.gap')}
      {t('common:part.step', { step: number(step), of: number(of) })}
    </p>
    <Bar parts={[{ class: 'spent', share: percent(step, of) }]} />
  </div>
);
