import { sumYen } from '../kernel/money.js';
import type { TransferView } from '../ledger/index.js';
import type { Page as PageOfItems } from '../platform/pages.js';
import { ErrorSummary } from '../web/forms.js';
import { periodText, yen } from '../web/format.js';
import { Page, renderPage } from '../web/page.js';
import { ButtonLink, Card, Empty, Figures, Note, Pager } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { ContributionView } from './contributions.dto.js';
import { CarryForm, ClosingForm, ExtensionForm, MoveForm } from './fund-change-forms.js';
import { AllocationForm, ContributionForm, labelsOf, PromiseForm, type ShownForm } from './fund-forms.js';
import { Contributions, Events, Movements } from './fund-history.js';
import { Budget, joined, PeriodTag } from './fund-parts.js';
import { Rules } from './fund-rules.js';
import type { FundEventView, FundView } from './funds.dto.js';
import type { FundName } from './funds.queries.js';

export function fundsPage(
  view: View,
  page: PageOfItems<FundView>,
  mayManage: boolean,
  waiting: number,
): string {
  const { t } = view;
  const actions = (
    <>
      <ButtonLink href="/moves" variant="ghost">
        {t('funds:moves.title')}
      </ButtonLink>
      {mayManage && <ButtonLink href="/funds/new">{t('funds:create.title')}</ButtonLink>}
    </>
  );
  const next = page.nextCursor && `/funds?cursor=${page.nextCursor}`;
  return renderPage(
    <Page view={view} title={t('funds:place')} lead={t('funds:lead')} actions={actions}>
      <WaitingMoves view={view} count={waiting} />
      {page.items.length === 0 && (
        <Card>
          <Empty title={t('funds:empty')}>{!mayManage && <p>{t('funds:emptyHelp')}</p>}</Empty>
        </Card>
      )}
      {page.items.map((fund) => (
        <FundCard key={fund.id} view={view} fund={fund} />
      ))}
      <Pager t={t} next={next} first={view.path.includes('cursor=') ? '/funds' : null} />
    </Page>,
  );
}

function FundCard({ view, fund }: { view: View; fund: FundView }) {
  const { t } = view;
  const facts = { received: yen(fund.received), unallocated: yen(fund.unallocated) };
  return (
    <Card
      title={<a href={`/funds/${fund.id}`}>{fund.name}</a>}
      action={<PeriodTag view={view} fund={fund} />}
    >
      <p class="soft">
        {periodAndKind(view, fund)}
        <br />
        {t('funds:summary', facts)}
      </p>
      <Budget view={view} fund={fund} />
    </Card>
  );
}

const periodAndKind = ({ t, language }: View, { from, to, kind }: FundView): string =>
  joined(t, periodText(from, to, language), t(`funds:kinds.${kind}`));

export interface FundPageProps {
  fund: FundView;
  /** The last movements; absent for those who may not read the books. */
  transfers?: TransferView[];
  contributions: PageOfItems<ContributionView>;
  events: FundEventView[];
  /** How many moves of this fund wait for a second person. */
  waiting: number;
  /** The open funds, where money can be carried over to. */
  funds: FundName[];
  form: ShownForm;
  mayManage: boolean;
}

export function fundPage(view: View, props: FundPageProps): string {
  const { t } = view;
  const { fund, transfers, contributions, events, waiting, form, mayManage } = props;
  return renderPage(
    <Page
      view={view}
      title={fund.name}
      lead={joined(view.t, periodAndKind(view, fund), fund.code)}
      tags={<PeriodTag view={view} fund={fund} />}
      back={{ href: '/funds', label: t('funds:back') }}
      errors={form.errors}
    >
      <ErrorSummary t={t} errors={form.errors} labels={labelsOf(view)} />
      {form.refusal && <Note tone="warn">{form.refusal}</Note>}
      <WaitingMoves view={view} count={waiting} />
      <Card>
        <Figures items={figuresOf(view, fund)} />
      </Card>
      <Card title={t('funds:budget')}>
        <Budget view={view} fund={fund} />
      </Card>
      {mayManage && <FundForms {...props} view={view} />}
      <Rules view={view} fund={fund} />
      <Contributions view={view} fund={fund} page={contributions} mayManage={mayManage} />
      {transfers && <Movements view={view} fund={fund} transfers={transfers} />}
      <Events view={view} events={events} />
    </Page>,
  );
}

/** Says that moves wait for a second person, and where they are. */
export function WaitingMoves({ view: { t }, count }: { view: View; count: number }) {
  if (count === 0) return null;
  return (
    <Note>
      <a href="/moves">{t('funds:moves.waiting', { count })}</a>
    </Note>
  );
}

function figuresOf({ t }: View, { received, promised, unallocated, lines }: FundView) {
  const sumOf = (name: 'available' | 'spent') => yen(sumYen(lines.map((line) => line[name])));
  return [
    { label: t('funds:received'), value: yen(received) },
    ...(promised > 0 ? [{ label: t('funds:promised'), value: yen(promised) }] : []),
    { label: t('funds:unallocated'), value: yen(unallocated) },
    { label: t('funds:left'), value: sumOf('available') },
    { label: t('funds:spent'), value: sumOf('spent') },
  ];
}

/** All that can be done with the fund's money, each behind its name. */
function FundForms({ view, fund, funds, form }: FundPageProps & { view: View }) {
  const values = {
    'contribution.receivedOn': view.today,
    'allocation.direction': 'add',
    'extension.to': fund.to ?? '',
    ...form.values,
  };
  // Money that waits is divided first; the one most likely action is the only filled button.
  const waits = fund.unallocated > 0;
  const isNew = fund.received === 0 && !waits;
  const common = { view, fund, funds, form: { ...form, values }, variant: 'ghost' as const, open: false };
  const dividing = { ...common, variant: waits ? ('primary' as const) : common.variant, open: waits };
  const receiving = { ...common, variant: waits ? common.variant : ('primary' as const), open: isNew };
  const canCarry = waits && funds.some(({ id }) => id !== fund.id);
  if (fund.closedAt && !canCarry) return null;
  return (
    <Card title={view.t('funds:forms')} accent="leaf">
      {!fund.closedAt && (
        <>
          <AllocationForm {...dividing} open={dividing.open && !form.name} />
          <ContributionForm {...receiving} open={receiving.open && !form.name} />
          <PromiseForm {...common} />
          {fund.lines.length > 0 && <MoveForm {...common} />}
        </>
      )}
      {canCarry && <CarryForm {...common} />}
      {!fund.closedAt && fund.to && <ExtensionForm {...common} />}
      {!fund.closedAt && <ClosingForm {...common} />}
    </Card>
  );
}
