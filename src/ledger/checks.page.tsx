import { Moment, number, yen } from '../web/format.js';
import { Page, renderPage, type View } from '../web/page.js';
import { Card, Empty, Note, Table, Tag } from '../web/parts.js';
import type { KeptCheck } from './ledger-check.js';
import type { Difference } from './verify.js';

/** Whether the books agree with each other, and what does not. */
export function checksPage(view: View, checks: KeptCheck[]): string {
  const { t } = view;
  const [newest] = checks;
  return renderPage(
    <Page view={view} title={t('ledger:checks.title')} lead={t('ledger:checks.lead')}>
      {newest ? <Newest view={view} check={newest} /> : <Empty title={t('ledger:checks.none')} />}
      {checks.length > 0 && (
        <Card title={t('ledger:checks.past')}>
          <Table
            caption={t('ledger:checks.past')}
            captionHidden
            columns={[
              {
                head: t('ledger:checks.when'),
                cell: ({ checkedAt }) => <Moment moment={checkedAt} view={view} />,
              },
              {
                head: t('ledger:checks.transfers'),
                cell: ({ transfers }) => number(transfers),
                numeric: true,
              },
              { head: t('ledger:checks.outcome'), cell: (check) => <Outcome view={view} check={check} /> },
            ]}
            rows={checks}
          />
        </Card>
      )}
    </Page>,
  );
}

function Outcome({ view: { t }, check: { differences } }: { view: View; check: KeptCheck }) {
  const count = differences.length;
  return count === 0 ? (
    <Tag tone="ok">{t('ledger:checks.clean')}</Tag>
  ) : (
    <Tag tone="stop">{t('ledger:checks.count', { count })}</Tag>
  );
}

function Newest({ view, check }: { view: View; check: KeptCheck }) {
  const { t } = view;
  if (check.differences.length === 0) {
    return <Note>{t('ledger:checks.cleanSentence', { count: check.transfers })}</Note>;
  }
  return (
    <Card title={t('ledger:checks.differences')} accent="lamp">
      <p>{t('ledger:checks.whatToDo')}</p>
      <Table
        caption={t('ledger:checks.differences')}
        captionHidden
        columns={[
          { head: t('ledger:checks.what'), cell: ({ code }: Difference) => t(`ledger:checks.codes.${code}`) },
          { head: t('ledger:checks.where'), cell: ({ ids }) => Object.values(ids).join(', ') },
          { head: t('ledger:checks.expected'), cell: ({ expected }) => valueText(expected), numeric: true },
          { head: t('ledger:checks.found'), cell: ({ found }) => valueText(found), numeric: true },
        ]}
        rows={check.differences}
        phone="cards"
      />
    </Card>
  );
}

/** Yen as everywhere; a state as it stands in the books. */
const valueText = (value: string | null): string =>
  value !== null && /^-?\d+$/.test(value) ? yen(Number(value)) : (value ?? '—');
