import type { ComponentChildren } from 'preact';
import type { TransferView } from '../ledger/index.js';
import type { Page } from '../platform/pages.js';
import { dateText, Day, Moment, yen } from '../web/format.js';
import { Card, Empty, Pager, Rows, Table, Tag, type TagTone } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { ContributionStatus } from './contribution.entity.js';
import type { ContributionView } from './contributions.dto.js';
import { joined, lineName } from './fund-parts.js';
import type { FundEventView, FundView } from './funds.dto.js';

/** A long list behind its name. */
const Folded = ({ title, children }: { title: string; children: ComponentChildren }) => (
  <Card>
    <details class="fold">
      <summary>{title}</summary>
      {children}
    </details>
  </Card>
);

/** What comes in rests in its own account for no time: the step from there to unallocated is told by the statements. */
const isStep = ({ from, to }: TransferView): boolean =>
  [from.kind, to.kind].every((kind) => kind === 'contributed' || kind === 'unallocated') &&
  from.fundId === to.fundId;

interface MovementsProps {
  view: View;
  fund: FundView;
  transfers: TransferView[];
}

/** The fund's last movements, for those who may read the books. */
export function Movements({ view, fund, transfers }: MovementsProps) {
  const { t } = view;
  const lines = new Map(fund.lines.map((line) => [line.id, lineName(t, line)]));
  const account = ({ kind, fundId, budgetLineId }: TransferView['from']): string =>
    fundId && fundId !== fund.id
      ? t('funds:otherFund')
      : joined(t, lines.get(budgetLineId ?? '') ?? '', t(`ledger:accounts.${kind}`));
  const statement = (place: string, name: string) => (
    <a href={`/funds/${fund.id}/lines/${place}`}>{t('funds:statement.link', { name: t(`funds:${name}`) })}</a>
  );
  const shown = transfers.filter((transfer) => !isStep(transfer));
  return (
    <Folded title={t('funds:movements')}>
      {shown.length === 0 ? (
        <Empty title={t('funds:noMovements')} />
      ) : (
        <Table
          caption={t('funds:movements')}
          captionHidden
          columns={[
            { head: t('funds:day'), cell: ({ happenedOn }) => <Day day={happenedOn} view={view} /> },
            { head: t('funds:what'), cell: ({ kind }) => t(`ledger:kinds.${kind}`), names: true },
            { head: t('funds:account'), cell: ({ from, to }) => `${account(from)} → ${account(to)}` },
            { head: t('funds:amount'), cell: ({ amount }) => yen(amount), numeric: true },
          ]}
          rows={shown}
        />
      )}
      <p class="help">
        {statement('unallocated', 'unallocated')}
        {t('common:part.gap')}
        {statement('contributed', 'received')}
      </p>
    </Folded>
  );
}

const CONTRIBUTION_TONES: Record<ContributionStatus, TagTone> = {
  promised: 'wait',
  received: 'ok',
  corrected: 'plain',
};

/** What a contribution is now: still to come, in part or whole, received, or corrected. */
export function ContributionTag({ view: { t }, of }: { view: View; of: ContributionView }) {
  const { status, outstanding, amount } = of;
  if (status === 'promised' && outstanding === 0)
    return <Tag tone="ok">{t('funds:contributions.fulfilled')}</Tag>;
  const part = status === 'promised' && outstanding < amount;
  return (
    <Tag tone={CONTRIBUTION_TONES[status]}>
      {t(`funds:contributions.${status}`)}
      {part && t('funds:contributions.outstanding', { amount: yen(outstanding) })}
    </Tag>
  );
}

interface ContributionsProps {
  view: View;
  fund: FundView;
  page: Page<ContributionView>;
  mayManage: boolean;
}

/** What came in and what is still to come, the newest first. */
export function Contributions({ view, fund, page, mayManage }: ContributionsProps) {
  const { t } = view;
  if (page.items.length === 0) return null;
  const next = page.nextCursor && `/funds/${fund.id}?contributions=${page.nextCursor}#contributions`;
  const act = ({ id, status, outstanding }: ContributionView) => {
    if (!mayManage || fund.closedAt || status === 'corrected') return null;
    const verb = status === 'promised' && outstanding > 0 ? 'receive' : 'correct';
    return <a href={`/contributions/${id}`}>{t(`funds:contributions.${verb}`)}</a>;
  };
  return (
    <Card title={t('funds:contributions.title')} id="contributions">
      <Table
        caption={t('funds:contributions.title')}
        captionHidden
        columns={[
          {
            head: t('funds:contributions.source'),
            cell: ({ id, source, reference }) => (
              <>
                <a href={`/contributions/${id}`}>{source}</a>
                {reference && <small>{reference}</small>}
              </>
            ),
          },
          { head: t('funds:day'), cell: (of) => <ContributionDay view={view} of={of} /> },
          { head: t('funds:contributions.status'), cell: (of) => <ContributionTag view={view} of={of} /> },
          { head: t('funds:amount'), cell: ({ amount }) => yen(amount), numeric: true },
          { head: t('funds:contributions.next'), cell: act, oneLine: true },
        ]}
        rows={page.items}
        phone="cards"
      />
      <Pager t={t} next={next} first={view.path.includes('contributions=') ? `/funds/${fund.id}` : null} />
    </Card>
  );
}

function ContributionDay({ view, of }: { view: View; of: ContributionView }) {
  if (of.receivedOn) return <Day day={of.receivedOn} view={view} />;
  return (
    <>
      {view.t('funds:contributions.expected')} <Day day={of.expectedOn!} view={view} />
    </>
  );
}

/** What was done to the fund beside its money, and why. */
export function Events({ view, events }: { view: View; events: FundEventView[] }) {
  const { t } = view;
  if (events.length === 0) return null;
  return (
    <Folded title={t('funds:events.title')}>
      <Rows
        items={events.map((event) => ({
          title: t(`funds:events.${event.verb}`, factsOf(view, event)),
          detail: (
            <>
              {event.reason && joined(t, event.reason, event.facts.comment ?? '') + t('common:part.gap')}
              {event.by} <Moment moment={event.at} view={view} />
            </>
          ),
        }))}
      />
    </Folded>
  );
}

/** The facts of an event as its sentence says them. */
function factsOf({ t, language }: View, { facts }: FundEventView): Record<string, string> {
  const { from, to, amount, before } = facts;
  const end = (day: typeof to) => (day ? dateText(day, language) : t('funds:events.openEnd'));
  return { from: end(from), to: end(to), amount: yen(amount ?? 0), before: yen(before ?? 0) };
}
