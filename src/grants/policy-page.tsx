import { dayOf } from '../kernel/calendar.js';
import { newId } from '../kernel/ids.js';
import {
  ErrorSummary,
  IdempotencyField,
  PostForm,
  SubmitButton,
  TextArea,
  type FormState,
} from '../web/forms.js';
import { dayText, Moment } from '../web/format.js';
import { Page, renderPage } from '../web/page.js';
import { Buttons, Card, Facts, Halves, Note, Pager, Table, Tag, type TagTone } from '../web/parts.js';
import type { View } from '../web/view.js';
import type { PolicyPage, PolicyView } from './policies.dto.js';
import { labelsOf, ProposalForm } from './policy-form.js';
import { changesOf, pointsOf, type ProposedPoint } from './policy-points.js';

export interface ShownPolicy {
  inForce: PolicyView;
  proposed: PolicyView | null;
  /** Whether the reader proposed it, and so leaves the decision to somebody else. */
  own: boolean;
  history: PolicyPage;
  mayPropose: boolean;
  mayAgree: boolean;
  form: FormState;
  refusal?: string;
}

/** The rules in force, what is proposed instead, a form to propose, and all versions. */
export function policyPage(view: View, shown: ShownPolicy): string {
  const { t } = view;
  const { proposed, mayPropose, form, refusal } = shown;
  return renderPage(
    <Page view={view} title={t('policy:title')} lead={t('policy:lead')} errors={form.errors}>
      <ErrorSummary t={t} errors={form.errors} labels={labelsOf(view)} />
      {refusal && <Note tone="warn">{refusal}</Note>}
      {proposed ? (
        <Halves>
          <InForce view={view} policy={shown.inForce} />
          <Proposed view={view} shown={shown} proposed={proposed} />
        </Halves>
      ) : (
        <InForce view={view} policy={shown.inForce} />
      )}
      {mayPropose && !proposed && <ProposalForm view={view} form={form} />}
      {mayPropose && proposed && <Note>{t('policy:form.wait')}</Note>}
      <Versions view={view} history={shown.history} />
    </Page>,
  );
}

function InForce({ view, policy }: { view: View; policy: PolicyView }) {
  const { t, language, today } = view;
  const { version, rules, decidedAt } = policy;
  return (
    <Card title={t('policy:inForce', { version })}>
      <Facts items={pointsOf(rules, t)} />
      <p class="soft">
        {decidedAt && t('policy:since', { day: dayText(dayOf(new Date(decidedAt)), language, today) })}
        {t('policy:kept')}
      </p>
    </Card>
  );
}

const CHANGE_TONES: Record<NonNullable<ProposedPoint['change']>, TagTone> = {
  changes: 'wait',
  adds: 'wait',
  removes: 'stop',
};

function Proposed({ view, shown, proposed }: { view: View; shown: ShownPolicy; proposed: PolicyView }) {
  const { t } = view;
  const changes = changesOf(pointsOf(shown.inForce.rules, t), pointsOf(proposed.rules, t), t);
  return (
    <Card title={t('policy:proposed.title', { version: proposed.version })} accent="leaf">
      <p>
        {t('policy:proposed.by', { name: proposed.proposedBy })}
        <Moment moment={new Date(proposed.proposedAt)} view={view} />
      </p>
      <p class="lines">{proposed.reason}</p>
      <Facts
        items={changes.map(({ label, value, change, now }) => ({
          label,
          value: (
            <>
              {value} {change && <Tag tone={CHANGE_TONES[change]}>{t(`policy:proposed.${change}`)}</Tag>}
              {now && <div class="help">{t('policy:proposed.now', { text: now })}</div>}
            </>
          ),
        }))}
      />
      <Decision view={view} shown={shown} version={proposed.version} />
    </Card>
  );
}

function Decision({ view, shown, version }: { view: View; shown: ShownPolicy; version: number }) {
  const { t } = view;
  const { own, mayAgree, form } = shown;
  if (own) return <Note>{t('policy:proposed.own')}</Note>;
  if (!mayAgree) return <Note>{t('policy:proposed.waiting')}</Note>;
  return (
    <PostForm action={`/policy/${version}/agree`}>
      <IdempotencyField value={newId()} />
      <TextArea t={t} form={form} name="refusal" label={t('policy:proposed.refuseReason')} rows={2} />
      <Buttons>
        <SubmitButton>{t('policy:proposed.agree')}</SubmitButton>
        <SubmitButton variant="plain" action={`/policy/${version}/refuse`}>
          {t('policy:proposed.refuse')}
        </SubmitButton>
      </Buttons>
    </PostForm>
  );
}

const STATUS_TONES: Record<PolicyView['status'], TagTone> = {
  proposed: 'wait',
  agreed: 'plain',
  refused: 'stop',
};

function Versions({ view, history }: { view: View; history: PolicyPage }) {
  const { t } = view;
  const { items, nextCursor } = history;
  return (
    <Card title={t('policy:history.title')}>
      <Table
        caption={t('policy:history.title')}
        captionHidden
        phone="cards"
        rows={items}
        columns={[
          {
            head: t('policy:history.version'),
            oneLine: true,
            cell: ({ version }) => t('policy:history.versionNumber', { version }),
          },
          {
            head: t('policy:history.status'),
            cell: ({ status, inForce }) => (
              <Tag tone={inForce ? 'ok' : STATUS_TONES[status]}>
                {inForce ? t('policy:history.inForce') : t(`policy:statuses.${status}`)}
              </Tag>
            ),
          },
          {
            head: t('policy:history.proposed'),
            cell: ({ proposedBy, proposedAt, reason }) =>
              proposedBy ? (
                <Told view={view} by={proposedBy} at={proposedAt} words={reason} />
              ) : (
                t('policy:history.first')
              ),
          },
          {
            head: t('policy:history.decided'),
            cell: ({ decidedBy, decidedAt, decisionReason }) =>
              decidedAt ? <Told view={view} by={decidedBy!} at={decidedAt} words={decisionReason} /> : '—',
          },
        ]}
      />
      <Pager
        t={t}
        next={nextCursor && `/policy?cursor=${nextCursor}`}
        first={view.path.includes('cursor=') ? '/policy' : null}
      />
    </Card>
  );
}

interface ToldProps {
  view: View;
  by: string;
  at: string;
  words: string | null;
}

const Told = ({ view, by, at, words }: ToldProps) => (
  <>
    {by}
    {view.t('common:part.dot')}
    <Moment moment={new Date(at)} view={view} />
    {words && <small class="lines">{words}</small>}
  </>
);
