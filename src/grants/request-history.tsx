import { Moment, yen } from '../web/format.js';
import { Card, Life } from '../web/parts.js';
import type { View } from '../web/view.js';
import { hasWords } from '../web/words.js';
import type { RequestStatus } from './grant-request.states.js';
import type { EventView, GrantRequestView } from './grants.views.js';
import { decidersText } from './request-parts.js';

/** What its own organisation does on a request; all else is done by the network. */
const BY_MEMBER = ['draft', 'submit', 'answer', 'withdraw'];

function happened(view: View, grant: GrantRequestView, event: EventView) {
  const { t, language } = view;
  const { verb, toStatus, amount, comment, at, by } = event;
  // The first of several approvals leaves the request where it was.
  const told = verb === 'approve' && toStatus === 'in_review' ? 'agree' : verb;
  const what = hasWords(`grants:happened.${told}`, language)
    ? t(`grants:happened.${told}`)
    : t(`common:statuses.${toStatus}`);
  const office = BY_MEMBER.includes(verb) ? grant.organisationName : t('grants:network');
  return {
    done: true,
    what: (
      <>
        {what}
        {amount !== null && ` ${yen(amount)}`}
        {comment && t('grants:quoted', { text: comment })}
      </>
    ),
    detail: (
      <>
        <Moment moment={new Date(at)} view={view} />
        {t('common:part.dot')}
        {by && by !== office ? t('grants:byOf', { by, office }) : office}
      </>
    ),
  };
}

const STEPS = ['submit', 'review', 'approve', 'pay'] as const;
/** Which steps are still to come in each state that is not an end. */
const TO_COME: Partial<Record<RequestStatus, (typeof STEPS)[number] | 'answer'>> = {
  draft: 'submit',
  submitted: 'review',
  in_review: 'approve',
  returned: 'answer',
  approved: 'pay',
  scheduled: 'pay',
};

function toCome({ t }: View, { status, urgency, pendingApprovals }: GrantRequestView) {
  const next = TO_COME[status];
  if (!next) return [];
  const steps =
    next === 'answer' ? (['answer', 'approve', 'pay'] as const) : STEPS.slice(STEPS.indexOf(next));
  return steps.map((step, index) => ({
    done: false,
    what: t(`grants:happened.${step}`),
    detail:
      [
        ...(index === 0 && urgency === 'tonight' ? [t('grants:tonightPlease')] : []),
        ...(step === 'approve' && pendingApprovals.length > 0
          ? [t('grants:missing', { who: decidersText(t, pendingApprovals) })]
          : []),
      ].join(t('common:part.dot')) || undefined,
  }));
}

/** What happened to the request, oldest first, and what is still to come. */
export function History({ view, grant }: { view: View; grant: GrantRequestView }) {
  // That somebody began to write says nothing once it was sent.
  const told = grant.history.filter(({ verb }) => verb !== 'draft' || grant.status === 'draft');
  return (
    <Card title={view.t('grants:history')}>
      <Life
        t={view.t}
        items={[...told.map((event) => happened(view, grant, event)), ...toCome(view, grant)]}
      />
    </Card>
  );
}
