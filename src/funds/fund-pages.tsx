import { sumYen } from '../kernel/money.js';
import type { TransferView } from '../ledger/index.js';
import type { Page as PageOfItems } from '../platform/pages.js';
import { ErrorSummary } from '../web/forms.js';
import { periodText, yen } from '../web/format.js';
import { Page, renderPage } from '../web/page.js';
import { ButtonLink, Card, Empty, Figures, Halves, Note, Pager } from '../web/parts.js';
import type { View } from '../web/view.js';
import { AllocationForm, ContributionForm, labelsOf, type ShownForm } from './fund-forms.js';
import { Budget, joined, Movements, PeriodTag } from './fund-parts.js';
import type { FundView } from './funds.dto.js';

export function fundsPage(view: View, page: PageOfItems<FundView>, mayManage: boolean): string {
  const { t } = view;
  const create = mayManage && <ButtonLink href="/funds/new">{t('funds:create.title')}</ButtonLink>;
  const next = page.nextCursor && `/funds?cursor=${page.nextCursor}`;
  return renderPage(
    <Page view={view} title={t('funds:place')} lead={t('funds:lead')} actions={create}>
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

interface FundPageProps {
  fund: FundView;
  /** The last movements; absent for those who may not read the books. */
  transfers?: TransferView[];
  form: ShownForm;
  mayManage: boolean;
}

export function fundPage(view: View, { fund, transfers, form, mayManage }: FundPageProps): string {
  const { t } = view;
  const labels = {
    ...labelsOf(view, 'contribution', ['amount', 'receivedOn', 'source', 'reference']),
    ...labelsOf(view, 'allocation', ['line', 'direction', 'amount']),
  };
  return renderPage(
    <Page
      view={view}
      title={fund.name}
      lead={joined(view.t, periodAndKind(view, fund), fund.code)}
      tags={<PeriodTag view={view} fund={fund} />}
      back={{ href: '/funds', label: t('funds:back') }}
      errors={form.errors}
    >
      <ErrorSummary t={t} errors={form.errors} labels={labels} />
      {form.refusal && <Note tone="warn">{form.refusal}</Note>}
      <Card>
        <Figures items={figuresOf(view, fund)} />
      </Card>
      {fund.rules.note && (
        <Card title={t('funds:rules')} accent="sky">
          <p class="lines">{fund.rules.note}</p>
        </Card>
      )}
      <Card title={t('funds:budget')}>
        <Budget view={view} fund={fund} />
      </Card>
      {mayManage && <FundForms view={view} fund={fund} form={form} />}
      {transfers && <Movements view={view} fund={fund} transfers={transfers} />}
    </Page>,
  );
}

function figuresOf({ t }: View, { received, unallocated, lines }: FundView) {
  const sumOf = (name: 'available' | 'spent') => yen(sumYen(lines.map((line) => line[name])));
  return [
    { label: t('funds:received'), value: yen(received) },
    { label: t('funds:unallocated'), value: yen(unallocated) },
    { label: t('funds:left'), value: sumOf('available') },
    { label: t('funds:spent'), value: sumOf('spent') },
  ];
}

function FundForms({ view, fund, form }: { view: View; fund: FundView; form: ShownForm }) {
  const values = {
    'contribution.receivedOn': view.today,
    'allocation.direction': 'add',
    ...form.values,
  };
  // Money that waits is divided first; the one most likely action is the only filled button.
  const waits = fund.unallocated > 0;
  const props = { view, fund, form: { values, errors: form.errors } };
  return (
    <Halves>
      <ContributionForm {...props} variant={waits ? 'ghost' : 'primary'} />
      <AllocationForm {...props} variant={waits ? 'primary' : 'ghost'} />
    </Halves>
  );
}
