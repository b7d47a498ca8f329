import { newId } from '../kernel/ids.js';
import { ErrorSummary, IdempotencyField, PostForm, SubmitButton, TextArea } from '../web/forms.js';
import { Moment, yen } from '../web/format.js';
import { Page, renderPage } from '../web/page.js';
import { Buttons, Card, Empty, Facts, Note, Table, Tag, type TagTone } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { MoveStatus } from './budget-move.entity.js';
import type { ShownForm } from './fund-forms.js';
import { joined, lineName } from './fund-parts.js';
import type { FundName, LineFacts } from './funds.queries.js';
import type { MoveView } from './moves.dto.js';

export interface MovesPageProps {
  waiting: MoveView[];
  /** Those that were decided, the newest first. */
  decided: MoveView[];
  /** What the moves' lines and funds hold now. */
  lines: Map<string, LineFacts>;
  funds: Map<string, FundName>;
  /** The actor's id, and whether the table of permissions lets them agree. */
  me: string;
  mayAgree: boolean;
  form: ShownForm;
}

/** Moves that wait for a second person, with what they change, and those of late. */
export function movesPage(view: View, props: MovesPageProps): string {
  const { t } = view;
  const { waiting, decided, form } = props;
  const labels = Object.fromEntries(waiting.map(({ id }) => [`${id}.comment`, t('funds:moves.comment')]));
  return renderPage(
    <Page
      view={view}
      title={t('funds:moves.title')}
      lead={t('funds:moves.lead')}
      back={{ href: '/funds', label: t('funds:back') }}
      errors={form.errors}
    >
      <ErrorSummary t={t} errors={form.errors} labels={labels} />
      {form.refusal && <Note tone="warn">{form.refusal}</Note>}
      {waiting.length === 0 && (
        <Card>
          <Empty title={t('funds:moves.empty')} />
        </Card>
      )}
      {waiting.map((move) => (
        <WaitingMove key={move.id} {...props} view={view} move={move} />
      ))}
      {decided.length > 0 && (
        <Card title={t('funds:moves.decided')}>
          <DecidedMoves {...props} view={view} />
        </Card>
      )}
    </Page>,
  );
}

type PartProps = MovesPageProps & { view: View };

/** One end of a move: its name, and what it holds now in yen. */
function endOf({ view: { t }, lines, funds }: PartProps, fundId: string, lineId: string | null) {
  const line = lineId ? lines.get(lineId) : undefined;
  if (line) return { name: lineName(t, line), holds: line.available };
  const fund = funds.get(fundId)!;
  return { name: joined(t, fund.name, t('funds:unallocated')), holds: fund.unallocated };
}

const endsOf = (props: PartProps, { fundId, fromLineId, toFundId, toLineId }: MoveView) => ({
  from: endOf(props, fundId, fromLineId),
  to: endOf(props, toFundId, toLineId),
});

function WaitingMove(props: PartProps & { move: MoveView }) {
  const { view, move, funds, me, mayAgree } = props;
  const { t } = view;
  const { from, to } = endsOf(props, move);
  const { amount } = move;
  const change = ({ name, holds }: typeof from, by: number) => ({
    label: name,
    value: (
      <>
        {yen(holds)} → <b>{yen(holds + by)}</b>
      </>
    ),
  });
  const isOwn = move.askedById === me;
  return (
    <Card title={t('funds:moves.of', { amount: yen(amount), from: from.name, to: to.name })} accent="leaf">
      <p class="soft">
        <a href={`/funds/${move.fundId}`}>{funds.get(move.fundId)!.name}</a>
        {t('common:part.gap')}
        {t('funds:moves.askedBy', { name: move.askedBy })} <Moment moment={move.askedAt} view={view} />
      </p>
      <p class="lines">{move.reason}</p>
      <Note>
        <p>{t('funds:moves.effect')}</p>
        <Facts items={[change(from, -amount), change(to, amount)]} />
      </Note>
      {from.holds < amount && (
        <Note tone="warn">{t('funds:moves.short', { amount: yen(amount - from.holds) })}</Note>
      )}
      {isOwn && <OwnMove view={view} move={move} />}
      {!isOwn && mayAgree && <DecisionForm {...props} />}
    </Card>
  );
}

const OwnMove = ({ view: { t }, move }: { view: View; move: MoveView }) => (
  <>
    <Note>{t('funds:moves.own')}</Note>
    <PostForm action={`/moves/${move.id}/withdraw`}>
      <IdempotencyField value={newId()} />
      <SubmitButton variant="plain">{t('funds:moves.withdraw')}</SubmitButton>
    </PostForm>
  </>
);

function DecisionForm({ view: { t }, move: { id, amount }, waiting, form }: PartProps & { move: MoveView }) {
  const field = { t, form, name: `${id}.comment`, label: t('funds:moves.comment') };
  return (
    <PostForm action={`/moves/${id}/agree`}>
      <IdempotencyField value={newId()} />
      <TextArea {...field} help={t('funds:moves.commentHelp')} rows={2} />
      <Buttons>
        <SubmitButton variant={id === waiting[0]!.id ? 'primary' : 'ghost'}>
          {t('funds:moves.agree', { amount: yen(amount) })}
        </SubmitButton>
        <SubmitButton variant="plain" action={`/moves/${id}/refuse`}>
          {t('funds:moves.refuse')}
        </SubmitButton>
      </Buttons>
    </PostForm>
  );
}

const TONES: Record<MoveStatus, TagTone> = {
  waiting: 'wait',
  done: 'ok',
  refused: 'stop',
  withdrawn: 'plain',
};

function DecidedMoves(props: PartProps) {
  const { view, decided } = props;
  const { t } = view;
  const way = (move: MoveView): string => {
    const { from, to } = endsOf(props, move);
    return t('funds:moves.way', { from: from.name, to: to.name });
  };
  return (
    <Table
      caption={t('funds:moves.decided')}
      captionHidden
      columns={[
        {
          head: t('funds:moves.what'),
          cell: (move) => (
            <>
              {way(move)}
              <small>{move.reason}</small>
            </>
          ),
        },
        { head: t('funds:amount'), cell: ({ amount }) => yen(amount), numeric: true },
        {
          head: t('funds:moves.status'),
          cell: ({ status }) => <Tag tone={TONES[status]}>{t(`funds:moves.statuses.${status}`)}</Tag>,
        },
        {
          head: t('funds:moves.who'),
          cell: ({ askedBy, decidedBy }) => (decidedBy ? joined(t, askedBy, decidedBy) : askedBy),
        },
        {
          head: t('funds:moves.when'),
          cell: ({ decidedAt }) => <Moment moment={decidedAt!} view={view} />,
        },
      ]}
      rows={decided}
      phone="cards"
    />
  );
}
