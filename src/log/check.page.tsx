import { Moment, number } from '../web/format.js';
import { Page, renderPage, type View } from '../web/page.js';
import { Card, Facts, Note, Table } from '../web/parts.js';
import type { LogDifference, LogVerification } from './verify.js';

/** Whether the log is as it was sealed, and where it is not. */
export function checkPage(view: View, found: LogVerification): string {
  const { t } = view;
  const { events, seals, unsealed, head, differenceCount } = found;
  return renderPage(
    <Page
      view={view}
      title={t('log:check.title')}
      lead={t('log:check.lead')}
      back={{ href: '/log', label: t('log:title') }}
    >
      {differenceCount === 0 ? (
        <Note>{t('log:check.clean', { count: events })}</Note>
      ) : (
        <Differences view={view} found={found} />
      )}
      <Card title={t('log:check.chain')}>
        <Facts
          items={[
            { label: t('log:check.sealed'), value: number(events) },
            { label: t('log:check.unsealed'), value: number(unsealed) },
            { label: t('log:check.seals'), value: number(seals) },
            ...(head
              ? [
                  { label: t('log:check.sealedAt'), value: <Moment moment={head.sealedAt} view={view} /> },
                  { label: t('log:check.head'), value: <code>{head.digest}</code> },
                ]
              : []),
          ]}
        />
        <p>{t('log:check.keep')}</p>
      </Card>
    </Page>,
  );
}

function Differences({ view: { t }, found }: { view: View; found: LogVerification }) {
  const title = t('log:check.differences', { count: found.differenceCount });
  return (
    <Card title={title} accent="lamp">
      <p>{t('log:check.whatToDo')}</p>
      <Table
        caption={title}
        captionHidden
        columns={[
          { head: t('log:check.what'), cell: ({ code }: LogDifference) => t(`log:check.codes.${code}`) },
          {
            head: t('log:check.event'),
            cell: ({ eventId }) => (eventId === null ? '—' : number(eventId)),
            numeric: true,
          },
          {
            head: t('log:check.seal'),
            cell: ({ seal }) => (seal === null ? '—' : number(seal)),
            numeric: true,
          },
        ]}
        rows={found.differences}
        phone="cards"
      />
    </Card>
  );
}
