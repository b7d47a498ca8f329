import { dateText, Moment, yen } from '../web/format.js';
import { HiddenField, TextArea, type FormState } from '../web/forms.js';
import { Card, Note, Rows, StatusTag } from '../web/parts.js';
import type { View } from '../web/view.js';
import { exceededCaps } from './caps.js';
import { needText } from './decide.effects.js';
import { REPEAT_KINDS, type CapView, type DecisionView, type RepeatView } from './decision.views.js';

/** A request of somebody's, as a link for those who may open it. */
export const RequestLink = ({ id, number, open }: { id: string; number: string; open: boolean }) =>
  open ? <a href={`/requests/${id}`}>{number}</a> : <>{number}</>;

/** That something looks alike, beside the button; its facts stand in a card of their own. */
export function RepeatsNote({ view: { t }, repeats }: Omit<RepeatsProps, 'open'>) {
  if (repeats.length === 0) return null;
  return (
    <Note tone="warn">
      <b>{t('decide:repeats.title')}</b>{' '}
      {REPEAT_KINDS.filter((kind) => repeats.some((repeat) => repeat.kind === kind))
        .map((kind) => t(`decide:repeats.${kind}`))
        .join('')}{' '}
      <a href="#repeats">{t('decide:repeats.compare')}</a>
    </Note>
  );
}

interface RepeatsProps {
  view: View;
  repeats: RepeatView[];
  /** Whether the reader may open other requests too. */
  open: boolean;
}

/** What looks like the same need asked twice, kind by kind, with the facts to compare. */
export function RepeatsCard({ view, repeats, open }: RepeatsProps) {
  const { t } = view;
  if (repeats.length === 0) return null;
  return (
    <Card id="repeats" title={t('decide:repeats.card')} accent="lamp">
      {REPEAT_KINDS.map((kind) => {
        const alike = repeats.filter((repeat) => repeat.kind === kind);
        if (alike.length === 0) return null;
        return (
          <section key={kind}>
            <h3>{t(`decide:repeats.${kind}`)}</h3>
            <Rows items={alike.map((repeat) => repeatRow(view, repeat, open))} />
          </section>
        );
      })}
    </Card>
  );
}

function repeatRow(view: View, repeat: RepeatView, open: boolean) {
  const { t } = view;
  const { requestId, requestNumber, organisationName, status, category, amount, submittedAt } = repeat;
  return {
    title: (
      <>
        <RequestLink id={requestId} number={requestNumber} open={open} />
        {amount !== null && `${t('common:part.gap')}${needText(view, category)} ${yen(amount)}`}
      </>
    ),
    detail: (
      <>
        {organisationName}
        {t('common:part.dot')}
        <Moment moment={new Date(submittedAt)} view={view} />
      </>
    ),
    side: <StatusTag t={t} status={status} />,
  };
}

interface CapsProps {
  view: View;
  form: FormState;
  decision: DecisionView;
  /** Whether somebody who agreed to the same gave a reason already. */
  excused: boolean;
  /** Whether the reader could approve, and so would have to give one. */
  toChoose: boolean;
}

/** Where the decision leaves each limit; beyond one of them it needs a reason. */
export function Caps({ view, form, decision: { caps }, excused, toChoose }: CapsProps) {
  const { t } = view;
  const exceeded = exceededCaps(caps) as CapView[];
  const within = caps.filter((cap) => !exceeded.includes(cap));
  const field = 'overrideReason';
  const reason = form.values[field] || form.values.keptReason;
  return (
    <>
      {within.length > 0 && (
        <details>
          <summary>{t('decide:caps.within', { count: within.length })}</summary>
          {within.map((cap, index) => (
            <p key={index} class="help">
              {capText(view, cap)}
            </p>
          ))}
        </details>
      )}
      {exceeded.length > 0 && (
        <Note tone="warn">
          <b>{t('decide:caps.exceeded')}</b>
          {exceeded.map((cap, index) => (
            <p key={index}>{capText(view, cap)}</p>
          ))}
          {excused && <p>{t('decide:caps.excused')}</p>}
        </Note>
      )}
      {exceeded.length > 0 && toChoose && !excused ? (
        <TextArea
          t={t}
          form={{ ...form, values: { [field]: reason } }}
          name={field}
          rows={2}
          required
          label={t('decide:caps.reason')}
          help={t('decide:caps.reasonHelp')}
        />
      ) : (
        // What was written is there again when an amount goes beyond a limit once more.
        typeof reason === 'string' && reason !== '' && <HiddenField name="keptReason" value={reason} />
      )}
    </>
  );
}

/** `1世帯・食料（2024年12月1日から）：¥18,000 → ¥30,500（上限 ¥50,000）`. */
function capText(view: View, { per, fundName, category, since, limit, before, after }: CapView): string {
  const { t } = view;
  const what = category ? needText(view, category) : t('decide:caps.all');
  const facts = {
    who: t(`decide:caps.per.${per}`),
    what,
    fund: fundName,
    since: dateText(since, view.language),
  };
  return t('decide:caps.line', {
    cap: t(fundName === null ? 'decide:caps.ofPolicy' : 'decide:caps.ofFund', facts),
    before: yen(before),
    after: yen(after),
    limit: yen(limit),
  });
}
