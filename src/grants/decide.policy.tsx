import { sumYen } from '../kernel/money.js';
import { Day, Moment, yen } from '../web/format.js';
import { Note, Table } from '../web/parts.js';
import type { View } from '../web/view.js';
import { needText } from './decide.effects.js';
import { RequestLink } from './decide.warnings.js';
import type { ApprovalView, DecisionView } from './decision.views.js';
import type { GrantRequestView } from './grants.views.js';
import type { PolicyRules } from './policy-rules.js';
import { decidersText } from './request-parts.js';

export interface PolicyProps {
  view: View;
  grant: GrantRequestView;
  decision: DecisionView;
  rules: PolicyRules;
  /** Whether the form says something else than what was approved so far. */
  changed: boolean;
  /** Whether the reader may open other requests too. */
  open: boolean;
}

/** How many have to agree and why, what that is counted from, and who has agreed. */
export function Policy(props: PolicyProps) {
  const { view, decision, changed } = props;
  const { t } = view;
  const { approvals } = decision;
  return (
    <>
      <Note>
        <p>
          <b>{needsText(view, decision)}</b> <Why {...props} />
        </p>
        {approvals.map((approval) => (
          <Given key={approval.at} view={view} approval={approval} />
        ))}
        {!decision.barred && decision.missing.length > 0 && approvals.length > 0 && (
          <p>{t('decide:policy.place', { number: changed ? 1 : approvals.length + 1 })}</p>
        )}
      </Note>
      {approvals.length > 0 && changed && <Note tone="warn">{t('decide:policy.changed')}</Note>}
      <Awards {...props} />
    </>
  );
}

function needsText({ t }: View, { required: { approvers, board } }: DecisionView): string {
  if (board === 0) return t('decide:policy.needs', { count: approvers });
  const all = [
    { role: 'approver' as const, count: approvers },
    { role: 'board' as const, count: board },
  ];
  return t('decide:policy.needsBoard', { who: decidersText(t, all) });
}

function Why({ view, grant, decision, rules }: PolicyProps) {
  const { t } = view;
  const { total, required, windowDays: days } = decision;
  const { upTo, confirmWithinDays } = rules.urgent;
  if (required.urgent)
    return <>{t('decide:policy.urgent', { limit: yen(upTo), count: confirmWithinDays })}</>;
  const passed = rules.tiers.flatMap((tier) => (tier.upTo !== null && total > tier.upTo ? [tier.upTo] : []));
  const limit = passed.at(-1);
  const facts = { count: days, total: yen(total), limit: limit === undefined ? '' : yen(limit) };
  return (
    <>
      {t(`decide:policy.${grant.kind}.${limit === undefined ? 'sum' : 'above'}`, facts)}
      {grant.urgency === 'tonight' && upTo > 0 && t('decide:policy.notUrgent', { limit: yen(upTo) })}
    </>
  );
}

function Given({ view, approval }: { view: View; approval: ApprovalView }) {
  const { t } = view;
  const { by, own, role, at, overrides, lines } = approval;
  const amount = yen(sumYen(lines.map((line) => line.amount)));
  const name = by ?? t(`common:roles.${role}`);
  return (
    <p>
      {t(own ? 'decide:policy.givenByYou' : 'decide:policy.given', { by: name, amount })}{' '}
      <small>
        <Moment moment={new Date(at)} view={view} />
        {overrides && t('decide:policy.withReason')}
      </small>
    </p>
  );
}

/** What the household was awarded before: the sum says how many have to agree. */
function Awards({ view, grant, decision, open }: PolicyProps) {
  const { t } = view;
  const { awards, windowDays } = decision;
  if (awards.length === 0) return null;
  const title = t('decide:policy.awards', { days: windowDays, count: awards.length });
  return (
    <details>
      <summary>{title}</summary>
      <Table
        caption={title}
        captionHidden
        columns={[
          {
            head: t('grants:number'),
            oneLine: true,
            cell: ({ requestId, requestNumber }) => (
              <>
                <RequestLink id={requestId} number={requestNumber} open={open && requestId !== grant.id} />
              </>
            ),
          },
          { head: t('decide:policy.day'), cell: ({ happenedOn }) => <Day day={happenedOn} view={view} /> },
          { head: t('grants:category'), cell: ({ category }) => needText(view, category) },
          { head: t('grants:approved'), numeric: true, cell: ({ amount }) => yen(amount) },
        ]}
        rows={awards}
        footer={{ label: t('common:part.total'), cells: [yen(sumYen(awards.map(({ amount }) => amount)))] }}
        phone="cards"
      />
    </details>
  );
}
