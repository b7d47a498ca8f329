import type { ComponentChildren } from 'preact';
import { buttonClass, type ButtonVariant } from './forms.js';
import { yen } from './format.js';
import type { T } from './words.js';

export { Table, type Column } from './table.js';
export { Meter, ProgressBar, StepProgress } from './meter.js';

/** `leaf` is where one acts, `lamp` is urgent, `sky` is to be read. */
export type Accent = 'leaf' | 'lamp' | 'sky';

interface CardProps {
  children: ComponentChildren;
  title?: ComponentChildren;
  /** A link or small button beside the title. */
  action?: ComponentChildren;
  accent?: Accent;
  id?: string;
}

export const Card = ({ children, title, action, accent, id }: CardProps) => (
  <section id={id} class={accent ? `card ${accent}` : 'card'}>
    {title && action && (
      <div class="row">
        <h2>{title}</h2>
        {action}
      </div>
    )}
    {title && !action && <h2>{title}</h2>}
    {children}
  </section>
);

/** What one reads on the left, what one decides on the right; on the phone one below the other. */
export const Columns = ({ children, side }: { children: ComponentChildren; side: ComponentChildren }) => (
  <div class="columns">
    <div>{children}</div>
    <aside>{side}</aside>
  </div>
);

/** Cards side by side, each as wide as the other; one below the other on the phone. */
export const Halves = ({ children }: { children: ComponentChildren }) => <div class="halves">{children}</div>;

/** Things at both ends of one line. */
export const Row = ({ children }: { children: ComponentChildren }) => <div class="row">{children}</div>;

/** Buttons below each other; `beside` puts them side by side. */
export const Buttons = ({ children, beside }: { children: ComponentChildren; beside?: boolean }) => (
  <div class={beside ? 'buttons beside' : 'buttons'}>{children}</div>
);

interface LinkProps {
  href: string;
  children: ComponentChildren;
  variant?: ButtonVariant;
  attributes?: Record<string, string>;
}

/** A link that looks like a button, for going somewhere. */
export const ButtonLink = ({ href, children, variant, attributes }: LinkProps) => (
  <a {...attributes} href={href} class={buttonClass(variant)}>
    {children}
  </a>
);

export type TagTone = 'plain' | 'wait' | 'urgent' | 'ok' | 'stop';

export const Tag = ({ tone = 'plain', children }: { tone?: TagTone; children: ComponentChildren }) => (
  <span class={tone === 'plain' ? 'tag' : `tag ${tone}`}>{children}</span>
);

const STATUS_TONES: Record<string, TagTone> = {
  submitted: 'wait',
  in_review: 'wait',
  returned: 'urgent',
  approved: 'ok',
  scheduled: 'ok',
  paid: 'ok',
  settled: 'ok',
  declined: 'stop',
};

/** The status of a request or an award in words, with its amount when that says more. */
export const StatusTag = ({ t, status, amount }: { t: T; status: string; amount?: number }) => (
  <Tag tone={STATUS_TONES[status]}>
    {t(`common:statuses.${status}`)}
    {amount !== undefined && ` ${yen(amount)}`}
  </Tag>
);

/** How soon a request is needed; nothing for an ordinary one, so that the others stand out. */
export function UrgencyTag({ t, urgency }: { t: T; urgency: string }) {
  if (urgency === 'normal') return null;
  return <Tag tone={urgency === 'tonight' ? 'urgent' : 'wait'}>{t(`common:urgency.${urgency}`)}</Tag>;
}

interface FactsProps {
  items: { label: ComponentChildren; value: ComponentChildren }[];
  /** Values are numbers, aligned at the right. */
  numeric?: boolean;
}

export const Facts = ({ items, numeric }: FactsProps) => (
  <dl class={numeric ? 'facts numeric' : 'facts'}>
    {items.map(({ label, value }, index) => (
      <div key={index}>
        <dt>{label}</dt>
        <dd>{value}</dd>
      </div>
    ))}
  </dl>
);

/** The numbers that a report is about. */
export const Figures = ({ items }: { items: { label: string; value: string; unit?: string }[] }) => (
  <dl class="figures">
    {items.map(({ label, value, unit }) => (
      <div key={label}>
        <dt>{label}</dt>
        <dd>
          {value}
          {unit && <small>{unit}</small>}
        </dd>
      </div>
    ))}
  </dl>
);

interface LifeProps {
  t: T;
  items: { done: boolean; what: ComponentChildren; detail?: ComponentChildren }[];
}

/** What happened, oldest first, and what is still to come. */
export const Life = ({ t, items }: LifeProps) => (
  <ol class="life">
    {items.map(({ done, what, detail }, index) => (
      <li key={index} class={done ? undefined : 'todo'}>
        {what}
        {!done && <span class="visually-hidden">{t('common:part.todo')}</span>}
        {detail && <small>{detail}</small>}
      </li>
    ))}
  </ol>
);

/** `info` is to be read, `warn` is to be weighed before one acts. */
export const Note = ({
  tone = 'info',
  children,
}: {
  tone?: 'info' | 'warn';
  children: ComponentChildren;
}) => <div class={tone === 'warn' ? 'note warn' : 'note'}>{children}</div>;

interface RowsProps {
  items: { title: ComponentChildren; detail?: ComponentChildren; side?: ComponentChildren }[];
}

/** A short list in a card: what it is, a small line below, its status or link at the end. */
export const Rows = ({ items }: RowsProps) => (
  <ul class="rows">
    {items.map(({ title, detail, side }, index) => (
      <li key={index} class="row">
        <div>
          {title}
          {detail && <small>{detail}</small>}
        </div>
        {side}
      </li>
    ))}
  </ul>
);

/** An empty page says what to do; `children` hold the button or link to do it. */
export const Empty = ({ title, children }: { title: string; children?: ComponentChildren }) => (
  <div class="empty">
    <p>{title}</p>
    {children}
  </div>
);

/** Moves through a list by its cursor: `next` when there is more, `first` when this is not the beginning. */
export function Pager({ t, next, first }: { t: T; next: string | null; first?: string | null }) {
  if (!next && !first) return null;
  return (
    <nav class="pager" aria-label={t('common:part.pages')}>
      {first && <a href={first}>{t('common:part.firstPage')}</a>}
      {next && <ButtonLink href={next} variant="ghost" children={t('common:part.nextPage')} />}
    </nav>
  );
}
